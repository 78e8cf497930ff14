"""A small service of every kind of value, and random rows and filters for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from vegraph.catalog import csdl
from vegraph.emulator.engine.profile import ALL_FUNCTIONS, Profile
from vegraph.emulator.engine.syntax import (
    Binary,
    Call,
    Expression,
    In,
    ListOf,
    Literal,
    Member,
    OrderTerm,
    Segment,
    Unary,
)

DOCUMENT = b"""<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="T" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EnumType Name="Color">
        <Member Name="Red" Value="7"/><Member Name="Green" Value="0"/><Member Name="Blue" Value="3"/></EnumType>
      <EntityType Name="Thing">
        <Key><PropertyRef Name="id"/></Key>
        <Property Name="id" Type="Edm.Int32" Nullable="false"/>
        <Property Name="name" Type="Edm.String"/>
        <Property Name="code" Type="Edm.String" Nullable="false"/>
        <Property Name="uid" Type="Edm.Guid"/>
        <Property Name="size" Type="Edm.Int64"/>
        <Property Name="price" Type="Edm.Decimal" Scale="variable"/>
        <Property Name="on" Type="Edm.Boolean"/>
        <Property Name="day" Type="Edm.Date"/>
        <Property Name="at" Type="Edm.DateTimeOffset"/>
        <Property Name="color" Type="T.Color"/>
      </EntityType>
      <EntityContainer Name="C"><EntitySet Name="Things" EntityType="T.Thing"/></EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>"""

CATALOG = csdl.read(DOCUMENT, name="things")
COLORS = {"Red": 7, "Green": 0, "Blue": 3}
KINDS = {
    "id": "int",
    "name": "text",
    "code": "text",
    "uid": "guid",
    "size": "int",
    "price": "decimal",
    "on": "bool",
    "day": "date",
    "at": "datetime",
    "color": "enum",
}
EMPTIES = {
    "text": "",
    "guid": "00000000-0000-0000-0000-000000000000",
    "int": 0,
    "decimal": Decimal(0),
    "bool": False,
    "date": "0001-01-01",
    "datetime": "0001-01-01T00:00:00",
    "enum": "Green",
}


def profile(*, nulls: bool, insensitive: bool, wildcards: bool) -> Profile:
    """A dialect that can do everything."""
    return Profile(
        name="things",
        namespace="T",
        nulls=nulls,
        string_case="insensitive" if insensitive else "sensitive",
        wildcards=wildcards,
        functions=ALL_FUNCTIONS,
    )


_ALPHABET = "aAbBéÉßøØ'%_*[]?\\ .zZ0"
texts = st.text(_ALPHABET, max_size=5)
whole = st.sampled_from([0, 1, -1, 2, 3, 10, -7, 2**31 - 1, -(2**31)]) | st.integers(-20, 20)
decimals = st.one_of(
    st.sampled_from(
        [
            Decimal(t)
            for t in (
                "0",
                "0.0",
                "1",
                "1.0",
                "1.10",
                "-1.1",
                "-1.10",
                "12345678901234567890.12",
                "-0.5",
                "0.5",
                "12345678901234567890.13",
                "0.00000000000000000001",
                "-99999999999999999999",
                "2.5",
            )
        ]
    ),
    st.decimals(min_value=-1000, max_value=1000, places=3),
)
guids = st.sampled_from(
    [
        "00000000-0000-0000-0000-000000000000",
        "0a000000-0000-4000-8000-000000000001",
        "FF000000-0000-4000-8000-00000000000A",
    ]
)
days = st.sampled_from(["0001-01-01", "1999-12-31", "2020-02-29", "2026-11-25"])
moments = st.sampled_from(
    [
        "0001-01-01T00:00:00",
        "2020-01-01T10:00:00",
        "2020-01-01T10:00:00.5",
        "2020-01-01T10:00:00.25",
        "2026-11-25T23:59:59.999",
    ]
)
VALUES = {
    "text": texts,
    "guid": guids,
    "int": whole,
    "decimal": decimals,
    "bool": st.booleans(),
    "date": days,
    "datetime": moments,
    "enum": st.sampled_from(sorted(COLORS)),
}


@st.composite
def rows(draw: st.DrawFn, *, nulls: bool) -> list[dict[str, Any]]:
    """Rows with keys 1, 2, 3, …; times without their `Z`."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        row: dict[str, Any] = {"id": number + 1}
        for name, kind in KINDS.items():
            if name != "id":
                values = VALUES[kind]
                row[name] = draw(values if not nulls or name == "code" else st.none() | values)
        found.append(row)
    return found


