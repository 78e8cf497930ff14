"""The schema as clients ask for it, evaluated once per question beside the event loop and kept compressed.

graphql-core's executor takes 16 s for the usual introspection of 4,000 entities; here a selection set is compiled to
closures over the introspection types' own resolvers, and a type that was described once is not described again.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_argument_values,
    get_directive_values,
    get_variable_values,
)

from vegraph.app.execution import Prepared, RequestErrors
from vegraph.app.lru import Bounded

__all__ = ["Introspection", "asks_only_for_the_schema"]

_ROOTS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
_NAMES = frozenset(_ROOTS) | {"__typename"}

Value = Callable[[Any], Any]
"""From an element of the schema to JSON."""

KEPT_BYTES = 64_000_000
KEPT = 64


class Introspection:
    """Answers to introspection of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: Bounded[tuple[Prepared, str | None, bytes], bytes] = Bounded(items=KEPT, weight=KEPT_BYTES)
        self._under_way: dict[tuple[Prepared, str | None, bytes], asyncio.Future[bytes]] = {}

    async def answer(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> bytes:
        """The whole JSON response, gzipped. Raises RequestErrors when the variables do not fit."""
        name = operation.name.value if operation.name else None
        key = prepared, name, orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        if (kept := self._kept.get(key)) is not None:
            return kept
        running = self._under_way.get(key)
        if running is None:
            running = asyncio.ensure_future(asyncio.to_thread(self._answer, prepared, operation, variables))
            self._under_way[key] = running
            running.add_done_callback(lambda _: self._under_way.pop(key, None))
        answer = await asyncio.shield(running)  # one client leaving does not stop it for the others
        self._kept.put(key, answer, len(answer))
        return answer

    def _answer(self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> bytes:
        values = get_variable_values(
            self._schema, operation.variable_definitions or (), dict(variables), hide_suggestions=True
        )
        if isinstance(values, list):
            raise RequestErrors(values, "BAD_USER_INPUT")
        data = _Compiler(self._schema, prepared, values).root(operation)
        return gzip.compress(orjson.dumps({"data": data}), compresslevel=6, mtime=0)


def asks_only_for_the_schema(prepared: Prepared, operation: OperationDefinitionNode) -> bool:
    """Whether an operation reads nothing but the schema. Found once per document."""
    key = "introspection", operation.name.value if operation.name else None
    found = prepared.memo.get(key)
    if found is None:
        names = set(_root_names(prepared, operation.selection_set))
        found = prepared.memo[key] = names <= _NAMES and bool(names & _ROOTS.keys())
    return bool(found)


def _root_names(prepared: Prepared, selection_set: SelectionSetNode) -> list[str]:
    fragments = _fragments(prepared)
    names, stack, seen = [], [selection_set], set[str]()
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                names.append(selection.name.value)
            elif not isinstance(selection, FragmentSpreadNode):
                stack.append(selection.selection_set)  # type: ignore[attr-defined]  # an inline fragment
            elif selection.name.value not in seen:
                seen.add(selection.name.value)
                stack.append(fragments[selection.name.value].selection_set)
    return names


def _fragments(prepared: Prepared) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in prepared.document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


class _Compiler:
    """Selection sets over the introspection types, as closures. All of these types are objects, enums and scalars."""

    def __init__(self, schema: GraphQLSchema, prepared: Prepared, values: Any) -> None:
        self._schema = schema
        self._fragments = _fragments(prepared)
        self._values = values
        self._compiled: dict[tuple[str, tuple[int, ...]], Value] = {}
        self._info = SimpleNamespace(schema=schema)
        """All that these resolvers read of theirs."""

    def root(self, operation: OperationDefinitionNode) -> dict[str, Any]:
        """The data of an operation that asks for nothing else."""
        root = cast("GraphQLObjectType", self._schema.query_type)
        data: dict[str, Any] = {}
        for key, nodes in self._collected((operation.selection_set,)).items():
            name = nodes[0].name.value
            if name == "__typename":
                data[key] = root.name
                continue
            field = _ROOTS[name]
            element = self._schema
            if name == "__type":
                arguments = get_argument_values(field, nodes[0], self._values)
                element = self._schema.get_type(arguments["name"])  # type: ignore[assignment]
            data[key] = None if element is None else self._object(_named(field.type), nodes)(element)
        return data

    def _collected(self, selection_sets: tuple[SelectionSetNode, ...]) -> dict[str, list[FieldNode]]:
        """Response key → field nodes, fragments followed (GraphQL §6.3.2); type conditions always hold here."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        pending: list[SelectionNode] = [s for set_ in reversed(selection_sets) for s in reversed(set_.selections)]
        while pending:
            selection = pending.pop()
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, FragmentSpreadNode):
                if selection.name.value not in seen:
                    seen.add(selection.name.value)
                    pending.extend(reversed(self._fragments[selection.name.value].selection_set.selections))
            else:
                pending.extend(reversed(selection.selection_set.selections))  # type: ignore[attr-defined]
        return found

    def _included(self, selection: SelectionNode) -> bool:
        if not selection.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, selection, self._values)
        include = get_directive_values(GraphQLIncludeDirective, selection, self._values)
        return not (skip and skip["if"]) and not (include is not None and not include["if"])

    def _object(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> Value:
        """What the sub-selection of some field nodes makes of an element; each element is described once."""
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        key = parent.name, tuple(map(id, sets))
        if (compiled := self._compiled.get(key)) is not None:
            return compiled
        described: dict[int, tuple[Any, dict[str, Any]]] = {}
        members: list[tuple[str, Value]] = []
        lasting = parent.name == "__Type"  # others come as pairs made on the way, and their ids come again

        def describe(element: Any) -> Any:
            if not lasting:
                return {name: value(element) for name, value in members}
            found = described.get(id(element))
            if found is None:
                found = described[id(element)] = element, {name: value(element) for name, value in members}
            return found[1]

        self._compiled[key] = describe  # before its members: a selection may lead back to it
        for name, field_nodes in self._collected(sets).items():
            members.append((name, self._field(parent, field_nodes)))
        return describe

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> Value:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _: parent.name
        field: GraphQLField = parent.fields[name]
        arguments = get_argument_values(field, nodes[0], self._values)
        resolve = cast("Callable[..., Any]", field.resolve)
        complete = self._completed(field.type, nodes)
        info = self._info
        return lambda element: complete(resolve(element, info, **arguments))

    def _completed(self, type_: GraphQLOutputType, nodes: list[FieldNode]) -> Value:
        if isinstance(type_, GraphQLNonNull):
            return self._completed(type_.of_type, nodes)
        if isinstance(type_, GraphQLList):
            one = self._completed(type_.of_type, nodes)
            return lambda items: None if items is None else [one(item) for item in items]
        if isinstance(type_, GraphQLObjectType):
            described = self._object(type_, nodes)
            return lambda element: None if element is None else described(element)
        leaf = cast("GraphQLScalarType | GraphQLEnumType", type_).coerce_output_value
        return lambda value: None if value is None else leaf(value)


def _named(type_: GraphQLOutputType) -> GraphQLObjectType:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return cast("GraphQLObjectType", type_)
