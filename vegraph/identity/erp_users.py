"""ERP users that portals run as: each has an application registration of its own, and the roles it must have."""

from __future__ import annotations

from vegraph.errors import Forbidden
from vegraph.identity.auth import Address, BearerAuth
from vegraph.identity.config import Target
from vegraph.identity.exchange import UserTokens
from vegraph.identity.mapping import Refused
from vegraph.identity.roles import RoleCheck
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import TokenCache, TokenKey
from vegraph.identity.user import Caller, Delegated

__all__ = ["ErpUsers"]

_FOREVER = float("inf")


class ErpUsers:
    """The users of one source that one portal may run as."""

    def __init__(self, target: Target, tokens: UserTokens, roles: RoleCheck | None, cache: TokenCache) -> None:
        self._source = target.name
        self._reader = target.reader
        self._scope = target.scope or ""
        self._address = Address.of(target.url, target.beside)
        self._tokens = tokens
        self._roles = roles
        self._cache = cache

    async def act_as(self, user: str, caller: Caller, *, why: str, claims: str | None) -> Delegated:
        """The principal and credential of that ERP user, after its roles were tested. Raises IdentityError."""
        if user == self._reader:
            raise Forbidden(f"{self._source}: the user it would run as is vegraph's own reader, which acts for nobody.")
        if not self._tokens.knows(user):
            raise Forbidden(
                f"{self._source}: no application is configured for the user it would run as "
                f"(sources.{self._source}.users)."
            )
        if self._roles is not None and isinstance(decision := await self._roles.check(user), Refused):
            raise decision.error(self._source)
        key = TokenKey(Secret(user).digest(), f"app>{self._source}", self._scope, claims)
        token = await self._cache.get(key, lambda: self._tokens.for_user(user, claims=claims), until=_FOREVER)
        return Delegated(
            source=self._source,
            principal=f"{self._source}:app:{user}",
            auth=BearerAuth(
                token.value, self._address, source=self._source, refused=lambda: self._cache.refused(key, token)
            ),
            description=f"{user}, {why}",
            caller=caller.key,
        )
