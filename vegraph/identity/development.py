"""The demo's sign-in: an issuer inside this process, with keys made at start and forgotten at the end.

It signs tokens for given people and portal contacts, shows its public keys, and exchanges on behalf of them for ERPs
that trust those keys. Development profile on loopback only: whoever reaches it can be anybody on its list.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vegraph.errors import ConfigError, Unauthenticated
from vegraph.identity.clock import Clock
from vegraph.identity.keys import SigningKey, StaticKeys
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token

__all__ = ["Contact", "DevelopmentIssuer", "DevelopmentUsers", "Person"]

PERSON_LIFE_S = 12 * 3600
"""A demo that stays open over lunch goes on working."""
CONTACT_LIFE_S = 3600
ERP_LIFE_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in at `/graphql`."""

    object_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody who can sign in at a portal."""

    contact_id: str
    name: str
    claims: Mapping[str, str] = field(default_factory=dict)
    """What else the portal's tokens say of them, for row rules."""


class DevelopmentIssuer:
    """Signs, shows its keys, and exchanges. The portals' key is another one than the tenant's (T07)."""

    def __init__(self, *, issuer: str, tenant: str, audience: str, clock: Clock, development: bool) -> None:
        if not development:
            raise ConfigError("The development issuer works only in the development profile on a loopback address.")
        self.issuer = issuer
        self.tenant = tenant
        self.audience = audience
        self._clock = clock
        self._kid = uuid.uuid4().hex
        self._tenant_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._portal_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def keys(self) -> StaticKeys:
        """What doors and ERPs in this process check with."""
        return StaticKeys([SigningKey(self._kid, self._tenant_key.public_key())])

    def jwks(self) -> dict[str, Any]:
        """The same as a JWK set, for ERPs that fetch it."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._tenant_key.public_key()))
        return {"keys": [{**key, "kid": self._kid, "use": "sig", "alg": "RS256"}]}

    def portal_pem(self) -> bytes:
        """The portals' public key, as a site's `/_services/auth/publickey` gives it."""
        return self._portal_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def person_token(self, person: Person, *, life_s: int = PERSON_LIFE_S) -> Secret:
        """What a person comes to `/graphql` with."""
        return self._signed(
            self.audience, life_s, self._person(person.object_id, person.name, f"vegraph:{person.object_id}")
        )

    def contact_token(self, site: str, audience: str, contact: Contact, *, life_s: int = CONTACT_LIFE_S) -> Secret:
        """What a contact comes to a portal's endpoint with, in the shape of Power Pages (`site` is the bare host)."""
        info = {"type": "ctmrinfo", "info": {"customerId": contact.contact_id, "ctype": "contact"}}
        claims = self._times(life_s) | {
            "iss": site,
            "aud": audience,
            "appid": audience,
            "sub": contact.contact_id,
            "name": contact.name,
            "lp_sdes": [info],
            **contact.claims,
        }
        return Secret(jwt.encode(claims, self._portal_key, "RS256"))

    async def on_behalf_of(self, assertion: Secret, *, tenant: str | None, scope: str, claims: str | None) -> Token:
        """The person's token for the ERP that `scope` names. Raises Unauthenticated for an assertion not its own."""
        try:
            found = jwt.decode(
                assertion.reveal(),
                self._tenant_key.public_key(),
                algorithms=["RS256"],
                audience=self.audience,
                issuer=self.issuer,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise Unauthenticated("The token can't be exchanged: it is not one of the demo's sign-in.") from None
        audience = audience_of(scope)
        subject = f"{audience}:{found['oid']}"
        return self._token(audience, self._person(found["oid"], found.get("name", ""), subject))

    def user_token(self, user: str, scope: str) -> Token:
        """A token of the application that stands for an ERP user."""
        return self._token(audience_of(scope), {"appid": user, "azp": user, "idtyp": "app", "sub": user, "oid": user})

    def _person(self, object_id: str, name: str, subject: str) -> dict[str, Any]:
        named = {"oid": object_id, "name": name, "scp": "user_impersonation"}
        return {**named, "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, subject))}

    def _token(self, audience: str, claims: Mapping[str, Any]) -> Token:
        return Token(self._signed(audience, ERP_LIFE_S, claims), self._clock() + ERP_LIFE_S)

    def _signed(self, audience: str, life_s: int, claims: Mapping[str, Any]) -> Secret:
        common = {"iss": self.issuer, "aud": audience, "tid": self.tenant, "ver": "2.0", "uti": uuid.uuid4().hex}
        whole = self._times(life_s) | common | dict(claims)
        return Secret(jwt.encode(whole, self._tenant_key, "RS256", headers={"kid": self._kid}))

    def _times(self, life_s: int) -> dict[str, Any]:
        now = int(self._clock())
        return {"iat": now, "nbf": now, "exp": now + life_s}


class DevelopmentUsers:
    """`UserTokens` of one source in the demo: the ERP decides whether there is such a user."""

    def __init__(self, issuer: DevelopmentIssuer, scope: str) -> None:
        self._issuer = issuer
        self._scope = scope

    def knows(self, user: str) -> bool:
        """Always."""
        return True

    async def for_user(self, user: str, *, claims: str | None) -> Token:
        """Signed here."""
        return self._issuer.user_token(user, self._scope)

    def close(self) -> None:
        """There is nothing to close."""


def audience_of(scope: str) -> str:
    """The resource that a scope is of: `https://erp.example/.default` → `https://erp.example`."""
    return scope.removesuffix("/.default")
