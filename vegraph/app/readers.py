"""What identity reads by way of others: the portals' mapping, and the roles of ERP users (I6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import orjson

from vegraph.app.settings import Settings, Source
from vegraph.backend.exchange import Wire
from vegraph.backend.literals import encode, text_literal
from vegraph.backend.transport import Transport
from vegraph.errors import BackendError, ConfigError
from vegraph.identity.assembly import Readers
from vegraph.identity.auth import Address, BearerAuth
from vegraph.identity.development import DevelopmentIssuer, DevelopmentUsers
from vegraph.identity.exchange import UserTokens
from vegraph.identity.mapping_store import MappingReader
from vegraph.identity.providers import source_users
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import TokenCache, TokenKey

__all__ = ["OpenReaders", "open_readers"]

ROLES = "SecurityUserRoleAssociations"
"""Entity set of finance and operations that says which user holds which role (FO-202)."""


@dataclass(slots=True)
class OpenReaders:
    """The readers, and what to close at the end."""

    readers: Readers
    closing: list[Callable[[], Any]] = field(default_factory=list)

    async def close(self) -> None:
        """Closes all connections."""
        for close in self.closing:
            done = close()
            if done is not None:
                await done


def open_readers(settings: Settings, issuer: DevelopmentIssuer | None = None) -> OpenReaders:
    """The readers that the configuration asks for. Raises ConfigError."""
    closing: list[Callable[[], Any]] = []
    mapping = {}
    for name, portal in settings.portals.items():
        if portal.mapping is None or portal.mapping.reveal().startswith("dataverse:"):
            continue
        reader = MappingReader(portal.mapping, portal.mapping_table, base=settings.base)
        closing.append(reader.close)
        mapping[name] = reader
    roles = {}
    for name, source in settings.sources.items():
        if source.reader is not None:
            role_reader = RoleReader(source, _tokens(source, issuer, closing))
            closing.append(role_reader.close)
            roles[name] = role_reader
    return OpenReaders(Readers(mapping=mapping, roles=roles), closing)


class RoleReader:
    """The roles of one source's users, read as its `reader`, whom no portal's caller ever runs as."""

    def __init__(self, source: Source, tokens: UserTokens) -> None:
        self._source = source
        self._reader = source.reader or ""
        self._tokens = tokens
        if not tokens.knows(self._reader):
            raise ConfigError(f"sources.{source.name}.reader: '{self._reader}' is not one of its 'users'.")
        self._transport = Transport(source.name, source.url, headers={})
        self._headers = self._transport.headers({"Accept": "application/json"})
        self._cache = TokenCache(time.time)
        self._address = Address.of(source.url)

    async def __call__(self, user: str) -> Collection[str]:
        """Names and identifiers of all roles that the ERP user holds. Raises BackendError, IdentityError."""
        key = TokenKey(Secret(self._reader).digest(), f"reader>{self._source.name}", self._source.scope or "", None)
        token = await self._cache.get(key, lambda: self._tokens.for_user(self._reader, claims=None), until=float("inf"))
        wire = Wire(
            method="GET",
            path=ROLES,
            query=f"$filter=UserId%20eq%20{encode(text_literal(user))}&$select=SecurityRoleIdentifier,SecurityRoleName",
            template=ROLES,
        )
        auth = BearerAuth(token.value, self._address, source=self._source.name)
        answer = await self._transport.send(wire, auth, self._headers)
        if answer.status != 200:
            raise BackendError("roles cannot be read", source=self._source.name, status=answer.status)
        rows = orjson.loads(answer.body)["value"]
        return {row[name] for row in rows for name in ("SecurityRoleIdentifier", "SecurityRoleName") if row.get(name)}

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()


def _tokens(source: Source, issuer: DevelopmentIssuer | None, closing: list[Callable[[], Any]]) -> UserTokens:
    if source.delegates == "development":
        if issuer is None:
            raise ConfigError(f"sources.{source.name}.delegation: 'development' works only inside `vegraph demo`.")
        return DevelopmentUsers(issuer, source.scope or source.url)
    users = source_users(source.target, time.time)
    closing.append(users.close)
    return users
