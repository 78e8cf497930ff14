"""The configuration that the demo runs on, as one would write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vegraph.app.demo.sign_in import (
    AUDIENCE,
    CUSTOMER_CLAIM,
    ISSUER,
    PORTAL,
    PORTAL_AUDIENCE,
    PORTAL_SITE,
    SHARED_AUDIENCE,
    SHARED_PORTAL,
)
from vegraph.documents import folder
from vegraph.emulator.data.people import ADMINISTRATOR, BC_APPLICATION, READER

__all__ = ["BC_SCOPE", "FO_SCOPE", "Running", "audience", "toml"]

BC_SCOPE = "https://api.businesscentral.dynamics.com/.default"
FO_SCOPE = "https://contoso.operations.dynamics.example/.default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One emulator that is running."""

    url: str
    """Root of its OData service."""
    control: str
    """Origin of its control port."""


def audience(scope: str) -> str:
    """What tokens for a scope are meant for."""
    return scope.removesuffix("/.default")


def toml(*, host: str, port: int, bc: Running, fo: Running, files: Path) -> str:
    """`files`: the folder with the portal's key and mapping."""
    text = json.dumps  # a JSON string is a TOML string
    schema = folder()
    return f"""\
# The demo's configuration. What makes it a demo: the development profile, and delegation = "development",
# which trusts the sign-in inside this process.
#
# Control ports of the emulators (which requests came, as whom; faults to inject; a clock to move):
#   bc {bc.control}/control/requests  {bc.control}/control/faults  {bc.control}/control/clock
#   fo {fo.control}/control/requests  {fo.control}/control/faults  {fo.control}/control/clock

[server]
host = {text(host)}
port = {port}
profile = "development"
administrators = [{text(ADMINISTRATOR.object_id)}]  # {ADMINISTRATOR.name}: may say makeVisible, hide, refreshCatalog

[sources.bc]
kind = "business-central"
url = {text(bc.url)}
metadata = {text(str(schema / "bc"))}
prefix = "Bc"
company = "CRONUS USA, Inc."
entities = ["*"]
delegation = "development"
scope = {text(BC_SCOPE)}

[sources.fo]
kind = "finance-operations"
url = {text(fo.url)}
metadata = {text(str(schema / "fo"))}
prefix = "Fo"
company = "USMF"
entities = ["*"]
delegation = "development"
scope = {text(FO_SCOPE)}
reader = {text(READER.id)}

[[relationships]]
from = "fo.SalesOrderHeadersV2"
to = "bc.customers"
name = "bcCustomer"
on = {{ InvoiceCustomerAccountNumber = "number" }}
inverse = "foSalesOrders"

[identity.demo]
issuer = {text(ISSUER)}
audience = {text(AUDIENCE)}

[portals.{PORTAL}]
issuer = "https://{PORTAL_SITE}"
public_key = {text(str(files / "portal.pem"))}
audience = {text(PORTAL_AUDIENCE)}
entities = [
  "bc.items", "bc.itemCategories", "bc.customers", "bc.salesOrders", "bc.salesOrderLines",
  "fo.CustomersV3", "fo.SalesOrderHeadersV2", "fo.SalesOrderLines", "fo.ReleasedProductsV2",
]
mapping = {text("sqlite:///" + str(files / "portal.db"))}
anonymous = ["bc:a0000000-0000-4000-8000-000000000000", "fo:portal-visitor"]

# All contacts of this portal are one user to Business Central, which sees every customer: the row rules leave each
# contact their own company's rows. The portal's tokens say which company that is.
[portals.{SHARED_PORTAL}]
issuer = "https://{PORTAL_SITE}"
public_key = {text(str(files / "portal.pem"))}
audience = {text(SHARED_AUDIENCE)}
entities = ["bc.items", "bc.customers", "bc.salesOrders", "bc.salesInvoices"]
authenticated = {text("bc:" + BC_APPLICATION.principals[0])}

[portals.{SHARED_PORTAL}.rows]
"bc.items" = "true"
"bc.customers" = "number eq @{CUSTOMER_CLAIM}"
"bc.salesOrders" = "customerNumber eq @{CUSTOMER_CLAIM}"
"bc.salesInvoices" = "customerNumber eq @{CUSTOMER_CLAIM}"
"""
