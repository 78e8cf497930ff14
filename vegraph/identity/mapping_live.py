"""The mapping as Dataverse's own table has it, read live: `mapping = "dataverse:SOURCE"` (FO-200).

Who reads it needs rights on that table and on nothing else (I7). No public page lists its columns, so their names are
configurable; the defaults are a guess in Dataverse's style.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vegraph.identity.mapping import MappingRow, ReadRows

__all__ = ["Columns", "ReadTable", "reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Wire names of the table's columns."""

    contact: str = "_dyn_contactid_value"
    user: str = "dyn_externaluserid"
    disabled: str = "statecode"
    """0 is active, as everywhere in Dataverse."""

    portal: str | None = None
    """None: the table is of one portal."""

    source: str | None = None
    """None: the table is of one ERP."""


ReadTable: TypeAlias = Callable[[str, str], Awaitable[Sequence[Mapping[str, Any]]]]
"""(column, contact id) → the rows whose column is that id, under wire names. Raises where they can't be read."""


def reader(read: ReadTable, columns: Columns, *, sources: frozenset[str]) -> ReadRows:
    """Rows of one contact. `sources`: the ERPs that a table without a source column is for."""

    async def rows(portal: str, contact_id: str, source: str) -> Sequence[MappingRow]:
        if columns.source is None and source not in sources:
            return ()
        found = [_row(row, columns, portal, source) for row in await read(columns.contact, contact_id)]
        return [row for row in found if (row.portal, row.source) == (portal, source)]

    return rows


def _row(row: Mapping[str, Any], columns: Columns, portal: str, source: str) -> MappingRow:
    """Raises KeyError or TypeError for a row that does not say what it must: it is not guessed at."""
    state = row[columns.disabled]
    if not isinstance(state, bool | int):
        raise TypeError("the state of a mapping row is neither a number nor a boolean")
    return MappingRow(
        portal=portal if columns.portal is None else _text(row, columns.portal),
        contact_id=_text(row, columns.contact),
        source=source if columns.source is None else _text(row, columns.source),
        erp_user=_text(row, columns.user),
        disabled=bool(state),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if not isinstance(value, str):
        raise TypeError(f"{column} of a mapping row is not text")
    return value
