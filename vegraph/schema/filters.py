"""Filters: conditions on the members of an entity or complex type, on enumerations, and over relations."""

from __future__ import annotations

from graphql import GraphQLInputField, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from vegraph.schema.binding import PropertyField, RelationField
from vegraph.schema.common import FILTER_OF, operators
from vegraph.schema.lawful import InputType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.types import Types
from vegraph.schema.values import Kind, Member, ValueType

__all__ = ["complex_filter", "entity_filter", "enum_filter", "list_filter"]

_LOGIC = ("and", "or", "not")


def entity_filter(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """Conditions on rows of an entity. A member called `and`, `or` or `not` cannot be filtered by."""
    entity = types.entity(named)
    if entity is None:
        return None

    def fields() -> dict[str, GraphQLInputField]:
        itself = made
        found = {
            "and": GraphQLInputField(GraphQLList(GraphQLNonNull(itself)), description="All are to hold; []: always."),
            "or": GraphQLInputField(GraphQLList(GraphQLNonNull(itself)), description="One is to hold; []: never."),
            "not": GraphQLInputField(itself, description="It is not to hold."),
        }
        for field, binding in entity.fields.items():
            type_ = None
            if isinstance(binding, PropertyField):
                type_ = member_filter(types, binding.member.value, named.source)
            elif isinstance(binding, RelationField):
                helper = Helper.LIST_FILTER if binding.many else Helper.FILTER
                type_ = types.helper(helper, types.named(binding.target))
            if type_ is not None and field not in _LOGIC:
                found[field] = types.member_input(type_)
        return found

    made = InputType(name, fields, description="Several members are all to hold; an empty object is no condition.")
    return made


def member_filter(types: Types, value: ValueType, source: str) -> GraphQLInputObjectType | None:
    """The filter of a member; None where it cannot be filtered by: lists, streams, JSON."""
    if value.collection:
        return None
    match value.kind:
        case Kind.COMPLEX | Kind.ENUM | Kind.FLAGS:
            found: GraphQLInputObjectType | None = types.helper(Helper.FILTER, types.names.of(source, value.edm))
            return found
        case _:
            return FILTER_OF.get(value.kind)


def complex_filter(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """Conditions on the members of a complex value; None where neither it nor what it holds can be filtered by."""
    values = types.entities.values[named.source]
    if not values.reaches(named.wire, _filtered, _named):
        return None

    def fields() -> dict[str, GraphQLInputField]:
        members = values.complex(named.wire).members.values()
        found = {m.field: member_filter(types, m.value, named.source) for m in members if _named(m)}
        return {field: GraphQLInputField(type_) for field, type_ in found.items() if type_ is not None}

    return InputType(name, fields, description="Several members are all to hold.")


def _named(member: Member) -> bool:
    return member.in_paths and member.field not in _LOGIC


def _filtered(member: Member) -> bool:
    kind = member.value.kind
    return _named(member) and (kind in FILTER_OF or kind in (Kind.ENUM, Kind.FLAGS))


def enum_filter(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """Conditions on an enumeration; of flags, `has` asks for all that are given."""
    enum = types.declared(named)
    if enum is None:
        return None
    if types.entities.views[named.source].catalog.enum_types[named.wire].flags:
        several = GraphQLList(GraphQLNonNull(enum))
        fields = {n: f for n, f in operators(several, ("eq", "ne", "has"))}  # noqa: C416 - pairs, as a dict
    else:
        fields = dict(operators(enum, ("eq", "ne", "in", "notIn")))
    return InputType(name, fields, description=f"Conditions on a {enum.name}; several are all to hold.")


def list_filter(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """Conditions on the rows of a to-many relation."""
    if types.entity(named) is None:
        return None

    def fields() -> dict[str, GraphQLInputField]:
        type_ = types.helper(Helper.FILTER, named)
        return {
            "some": GraphQLInputField(type_, description="At least one row fits; {}: there is a row."),
            "none": GraphQLInputField(type_, description="No row fits; {}: there is no row."),
            "every": GraphQLInputField(type_, description="Every row fits, also where there is none."),
        }

    return InputType(name, fields, description="Conditions on related rows; several are all to hold.")
