"""Tokens for tests, good and forged: signed with keys made once, changed claim by claim."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

TENANT = "11111111-1111-4111-8111-111111111111"
OTHER_TENANT = "22222222-2222-4222-8222-222222222222"
MARY = "aaaaaaaa-0000-4000-8000-000000000001"
CONTACT = "cccccccc-0000-4000-8000-000000000001"
ISSUER = f"https://login.example/{TENANT}/v2.0"
AUDIENCE = "api://vegraph"
SITE = "support.example"
PORTAL_AUDIENCE = "vegraph-support"
NOW = 1_790_000_000
"""Seconds since 1970 on the clock of these tests."""

REMOVED: Any = object()


def key(name: str = "current", bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key of that name, the same through a whole run."""
    return _key(name, bits)


@cache
def _key(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(kid: str, name: str = "current", bits: int = 2048, **more: Any) -> dict[str, Any]:
    """Its public half as a JWK."""
    found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(name, bits).public_key()))
    return {**found, "kid": kid, "use": "sig", **more}


def person(**changes: Any) -> dict[str, Any]:
    """Claims of a person's token, changed; REMOVED takes one out."""
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "pairwise-1", "tid": TENANT, "oid": MARY, "ver": "2.0",
        "scp": "access_as_user", "name": "Mary Manager", "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
    }  # fmt: skip
    return _changed(claims, changes)


def contact(**changes: Any) -> dict[str, Any]:
    """Claims of a Power Pages token, changed."""
    info = {"type": "ctmrinfo", "info": {"customerId": CONTACT, "ctype": "contact"}}
    claims = {
        "iss": SITE, "aud": PORTAL_AUDIENCE, "appid": PORTAL_AUDIENCE, "sub": CONTACT, "name": "Carl Contact",
        "iat": NOW, "nbf": NOW, "exp": NOW + 900, "lp_sdes": [info],
    }  # fmt: skip
    return _changed(claims, changes)


def signed(claims: dict[str, Any], *, by: str = "current", bits: int = 2048, **header: Any) -> str:
    """RS256, `kid` "k1" unless told otherwise (REMOVED: none)."""
    header = {"kid": "k1", **header}
    return by_hand(claims, {"alg": "RS256", "typ": "JWT", **header}, by=by, bits=bits)


def by_hand(claims: dict[str, Any] | str, header: dict[str, Any], *, by: str = "current", bits: int = 2048) -> str:
    """A token as no library would make it; claims may be JSON text."""
    header = {name: value for name, value in header.items() if value is not REMOVED}
    payload = claims if isinstance(claims, str) else json.dumps(claims)
    text = f"{b64(json.dumps(header))}.{b64(payload)}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(text.encode(), key(by, bits))
    return f"{text}.{b64(signature)}"


def hmac_signed(claims: dict[str, Any], secret: bytes, **header: Any) -> str:
    """HS256 with a public key as the secret: the classic confusion."""
    text = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'k1', **header}))}.{b64(json.dumps(claims))}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def b64(part: str | bytes) -> str:
    raw = part.encode() if isinstance(part, str) else part
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not REMOVED}
