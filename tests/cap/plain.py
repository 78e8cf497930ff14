"""Conditions and orders of the graph evaluated in plain Python over the publisher's rows: what vegraph must answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from tests.cap.rows import Rows

__all__ = ["FIELDS", "MANY", "ONE", "Plain"]

FIELDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "books": {
        "rowId": ("ID", "int"), "title": ("title", "text"), "format": ("format", "text"), "pages": ("pages", "int"),
        "sold": ("sold", "long"), "price": ("price", "decimal"), "rating": ("rating", "float"),
        "inPrint": ("inPrint", "bool"), "published": ("published", "date"), "approved": ("approved", "moment"),
        "reviewed": ("reviewed", "moment"), "opensAt": ("opensAt", "time"), "isbn": ("isbn", "guid"),
    },
    "authors": {
        "rowId": ("ID", "int"), "name": ("name", "text"), "born": ("born", "date"), "homeCity": ("home_city", "text"),
    },
    "genres": {"rowId": ("ID", "int"), "name": ("name", "text")},
    "orders": {
        "rowId": ("ID", "guid"), "number": ("number", "int"), "buyer": ("buyer", "text"), "note": ("note", "text"),
        "placed": ("placed", "moment"), "total": ("total", "decimal"),
    },
    "ordersItems": {"line": ("line", "int"), "quantity": ("quantity", "int"), "amount": ("amount", "decimal")},
}  # fmt: skip
"""List field → field → wire name and kind of value."""

ONE = {
    "books": {"author": ("authors", "author_ID"), "genre": ("genres", "genre_ID")},
    "genres": {"parent": ("genres", "parent_ID")},
    "ordersItems": {"book": ("books", "book_ID"), "up": ("orders", "up__ID")},
}
"""List field → to-one relation → list field and wire name of the link."""

MANY = {
    "authors": {"books": ("books", "author_ID")},
    "genres": {"books": ("books", "genre_ID"), "children": ("genres", "parent_ID")},
    "orders": {"items": ("ordersItems", "up__ID")},
}
"""List field → to-many relation → list field and wire name of the link on its side."""

_SETS = {"ordersItems": "Orders_items"}
Row = Mapping[str, Any]


class Plain:
    """The rows, to be asked."""

    def __init__(self, rows: Rows) -> None:
        self._rows = {name: rows[_SETS.get(name, name.capitalize())] for name in FIELDS}
        self._by_key = {name: {row["ID"]: row for row in some} for name, some in self._rows.items() if "ID" in some[0]}

    def list(
        self, name: str, where: Mapping[str, Any] | None = None, order: Sequence[Mapping[str, Any]] = ()
    ) -> list[Row]:
        """The rows that fit, in order; the key last."""
        found = [row for row in self._rows[name] if self.fits(name, row, where or {})]

        def compare(a: Row, b: Row) -> int:
            for item in [*order, {"rowId": "ASC"}]:
                x, down = self._reach(name, a, item)
                y, _ = self._reach(name, b, item)
                if x != y:
                    first = x is None or (y is not None and x < y)
                    return 1 if first == down else -1
            return 0

        return sorted(found, key=cmp_to_key(compare))

    def fits(self, name: str, row: Row, where: Mapping[str, Any]) -> bool:
        """The row meets the condition: all members of it."""
        return all(self._member(name, row, field, given) for field, given in where.items())

    def _member(self, name: str, row: Row, field: str, given: Any) -> bool:
        match field:
            case "and":
                return all(self.fits(name, row, each) for each in given)
            case "or":
                return any(self.fits(name, row, each) for each in given)
            case "not":
                return not self.fits(name, row, given)
        if field in ONE.get(name, {}):
            target, link = ONE[name][field]
            other = self._by_key[target].get(row[link])
            return other is not None and self.fits(target, other, given)
        if field in MANY.get(name, {}):
            return all(self._related(name, row, field, how, inner) for how, inner in given.items())
        value = _comparable(row[FIELDS[name][field][0]], FIELDS[name][field][1])
        return all(_holds(value, op, operand, FIELDS[name][field][1]) for op, operand in given.items())

    def _related(self, name: str, row: Row, field: str, how: str, inner: Mapping[str, Any]) -> bool:
        target, link = MANY[name][field]
        found = [self.fits(target, other, inner) for other in self._rows[target] if other[link] == row["ID"]]
        return {"some": any(found), "none": not any(found), "every": all(found)}[how]

    def _reach(self, name: str, row: Row | None, item: Mapping[str, Any]) -> tuple[Any, bool]:
        """The value to sort by, and whether downwards."""
        ((field, then),) = item.items()
        if isinstance(then, str):
            wire, kind = FIELDS[name][field]
            return (None if row is None else _comparable(row[wire], kind)), then == "DESC"
        target, link = ONE[name][field]
        return self._reach(target, None if row is None else self._by_key[target].get(row[link]), then)


def _comparable(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "decimal":
            return Decimal(value)
        case "long":
            return int(value)
        case "moment":
            return datetime.fromisoformat(value)
    return value


def _holds(value: Any, op: str, operand: Any, kind: str) -> bool:
    if op == "isNull":
        return (value is None) == operand
    if op in ("in", "notIn"):
        return (value in [_comparable(o, kind) for o in operand]) == (op == "in")
    other = _comparable(operand, kind)
    if op in ("eq", "ne"):
        return (value == other) == (op == "eq")
    if value is None:
        return False
    match op:
        case "lt":
            return bool(value < other)
        case "lte":
            return bool(value <= other)
        case "gt":
            return bool(value > other)
        case "gte":
            return bool(value >= other)
        case "contains":
            return other in value
        case "startsWith":
            return bool(value.startswith(other))
    assert op == "endsWith", op
    return bool(value.endswith(other))
