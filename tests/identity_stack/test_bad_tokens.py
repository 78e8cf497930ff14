"""Good, broken and forged tokens over HTTP: what each door answers, and that no ERP hears of a bad one (T01-T10).

Each bad token differs from a good one in one thing. The whole table of what is wrong with tokens is that of
`tests/identity/test_verify.py`; here it is their way through the server that counts.
"""

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.identity.tokens import OTHER_TENANT, REMOVED, b64, by_hand, hmac_signed, jwk, key, person, signed
from tests.identity_stack.authority import API, AUDIENCES
from tests.identity_stack.estate import contact_token
from tests.identity_stack.people import Contact, Employee, customer_of

WHO = "{ me { door kind name } bcItems(first: 1) { nodes { number } } }"
PEM = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PORTAL_PEM = key("portal support").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
RS256 = {"alg": "RS256", "kid": "k1"}


def claims(stack, **changes):
    """Those of employee 5, changed."""
    now = int(time.time())
    return person(
        **{
            "iss": stack.authority.issuer, "aud": API, "oid": Employee(5).oid, "iat": now, "nbf": now, "exp": now + 900,
            **changes,
        }
    )  # fmt: skip


def with_text(stack, text):
    return by_hand(f"{json.dumps(claims(stack))[:-1]}, {text}}}", RS256)


def swapped(stack):
    """Signed for one person, said of another."""
    head, _, tail = signed(claims(stack)).split(".")
    return f"{head}.{b64(json.dumps(claims(stack, oid=Employee(1).oid)))}.{tail}"


GOOD = {
    "as the provider makes it": lambda s: signed(claims(s)),
    "within the skew after its end": lambda s: signed(claims(s, exp=int(time.time()) - 30)),
    "with claims nobody asked for": lambda s: signed(claims(s, roles=["Admin"], wids=["x"], groups=["all"])),
}

BAD = {
    "not a token": lambda s: "hello",
    "five segments": lambda s: "a.b.c.d.e",
    "alg none": lambda s: by_hand(claims(s), {"alg": "none", "kid": "k1"}),
    "alg none, unsigned": lambda s: f"{b64(json.dumps({'alg': 'none'}))}.{b64(json.dumps(claims(s)))}.",
    "HS256 with the public PEM": lambda s: hmac_signed(claims(s), PEM),
    "HS256 with the JWK": lambda s: hmac_signed(claims(s), json.dumps(jwk("k1")).encode()),
    "RS512": lambda s: jwt.encode(claims(s), key(), "RS512", headers={"kid": "k1"}),
    "PS256": lambda s: jwt.encode(claims(s), key(), "PS256", headers={"kid": "k1"}),
    "changed after signing": swapped,
    "a stranger's key": lambda s: signed(claims(s), by="stranger"),
    "a stranger's key id": lambda s: signed(claims(s), by="stranger", kid="k9"),
    "the key in its header": lambda s: signed(claims(s), by="stranger", kid=REMOVED, jwk=jwk("k1", "stranger")),
    "a key id that is a path": lambda s: signed(claims(s), by="stranger", kid="../../../../dev/null"),
    "a critical extension": lambda s: signed(claims(s), crit=["exp"]),
    "another audience": lambda s: signed(claims(s, aud=AUDIENCES["bc"])),
    "a list of audiences": lambda s: signed(claims(s, aud=[API, "x"])),
    "no audience": lambda s: signed(claims(s, aud=REMOVED)),
    "another issuer": lambda s: signed(claims(s, iss="https://login.example/v2.0")),
    "another tenant": lambda s: signed(claims(s, tid=OTHER_TENANT)),
    "version 1": lambda s: signed(claims(s, ver="1.0")),
    "expired": lambda s: signed(claims(s, exp=int(time.time()) - 70)),
    "not yet valid": lambda s: signed(claims(s, nbf=int(time.time()) + 300)),
    "without end": lambda s: signed(claims(s, exp=REMOVED)),
    "no person": lambda s: signed(claims(s, oid=REMOVED)),
    "an application's": lambda s: signed(claims(s, idtyp="app", scp=REMOVED)),
    "an id token": lambda s: signed(claims(s, scp=REMOVED, nonce="n")),
    "a guest's": lambda s: signed(claims(s, acct=1)),
    "a claim twice": lambda s: with_text(s, f'"oid": "{Employee(1).oid}"'),
    "nested without end": lambda s: by_hand("[" * 4000, RS256),
    "longer than 16 KiB": lambda s: signed(claims(s, filling="x" * 20_000)),
    "a contact's": lambda s: contact_token(5),
}  # fmt: skip


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_good_tokens_are_let_in(stack, make):
    answer = stack.ask("{ me { door kind name } }", Employee(5), token=make(stack))
    assert answer.data["me"] == {"door": "entra", "kind": "person", "name": "Mary Manager"}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_bad_tokens_are_401_at_graphql(stack, make):
    refused(stack, stack.ask(WHO, Employee(5), token=make(stack)))


