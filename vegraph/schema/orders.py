"""Orders: one-key inputs, by a member, a member of a complex value, or through a to-one relation."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import GraphQLInputField, GraphQLInputObjectType

from vegraph.catalog.model import Property
from vegraph.schema.binding import PropertyField, RelationField
from vegraph.schema.common import ORDER_DIRECTION
from vegraph.schema.lawful import InputType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.types import Types
from vegraph.schema.values import Kind, ValueType

__all__ = ["complex_order", "entity_order"]

_UNORDERED = frozenset({Kind.COMPLEX, Kind.MEDIA, Kind.JSON, Kind.FLAGS, Kind.BASE64})
_ABOUT = "One member to order by; several go into items of their own."


def _orderable(value: ValueType) -> bool:
    return not value.collection and value.kind not in _UNORDERED


def _any_orderable(types: Types, source: str, properties: Iterable[Property]) -> bool:
    values = types.entities.values[source]
    return any(_orderable(values.of_property(prop)) for prop in properties)


def entity_order(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """An item of `orderBy`; None where no property of the entity's own can be ordered by."""
    view = types.entities.views[named.source]
    if not view.shown(named.wire):
        return None
    if not _any_orderable(types, named.source, view.catalog.entity_types[named.wire].properties):
        return None

    def fields() -> dict[str, GraphQLInputField]:
        entity = types.entity(named)
        found: dict[str, GraphQLInputObjectType | None] = {}
        for field, binding in entity.fields.items() if entity else ():
            if isinstance(binding, PropertyField):
                found[field] = _member(types, binding.member.value, named.source)
            elif isinstance(binding, RelationField) and not binding.many:
                found[field] = types.helper(Helper.ORDER, types.named(binding.target))
        return {field: types.member_input(type_) for field, type_ in found.items() if type_ is not None}

    return InputType(name, fields, is_one_of=True, description=_ABOUT)


def _member(types: Types, value: ValueType, source: str) -> GraphQLInputObjectType | None:
    if _orderable(value):
        return ORDER_DIRECTION  # type: ignore[return-value] # an input type all the same
    if value.kind is Kind.COMPLEX and not value.collection:
        found: GraphQLInputObjectType | None = types.helper(Helper.ORDER, types.names.of(source, value.edm))
        return found
    return None


def complex_order(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """An order by a member of a complex value."""
    values = types.entities.values[named.source]
    if not values.reaches(named.wire, lambda m: m.in_paths and _orderable(m.value), lambda m: m.in_paths):
        return None

    def fields() -> dict[str, GraphQLInputField]:
        members = values.complex(named.wire).members
        found = {field: _member(types, m.value, named.source) for field, m in members.items() if m.in_paths}
        return {field: types.member_input(type_) for field, type_ in found.items() if type_ is not None}

    return InputType(name, fields, is_one_of=True, description=_ABOUT)
