"""Tokens, accounts and rights (erp.md 4.2.15)."""

import base64
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.emulator.bc import books
from tests.emulator.bc.conftest import AUDIENCE, ISSUER, USERS, foreign_token, token
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.running import running
from vegraph.emulator.server import BC_ROOT, create_bc

NOW = int(time.time())


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="OB-180 no token"),
        pytest.param("Bearer ", id="OB-180 empty token"),
        pytest.param("Bearer nonsense", id="OB-180 no JWT"),
        pytest.param("Basic " + base64.b64encode(b"ADMIN:key").decode(), id="OB-182 basic authentication is gone"),
        pytest.param("Bearer " + foreign_token("admin"), id="OB-180 another signature"),
        pytest.param("Bearer " + token("admin", iss="https://elsewhere"), id="OB-180 another issuer"),
        pytest.param("Bearer " + token("admin", aud="https://elsewhere"), id="OB-180 another audience"),
        pytest.param("Bearer " + token("admin", exp=NOW - 5), id="OB-183 expired"),
        pytest.param("Bearer " + token("admin", nbf=NOW + 500), id="OB-180 not valid yet"),
        pytest.param("Bearer " + token("admin", exp=None), id="OB-180 without an end"),
        pytest.param(
            "Bearer " + jwt.encode({"oid": "admin", "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 9}, None, "none"),
            id="OB-180 unsigned",
        ),
        pytest.param("Bearer " + token("nobody"), id="OB-184 no account"),
        pytest.param("Bearer " + token("gone"), id="OB-184 account disabled"),
    ],
)
async def test_refused_with_401(erp, header):
    headers = {"authorization": header} if header else {}
    answer = await erp.send("GET", "items", who=None, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Authentication_InvalidCredentials")


async def test_ob_180_a_challenge_comes_with_a_bad_token(erp):
    answer = await erp.send("GET", "items", who=None)
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_ob_183_a_token_is_refused_once_the_clock_has_passed_its_end(erp):
    held = {"authorization": f"Bearer {token('admin')}"}
    assert (await erp.send("GET", "items", who=None, headers=held)).status_code == 200
    erp.emulator.service.clock.advance(3700)
    assert (await erp.send("GET", "items", who=None, headers=held)).status_code == 401


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        pytest.param("clerk", "GET", "items", 200, id="OB-184 may read items"),
        pytest.param("clerk", "GET", "customers", 403, id="OB-184 may not read customers"),
        pytest.param(
            "clerk", "GET", f"salesOrders({books.order(1)})/salesOrderLines", 403, id="OB-184 nor by navigation"
        ),
        pytest.param("clerk", "GET", "items?$expand=itemCategory", 200, id="OB-184 may expand what may be read"),
        pytest.param("clerk", "GET", "items?$expand=picture", 403, id="OB-184 may not expand the rest"),
        pytest.param(
            "portal",
            "POST",
            f"salesOrders({books.order(1)})/Microsoft.NAV.shipAndInvoice",
            403,
            id="OB-184 may not run actions",
        ),
        pytest.param("portal", "DELETE", f"salesOrders({books.order(1)})", 405, id="OB-46 may not delete"),
        pytest.param(
            "seller", "GET", f"companies({books.OTHER})/customers", 403, id="OB-184 may not enter the company"
        ),
        pytest.param("seller", "GET", f"companies({books.MAIN})/customers", 200, id="OB-184 may enter the company"),
        pytest.param("admin", "GET", f"companies({books.OTHER})/customers", 200, id="OB-184 an administrator may all"),
    ],
)
async def test_rights(erp, who, method, path, status):
    assert (await erp.send(method, path, who=who, headers={"if-match": "*"})).status_code == status


async def test_ob_184_companies_one_may_not_enter_are_not_listed(erp):
    assert [row["name"] for row in await erp.rows("companies", who="seller")] == [books.MAIN_NAME]


async def test_ob_184_security_filters_hide_rows_everywhere(erp):
    assert await erp.numbers("customers", who="portal") == ["C1"]
    assert await erp.numbers("salesOrders", who="portal") == ["S-ORD101", "S-ORD102"]
    assert (await erp.get("salesOrders?$count=true&$top=0", who="portal"))["@odata.count"] == 2
    assert len(await erp.rows("salesOrderLines", who="portal")) == 6
    assert (await erp.refused("GET", f"customers({books.customer(2)})", who="portal"))[0] == 404
    assert (await erp.refused("GET", f"salesOrders({books.order(3)})/salesOrderLines", who="portal"))[0] == 404
    headers = {"if-match": "*"}
    hidden = f"salesOrders({books.order(3)})"
    assert (await erp.refused("PATCH", hidden, who="portal", json={"email": "x"}, headers=headers))[0] == 404
    shown = await erp.rows("salesOrders?$expand=salesOrderLines,customer", who="portal")
    assert [len(row["salesOrderLines"]) for row in shown] == [3, 3]
    assert {row["customer"]["number"] for row in shown} == {"C1"}


async def test_ob_184_nobody_writes_a_row_outside_their_security_filters(erp):
    path, headers = f"salesOrders({books.order(1)})", {"if-match": "*"}
    body = {"customerId": books.customer(2), "customerNumber": "C2"}
    status, code, _ = await erp.refused("PATCH", path, who="portal", json=body, headers=headers)
    assert (status, code) == (403, "Authorization_RequestDenied")
    assert (await erp.get(path))["customerNumber"] == "C1"


async def test_ob_180_keys_are_read_from_a_url_and_again_when_one_is_new():
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    published = [_jwk(keys[0], "k1")]

    async def jwks(_request):
        return JSONResponse({"keys": published})

    async with running(Starlette(routes=[Route("/keys", jwks)])) as url:
        tokens = Tokens(issuers=(ISSUER,), audiences=(AUDIENCE,), jwks_url=f"{url}/keys")
        emulator = create_bc(tokens=tokens, users=USERS, rows=books.batches(), default_company=books.MAIN)
        async with running(emulator.app) as erp, httpx.AsyncClient() as client:

            async def status(held: str) -> int:
                headers = {"authorization": f"Bearer {held}"}
                return (await client.get(f"{erp}{BC_ROOT}/items", headers=headers)).status_code

            assert await status(token("admin", key=keys[0])) == 200
            assert await status(token("admin", key=keys[1])) == 401
            published[:] = [_jwk(keys[1], "k1")]
            emulator.service.door.forget_keys()
            assert await status(token("admin", key=keys[1])) == 200
        emulator.store.close()


def _jwk(key, kid):
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