def loaded(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the store takes it."""
    return {**row, "at": None if row["at"] is None else row["at"] + "Z"}


def _member(name: str) -> Member:
    return Member((Segment(name),))


def _literal(kind: str, value: Any) -> Literal:
    match kind:
        case "text":
            return Literal("string", value)
        case "int":
            return Literal("integer", str(value))
        case "decimal":
            text = format(value, "f")
            return Literal("decimal" if "." in text else "integer", text)
        case "bool":
            return Literal("boolean", "true" if value else "false")
        case "datetime":
            return Literal("datetime", value + "Z")
        case "enum":
            return Literal("enum", value, "T.Color")
    return Literal("guid" if kind == "guid" else "date", value)


@st.composite
def comparisons(draw: st.DrawFn) -> Expression:
    """A property against a literal, null or another property of its kind."""
    name = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[name]
    operators = ["eq", "ne"] if kind == "bool" else ["eq", "ne", "gt", "ge", "lt", "le"]
    operator = draw(st.sampled_from(operators))
    others = [other for other, k in KINDS.items() if k == kind]
    literal: st.SearchStrategy[Expression] = VALUES[kind].map(lambda value: _literal(kind, value))
    right = draw(st.one_of(literal, literal, st.just(Literal("null", "null")), st.sampled_from(others).map(_member)))
    return Binary(operator, _member(name), right)


@st.composite
def memberships(draw: st.DrawFn) -> Expression:
    """A property in a list."""
    name = draw(st.sampled_from(["name", "code", "uid", "size", "price", "day"]))
    items = draw(st.lists(VALUES[KINDS[name]], max_size=4))
    return In(_member(name), ListOf(tuple(_literal(KINDS[name], item) for item in items)))


@st.composite
def searches(draw: st.DrawFn) -> Expression:
    """Text functions as conditions."""
    function = draw(st.sampled_from(["contains", "startswith", "endswith"]))
    return Call(function, (_member(draw(st.sampled_from(["name", "code"]))), Literal("string", draw(texts))))


@st.composite
def calculations(draw: st.DrawFn) -> Expression:
    """Arithmetic and functions of numbers and texts, compared."""
    which = draw(st.sampled_from(["price", "size", "text", "day", "round"]))
    operator = draw(st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]))
    if which == "text":
        function = draw(st.sampled_from(["length", "indexof"]))
        arguments: tuple[Expression, ...] = (_member("name"),)
        if function == "indexof":
            arguments += (Literal("string", draw(texts)),)
        return Binary(operator, Call(function, arguments), Literal("integer", str(draw(st.integers(-1, 5)))))
    if which == "day":
        function = draw(st.sampled_from(["year", "month", "day"]))
        return Binary(
            operator,
            Call(function, (_member(draw(st.sampled_from(["day", "at"]))),)),
            Literal("integer", str(draw(st.sampled_from([1, 11, 12, 29, 2020])))),
        )
    if which == "round":
        function = draw(st.sampled_from(["round", "floor", "ceiling"]))
        return Binary(operator, Call(function, (_member("price"),)), _literal("int", draw(whole)))
    sign = draw(st.sampled_from(["add", "sub", "mul", "div", "mod"]))
    kind = "decimal" if which == "price" else "int"
    left = Binary(sign, _member(which), _literal(kind, draw(VALUES[kind].filter(lambda v: abs(v) < 10**6))))
    return Binary(operator, left, _literal(kind, draw(VALUES[kind])))


filters = st.recursive(
    st.one_of(comparisons(), comparisons(), memberships(), searches(), calculations()),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: Binary(*t)),
        inner.map(lambda e: Unary("not", e)),
    ),
    max_leaves=6,
)
orders = st.lists(
    st.tuples(st.sampled_from([n for n in KINDS if n != "id"]), st.booleans()), max_size=3, unique_by=lambda t: t[0]
).map(lambda ts: tuple(OrderTerm(_member(name), descending) for name, descending in ts))
