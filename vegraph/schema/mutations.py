"""Mutations: create, update and delete where the catalog lets rows be written; actions bound and unbound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from vegraph.catalog.model import EntitySet
from vegraph.schema import naming
from vegraph.schema.binding import BINDING, CreateRoot, DeleteRoot, EntityBinding, UpdateRoot
from vegraph.schema.common import USER_ERRORS
from vegraph.schema.lawful import InputType, ObjectType
from vegraph.schema.lawful import field as make_field
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.root_names import Verb, Write
from vegraph.schema.types import Maker, Types

__all__ = ["WRITE_MAKERS", "write_field", "written_set"]

_INPUT = {"create": Helper.CREATE_INPUT, "update": Helper.UPDATE_INPUT, "delete": Helper.DELETE_INPUT}
_PAYLOAD = {"create": Helper.CREATE_PAYLOAD, "update": Helper.UPDATE_PAYLOAD, "delete": Helper.DELETE_PAYLOAD}
_CAPABILITY = {"create": "insertable", "update": "updatable", "delete": "deletable"}


def written_set(types: Types, verb: Verb, named: Named, set_name: str | None) -> EntitySet | None:
    """The set that a mutation writes to; None where the catalog, the graph or the type do not allow it."""
    view = types.entities.views[named.source]
    entity = types.entities.exact(named.source, named.wire)
    if entity is None or not _possible(types, verb, named, entity):
        return None
    for entity_set in entity.sets:
        if set_name in (None, entity_set.name):
            allowed = view.allows(verb, entity_set.name)
            if allowed and getattr(entity_set.capabilities, _CAPABILITY[verb]) is not False:
                return entity_set
    return None


def _possible(types: Types, verb: Verb, named: Named, entity: EntityBinding) -> bool:
    match verb:
        case "create":
            return types.helper(Helper.INPUT, named) is not None
        case "update":
            return "id" in entity.fields and types.helper(Helper.PATCH, named) is not None
        case "delete":
            return "id" in entity.fields


def write_field(types: Types, write: Write) -> GraphQLField | None:
    """The field of a create, update or delete; None where there is none."""
    verb, named = write.verb, write.named
    entity_set = written_set(types, verb, named, write.set)
    entity = types.entities.exact(named.source, named.wire)
    if entity_set is None or entity is None:
        return None
    entity = types.entities.placed(entity, entity_set.name)
    row = naming.row_name(named.name)
    binding: CreateRoot | UpdateRoot | DeleteRoot
    match verb:
        case "create":
            binding = CreateRoot(entity=entity, set=entity_set, payload_field=row)
        case "update":
            binding = UpdateRoot(entity=entity, set=entity_set, payload_field=row)
        case "delete":
            binding = DeleteRoot(entity=entity, set=entity_set)
    return make_field(
        types.helper(_PAYLOAD[verb], named),
        {"input": GraphQLArgument(GraphQLNonNull(types.helper(_INPUT[verb], named)))},
        description=f"{verb.capitalize()} a row of `{entity_set.name}`.",
        extensions={BINDING: binding},
    )


@dataclass(frozen=True)
class _Maker:
    """Makes the input or the payload of one verb."""

    verb: Verb

    def input(self, types: Types, named: Named, name: str) -> GraphQLInputObjectType | None:
        entity = self._entity(types, named)
        if entity is None:
            return None
        return InputType(name, lambda: dict(self._input_fields(types, named, entity)))

    def _entity(self, types: Types, named: Named) -> EntityBinding | None:
        fields = types.roots.writes(self.verb, named)
        if not any(written_set(types, self.verb, named, set_name) for _, set_name in fields):
            return None
        return types.entities.exact(named.source, named.wire)

    def _input_fields(
        self, types: Types, named: Named, entity: EntityBinding
    ) -> Iterator[tuple[str, GraphQLInputField]]:
        if self.verb == "create":
            if entity.company is not None:
                about = "The company to write to; left out: the default one."
                yield "company", GraphQLInputField(GraphQLString, description=about)
            row = types.helper(Helper.INPUT, named)
            yield naming.row_name(named.name), GraphQLInputField(GraphQLNonNull(row), description="The new row.")
            return
        yield "id", GraphQLInputField(GraphQLNonNull(GraphQLID), description="The global id of the row.")
        if entity.has_etag:
            about = "The `etag` of the row as it was read: if it has changed since, nothing is written."
            yield "ifMatch", GraphQLInputField(GraphQLString, description=about)
            about = "true: write whatever has changed since; instead of `ifMatch`."
            yield "overwrite", GraphQLInputField(GraphQLBoolean, description=about)
        if self.verb == "update":
            patch = types.helper(Helper.PATCH, named)
            yield "patch", GraphQLInputField(GraphQLNonNull(patch), description="What is to change.")

    def payload(self, types: Types, named: Named, name: str) -> GraphQLObjectType | None:
        entity = self._entity(types, named)
        if entity is None:
            return None

        def fields() -> dict[str, GraphQLField]:
            if self.verb == "delete":
                found = {"deletedId": GraphQLField(GraphQLID, description="The id of the row that is gone.")}
            else:
                about = "The row as it is after the write."
                found = {naming.row_name(named.name): GraphQLField(types.declared(named), description=about)}
            return {**found, "userErrors": USER_ERRORS}

        return ObjectType(name, fields)


_CREATE, _UPDATE, _DELETE = _Maker("create"), _Maker("update"), _Maker("delete")

WRITE_MAKERS: Mapping[Helper | None, Maker] = {
    Helper.CREATE_INPUT: _CREATE.input,
    Helper.CREATE_PAYLOAD: _CREATE.payload,
    Helper.UPDATE_INPUT: _UPDATE.input,
    Helper.UPDATE_PAYLOAD: _UPDATE.payload,
    Helper.DELETE_INPUT: _DELETE.input,
    Helper.DELETE_PAYLOAD: _DELETE.payload,
}
"""Who makes what."""
