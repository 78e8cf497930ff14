"""Random conditions and orders over the publisher's lists, as hypothesis strategies. The values are often real ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.cap.plain import FIELDS, MANY, ONE
from tests.cap.rows import seed

__all__ = ["TYPES", "conditions", "orders"]

TYPES = {
    "books": "Books", "authors": "Authors", "genres": "Genres", "orders": "Orders", "ordersItems": "OrdersItems",
}  # fmt: skip
"""List field → type name."""

_SETS = {"books": "Books", "authors": "Authors", "genres": "Genres", "orders": "Orders", "ordersItems": "Orders_items"}
_ORDERED = ["eq", "ne", "lt", "lte", "gt", "gte"]
_TEXT = [*_ORDERED, "contains", "startsWith", "endsWith"]
_PARTS = ["a", "e", "'", "%", "_", " ", "ß", "O'", "100%", "Sea", "sea", "(", "李", "😀", "", "r s"]


@cache
def _values(name: str, field: str) -> tuple[Any, ...]:
    wire = FIELDS[name][field][0]
    return tuple(dict.fromkeys(row[wire] for row in seed()[_SETS[name]] if row[wire] is not None))


@st.composite
def _comparison(draw: st.DrawFn, name: str, least: int) -> dict[str, Any]:
    field = draw(st.sampled_from(sorted(FIELDS[name])))
    kind = FIELDS[name][field][1]
    values = st.sampled_from(_values(name, field))
    if kind == "text":
        values = values | st.sampled_from(_PARTS)
    op = draw(st.sampled_from(["isNull", "in", "notIn", *(_TEXT if kind == "text" else _ORDERED)]))
    if kind in ("bool", "guid") and op in ("lt", "lte", "gt", "gte"):
        op = "ne"
    if kind == "bool" and op in ("in", "notIn"):
        op = "eq"
    if op == "isNull":
        return {field: {op: draw(st.booleans())}}
    if op in ("in", "notIn"):
        return {field: {op: draw(st.lists(values, min_size=least, max_size=3))}}
    return {field: {op: draw(values)}}


@cache
def conditions(name: str, depth: int = 2, least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """`where` of that list, over relations down to `depth`. Lists in it have at least so many items: below relations
    one, for an empty condition on a related row does not ask whether there is one."""
    leaves = [_comparison(name, least), _comparison(name, least)]
    if depth:
        for field, (target, _) in ONE.get(name, {}).items():
            leaves.append(_under(field)(conditions(target, depth - 1, 1)))
        for field, (target, _) in MANY.get(name, {}).items():
            how = st.sampled_from(["some", "none", "every"])
            leaves.append(_under(field)(st.dictionaries(how, conditions(target, depth - 1, 1), min_size=1, max_size=1)))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            st.fixed_dictionaries({"and": st.lists(inner, min_size=least, max_size=2)}),
            st.fixed_dictionaries({"or": st.lists(inner, min_size=least, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
            st.tuples(inner, inner).map(lambda pair: {**pair[0], **pair[1]}),
        ),
        max_leaves=4,
    )


def _under(field: str) -> Callable[[st.SearchStrategy[Any]], st.SearchStrategy[dict[str, Any]]]:
    return lambda inner: inner.map(lambda value: {field: value})


def orders(name: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """`orderBy` of that list, through to-one relations too."""
    ways = st.sampled_from(["ASC", "DESC"])

    def by(some: str) -> st.SearchStrategy[dict[str, Any]]:
        return st.sampled_from(sorted(FIELDS[some])).flatmap(lambda field: _under(field)(ways))

    through = [_under(field)(by(target)) for field, (target, _) in ONE.get(name, {}).items()]
    return st.lists(st.one_of(by(name), by(name), *through), max_size=2, unique_by=_way)


def _way(item: Any) -> Any:
    ((field, then),) = item.items()
    return (field, _way(then)) if isinstance(then, dict) else field
