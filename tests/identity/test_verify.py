"""Good, broken and forged tokens, and what each door makes of them (identity.md §4, T01-T10)."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.identity.tokens import (
    AUDIENCE,
    CONTACT,
    ISSUER,
    MARY,
    NOW,
    OTHER_TENANT,
    PORTAL_AUDIENCE,
    REMOVED,
    SITE,
    TENANT,
    b64,
    by_hand,
    contact,
    hmac_signed,
    jwk,
    key,
    person,
    signed,
)
from vegraph.errors import Unauthenticated
from vegraph.identity.config import Door, Portal
from vegraph.identity.contacts import checks_for as contact_checks
from vegraph.identity.keys import PemKey, StaticKeys, read_key_set
from vegraph.identity.people import checks_for as people_checks
from vegraph.identity.verify import Verifier

KEYS = StaticKeys(read_key_set({"keys": [jwk("k1"), jwk("k2", "next")]}).values())
PEM = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
DER = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
V1 = f"https://sts.example/{TENANT}/"
SHARED = "https://login.example/{tenantid}/v2.0"


def door(**changes):
    return Door(**{"name": "entra", "issuer": ISSUER, "audience": AUDIENCE, **changes})


def person_verifier(keys=KEYS, at=NOW, **changes):
    return Verifier(people_checks(door(**changes)), keys, lambda: at)


def portal_verifier(at=NOW, **changes):
    portal = Portal(
        **{"name": "support", "issuer": f"https://{SITE}", "audience": PORTAL_AUDIENCE, "public_key": "p", **changes}
    )
    return Verifier(contact_checks(portal), PemKey(PEM, "support.pem"), lambda: at)


async def test_a_persons_token_tells_the_person():
    caller = await person_verifier().check(signed(person()))
    assert (caller.kind, caller.door, caller.identity) == ("person", "entra", (TENANT, MARY))
    assert (caller.name, caller.expires_at) == ("Mary Manager", NOW + 3600)


async def test_i4_identity_is_not_taken_from_mail_name_or_subject():
    told = person(email="root@example.com", upn="root@example.com", preferred_username="root", sub=OTHER_TENANT)
    assert (await person_verifier().check(signed(told))).identity == (TENANT, MARY)


async def test_a_portals_token_tells_the_contact():
    caller = await portal_verifier().check(signed(contact(sub=CONTACT.upper(), lp_sdes=REMOVED), kid=REMOVED))
    assert (caller.kind, caller.door, caller.identity) == ("contact", "support", ("support", CONTACT))
    assert caller.claims["contact"] == CONTACT


GOOD = {
    "the second key": (signed(person(), by="next", kid="k2"), {}),
    "within the skew after its end": (signed(person(exp=NOW - 59)), {}),
    "within the skew before its start": (signed(person(nbf=NOW + 59, iat=NOW + 59)), {}),
    "the scope asked for among others": (signed(person(scp="other access_as_user")), {"scope": "access_as_user"}),
    "a guest where guests may come": (signed(person(acct=1)), {"guests": True}),
    "an application where they may come": (signed(person(scp=REMOVED, idtyp="app")), {"applications": True}),
    "version 1": (signed(person(iss=V1, ver="1.0")), {"issuer": V1, "jwks": "https://x.example/k"}),
    "another provider": (
        signed(person(iss="https://id.example", tid=REMOVED, oid=REMOVED, scp=REMOVED, scope="erp", ver=REMOVED)),
        {"issuer": "https://id.example"},
    ),
}


@pytest.mark.parametrize(("token", "changes"), GOOD.values(), ids=GOOD)
async def test_good_tokens_are_let_in(token, changes):
    assert (await person_verifier(**changes).check(token)).door == "entra"


RS256 = {"alg": "RS256", "kid": "k1"}


def with_text(text: str) -> str:
    """A person's token with that text put at the end of its claims."""
    return by_hand(f"{json.dumps(person())[:-1]}, {text}}}", RS256)


