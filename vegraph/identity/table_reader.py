"""The credential with which vegraph itself reads one table and nothing else: users' roles, Dataverse's mapping (I7).

It is pinned to that table's own address, so that no call of a person, whatever its URL, can go out with it (I1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from vegraph.errors import ConfigError
from vegraph.identity.auth import Address, BearerAuth
from vegraph.identity.clock import Clock
from vegraph.identity.config import ONLY_IN_THE_DEMO, Target
from vegraph.identity.exchange import UserTokens
from vegraph.identity.providers import source_users
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import TokenCache, TokenKey

if TYPE_CHECKING:
    from vegraph.identity.development import DevelopmentIssuer

__all__ = ["TableReader", "table_reader"]


class TableReader:
    """One of a source's `users`, allowed to one table."""

    def __init__(self, target: Target, tokens: UserTokens, user: str, table: str, clock: Clock) -> None:
        if not tokens.knows(user):
            raise ConfigError(f"sources.{target.name}.reader: '{user}' is not among sources.{target.name}.users.")
        self.url = f"{target.url.rstrip('/')}/{table}"
        """Address of the table; the credential goes there and below."""
        self._source = target.name
        self._scope = target.scope or ""
        self._tokens = tokens
        self._user = user
        self._cache = TokenCache(clock, max_entries=1)

    async def auth(self) -> httpx.Auth:
        """For requests to the table. Raises IdentityError."""
        key = TokenKey(Secret(self._user).digest(), f"reader>{self._source}", self._scope)
        token = await self._cache.get(key, lambda: self._tokens.for_user(self._user, claims=None), until=float("inf"))
        return BearerAuth(token.value, Address.of(self.url), source=self._source)

    def close(self) -> None:
        """Closes connections to the provider."""
        self._tokens.close()


def table_reader(
    target: Target, user: str, table: str, *, clock: Clock, issuer: DevelopmentIssuer | None = None
) -> TableReader:
    """The reader of `table` (an entity set) as that user of the source. `issuer`: the demo's. Raises ConfigError."""
    if target.delegation != "development":
        return TableReader(target, source_users(target, clock), user, table, clock)
    if issuer is None:
        raise ConfigError(f"sources.{target.name}.delegation: {ONLY_IN_THE_DEMO}")
    from vegraph.identity.development import DevelopmentUsers

    return TableReader(target, DevelopmentUsers(issuer, target.scope or target.url), user, table, clock)
