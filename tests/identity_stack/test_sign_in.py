"""A real OpenID provider from the sign-in page to the ERP: code and PKCE in Chromium, MSAL on behalf of, emulators."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.identity import oidc
from tests.identity.tokens import TENANT
from tests.identity_stack.authority import API, AUDIENCES
from tests.identity_stack.configuration import SECRET
from tests.identity_stack.estate import Estate, estate
from tests.identity_stack.people import READER, VISITOR, Contact, Employee, customer_of
from tests.node import package
from tests.services import require
from vegraph.identity.json_http import trust

BROWSER = Path(__file__).with_name("browser")
OWN = "{ me { name } bcCustomers { nodes { number } } foCustomersV3 { nodes { customerAccount } } }"
MARY, CARL = Employee(2), Employee(3)
SERVICE = {"redirect_uris": [], "response_types": [], "token_endpoint_auth_method": "client_secret_post"}


def config() -> dict[str, Any]:
    """Two people, the browser's application, vegraph's, and those that stand for ERP users."""
    portal_users = {"portal-1": "app-portal-1", READER: "app-reader", VISITOR: "app-visitor", "EXT": "app-ext"}
    return {
        "tenant": TENANT,
        "people": [
            {"id": "mary", "name": "Mary Manager", "oid": MARY.oid, "password": "m", "strong": True},
            {"id": "carl", "name": "Carl Clerk", "oid": CARL.oid, "password": "c"},
        ],
        "resources": {
            API: {"scope": "access_as_user"},
            "api://other": {"scope": "access_as_user"},
            AUDIENCES["bc"]: {"scope": "user_impersonation"},
            AUDIENCES["fo"]: {"scope": "Odata.FullAccess", "needs": "c1"},
        },
        "clients": [
            {"client_id": "browser", "redirect_uris": [oidc.REDIRECT], "token_endpoint_auth_method": "none"},
            {
                "client_id": "vegraph", "client_secret": SECRET, "audience": API, **SERVICE,
                "grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
            },
            *(
                {"client_id": client, "client_secret": SECRET, **SERVICE, "grant_types": ["client_credentials"]}
                for client in portal_users.values()
            ),
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def provider(tmp_path_factory) -> Iterator[oidc.Oidc]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), config()) as found:
        keys = httpx.get(f"{found.issuer}/jwks", verify=trust(found.ca), trust_env=False).json()["keys"]
        found.public_keys = tuple(jwt.PyJWK(one).key for one in keys)
        yield found


@pytest.fixture(scope="module")
def real(provider, tmp_path_factory) -> Iterator[Estate]:
    with estate(tmp_path_factory.mktemp("real"), provider) as found:
        yield found
        assert found.strays() == []
        assert found.secrets_logged() == []


def sign_in(provider, who, **more):
    name = {MARY: "mary", CARL: "carl"}[who]
    return provider.sign_in(name, name[0], **{"resource": API, "scope": "access_as_user", **more})


def sent_to(found, answer):
    """Claims of the tokens that ERPs got with that request, by source."""
    return {
        source: jwt.decode(
            entry.request.headers["authorization"].removeprefix("Bearer "), options={"verify_signature": False}
        )
        for source, app in found.apps.items()
        for entry in app.journal.entries
        if entry.request.headers.get("x-ms-client-request-id") == answer.id
    }


def test_from_the_sign_in_page_in_a_browser_to_rows_of_both_erps(provider, real):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(chromium, "Chromium is not installed")
    real.asked["browser-1"] = MARY
    asked = {
        "issuer": provider.issuer, "vegraph": real.url, "redirect": oidc.REDIRECT, "resource": API, "id": "browser-1",
        "scope": "access_as_user", "name": "mary", "password": "m", "query": OWN,
    }  # fmt: skip
    command = ["node", "sign_in.mjs", str(chromium), json.dumps(asked)]
    done = subprocess.run(command, cwd=package(BROWSER), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["title"] == "Signed in"
    assert seen["signedIn"]["json"] == {
        "data": {
            "me": {"name": "Mary Manager"},
            "bcCustomers": {"nodes": [{"number": customer_of(2)}]},
            "foCustomersV3": {"nodes": [{"customerAccount": customer_of(2)}]},
        }
    }
    assert (seen["nobody"]["status"], seen["nobody"]["challenge"]) == (401, 'Bearer realm="vegraph"')
    assert {user for _, user in users(real, "browser-1")} == {"E02", "e02"}
    assert seen["token"] not in str(real.net.lines)


def users(found, name):
    return [(seen.source, seen.user) for id_, seen in found.everything() if id_ == name]


def test_each_erp_gets_a_token_of_its_own_for_that_very_person(provider, real):
    token = sign_in(provider, MARY)
    inbound = jwt.decode(token, options={"verify_signature": False})
    answer = real.ask(OWN, MARY, token=token)
    assert answer.data["bcCustomers"] == {"nodes": [{"number": customer_of(2)}]}
    for source, claims in sent_to(real, answer).items():
        assert (claims["aud"], claims["oid"], claims["tid"]) == (AUDIENCES[source], MARY.oid, TENANT)
        assert claims["sub"] != inbound["sub"]


def test_an_erp_does_not_take_the_token_somebody_came_with(provider, real):
    token = sign_in(provider, MARY)
    headers = {"Authorization": f"Bearer {token}", "x-ms-client-request-id": "by hand"}
    real.asked["by hand"] = MARY
    response = real.http.get(f"{real.urls['bc']}/companies", headers=headers)
    assert response.status_code == 401


def test_conditional_access_asks_the_weaker_session_for_more(provider, real):
    answer = real.ask(OWN, CARL, token=sign_in(provider, CARL))
    assert answer.json["data"]["bcCustomers"] == {"nodes": [{"number": customer_of(3)}]}
    [error] = answer.json["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["foCustomersV3"], "UNAUTHENTICATED")
    assert error["extensions"]["claims"]
    assert {source for source, _ in users(real, answer.id)} == {"bc"}


def test_a_contact_runs_as_the_application_of_the_user_it_is_mapped_to(real):
    query = "{ bcCustomers { nodes { number } } foCustomersV3 { nodes { customerAccount } } }"
    answer = real.ask(query, Contact(1))
    assert answer.data == {
        "bcCustomers": {"nodes": [{"number": customer_of(1)}]},
        "foCustomersV3": {"nodes": [{"customerAccount": customer_of(1)}]},
    }
    assert {source: claims["azp"] for source, claims in sent_to(real, answer).items()} == {
        "bc": "app-ext",
        "fo": "app-portal-1",
    }


@pytest.mark.parametrize("kind", ["for another API", "an application's"])
def test_other_tokens_of_the_tenant_open_nothing(provider, real, kind):
    if kind == "for another API":
        token = sign_in(provider, MARY, resource="api://other")
    else:
        token = provider.app_token("app-portal-1", SECRET, resource=API)
    answer = real.ask(OWN, MARY, token=token)
    assert answer.status == 401
    assert users(real, answer.id) == []


def test_who_has_signed_out_is_acted_for_no_more(provider, real):
    token = sign_in(provider, CARL)
    provider.command(do="revoke", person="carl")
    answer = real.ask("{ bcCustomers { nodes { number } } }", CARL, token=token)
    assert answer.codes == {"UNAUTHENTICATED"}
    assert users(real, answer.id) == []
