"""Random rows and filters over the sample entities, and an evaluator that shares nothing with the planner."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.plan.sample_entities import CUSTOMER, ZERO_GUID
from vegraph.plan.evaluate import Target

GUIDS = [f"00000000-0000-0000-0000-00000000000{i}" for i in range(1, 5)]
TEXTS = ["", "a", "A", "ab", "ä", "o'b", "💶"]
NUMBERS = [Decimal(text) for text in ("-1", "0", "0.1", "0.10", "2")]
DATES = ["2020-02-29", "2021-01-01"]
MOMENTS = ["2020-02-29T10:00:00Z", "2020-02-29T10:00:00.1Z", "2020-02-29T11:00:00.100+01:00"]
STATES = {"_x0020_": "_x0020_", " ": "_x0020_", "Open": "Open", "On Hold": "On_x0020_Hold"}

orders = st.fixed_dictionaries({
    "id": st.sampled_from(GUIDS),
    "number": st.sampled_from(TEXTS),
    "amount": st.none() | st.sampled_from(NUMBERS),
})  # fmt: skip
rows = st.fixed_dictionaries({
    "id": st.sampled_from(GUIDS),
    "number": st.sampled_from(TEXTS),
    "balance": st.none() | st.sampled_from(NUMBERS),
    "rank": st.none() | st.integers(0, 2),
    "blocked": st.none() | st.sampled_from(sorted(STATES)),
    "perks": st.sampled_from([None, "0", "Free", "Fast, Free"]),
    "since": st.sampled_from([None, "0001-01-01", *DATES]),
    "seen": st.sampled_from([None, "0001-01-01T00:00:00Z", *MOMENTS]),
    "taxable": st.sampled_from(["No", "Yes"]),
    "address": st.none() | st.fixed_dictionaries({"City": st.none() | st.sampled_from(TEXTS), "Since": st.none()}),
    "orders": st.lists(orders, max_size=3),
})  # fmt: skip

SCALARS: dict[str, tuple[str, list[Any]]] = {
    "number": ("number", TEXTS),
    "balance": ("balance", NUMBERS),
    "rank": ("rank", [0, 1, 2]),
    "blocked": ("blocked", sorted(set(STATES.values()))),
    "since": ("since", [date.fromisoformat(d) for d in DATES]),
    "seen": ("seen", [datetime.fromisoformat(m) for m in MOMENTS]),
    "taxable": ("taxable", [False, True]),
}


def operators(values: list[Any], *, text: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    one, many = st.sampled_from(values), st.lists(st.sampled_from(values), max_size=3)
    choices: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(("eq", "ne", "lt", "lte", "gt", "gte"), one)
    choices |= {"in": many, "notIn": many, "isNull": st.booleans()}
    if text:
        choices |= dict.fromkeys(("contains", "startsWith", "endsWith"), one)
    return st.sampled_from(sorted(choices)).flatmap(lambda name: choices[name].map(lambda value: {name: value}))


def _conditions(scalars: dict[str, tuple[str, list[Any]]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(sorted(scalars)).flatmap(
        lambda field: operators(scalars[field][1], text=scalars[field][1] is TEXTS).map(lambda found: {field: found})
    )


def _combined(leaf: st.SearchStrategy[dict[str, Any]], leaves: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda found: {"and": found}),
            st.lists(inner, max_size=3).map(lambda found: {"or": found}),
            inner.map(lambda found: {"not": found}),
        ),
        max_leaves=leaves,
    )


order_filters = _combined(_conditions({"number": ("number", TEXTS), "amount": ("amount", NUMBERS)}), 3)
own_filters = _combined(
    st.one_of(
        _conditions(SCALARS),
        st.builds(lambda c: {"address": {"city": c}}, operators(TEXTS, text=True)),
        st.builds(lambda n: {"perks": {"has": n}}, st.sampled_from(["Free", "Fast", "Late"])),
    ),
    8,
)
filters = _combined(
    st.one_of(
        own_filters,
        own_filters,
        st.builds(lambda q, f: {"orders": {q: f}}, st.sampled_from(["some", "none", "every"]), order_filters),
    ),
    5,
)


def read(path: Any) -> Any:
    """Dictionary rows, complex values nested."""

    def get(row: Any) -> Any:
        for name in path.names:
            row = None if row is None else row.get(name)
        return row

    return get


def related(relation: Any) -> Target:
    assert relation is CUSTOMER.relations["orders"]
    return Target(rows=lambda row: row["orders"], read=read)


# The other evaluator: straight from the meaning of `where`, over the raw rows.

_PYTHON = {
    "since": lambda v: None if v == "0001-01-01" else date.fromisoformat(v),
    "seen": lambda v: None if v == "0001-01-01T00:00:00Z" else datetime.fromisoformat(v.replace("Z", "+00:00")),
    "blocked": STATES.__getitem__,
    "taxable": lambda v: v == "Yes",
    "id": lambda v: None if v == ZERO_GUID else v,
}


def naively(where: dict[str, Any], row: dict[str, Any]) -> bool:
    return all(_holds(name, given, row) for name, given in where.items())


def _holds(name: str, given: Any, row: dict[str, Any]) -> bool:
    if name == "and":
        return all(naively(each, row) for each in given)
    if name == "or":
        return any(naively(each, row) for each in given)
    if name == "not":
        return not naively(given, row)
    if name == "orders":
        found = {q: [naively(f, order) for order in row["orders"]] for q, f in given.items()}
        return all({"some": any, "none": lambda hits: not any(hits), "every": all}[q](h) for q, h in found.items())
    if name == "perks":
        return row["perks"] is not None and given["has"] in row["perks"].split(", ")
    if name == "address":
        value = row["address"]["City"] if row["address"] else None
        return all(_fits(op, value, other) for op, other in given["city"].items())
    value = row[name]
    if value is not None and name in _PYTHON:
        value = _PYTHON[name](value)
    return all(_fits(op, value, other) for op, other in given.items())


def _fits(op: str, value: Any, other: Any) -> bool:
    there = value is not None
    return {
        "eq": lambda: value == other,
        "ne": lambda: value != other,
        "in": lambda: value in other,
        "notIn": lambda: value not in other,
        "isNull": lambda: there is not other,
        "lt": lambda: there and value < other,
        "lte": lambda: there and value <= other,
        "gt": lambda: there and value > other,
        "gte": lambda: there and value >= other,
        "contains": lambda: there and other in value,
        "startsWith": lambda: there and value.startswith(other),
        "endsWith": lambda: there and value.endswith(other),
    }[op]()
