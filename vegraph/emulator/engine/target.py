"""From path segments to what they address, following keys and navigation row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from vegraph.catalog.model import Operation
from vegraph.emulator.engine.operands import EDM_NAMES
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Link, Table
from vegraph.emulator.engine.syntax import Alias, Arguments, Expression, Segment
from vegraph.emulator.engine.syntax import Literal as LiteralNode
from vegraph.emulator.engine.translate import Predicate, fixed_part

if TYPE_CHECKING:
    from vegraph.emulator.engine.reading import Reader

__all__ = ["Target", "literal_value", "resolve"]

Kind = Literal["collection", "row", "property", "value", "count", "operation", "link"]


@dataclass(slots=True)
class Target:
    """What a path addresses."""

    kind: Kind
    table: Table | None = None
    where: Predicate = field(default_factory=Predicate)
    """Narrows the table (over alias `t`)."""

    property: str = ""
    operation: Operation | None = None
    arguments: Arguments | None = None
    fixed: dict[str, Any] = field(default_factory=dict)
    """Members a row created here gets from its parent, stored form decoded."""

    parent: tuple[Table, int] | None = None
    """Table and record id of the row navigated from."""

    collection_bound: bool = False
    path: str = ""
    """Path as it stands in a context URL."""


def resolve(reader: Reader, segments: tuple[Segment, ...], values: dict[str, Expression]) -> Target:
    """The target of a path. `Problem` 404 where a segment or a row on the way is not there."""
    first = segments[0]
    table = reader.shape.tables.get(first.name)
    if table is None or first.name.startswith(":"):
        return _unbound(reader, segments)
    reader.scope.demand(reader.shape, table, "read") if len(segments) > 1 else None
    target = Target("row" if table.singleton else "collection", table, path=first.name)
    _apply_key(reader, target, first, values)
    for segment in segments[1:]:
        _step(reader, target, segment, values)
    return target


def _unbound(reader: Reader, segments: tuple[Segment, ...]) -> Target:
    name = segments[0].name
    catalog = reader.shape.catalog
    imported = next((i for i in catalog.imports if i.name == name), None)
    wanted = imported.operation if imported else name
    for operation in catalog.operations:
        if operation.name == wanted and not operation.bound and len(segments) == 1:
            return Target("operation", operation=operation, arguments=segments[0].arguments, path=name)
    raise Problem(404, "unknown_segment", f"Resource not found for the segment '{name}'.", target=name)


def _apply_key(reader: Reader, target: Target, segment: Segment, values: dict[str, Expression]) -> None:
    if segment.arguments is None:
        return
    if target.table is None or target.kind != "collection":
        raise Problem(400, "bad_url", f"'{segment.name}' takes no key.")
    target.where = target.where & key_predicate(reader, target.table, segment.arguments, values)
    target.kind = "row"
    target.path += "/$entity"


def key_predicate(reader: Reader, table: Table, arguments: Arguments, values: dict[str, Expression]) -> Predicate:
    """The condition a key predicate stands for; alternate keys count."""
    given: dict[str, Expression] = dict(arguments.named)
    if arguments.single is not None:
        if len(table.key) != 1:
            raise Problem(400, "bad_key", f"The key of '{table.name}' has {len(table.key)} parts; name each of them.")
        given = {table.key[0]: arguments.single}
    keys = (table.key, *table.type.alternate_keys)
    if set(given) not in [set(key) for key in keys]:
        raise Problem(400, "bad_key", f"The key of '{table.name}' is {', '.join(table.key)}.")
    found = Predicate()
    for name, expression in given.items():
        column = table.columns[name]
        value = literal_value(expression, values)
        if not isinstance(value, LiteralNode):
            raise Problem(400, "bad_key", f"The value of '{name}' is not a literal.")
        stored = _key_value(reader, table, name, value)
        found = found & Predicate(f"t.{column.key_sql} = ?", (stored,))
    return found


def literal_value(expression: Expression, values: dict[str, Expression]) -> Expression:
    """The expression, a parameter alias followed."""
    return values.get(expression.name, expression) if isinstance(expression, Alias) else expression


def _key_value(reader: Reader, table: Table, name: str, literal: LiteralNode) -> Any:
    column = table.columns[name]
    lenient = reader.shape.profile.quoted_keys and literal.kind == "string"
    fits = {
        "text": literal.kind == "string",
        "guid": literal.kind == "guid" or lenient,
        "int": literal.kind == "integer",
        "bool": literal.kind == "boolean",
        "enum": literal.kind in ("enum", "string"),
        "decimal": literal.kind in ("integer", "decimal"),
        "date": literal.kind == "date",
        "datetime": literal.kind in ("datetime", "date"),
        "axdate": literal.kind in ("datetime", "date"),
        "time": literal.kind == "time",
    }.get(column.kind, False)
    if not fits:
        raise Problem(
            400, "bad_key", f"The key part '{name}' takes {EDM_NAMES.get(column.kind, column.type)}.", target=name
        )
    value: Any = literal.text
    if column.kind == "int":
        value = int(literal.text)
    elif column.kind == "bool":
        value = literal.text.lower() == "true"
    elif column.kind == "decimal":
        from decimal import Decimal

        value = Decimal(literal.text)
    elif column.kind == "datetime" and literal.kind == "date":
        value = literal.text + "T00:00:00Z"
    try:
        return column.sort_key(column.encode(value))
    except ValueError as problem:
        if column.kind == "text":
            return literal.text
        raise Problem(400, "bad_key", f"{problem}.", target=name) from None


def _step(reader: Reader, target: Target, segment: Segment, values: dict[str, Expression]) -> None:
    table, name = target.table, segment.name
    if table is None or target.kind not in ("collection", "row", "property"):
        raise Problem(404, "unknown_segment", f"Resource not found for the segment '{name}'.", target=name)
    if target.kind == "property":
        if name != "$value":
            raise Problem(404, "unknown_segment", f"Resource not found for the segment '{name}'.", target=name)
        target.kind = "value"
        return
    if name == "$count" and target.kind == "collection":
        target.kind = "count"
        return
    operation = _operation(reader, table, name, collection=target.kind == "collection")
    if operation is not None:
        target.kind, target.operation, target.arguments = "operation", operation, segment.arguments
        return
    wire = reader.name_of(table, name)
    if target.kind == "row" and wire in table.columns and segment.arguments is None:
        target.kind, target.property = "property", str(wire)
        target.path = target.path.removesuffix("/$entity") + f"/{wire}"
        return
    link = table.links.get(wire or "")
    if target.kind != "row" or link is None:
        raise Problem(404, "unknown_segment", f"Resource not found for the segment '{name}'.", target=name)
    _follow(reader, target, table, link)
    _apply_key(reader, target, segment, values)


def _follow(reader: Reader, target: Target, table: Table, link: Link) -> None:
    reader.scope.demand(reader.shape, table, "read")
    if not link.pairs:
        raise Problem(404, "unknown_segment", f"Resource not found for the segment '{link.name}'.", target=link.name)
    other = reader.shape.tables[link.target]
    columns = [table.columns[p.own] for p in link.pairs]
    wanted = ", ".join(f"t.{sql}" for c in columns for sql in (c.sql, c.key_sql))
    where = target.where & reader.scope.visible(reader.shape, table, "t")
    sql = f'SELECT t."_n", {wanted} FROM {table.sql} AS t WHERE {where.sql} LIMIT 1'
    row = reader.store.connection.execute(sql, where.params).fetchone()
    if row is None:
        raise Problem(404, "not_found", f"The row of '{table.name}' does not exist.")
    target.fixed = {
        p.target: c.decode(row[1 + 2 * i]) for i, (p, c) in enumerate(zip(link.pairs, columns, strict=True))
    }
    on = " AND ".join(f"t.{other.columns[p.target].key_sql} = ?" for p in link.pairs)
    joined = Predicate(f"({on})", tuple(row[2 + 2 * i] for i in range(len(columns))))
    target.where = joined & fixed_part(other, link, "t")
    target.parent = (table, int(row[0]))
    target.table = other
    target.kind = "collection" if link.many else "row"
    target.path = (other.name if not other.name.startswith(":") else link.name) + ("" if link.many else "/$entity")


def _operation(reader: Reader, table: Table, name: str, *, collection: bool) -> Operation | None:
    if "." not in name:
        return None
    for operation in reader.shape.catalog.operations:
        binding = operation.binding
        if not operation.bound or operation.name != name or binding is None:
            continue
        if binding.name == table.type.name and binding.collection == collection:
            return operation
    return None
