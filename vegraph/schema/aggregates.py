"""Aggregates of a set: `[{ group {…} count sum {…} average {…} min {…} max {…} }]`, exact for decimals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLFloat,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
)

from vegraph.schema import naming
from vegraph.schema.binding import BINDING, EntityBinding
from vegraph.schema.lawful import EnumType, ObjectType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.scalars import SCALARS
from vegraph.schema.settling import Claim, settle
from vegraph.schema.types import Maker, Types
from vegraph.schema.values import Kind, Member

__all__ = ["AGGREGATE_MAKERS"]

_LONG, _DECIMAL = SCALARS["Long"], SCALARS["Decimal"]
_SUM: Mapping[Kind, GraphQLOutputType] = {
    Kind.INT: _LONG, Kind.LONG: _DECIMAL, Kind.DECIMAL: _DECIMAL, Kind.FLOAT: GraphQLFloat,
}  # fmt: skip
"""A sum may be wider than what it sums."""
_AVERAGE: Mapping[Kind, GraphQLOutputType] = {
    Kind.INT: _DECIMAL, Kind.LONG: _DECIMAL, Kind.DECIMAL: _DECIMAL, Kind.FLOAT: GraphQLFloat,
}  # fmt: skip
_COMPARED = frozenset(
    {Kind.STRING, Kind.INT, Kind.LONG, Kind.DECIMAL, Kind.FLOAT, Kind.DATE, Kind.NOON_DATE, Kind.DATE_TIME, Kind.TIME,
     Kind.SECONDS}
)  # fmt: skip
_NOT_GROUPED = frozenset({Kind.MEDIA, Kind.JSON, Kind.COMPLEX, Kind.BASE64, Kind.FLAGS})


def _aggregate(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    entity = types.entity(named)
    if entity is None:
        return None
    parts = {
        "sum": (Helper.SUM, "Sums; null where no row has a value."),
        "average": (Helper.AVERAGE, "Averages of the values that are there."),
        "min": (Helper.MIN, "The lowest values."),
        "max": (Helper.MAX, "The highest values."),
    }

    def fields() -> dict[str, GraphQLField]:
        found = {}
        if group := types.helper(Helper.GROUP, named):
            found["group"] = GraphQLField(
                GraphQLNonNull(group), description="What the rows have in common: the members of `groupBy`."
            )
        found["count"] = GraphQLField(GraphQLNonNull(GraphQLInt), description="Rows.")
        for field, (helper, text) in parts.items():
            if type_ := types.helper(helper, named):
                found[field] = GraphQLField(type_, description=text)
        return found

    return ObjectType(name, fields, description=f"{types.row(entity).name} taken together.")


def _grouped(entity: EntityBinding) -> dict[str, Member]:
    return {
        field: member
        for field, member in entity.members.items()
        if not member.value.collection and member.value.kind not in _NOT_GROUPED
    }


def _group_by(types: Types, named: Named, name: str) -> GraphQLEnumType | None:
    entity = types.entity(named)
    members = _grouped(entity) if entity else {}
    if not members:
        return None
    every = tuple(entity.members) if entity else ()
    return EnumType(name, lambda: _group_values(every, members), description="A member to group rows by.")


def _group_values(every: tuple[str, ...], members: Mapping[str, Member]) -> dict[str, GraphQLEnumValue]:
    """Names are settled over all members, so that whatever of them is grouped by keeps its own."""
    wanted = {naming.upper_snake(field): field for field in every}
    if len(wanted) < len(every):
        held, _ = settle((Claim(field, field, naming.upper_snake(field)) for field in every), upper=True)
        wanted = {value: claim.key for value, claim in held.items()}
    return {value: GraphQLEnumValue(field) for value, field in wanted.items() if field in members}


def _group(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    def output(member: Member) -> GraphQLOutputType | None:
        fits = not member.value.collection and member.value.kind not in _NOT_GROUPED
        return types.output(member.value, named.source) if fits else None

    return _members(types, named, name, output, "What the rows of a group have in common; null: not grouped by.")


def _members(
    types: Types, named: Named, name: str, output: Callable[[Member], GraphQLOutputType | None], about: str
) -> GraphQLObjectType | None:
    """A type of those members for which there is an output type; None without any."""
    entity = types.entity(named)
    if entity is None:
        return None
    shared = types.aggregated.setdefault(entity.graph_name, {})
    fields = {}
    for field, member in entity.members.items():
        type_ = output(member)
        if type_ is not None:
            key = field, id(type_)  # a group, the lowest and the highest have the same fields
            if key not in shared:
                shared[key] = GraphQLField(type_, extensions={BINDING: entity.fields[field]})
            fields[field] = shared[key]
    return ObjectType(name, fields, description=about) if fields else None


def _sum(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    return _members(types, named, name, lambda m: None if m.value.collection else _SUM.get(m.value.kind), "Sums.")


def _average(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    return _members(
        types, named, name, lambda m: None if m.value.collection else _AVERAGE.get(m.value.kind), "Averages."
    )


def _extreme(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    def output(member: Member) -> GraphQLOutputType | None:
        fits = not member.value.collection and member.value.kind in _COMPARED
        return types.output(member.value, named.source) if fits else None

    return _members(types, named, name, output, "Lowest or highest values.")


AGGREGATE_MAKERS: Mapping[Helper | None, Maker] = {
    Helper.AGGREGATE: _aggregate,
    Helper.GROUP_BY: _group_by,
    Helper.GROUP: _group,
    Helper.SUM: _sum,
    Helper.AVERAGE: _average,
    Helper.MIN: _extreme,
    Helper.MAX: _extreme,
}
"""Who makes what."""
