"""Actions and functions: which there are for a type, a set or the whole service, and what a call takes and gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypedDict

from vegraph.catalog.model import EntitySet, Operation
from vegraph.schema import naming
from vegraph.schema.binding import EntityBinding, FunctionField, ParameterBinding, SourceBinding
from vegraph.schema.fields import Member, parameter_names
from vegraph.schema.values import Kind, ValueType
from vegraph.schema.visibility import SourceView
from vegraph.schema.wire_types import ValueTypes

__all__ = ["Operations", "overload_key", "overload_word"]


class _Called(TypedDict):
    operation: Operation
    source: SourceBinding
    parameters: tuple[ParameterBinding, ...]
    returns: ValueType | EntityBinding | None
    returns_many: bool


def overload_key(operation: Operation) -> str:
    """What tells an overload from the others: its qualified name, binding type and parameters."""
    binding = operation.binding
    bound = f"{binding.name}{'*' if binding.collection else ''}:" if binding else ""
    return f"{operation.name}({bound}{','.join(p.name for p in operation.parameters)})"


def overload_word(operation: Operation) -> str:
    """What an overload gets behind its name when another has that: `WithPersonAndDay`."""
    names = "And".join(naming.capitalised(naming.field_name(p.name)) for p in operation.parameters)
    return f"With{names}" if names else ""


class Operations:
    """The operations of one source."""

    def __init__(self, view: SourceView, values: ValueTypes, entity: Callable[[str], EntityBinding | None]) -> None:
        self._view = view
        self._values = values
        self._entity = entity
        """Qualified wire type → the entity it is in this graph; None: hidden or not declared."""

    @cached_property
    def _bound(self) -> Mapping[tuple[str, bool], tuple[Operation, ...]]:
        found: dict[tuple[str, bool], list[Operation]] = defaultdict(list)
        for operation in self._view.catalog.operations:
            if operation.bound and operation.binding is not None:
                found[operation.binding.name, operation.binding.collection].append(operation)
        return {key: tuple(operations) for key, operations in found.items()}

    def bound_to(self, wire: str, kind: str, *, collection: bool = False) -> Iterator[Operation]:
        """Operations bound to instances (or collections) of a type or one of its bases."""
        for entity in self._view.catalog.line(wire):
            for operation in self._bound.get((entity.name, collection), ()):
                if operation.kind == kind:
                    yield operation

    def members(self, wire: str) -> Iterator[Member]:
        """What the bound functions of a type would be called as its fields."""
        for operation in self.bound_to(wire, "function"):
            name = naming.field_name(operation.short_name)
            yield Member(("function", overload_key(operation)), name, overload_word(operation))

    def field(self, operation: Operation, entity: EntityBinding) -> FunctionField | None:
        """The field of a bound function; None where something that it takes or gives is not in this graph."""
        called = self.called(operation)
        if called is None or called["returns"] is None:
            return None
        return FunctionField(**called, bound_to=entity)

    def called(self, operation: Operation, *, fixed: tuple[str, ...] = ()) -> _Called | None:
        """What a call takes and gives; None where some of it is not in this graph. `fixed` names are no parameter's."""
        names = parameter_names((p.name for p in operation.parameters), place=operation.name, fixed=fixed)
        parameters = [self._parameter(p, names[p.name]) for p in operation.parameters]
        returns = self._returns(operation)
        if None in parameters or (operation.returns is not None and returns is None):
            return None
        return {
            "operation": operation,
            "source": self._view.source,
            "parameters": tuple(p for p in parameters if p is not None),
            "returns": returns,
            "returns_many": operation.returns is not None and operation.returns.collection,
        }

    def _parameter(self, parameter: Any, field: str) -> ParameterBinding | None:
        required = not parameter.nullable and not parameter.optional
        if parameter.type.name in self._view.catalog.entity_types:
            entity = self._entity(parameter.type.name)
            if entity is None:
                return None
            return ParameterBinding(field=field, wire=parameter.name, value=None, entity=entity,
                                    collection=parameter.type.collection, required=required)  # fmt: skip
        value = self._values.of_parameter(parameter)
        if value.kind is Kind.MEDIA:
            return None
        return ParameterBinding(
            field=field, wire=parameter.name, value=value, collection=value.collection, required=required
        )

    def _returns(self, operation: Operation) -> ValueType | EntityBinding | None:
        if operation.returns is None:
            return None
        if operation.returns.name in self._view.catalog.entity_types:
            return self._entity(operation.returns.name)
        return self._values.of_return(operation.returns)

    def import_name(self, operation: Operation) -> str | None:
        """The import that an unbound operation is called by."""
        imports = self._view.catalog.imports
        return next((i.name for i in imports if i.operation == operation.name and i.kind == operation.kind), None)

    def unbound(self, kind: str) -> Iterator[Operation]:
        """Unbound operations of a kind."""
        return (o for o in self._view.catalog.operations if not o.bound and o.kind == kind)

    def set_of_collection(self, operation: Operation) -> Iterator[EntitySet]:
        """Sets, visible or not, whose collection the operation is bound to."""
        if operation.binding is None:
            return
        for entity_set in self._view.catalog.entity_sets.values():
            if not entity_set.singleton and entity_set.type == operation.binding.name:
                yield entity_set
