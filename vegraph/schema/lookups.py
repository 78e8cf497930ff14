"""Look-ups of one row: by its global id, its key, or an alternate key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import GraphQLID, GraphQLInputField, GraphQLInputObjectType, GraphQLNonNull

from vegraph.schema import naming
from vegraph.schema.binding import EntityBinding
from vegraph.schema.lawful import InputType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.types import Types
from vegraph.schema.values import Kind, Member

__all__ = ["by_type", "key_type", "keys_of", "make_key"]


def keys_of(entity: EntityBinding) -> Mapping[str, tuple[Member, ...]]:
    """`by` member → what it gives, without `id`: a key of one part under its own field, of several under `key`; each
    alternate key likewise, of several parts under their names joined (`appIdAndName`)."""
    found: dict[str, tuple[Member, ...]] = {}
    if entity.key:
        found[entity.key[0].field if len(entity.key) == 1 else "key"] = entity.key
    for members in _alternate(entity):
        name = "And".join([members[0].field, *(naming.capitalised(m.field) for m in members[1:])])
        if name not in ("id", *found):
            found[name] = members
    return found


def _alternate(entity: EntityBinding) -> Iterator[tuple[Member, ...]]:
    members = entity.by_wire
    for wires in entity.type.alternate_keys:
        if wires and all(wire in members and not members[wire].value.opaque for wire in wires):
            yield tuple(members[wire] for wire in wires)
    if entity.source.kind == "business-central" and entity.type.key == ("id",) and "number" in members:
        # Not annotated, and true of all of BC's own entities: a number names one row of its company.
        number = members["number"]
        if number.value.kind is Kind.STRING:
            yield (number,)


def by_type(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """`by` of a look-up; None for what cannot be looked up."""
    entity = types.entity(named)
    keys = keys_of(entity) if entity else {}
    if entity is None or not keys:
        return None

    def fields() -> dict[str, GraphQLInputField]:
        found = {"id": GraphQLInputField(GraphQLID, description="The global id.")} if "id" in entity.fields else {}
        for field, members in keys.items():
            if len(members) == 1:
                found[field] = GraphQLInputField(types.input(members[0].value, named.source))
            else:
                found[field] = GraphQLInputField(_parts(types, named, field, members))
        return found

    return InputType(name, fields, is_one_of=True, description="One way to name a row.")


def _parts(types: Types, named: Named, field: str, members: tuple[Member, ...]) -> GraphQLInputObjectType:
    if field == "key":
        found: GraphQLInputObjectType = types.helper(Helper.KEY, named)
        return found
    name = f"{types.names.helper(Helper.KEY, named)}{naming.capitalised(field)}"
    made: GraphQLInputObjectType = types.keep(name, lambda: _parts_type(types, named, name, members))
    return made


def key_type(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """A key of several parts."""
    entity = types.entity(named)
    return _parts_type(types, named, name, entity.key) if entity and len(entity.key) > 1 else None


def _parts_type(types: Types, named: Named, name: str, members: tuple[Member, ...]) -> GraphQLInputObjectType:
    parts = ((m.field, types.input(m.value, named.source)) for m in members)
    fields = {field: GraphQLInputField(GraphQLNonNull(type_)) for field, type_ in parts if type_ is not None}
    return InputType(name, fields, description="All parts of a key.")


def make_key(types: Types, name: str) -> bool:
    """Make the input of that name, if it is an alternate key's of several parts and the graph has it."""
    at = name.find("Key")
    while at >= 0:
        named = types.names.by_name.get(name[:at])
        if named is not None and named.kind == "entity":
            by = types.helper(Helper.BY, named)
            if by is not None and by.fields and types.made.get(name) is not None:
                return True
        at = name.find("Key", at + 1)
    return False
