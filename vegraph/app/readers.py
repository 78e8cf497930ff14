"""What identity reads by way of others: the portals' mapping, and the roles of ERP users (I6, I7).

Each table is read as the source's `reader`, with a credential that goes to that table and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from vegraph.app.settings import Settings, Source
from vegraph.backend.exchange import Wire
from vegraph.backend.literals import encode, text_literal
from vegraph.backend.transport import Transport
from vegraph.errors import BackendError, ConfigError
from vegraph.identity import mapping_live
from vegraph.identity.assembly import Readers
from vegraph.identity.config import Portal
from vegraph.identity.mapping import ReadRows
from vegraph.identity.roles import ReadRoles
from vegraph.identity.table_reader import TableReader, table_reader

if TYPE_CHECKING:
    from vegraph.identity.development import DevelopmentIssuer

__all__ = ["OpenReaders", "open_readers"]

ROLES = "SecurityUserRoleAssociations"
"""Entity set of finance and operations that says which user holds which role (FO-202)."""

ROLE_NAMES = ("SecurityRoleIdentifier", "SecurityRoleName")


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
    opened = OpenReaders(Readers())
    mapping: dict[str, ReadRows] = {}
    for name, portal in settings.portals.items():
        if portal.mapping is not None:
            mapping[name] = _mapping(settings, portal, portal.mapping.reveal(), issuer, opened)
    roles: dict[str, ReadRoles] = {}
    for name, source in settings.sources.items():
        if source.target.has_roles and source.reader is not None:
            roles[name] = _roles(_table(source, ROLES, issuer, opened, key=f"sources.{name}"))
    opened.readers = Readers(mapping=mapping, roles=roles)
    return opened


def _mapping(
    settings: Settings, portal: Portal, where: str, issuer: DevelopmentIssuer | None, opened: OpenReaders
) -> ReadRows:
    """The portal's mapping, from a database or live from a Dataverse source."""
    if not where.startswith("dataverse:"):
        from vegraph.identity.mapping_store import MappingReader  # SQLAlchemy: a tenth of what a start would take

        assert portal.mapping is not None  # noqa: S101  # it is what `where` shows
        try:
            reader = MappingReader(portal.mapping, portal.mapping_table, base=settings.base)
        except ConfigError as problem:
            raise ConfigError(f"portals.{portal.name}.{problem}") from None
        opened.closing.append(reader.close)
        return reader
    source = settings.sources[where.removeprefix("dataverse:")]
    table = _table(source, f"{portal.mapping_table}s", issuer, opened, key=f"portals.{portal.name}.mapping")

    async def rows(column: str, contact_id: str) -> Sequence[Mapping[str, Any]]:
        return await table.rows(f"{encode(column)}%20eq%20{_id_literal(contact_id)}")

    others = frozenset(settings.sources) - {source.name}
    return mapping_live.reader(rows, portal.mapping_columns, sources=others)


def _roles(table: Table) -> ReadRoles:
    """Names and identifiers of all roles that an ERP user holds."""

    async def read(user: str) -> Collection[str]:
        rows = await table.rows(f"UserId%20eq%20{text_literal(user)}")
        return {row[name] for row in rows for name in ROLE_NAMES if row.get(name)}

    return read


def _table(source: Source, name: str, issuer: DevelopmentIssuer | None, opened: OpenReaders, *, key: str) -> Table:
    if source.reader is None:
        raise ConfigError(f"{key}: sources.{source.name}.reader is missing, the user that reads {name}.")
    reader = table_reader(source.target, source.reader, name, clock=time.time, issuer=issuer)
    table = Table(source, name, reader)
    opened.closing += [table.close, reader.close]
    return table


class Table:
    """One entity set, read as the one user that may."""

    def __init__(self, source: Source, name: str, reader: TableReader) -> None:
        self._source = source
        self._name = name
        self._reader = reader
        self._transport = Transport(source.name, source.url, headers={})
        self._headers = self._transport.headers({"Accept": "application/json"})

    async def rows(self, condition: str) -> list[dict[str, Any]]:
        """The rows of one page that a `$filter`, encoded already, lets through. Raises BackendError, IdentityError."""
        wire = Wire(method="GET", path=self._name, query=f"$filter={condition}", template=self._name)
        answer = await self._transport.send(wire, await self._reader.auth(), self._headers)
        if answer.status != 200:
            raise BackendError(f"{self._name} cannot be read", source=self._source.name, status=answer.status)
        found: list[dict[str, Any]] = orjson.loads(answer.body)["value"]
        return found

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()


def _id_literal(contact_id: str) -> str:
    """A contact's id as OData writes it: a Guid bare, anything else quoted."""
    try:
        return str(UUID(contact_id))
    except ValueError:
        return text_literal(contact_id)