@pytest.mark.parametrize("make", [*BAD.values()][:-1], ids=[*BAD][:-1])
def test_and_at_a_portal_they_are_never_a_visitor(stack, make):
    refused(stack, stack.ask(WHO, Contact(5), token=make(stack)))


BAD_AT_PORTALS = {
    "no audience asked for": lambda: contact_token(5, aud="", appid=""),
    "another portal's": lambda: contact_token(5, portal="kiosk"),
    "another portal's audience": lambda: contact_token(5, aud="vegraph-kiosk", appid="vegraph-kiosk"),
    "two client ids": lambda: contact_token(5, appid="other"),
    "another site": lambda: contact_token(5, iss="shop.test"),
    "a life over an hour": lambda: contact_token(5, exp=int(time.time()) + 7200),
    "no contact": lambda: contact_token(5, sub=REMOVED),
    "two contacts": lambda: contact_token(5, lp_sdes=[{"info": {"customerId": Contact(6).id, "ctype": "contact"}}]),
    "the tenant's key": lambda: signed({**unsigned(contact_token(5))}, kid=REMOVED),
    "HS256 with the portal's PEM": lambda: hmac_signed(unsigned(contact_token(5)), PORTAL_PEM),
}


def unsigned(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize("make", BAD_AT_PORTALS.values(), ids=BAD_AT_PORTALS)
def test_bad_tokens_of_portals_are_401_too(stack, make):
    refused(stack, stack.ask(WHO, Contact(5), token=make()))


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic " + base64.b64encode(b"E01:secret").decode(),
        "Bearer",
        "Bearer a b",
        "Negotiate x",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/portal/support/graphql"])
def test_a_header_that_holds_no_bearer_token_is_401_and_not_no_token(stack, path, authorization):
    response = stack.http.post(stack.url + path, json={"query": WHO}, headers={"Authorization": authorization})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/graphql", "/portal/support/graphql"])
def test_two_authorization_headers_are_401(stack, path):
    headers = [("Authorization", f"Bearer {stack.token(Employee(5))}"), ("Authorization", f"Bearer {contact_token(5)}")]
    response = stack.http.post(stack.url + path, json={"query": WHO}, headers=headers)
    assert response.status_code == 401


@pytest.mark.parametrize("name", ["access_token", "token", "authorization"])
def test_a_token_in_the_url_is_none(stack, name):
    response = stack.http.post(
        f"{stack.url}/graphql", params={name: stack.token(Employee(5))}, json={"query": "{ me { kind } }"}
    )
    assert response.status_code == 401


@pytest.mark.parametrize("field", ["jku", "x5u"])
def test_t02_a_key_address_in_a_token_is_never_asked(stack, field):
    with trap() as (url, heard):
        token = signed(claims(stack), by="stranger", kid="k9", **{field: f"{url}/keys"})
        refused(stack, stack.ask(WHO, Employee(5), token=token))
    assert heard == []


def test_t03_random_key_ids_do_not_make_vegraph_ask_for_keys(stack):
    for number in range(30):
        refused(stack, stack.ask(WHO, Employee(5), token=signed(claims(stack), by="stranger", kid=f"k{number + 100}")))
    assert len([path for _, path, _ in stack.authority.provider.asked if path.endswith("/keys")]) <= 1


def test_media_are_behind_the_same_doors(stack):
    id_ = stack.ask("{ bcItems(first: 1) { nodes { id } } }", Employee(5)).data["bcItems"]["nodes"][0]["id"]
    for door in ("", "/portal/support"):
        url = f"{stack.url}{door}/media/{id_}/picture"
        assert stack.http.get(url, headers={"Authorization": "Bearer a.b.c"}).status_code == 401
    assert stack.http.get(f"{stack.url}/media/{id_}/picture").status_code == 401


def test_a_contact_of_two_spellings_is_one(stack):
    token = contact_token(5, sub=Contact(5).id.upper())
    assert stack.ask("{ bcCustomers { nodes { number } } }", Contact(5), token=token).data["bcCustomers"]["nodes"] == [
        {"number": customer_of(5)}
    ]


def refused(stack, answer):
    assert (answer.status, answer.codes) == (401, {"UNAUTHENTICATED"})
    assert answer.headers["www-authenticate"].startswith('Bearer realm="vegraph"')
    assert "data" not in answer.json
    assert stack.seen(answer) == []


@contextmanager
def trap() -> Iterator[tuple[str, list[str]]]:
    """A server that nobody should come to."""
    heard: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()
    thread.join()
