"""Rows as they are written: all members for a create, with new related rows inside; changed ones for an update.

A to-one relation is given as the global id of the row it is to lead to. Non-null is only what the document demands
(metadata.md §3), and not what a surrounding row gives: the company, and properties that a relation sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import GraphQLID, GraphQLInputField, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from vegraph.schema import naming
from vegraph.schema.binding import BINDING, EntityBinding, OpenField, PropertyField, RelationField
from vegraph.schema.describing import description
from vegraph.schema.lawful import InputType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.scalars import SCALARS
from vegraph.schema.types import Types
from vegraph.schema.values import Kind, Member

__all__ = ["complex_input", "entity_input", "entity_patch"]


def entity_input(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """A new row; None where no property may be given."""
    entity = types.entities.exact(named.source, named.wire)
    if entity is None or not any(m.insertable for m in entity.members.values()):
        return None
    return InputType(
        name,
        lambda: dict(_create_fields(types, entity)),
        description="A new row. What is left out, the service fills in.",
        extensions={BINDING: entity},
    )


def _create_fields(types: Types, entity: EntityBinding) -> Iterator[tuple[str, GraphQLInputField]]:
    given = _given_by_relations(entity)
    labels = _labels(entity)
    for name, field in entity.fields.items():
        if isinstance(field, PropertyField) and field.member.insertable:
            required = field.member.wire not in given
            if (found := _property(types, entity, field, labels, required=required)) is not None:
                yield name, found
        elif isinstance(field, RelationField):
            yield from _nested(types, entity, name, field)
        elif isinstance(field, OpenField):
            yield name, GraphQLInputField(SCALARS["JSON"], extensions={BINDING: field})


def _given_by_relations(entity: EntityBinding) -> frozenset[str]:
    """Properties that need not be given because a relation or the mutation's `company` may give them."""
    own = {pair.own for r in entity.relations.values() if not r.many for pair in r.relationship.pairs}
    return frozenset(own | ({entity.company} if entity.company else set()))


def _labels(entity: EntityBinding) -> Mapping[str, str | None]:
    return {prop.name: prop.label for prop in entity.type.properties}


def _property(
    types: Types, entity: EntityBinding, field: PropertyField, labels: Mapping[str, str | None], *, required: bool
) -> GraphQLInputField | None:
    member = field.member
    required = required and member.required
    key = id(field), required  # what may be given to a new row is mostly what a patch may change
    if key not in types.given:
        type_ = types.input(member.value, entity.source.name)
        if type_ is None:
            return None
        types.given[key] = GraphQLInputField(
            GraphQLNonNull(type_) if required else type_,
            description=description(labels[member.wire], None),
            extensions={BINDING: field},
        )
    return types.given[key]


def _nested(
    types: Types, entity: EntityBinding, name: str, field: RelationField
) -> Iterator[tuple[str, GraphQLInputField]]:
    """New rows of a to-many or contained relation, or the id of the row that a to-one relation is to lead to."""
    relationship = field.relationship
    if field.many or relationship.contained:
        row = _new_row(types, field)
        if row is not None:
            type_ = GraphQLList(GraphQLNonNull(row)) if field.many else row
            yield name, GraphQLInputField(type_, description="New rows.", extensions={BINDING: field})
    elif _links(entity, field, "insertable"):
        yield name, _link(field)


def _new_row(types: Types, field: RelationField) -> GraphQLInputObjectType | None:
    relationship = field.relationship
    if not relationship.declared or relationship.target_source is not None:
        return None  # nothing on the wire to nest them under
    if relationship.target_set is not None:
        view = types.entities.views[field.target.source.name]
        if not view.allows("create", relationship.target_set):
            return None
        if view.catalog.entity_sets[relationship.target_set].capabilities.insertable is False:
            return None
    found: GraphQLInputObjectType | None = types.helper(Helper.INPUT, types.named(field.target))
    return found


def _links(entity: EntityBinding, field: RelationField, how: str) -> bool:
    """Whether a to-one relation can be set: through properties of its own that may be written, or by reference."""
    relationship = field.relationship
    if relationship.target_source is not None or relationship.group is not None or "id" not in field.target.fields:
        return False
    own = [entity.by_wire.get(pair.own) for pair in relationship.pairs]
    if not own:
        return relationship.declared
    company = entity.company
    return all(m is not None and (m.wire == company or (getattr(m, how) and not _own_key(m, entity))) for m in own)


def _own_key(member: Member, entity: EntityBinding) -> bool:
    """The whole key: a row's identity is not set through a relation."""
    return entity.key == (member,)


def _link(field: RelationField) -> GraphQLInputField:
    return GraphQLInputField(GraphQLID, description="The global id of the row.", extensions={BINDING: field})


def entity_patch(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """Changes of a row; None where no property may be changed."""
    entity = types.entities.exact(named.source, named.wire)
    if entity is None or not any(m.updatable for m in entity.members.values()):
        return None

    def fields() -> Iterator[tuple[str, GraphQLInputField]]:
        labels = _labels(entity)
        for name, field in entity.fields.items():
            if isinstance(field, PropertyField) and field.member.updatable:
                if (found := _property(types, entity, field, labels, required=False)) is not None:
                    yield name, found
            elif isinstance(field, RelationField) and not field.many and not field.relationship.contained:
                if _links(entity, field, "updatable"):
                    yield name, _link(field)
            elif isinstance(field, OpenField):
                yield name, GraphQLInputField(SCALARS["JSON"], extensions={BINDING: field})

    return InputType(
        name,
        lambda: dict(fields()),
        description="What is to change: a member left out stays as it is, null clears it.",
        extensions={BINDING: entity},
    )


def complex_input(types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
    """A complex value; None where none of its members can be given."""
    values = types.entities.values[named.source]
    value = values.complex(named.wire)
    if not value.open and not values.reaches(named.wire, _gives, _written):
        return None

    def fields() -> dict[str, GraphQLInputField]:
        types_ = {m.field: (m, types.input(m.value, named.source)) for m in value.members.values() if _written(m)}
        found = {
            field: GraphQLInputField(type_, extensions={BINDING: PropertyField(member=m)})
            for field, (m, type_) in types_.items()
            if type_ is not None
        }
        if value.open:
            found[naming.DYNAMIC] = GraphQLInputField(SCALARS["JSON"], extensions={BINDING: OpenField()})
        return found

    return InputType(name, fields)


def _written(member: Member) -> bool:
    return member.insertable or member.updatable


def _gives(member: Member) -> bool:
    """Whether there is something to be given for it, whatever else its type has."""
    inside = member.value.complex
    return _written(member) and member.value.kind is not Kind.MEDIA and (inside is None or inside.open)
