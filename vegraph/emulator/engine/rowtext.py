"""Rows become JSON inside SQLite: one `format()` per row, no value passes through Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.values import Column

if TYPE_CHECKING:
    from vegraph.emulator.engine.scope import Scope

__all__ = ["key_sql", "row_sql"]

_MOST_ARGUMENTS = 90
"""SQLite takes 127 arguments; a row with more members is put together from several."""


def row_sql(table: Table, alias: str, columns: Iterable[Column], scope: Scope, *, etag: bool) -> str:
    """SQL for a row's JSON object without its closing brace, to be completed by expansions.

    Member names come from the document, never from a request.
    """
    pieces: list[tuple[str, str | None]] = []
    if scope.metadata != "none" and etag:
        pieces.append(('"@odata.etag":"%s"', f'etag_json({alias}."_v", {alias}."_n")'))
    if scope.metadata == "full":
        address = key_sql(table, alias)
        pieces.append((f'"@odata.type":"#{table.type.name}"', None))
        pieces.append((f'"@odata.id":"{scope.root}/{scope.company_path}{table.name}(%s)"', address))
    for column in columns:
        pieces += _member(table, column, alias, scope)
    return _joined(pieces)


def _joined(pieces: list[tuple[str, str | None]]) -> str:
    parts, text, arguments = [], "{", []
    for position, (template, argument) in enumerate(pieces):
        text += ("," if position else "") + (template if argument is not None else template.replace("%", "%%"))
        if argument is not None:
            arguments.append(argument)
        if len(arguments) >= _MOST_ARGUMENTS:
            parts.append(_format(text, arguments))
            text, arguments = "", []
    if text or not parts:
        parts.append(_format(text, arguments))
    return " || ".join(parts)


def _format(text: str, arguments: list[str]) -> str:
    quoted = text.replace("'", "''")
    return f"format('{quoted}'{''.join(', ' + a for a in arguments)})"


def _member(table: Table, column: Column, alias: str, scope: Scope) -> list[tuple[str, str | None]]:
    name, sql = column.name.replace("%", "%%"), f"{alias}.{column.sql}"
    if column.kind == "stream":
        if scope.metadata == "none":
            return []
        url = f"{scope.root}/{scope.company_path}{table.name}(%s)/{column.name}"
        address = key_sql(table, alias)
        return [(f'"{name}@odata.mediaEditLink":"{url}"', address), (f'"{name}@odata.mediaReadLink":"{url}"', address)]
    bare = column.kind == "int" or column.kind == "decimal"
    if bare and not (scope.strings_for_numbers and column.type in ("Edm.Int64", "Edm.Decimal")):
        return [(f'"{name}":%s', f"ifnull({sql}, 'null')" if column.nullable else sql)]
    return [_quoted(column, name, sql)]


def _quoted(column: Column, name: str, sql: str) -> tuple[str, str]:
    match column.kind:
        case "bool":
            value = f"iif({sql}, 'true', 'false')"
            return f'"{name}":%s', f"iif({sql} IS NULL, 'null', {value})" if column.nullable else value
        case "json":
            return f'"{name}":%s', f"ifnull({sql}, '{'[]' if column.declared.type.collection else 'null'}')"
        case "double":
            shown = f"iif({sql} IN ('INF', '-INF', 'NaN'), json_quote({sql}), {sql})"
            return f'"{name}":%s', f"ifnull({shown}, 'null')"
        case "text":
            return f'"{name}":%s', f"json_quote({sql})"
        case "int":  # kept as a number: shown as text only where the client asks for that
            return f'"{name}":%s', f"ifnull(json_quote(CAST({sql} AS TEXT)), 'null')"
        case "datetime" | "axdate":
            if column.nullable:
                return f'"{name}":%s', f"json_quote({sql} || 'Z')"
            return f'"{name}":"%sZ"', sql
    if column.shown_decoded and column.kind == "enum":
        return f'"{name}":%s', f"json_quote(decoded({sql}))"
    if column.nullable or column.kind == "enum":
        return f'"{name}":%s', f"json_quote({sql})"
    return f'"{name}":"%s"', sql


def key_sql(table: Table, alias: str) -> str:
    """SQL for the key as it stands in parentheses of a URL, JSON- and URL-safe for guids and plain codes."""
    parts = []
    for name in table.key:
        column = table.columns[name]
        value = f"{alias}.{column.sql}"
        if column.kind in ("text", "enum"):
            doubled = f"replace({value}, '''', '''''')"
            value = f"'''' || replace(replace(replace({doubled}, '%', '%25'), '\"', '%22'), '\\', '%5C') || ''''"
        elif column.kind in ("datetime", "axdate"):
            value = f"{value} || 'Z'"
        parts.append(value if len(table.key) == 1 else f"'{name}=' || {value}")
    return " || ',' || ".join(parts)
