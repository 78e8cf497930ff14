"""Authentication: erp.md §4.1.11."""

import time

import jwt
import pytest

from tests.emulator.fo.conftest import AUDIENCE, ISSUER, SECRET, Erp, token
from vegraph.emulator.data.people import ADMINISTRATOR, DISABLED, MANAGER, Person

URL = "/data/Currencies?$top=1"


def signed(**claims: object) -> str:
    found = {"iss": ISSUER, "aud": AUDIENCE, "oid": MANAGER.object_id, "exp": time.time() + 60, **claims}
    return jwt.encode(found, SECRET, algorithm="HS256")


async def test_of_141_the_user_is_found_from_the_token(own: Erp):
    for who, name in ((MANAGER, "sofia"), (ADMINISTRATOR, "Admin")):
        response = await own.ask("POST", "/data/Microsoft.Dynamics.DataEntities.ping", {}, who=who)
        assert response.json()["value"] == f"{name}@usmf"


@pytest.mark.parametrize(
    ("row", "header"),
    [
        ("OF-140 no token", ""),
        ("OF-140 another scheme", "Basic c29maWE6eA=="),
        ("OF-140 no JWT", "Bearer abc"),
        ("OF-143 another audience", f"Bearer {signed(aud='https://other.example')}"),
        ("OF-143 audience with a slash at its end", f"Bearer {signed(aud=AUDIENCE + '/')}"),
        ("OF-140 another issuer", f"Bearer {signed(iss='https://evil.example')}"),
        ("OF-140 expired", f"Bearer {signed(exp=time.time() - 5)}"),
        (
            "OF-140 another key",
            "Bearer " + jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 60}, "x" * 32),
        ),
        ("OF-114 a person without an account", f"Bearer {signed(oid='11111111-1111-1111-1111-111111111111')}"),
        ("OF-114 a disabled account", f"Bearer {token(DISABLED)}"),
    ],
    ids=lambda v: v if v.startswith("OF-") else "",
)
async def test_a_bad_token_is_401(erp: Erp, row: str, header: str):
    response = await erp.ask("GET", URL, who=None, **({"authorization": header} if header else {}))
    assert response.status_code == 401
    if "account" not in row:
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_of_142_an_application_runs_as_the_user_it_is_listed_with(own: Erp):
    application = Person(name="app", about="", object_id="", upn="", door="employee", bc=None, fo=None)
    given = token(application, oid="", appid="a0000000-0000-4000-8000-000000000000")
    response = await own.ask("GET", "/data/ReleasedProductsV2?$top=1", who=None, authorization=f"Bearer {given}")
    assert response.status_code == 200
    assert own.app.journal.entries[-1].user == "portal-visitor"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"], ids=lambda m: f"OF-144 {m}")
async def test_the_metadata_services_are_read_only(erp: Erp, method: str):
    assert (await erp.ask(method, "/metadata/DataEntities", {})).status_code == 405
