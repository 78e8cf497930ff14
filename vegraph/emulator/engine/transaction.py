"""Rows as dictionaries: what the hooks of a dialect read and write within one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vegraph.emulator.engine.problem import Problem

if TYPE_CHECKING:
    from vegraph.emulator.engine.shape import Table
    from vegraph.emulator.engine.storage import Store

__all__ = ["Change", "Row", "Transaction"]


class Row(dict[str, Any]):
    """A row under wire names with JSON values."""

    __slots__ = ("company", "number", "version")

    number: int
    """`_n`, the record id."""

    version: int
    company: int | None
    """Number of the hidden company."""


@dataclass(frozen=True, slots=True)
class Change:
    """One write, for those who listen to commits."""

    kind: Literal["created", "updated", "deleted"]
    entity_set: str
    company: int | None
    row: Row


class Transaction:
    """Reads and writes of one transaction. `company` is always a company number; None where the set has none."""

    def __init__(self, store: Store, changes: list[Change]) -> None:
        self.store = store
        self.changes = changes

    def get(self, entity_set: str, company: int | None, key: Any) -> Row | None:
        """The row with that key: one value, or a mapping of key properties."""
        table = self.store.table(entity_set)
        values = key if isinstance(key, Mapping) else {table.key[0]: key}
        found = self.find(entity_set, company, values)
        return found[0] if found else None

    def find(
        self,
        entity_set: str,
        company: int | None,
        where: Mapping[str, Any],
        *,
        order: str | None = None,
        limit: int = -1,
    ) -> list[Row]:
        """Rows whose properties have those values, in order of a property or of their making."""
        table = self.store.table(entity_set)
        terms, values = self._terms(table, company, where)
        by = table.columns[order].key_sql + ", " if order else ""
        sql = f'{_select(table)} WHERE {" AND ".join(terms) or "1"} ORDER BY {by}"_n" LIMIT ?'
        return [_row(table, r) for r in self.store.connection.execute(sql, (*values, limit))]

    def by_number(self, entity_set: str, number: int) -> Row | None:
        """The row with that record id."""
        table = self.store.table(entity_set)
        found = self.store.connection.execute(f'{_select(table)} WHERE "_n" = ?', (number,)).fetchone()
        return _row(table, found) if found else None

    def _terms(self, table: Table, company: int | None, where: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
        terms: list[str] = []
        values: list[Any] = []
        if table.company == "hidden":
            terms.append('"_c" = ?')
            values.append(company)
        for name, value in where.items():
            column = table.columns[name]
            stored = column.encode(value)
            terms.append(f"{column.key_sql} IS ?")
            values.append(column.sort_key(stored))
        return terms, values

    def insert(self, entity_set: str, company: int | None, values: Mapping[str, Any]) -> Row:
        """A new row; what is not given is empty or null. `Problem` 409 `duplicate` when the key is taken."""
        table = self.store.table(entity_set)
        names = ['"_v"']
        stored: list[Any] = [self.store.next_version()]
        if table.company == "hidden":
            names.append('"_c"')
            stored.append(company)
        for column in table.stored:
            encoded = _encoded(column.encode, values.get(column.name), column.name)
            names.append(column.sql)
            stored.append(encoded)
            if column.dual:
                names.append(column.key_sql)
                stored.append(column.sort_key(encoded))
        sql = f"INSERT INTO {table.sql} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        try:
            cursor = self.store.connection.execute(sql, stored)
        except sqlite3.IntegrityError:
            raise Problem(409, "duplicate", _taken(table, values)) from None
        row = self.by_number(entity_set, int(cursor.lastrowid or 0))
        if row is None:
            raise RuntimeError(f"{entity_set}: the inserted row is gone")
        self.changes.append(Change("created", entity_set, company, row))
        return row

    def update(self, entity_set: str, row: Row, changes: Mapping[str, Any]) -> Row:
        """Change members of a row; gives the row as it is then."""
        table = self.store.table(entity_set)
        parts = ['"_v" = ?']
        stored: list[Any] = [self.store.next_version()]
        for name, value in changes.items():
            column = table.columns[name]
            encoded = _encoded(column.encode, value, name)
            parts.append(f"{column.sql} = ?")
            stored.append(encoded)
            if column.dual:
                parts.append(f"{column.key_sql} = ?")
                stored.append(column.sort_key(encoded))
        sql = f'UPDATE {table.sql} SET {", ".join(parts)} WHERE "_n" = ?'
        try:
            self.store.connection.execute(sql, (*stored, row.number))
        except sqlite3.IntegrityError:
            raise Problem(409, "duplicate", _taken(table, {**row, **changes})) from None
        after = self.by_number(entity_set, row.number)
        if after is None:
            raise Problem(404, "not_found", "The row does not exist any more.")
        self.changes.append(Change("updated", entity_set, after.company, after))
        return after

    def touch(self, entity_set: str, row: Row) -> Row:
        """Give the row a new version."""
        return self.update(entity_set, row, {})

    def delete(self, entity_set: str, row: Row) -> None:
        """Remove a row and its media."""
        table = self.store.table(entity_set)
        self.store.connection.execute(f'DELETE FROM {table.sql} WHERE "_n" = ?', (row.number,))
        self.store.connection.execute('DELETE FROM "_media" WHERE "set" = ? AND n = ?', (entity_set, row.number))
        self.changes.append(Change("deleted", entity_set, row.company, row))

    def next_number(self, series: str, company: int | None, *, first: int = 1) -> int:
        """The next number of a series, which begins at `first`."""
        number = company or 0
        found = self.store.connection.execute(
            "INSERT INTO _series VALUES (?, ?, ?) "
            "ON CONFLICT (name, company) DO UPDATE SET last = last + 1 RETURNING last",
            (series, number, first),
        ).fetchone()
        return int(found[0])

    def media(self, entity_set: str, number: int, prop: str) -> tuple[str, bytes] | None:
        """Content type and bytes of a stream."""
        found = self.store.connection.execute(
            'SELECT type, content FROM "_media" WHERE "set" = ? AND n = ? AND property = ?', (entity_set, number, prop)
        ).fetchone()
        return (found[0], bytes(found[1])) if found else None

    def put_media(self, entity_set: str, number: int, prop: str, content_type: str, content: bytes) -> None:
        """Set the bytes of a stream; none given removes it."""
        self.store.connection.execute(
            'INSERT OR REPLACE INTO "_media" VALUES (?, ?, ?, ?, ?)', (entity_set, number, prop, content_type, content)
        )


def _select(table: Table) -> str:
    company = '"_c"' if table.company == "hidden" else "NULL"
    columns = "".join(f", {c.sql}" for c in table.stored)
    return f'SELECT "_n", "_v", {company}{columns} FROM {table.sql}'


def _row(table: Table, stored: tuple[Any, ...]) -> Row:
    row = Row({c.name: c.decode(v) for c, v in zip(table.stored, stored[3:], strict=True)})
    row.number, row.version, row.company = stored[:3]
    return row


def _encoded(encode: Any, value: Any, name: str) -> Any:
    try:
        return encode(value)
    except ValueError as problem:
        raise Problem(400, "bad_value", f"{problem}.", target=name) from None


def _taken(table: Table, values: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{k}='{values.get(k)}'" for k in table.key)
    return f"The record in table {table.type.short_name} already exists. Identification fields and values: {shown}"