BAD = {
    "not a token": "hello",
    "five segments": "a.b.c.d.e",
    "empty segments": "..",
    "alg none": by_hand(person(), {"alg": "none", "kid": "k1"}),
    "alg none without signature": f"{b64(json.dumps({'alg': 'none'}))}.{b64(json.dumps(person()))}.",
    "alg None in capitals": by_hand(person(), {"alg": "nOnE", "kid": "k1"}),
    "HS256 with the public PEM": hmac_signed(person(), PEM),
    "HS256 with the public DER": hmac_signed(person(), DER),
    "HS256 with the JWK": hmac_signed(person(), json.dumps(jwk("k1")).encode()),
    "RS512": jwt.encode(person(), key(), "RS512", headers={"kid": "k1"}),
    "PS256": jwt.encode(person(), key(), "PS256", headers={"kid": "k1"}),
    "alg left out": by_hand(person(), {"kid": "k1"}),
    "changed after signing": ".".join(
        [signed(person()).split(".")[0], b64(json.dumps(person(oid=OTHER_TENANT))), signed(person()).split(".")[2]]
    ),
    "a stranger's key": signed(person(), by="stranger"),
    "a stranger's key under its own id": signed(person(), by="stranger", kid="k3"),
    "the other key's id": signed(person(), kid="k2"),
    "the key in the header": signed(person(), by="stranger", kid=REMOVED, jwk=jwk("k1", "stranger")),
    "a key address in the header": signed(person(), by="stranger", kid="k9", jku="http://127.0.0.1:9/keys"),
    "a key file as its id": signed(person(), by="stranger", kid="../../../../dev/null"),
    "a key id that is a list": signed(person(), kid=["k1"]),
    "no key id and two keys": signed(person(), kid=REMOVED),
    "an unknown critical extension": signed(person(), crit=["exp"]),
    "an unencoded payload": signed(person(), crit=["b64"], b64=False),
    "another audience": signed(person(aud="api://other")),
    "a list of audiences": signed(person(aud=[AUDIENCE])),
    "an empty audience": signed(person(aud="")),
    "no audience": signed(person(aud=REMOVED)),
    "another issuer": signed(person(iss="https://login.example/other/v2.0")),
    "its issuer with a slash": signed(person(iss=ISSUER + "/")),
    "another tenant under the right issuer": signed(person(tid=OTHER_TENANT)),
    "version 1 where 2 is meant": signed(person(ver="1.0")),
    "no version": signed(person(ver=REMOVED)),
    "expired": signed(person(exp=NOW - 60)),
    "not yet valid": signed(person(nbf=NOW + 61)),
    "issued in the future": signed(person(iat=NOW + 61)),
    "an end that is text": signed(person(exp=str(NOW + 60))),
    "an end that is true": signed(person(exp=True)),
    "an end beyond all time": signed(person(exp=10**400)),
    "no end": signed(person(exp=REMOVED)),
    "no start": signed(person(nbf=REMOVED)),
    "no person": signed(person(oid=REMOVED)),
    "a person that is a number": signed(person(oid=7)),
    "a person with a line break": signed(person(oid="a\r\nX: y")),
    "no tenant": signed(person(tid=REMOVED)),
    "no subject": signed(person(sub=REMOVED)),
    "an application": signed(person(idtyp="app")),
    "roles without delegation": signed(person(scp=REMOVED, roles=["All"])),
    "an id token": signed(person(scp=REMOVED, nonce="n", at_hash="h")),
    "a guest": signed(person(acct=1)),
    "a guest by provider": signed(person(idp="https://elsewhere.example/")),
    "a claim said twice": with_text(f'"oid": "{OTHER_TENANT}"'),
    "a claim within said twice": with_text('"x": {"a": 1, "a": 2}'),
    "not a number": with_text('"x": NaN'),
    "claims that are a list": by_hand("[1]", RS256),
    "nested without end": by_hand("[" * 6000, RS256),
    "8 MB": signed(person(filling="x" * 6_000_000)),
    "a portal's token": signed(contact()),
}  # fmt: skip


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
async def test_bad_tokens_are_401_with_a_challenge_and_without_the_token(token):
    with pytest.raises(Unauthenticated) as refusal:
        await person_verifier().check(token)
    assert refusal.value.challenge.startswith('Bearer realm="vegraph", error="invalid_token"')
    assert all(part not in str(refusal.value) for part in token.split(".") if len(part) > 8)


BAD_AT_PORTAL = {
    "no audience asked for": signed(contact(aud="", appid=""), kid=REMOVED),
    "another client id": signed(contact(aud="other"), kid=REMOVED),
    "two client ids": signed(contact(appid="other"), kid=REMOVED),
    "another site": signed(contact(iss="shop.example"), kid=REMOVED),
    "its host with a port": signed(contact(iss=f"{SITE}:8443"), kid=REMOVED),
    "a life over an hour": signed(contact(exp=NOW + 3601), kid=REMOVED),
    "an end before its start": signed(contact(exp=NOW + 30, iat=NOW + 40), kid=REMOVED),
    "two contacts": signed(contact(sub=OTHER_TENANT), kid=REMOVED),
    "no contact": signed(contact(sub=REMOVED), kid=REMOVED),
    "an empty contact": signed(contact(sub="", lp_sdes=REMOVED), kid=REMOVED),
    "a stranger's key": signed(contact(), by="stranger", kid=REMOVED),
    "HS256 with the public PEM": hmac_signed(contact(), PEM),
    "alg none": by_hand(contact(), {"alg": "none"}),
    "a person's token": signed(person()),
}


@pytest.mark.parametrize("token", BAD_AT_PORTAL.values(), ids=BAD_AT_PORTAL)
async def test_bad_tokens_are_401_at_a_portal_too(token):
    with pytest.raises(Unauthenticated):
        await portal_verifier().check(token)


async def test_a_portal_without_a_client_id_is_not_configured():
    with pytest.raises(ValueError, match="'audience' is empty"):
        Portal(name="support", issuer=SITE, audience=" ", public_key="p")


@pytest.mark.parametrize(
    ("key_issuer", "tenant", "allowed"),
    [
        (SHARED, TENANT, True),
        (ISSUER, TENANT, True),
        (None, TENANT, False),  # a shared key set must say whose keys are whose
        (f"https://login.example/{OTHER_TENANT}/v2.0", TENANT, False),
        (SHARED, OTHER_TENANT, False),  # may not come in
    ],
)
async def test_many_tenants_share_a_door_but_no_keys(key_issuer, tenant, allowed):
    more = {} if key_issuer is None else {"issuer": key_issuer}
    keys = StaticKeys(read_key_set({"keys": [jwk("k1", **more)]}).values())
    verifier = person_verifier(keys, issuer=SHARED, tenants=(TENANT,))
    token = signed(person(tid=tenant, iss=f"https://login.example/{tenant}/v2.0"))
    if allowed:
        assert (await verifier.check(token)).tenant == tenant
    else:
        with pytest.raises(Unauthenticated):
            await verifier.check(token)


async def test_a_door_for_many_tenants_names_them():
    with pytest.raises(ValueError, match="needs 'tenants'"):
        door(issuer=SHARED)


def test_a_weak_key_is_no_key():
    with pytest.raises(ValueError, match="no RSA signing key"):
        read_key_set({"keys": [jwk("k1", "weak", 1024)]})


def test_a_repeated_key_id_is_no_key():
    assert set(read_key_set({"keys": [jwk("k1"), jwk("k1", "next"), jwk("k2", "next")]})) == {"k2"}
