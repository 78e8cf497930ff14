"""On behalf of: a person's token for vegraph is exchanged for that person's token at the ERP (RFC 7523, Entra's flow).

One exchange per (assertion, ERP, claims); whoever asks for the same at the same time waits for the same exchange.
"""

from __future__ import annotations

from vegraph.errors import Forbidden, IdentityUnavailable
from vegraph.identity.auth import Address, BearerAuth
from vegraph.identity.config import Target
from vegraph.identity.exchange import Exchange
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token, TokenCache, TokenKey
from vegraph.identity.unverified import claims_within
from vegraph.identity.user import Caller, Delegated

__all__ = ["OnBehalfOf"]

MOST_DEMANDED = 10_000


class OnBehalfOf:
    """The strategy for people of one door at one source."""

    def __init__(self, target: Target, exchange: Exchange, cache: TokenCache) -> None:
        self._source = target.name
        self._scope = target.scope or ""
        self._address = Address.of(target.url, target.beside)
        self._exchange = exchange
        self._cache = cache
        self._demanded: dict[bytes, str] = {}
        """Digest of an assertion → claims that this ERP demanded of it last."""

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """The person's own principal and token. Raises IdentityError."""
        assertion = self._assertion(caller)
        claims = self._demanded_of(assertion, claims)
        key = TokenKey(assertion.digest(), f"{caller.door}>{self._source}", self._scope, claims)
        token = await self._cache.get(key, lambda: self._exchanged(caller, assertion, claims), until=caller.expires_at)
        return Delegated(
            source=self._source,
            principal=":".join((self._source, "user", *caller.identity)),
            auth=BearerAuth(
                token.value, self._address, source=self._source, refused=lambda: self._cache.refused(key, token)
            ),
            description=f"{caller.name or caller.object_id}, on behalf of",
            caller=caller.key,
        )

    def _assertion(self, caller: Caller) -> Secret:
        if caller.kind != "person" or caller.assertion is None:
            raise Forbidden(
                f"{self._source}: calls run on behalf of a person here, and this caller is {_INSTEAD[caller.kind]}."
            )
        return caller.assertion

    def _demanded_of(self, assertion: Secret, claims: str | None) -> str | None:
        """The claims to exchange with: what the ERP demands now, or of this session before (else it asks each time)."""
        if claims is None:
            return self._demanded.get(assertion.digest())
        self._demanded[assertion.digest()] = claims
        if len(self._demanded) > MOST_DEMANDED:
            del self._demanded[next(iter(self._demanded))]
        return claims

    async def _exchanged(self, caller: Caller, assertion: Secret, claims: str | None) -> Token:
        token = await self._exchange.on_behalf_of(assertion, tenant=caller.tenant, scope=self._scope, claims=claims)
        self._check_owner(caller, token)
        return token

    def _check_owner(self, caller: Caller, token: Token) -> None:
        """A token that names another person than the caller is not used, whoever mixed them up (T12)."""
        named, own = claims_within(token.value).get("oid"), caller.claims.get("oid")
        if isinstance(named, str) and isinstance(own, str) and named.lower() != own.lower():
            raise IdentityUnavailable(
                f"{self._source}: the identity provider answered with a token of somebody else, which was thrown away."
            )


_INSTEAD = {
    "contact": "a portal's contact",
    "anonymous": "an anonymous visitor",
    "application": "an application, which stands for nobody",
    "person": "known without the token they signed in with",
}
