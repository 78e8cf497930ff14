"""Actions: `postBcSalesInvoice(input: { id, … })`, on a set's collection, or unbound under their own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from vegraph.catalog.model import EntitySet, Operation
from vegraph.schema import naming
from vegraph.schema.binding import BINDING, ActionRoot, EntityBinding
from vegraph.schema.common import USER_ERRORS
from vegraph.schema.describing import deprecation, description
from vegraph.schema.lawful import InputType, ObjectType
from vegraph.schema.names import Names
from vegraph.schema.objects import parameter_types, returned
from vegraph.schema.root_names import Root
from vegraph.schema.settling import Claim, settle
from vegraph.schema.types import Types

__all__ = ["Actions"]

_FIXED = ("id", "company")


class Actions:
    """The actions of a graph, and the names of their inputs and payloads."""

    def __init__(self, types: Types) -> None:
        self._types = types

    @cached_property
    def _helpers(self) -> Mapping[str, tuple[str, str]]:
        """Type name → (action's field, "Input" or "Payload")."""
        claims = (
            Claim((field, kind), field, f"{naming.capitalised(field)}{kind}")
            for field in self._types.roots.actions
            for kind in ("Input", "Payload")
        )
        held, _ = settle(claims, _Taken(self._types.names), place="types")
        return {name: claim.key for name, claim in held.items()}

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], str]:
        return {key: name for name, key in self._helpers.items()}

    def helper(self, name: str) -> bool:
        """Make the type of that name, if it is an action's and the graph shows it."""
        found = self._helpers.get(name)
        return found is not None and self.field(found[0]) is not None and name in self._types.made

    def field(self, name: str) -> GraphQLField | None:
        """The field of an action; None where this graph does not show what it needs."""
        root = self._types.roots.actions.get(name)
        if root is None:
            return None
        operation = self._types.entities.views[root.source].catalog.operations[root.operation]
        binding = self._binding(root, operation)
        if binding is None:
            return None
        input_type = self._types.keep(self._names[name, "Input"], lambda: self._input(name, binding))
        return GraphQLField(
            self._types.keep(self._names[name, "Payload"], lambda: self._payload(name, binding)),
            {"input": GraphQLArgument(GraphQLNonNull(input_type))} if input_type is not None else None,
            description=description(operation.label, operation.description, operation.name),
            deprecation_reason=deprecation(operation.deprecated),
            extensions={BINDING: binding},
        )

    def _binding(self, root: Root, operation: Operation) -> ActionRoot | None:
        entities = self._types.entities
        called = entities.operations[root.source].called(operation, fixed=_FIXED)
        if called is None:
            return None
        result = "result" if called["returns"] is not None else None
        if operation.binding is None or not operation.bound:
            if not entities.views[root.source].whole:
                return None
            name = entities.operations[root.source].import_name(operation)
            return ActionRoot(**called, import_name=name, result_field=result)
        entity_set = self._bound_set(root, operation)
        entity = entities.family(root.source, operation.binding.name)
        if entity is None or entity_set is None:
            return None
        if root.set:
            return ActionRoot(**called, bound_to=entity, bound_to_set=entity_set, result_field=result)
        if "id" not in entity.fields:
            return None
        row = naming.row_name(self._types.named(entity).name)
        return ActionRoot(**called, bound_to=entity, payload_field=row, result_field=result)

    def _bound_set(self, root: Root, operation: Operation) -> EntitySet | None:
        """The set whose collection or rows it is called on, where it may be."""
        assert operation.binding is not None  # noqa: S101 - asked by the caller
        view = self._types.entities.views[root.source]
        for entity_set in view.sets_of(operation.binding.name):
            if root.set in ("", entity_set.name) and view.allows("action", entity_set.name):
                return entity_set
        return None

    def _input(self, name: str, binding: ActionRoot) -> GraphQLInputObjectType | None:
        fields = dict(self._input_fields(binding))
        return InputType(self._names[name, "Input"], fields) if fields else None

    def _input_fields(self, binding: ActionRoot) -> Iterator[tuple[str, GraphQLInputField]]:
        if binding.bound_to is not None and binding.bound_to_set is None:
            yield "id", GraphQLInputField(GraphQLNonNull(GraphQLID), description="The global id of the row.")
        elif self._in_company(binding):
            about = "The company; left out: the default one."
            yield "company", GraphQLInputField(GraphQLString, description=about)
        for parameter, type_ in parameter_types(self._types, binding.parameters, binding.source.name):
            yield parameter.field, GraphQLInputField(type_, extensions={BINDING: parameter})

    def _in_company(self, binding: ActionRoot) -> bool:
        wire = binding.bound_to.type.name if binding.bound_to else None
        return self._types.entities.views[binding.source.name].in_company(wire)

    def _payload(self, name: str, binding: ActionRoot) -> GraphQLObjectType:
        def fields() -> dict[str, GraphQLField]:
            found: dict[str, GraphQLField] = {}
            if binding.payload_field and isinstance(binding.bound_to, EntityBinding):
                row = self._types.row(binding.bound_to)
                found[binding.payload_field] = GraphQLField(row, description="The row as it is after the action.")
            if binding.result_field:
                found[binding.result_field] = GraphQLField(
                    returned(self._types, binding), description="What the action gave."
                )
            return {**found, "userErrors": USER_ERRORS}

        return ObjectType(self._names[name, "Payload"], fields)


class _Taken:
    """Names of declared types and their helpers: no action's."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name in naming.RESERVED_TYPES or self._names.read(name) is not None
