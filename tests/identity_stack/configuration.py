"""The configuration of these tests as an operator would write it: two ERPs, a door for people, two portals."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.identity.tokens import key
from tests.identity_stack.authority import API, AUDIENCES, Issuer
from tests.identity_stack.people import CONTACTS, READER, SHARED, VISITOR
from vegraph.app.settings import Settings, parse
from vegraph.documents import folder as documents

__all__ = ["SECRET", "SITE", "settings_of"]

SITE = "support.test"
"""Host of the portals' site: what their tokens name as issuer."""
SECRET = "hush-hush-hush"
"""Of every application at the provider."""


def settings_of(issuer: Issuer, urls: Mapping[str, str], mapping: str, table: str, folder: Path) -> Settings:
    """The configuration as an operator would write it, in that folder."""
    for portal in ("support", "kiosk"):
        public = key(f"portal {portal}").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{portal}.pem").write_bytes(public)
    text = _toml(issuer, urls, mapping, table)
    (folder / "vegraph.toml").write_text(text)
    return parse(text, folder / "vegraph.toml", {"SECRET": SECRET})


def _toml(issuer: Issuer, urls: Mapping[str, str], mapping: str, table: str) -> str:
    schema, ca = documents(), issuer.ca
    fo_users_ = [*(f"portal-{n}" for n in range(1, CONTACTS + 1)), "plain", "boss", "gone"]
    fo_applications = {**{user: f"app-{user}" for user in fo_users_}, VISITOR: "app-visitor", READER: "app-reader"}
    return f"""
[server]
profile = "development"
cors_origins = ["http://127.0.0.1:5173"]

[sources.bc]
kind = "business-central"
url = "{urls["bc"]}"
metadata = "{schema / "bc"}"
prefix = "Bc"
company = "CRONUS USA, Inc."
entities = ["customers", "items", "itemCategories", "salesOrders", "salesOrderLines", "salesInvoices", "pictures"]
scope = "{AUDIENCES["bc"]}/.default"
authority = "{issuer.issuer}"
ca = "{ca}"
{_users("bc", {SHARED: "app-ext", "VISITOR": "app-visitor"})}

[sources.fo]
kind = "finance-operations"
url = "{urls["fo"]}"
metadata = "{schema / "fo"}"
prefix = "Fo"
company = "USMF"
entities = ["CustomersV3", "SalesOrderHeadersV2", "SalesOrderLines", "ReleasedProductsV2"]
scope = "{AUDIENCES["fo"]}/.default"
authority = "{issuer.issuer}"
ca = "{ca}"
reader = "{READER}"
{_users("fo", fo_applications)}

[[relationships]]
from = "fo.SalesOrderHeadersV2"
to = "bc.customers"
name = "bcCustomer"
on = {{ InvoiceCustomerAccountNumber = "number" }}
inverse = "foSalesOrders"

[identity.entra]
issuer = "{issuer.issuer}"
audience = "{API}"
client_id = "vegraph"
client_secret = "${{SECRET}}"
ca = "{ca}"

[portals.support]
issuer = "https://{SITE}"
public_key = "support.pem"
audience = "vegraph-support"
entities = [
  "bc.customers", "bc.items", "bc.itemCategories", "bc.salesOrders", "fo.CustomersV3", "fo.SalesOrderHeadersV2",
  "fo.SalesOrderLines", "fo.ReleasedProductsV2",
]
mapping = "{mapping}"
mapping_table = "{table}"
authenticated = "bc:{SHARED}"
anonymous = ["bc:VISITOR", "fo:{VISITOR}"]

[portals.support.operations]
"bc.customers" = ["read", "create", "update", "delete"]
"bc.items" = ["read"]

[portals.support.anonymous_operations]
"bc.*" = []
"fo.*" = []
"bc.items" = ["read"]
"fo.ReleasedProductsV2" = ["read"]

[portals.support.rows]
"bc.customers" = "number eq @customer"
"bc.salesOrders" = "customerNumber eq @customer"
"bc.items" = "true"

[portals.kiosk]
issuer = "https://{SITE}"
public_key = "kiosk.pem"
audience = "vegraph-kiosk"
entities = ["bc.items"]
mapping = "{mapping}"
mapping_table = "{table}"
"""


def _users(source: str, applications: Mapping[str, str]) -> str:
    return "\n".join(
        f'[sources.{source}.users."{user}"]\nclient_id = "{client}"\nclient_secret = "${{SECRET}}"'
        for user, client in applications.items()
    )
