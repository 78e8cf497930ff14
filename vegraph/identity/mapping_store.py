"""The mapping in a database of the site's own: SQLite for one server, PostgreSQL for many.

A server only reads, through a connection that can't write (I7). `vegraph portal` writes, and each change leaves a row
in the change log in the same transaction.
"""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
import sqlalchemy as sa

from vegraph.errors import ConfigError
from vegraph.identity.mapping import MappingRow
from vegraph.identity.mapping_tables import Tables, migrate, tables
from vegraph.identity.secret import Secret
from vegraph.identity.user import contact_key

__all__ = ["Change", "MappingReader", "MappingStore"]

AT_ONCE = 4
"""Look-ups of the mapping under way at the same time."""

Action = Literal["add", "remove", "disable", "enable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of the change log."""

    at: datetime
    by: str
    action: Action
    portal: str
    contact_id: str
    source: str
    erp_user: str


class MappingStore:
    """The mapping for those who may change it. Blocking."""

    def __init__(self, url: Secret, table: str, *, base: Path) -> None:
        """`base`: where a relative SQLite path starts. Makes or updates the tables. Raises ConfigError."""
        self._tables = tables(table)
        self._engine = _engine(url, base, read_only=False)
        try:
            with self._writing() as connection:
                migrate(connection, self._tables)
        except ConfigError:
            self.close()
            raise

    def rows(self, portal: str | None = None) -> list[MappingRow]:
        """All rows, of one portal or all, in order."""
        return _rows(self._engine, self._tables, portal)

    def add(self, row: MappingRow, *, by: str | None = None) -> None:
        """Maps a contact. Raises ConfigError where it is mapped at that source already."""
        now, who = datetime.now(UTC), by or _user()
        with self._writing() as connection:
            if _found(connection, self._tables, row.portal, row.contact_id, row.source):
                raise ConfigError(
                    f"Contact {row.contact_id} of portal '{row.portal}' is mapped at '{row.source}' already; "
                    "remove that first."
                )
            values = {
                "portal": row.portal,
                "contact_id": contact_key(row.contact_id),
                "source": row.source,
                "erp_user": row.erp_user,
                "disabled": row.disabled,
                "created_at": now,
                "created_by": who,
                "changed_at": now,
                "changed_by": who,
            }
            connection.execute(sa.insert(self._tables.mapping).values(values))
            self._log(connection, "add", row, now, who)

    def remove(self, portal: str, contact_id: str, source: str, *, by: str | None = None) -> int:
        """Takes all rows of that contact at that source away; gives how many there were."""
        now, who = datetime.now(UTC), by or _user()
        with self._writing() as connection:
            rows = _found(connection, self._tables, portal, contact_id, source)
            connection.execute(sa.delete(self._tables.mapping).where(*_key(self._tables, portal, contact_id, source)))
            for row in rows:
                self._log(connection, "remove", row, now, who)
        return len(rows)

    def disable(
        self, portal: str, contact_id: str, source: str, *, disabled: bool = True, by: str | None = None
    ) -> int:
        """Disables or enables that contact's rows; gives how many there are."""
        now, who = datetime.now(UTC), by or _user()
        key = _key(self._tables, portal, contact_id, source)
        with self._writing() as connection:
            rows = _found(connection, self._tables, portal, contact_id, source)
            values = {"disabled": disabled, "changed_at": now, "changed_by": who}
            connection.execute(sa.update(self._tables.mapping).where(*key).values(values))
            for row in rows:
                self._log(connection, "disable" if disabled else "enable", row, now, who)
        return len(rows)

    def changes(self) -> list[Change]:
        """The change log, oldest first."""
        columns = [column for column in self._tables.change.c if column.name != "id"]
        with _reachable(), self._engine.connect() as connection:
            found = connection.execute(sa.select(*columns).order_by(self._tables.change.c.id))
            return [Change(**row._mapping) for row in found]

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _reachable(), self._engine.begin() as connection:
            yield connection

    def _log(self, connection: sa.Connection, action: Action, row: MappingRow, at: datetime, by: str) -> None:
        values = {
            "at": at,
            "by": by,
            "action": action,
            "portal": row.portal,
            "contact_id": contact_key(row.contact_id),
            "source": row.source,
            "erp_user": row.erp_user,
        }
        connection.execute(sa.insert(self._tables.change).values(values))


class MappingReader:
    """`ReadRows` over the store: in worker threads, through connections that can't write (I7)."""

    def __init__(self, url: Secret, table: str, *, base: Path) -> None:
        """As `MappingStore`, but the tables must be there already."""
        self._tables = tables(table)
        self._engine = _engine(url, base, read_only=True)
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    def rows(self, portal: str) -> list[MappingRow]:
        """All rows of a portal, in order; blocking. Raises ConfigError."""
        return _rows(self._engine, self._tables, portal)

    async def __call__(self, portal: str, contact_id: str, source: str) -> Sequence[MappingRow]:
        """The rows of one contact at one source. Raises SQLAlchemyError."""
        return await anyio.to_thread.run_sync(self._of, portal, contact_id, source, limiter=self._limiter)

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def _of(self, portal: str, contact_id: str, source: str) -> Sequence[MappingRow]:
        with self._engine.connect() as connection:
            return _found(connection, self._tables, portal, contact_id, source)


def _user() -> str:
    """Who changes a mapping: the operating system's name for them, or their number where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _rows(engine: sa.Engine, found: Tables, portal: str | None) -> list[MappingRow]:
    mapping = found.mapping.c
    query = sa.select(*_columns(found)).order_by(mapping.portal, mapping.contact_id, mapping.source)
    if portal is not None:
        query = query.where(mapping.portal == portal)
    with _reachable(), engine.connect() as connection:
        return [_row(row) for row in connection.execute(query)]


def _engine(url: Secret, base: Path, *, read_only: bool) -> sa.Engine:
    try:
        parsed = sa.make_url(url.reveal())
    except sa.exc.ArgumentError:
        raise ConfigError("mapping: is not a database's URL like sqlite:///portal.db.") from None
    if parsed.drivername == "sqlite":
        path = (base / (parsed.database or "portal.db")).resolve()
        return sa.create_engine("sqlite://", creator=lambda: _sqlite(path, read_only), poolclass=sa.NullPool)
    if parsed.drivername != "postgresql+psycopg":
        raise ConfigError(f"mapping: '{parsed.drivername}' is not one of sqlite, postgresql+psycopg, dataverse.")
    options = "-c default_transaction_read_only=on" if read_only else ""
    try:
        return sa.create_engine(
            parsed, pool_pre_ping=True, connect_args={"connect_timeout": 5, "options": options}, hide_parameters=True
        )
    except ImportError:
        raise ConfigError("mapping: PostgreSQL needs psycopg; install vegraph[postgresql].") from None


def _sqlite(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=5.0, check_same_thread=False)


@contextmanager
def _reachable() -> Iterator[None]:
    """Database errors for an operator's eyes: without URL, statement or values."""
    try:
        yield
    except sa.exc.SQLAlchemyError as problem:
        raise ConfigError(f"The mapping store can't be used ({type(problem).__name__}); see 'mapping'.") from None


def _key(found: Tables, portal: str, contact_id: str, source: str) -> list[sa.ColumnElement[bool]]:
    """Guids are compared without regard to case: another hand may have spelt them differently, and it must be seen."""
    c, contact = found.mapping.c, contact_key(contact_id)
    column = sa.func.lower(c.contact_id) if contact_key(contact.upper()) == contact.lower() else c.contact_id
    return [c.portal == portal, column == contact, c.source == source]


def _columns(found: Tables) -> list[sa.Column[object]]:
    c = found.mapping.c
    return [c.portal, c.contact_id, c.source, c.erp_user, c.disabled]


def _found(connection: sa.Connection, found: Tables, portal: str, contact_id: str, source: str) -> list[MappingRow]:
    query = sa.select(*_columns(found)).where(*_key(found, portal, contact_id, source)).limit(100)
    return [_row(row) for row in connection.execute(query)]


def _row(row: Iterable[Any]) -> MappingRow:
    portal, contact_id, source, erp_user, disabled = row
    return MappingRow(portal=portal, contact_id=contact_id, source=source, erp_user=erp_user, disabled=bool(disabled))
