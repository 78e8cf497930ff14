"""The schema as clients ask for it, evaluated once per question beside the event loop and kept compressed.

graphql-core's executor takes 16 s for the usual introspection of 4,000 entities; here a selection set is compiled to
closures over the introspection types' own resolvers, and a type that was described once is not described again.
"""

from __future__ import annotations

import asyncio
import gc
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLString,
    GraphQLWrappingType,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    Undefined,
    get_argument_values,
    get_directive_values,
    get_variable_values,
    introspection_types,
)

from vegraph.app.execution import Prepared, RequestErrors
from vegraph.app.lru import Bounded

__all__ = ["Introspection", "asks_only_for_the_schema"]

_ROOTS = frozenset({"__schema", "__type"})
_NAMES = _ROOTS | {"__typename"}

Value = Callable[[Any], Any]
"""From an element of the schema to JSON."""

BLOCK = 512 * 1024
"""Bytes of JSON that are compressed at once."""
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
        with _uncollected():
            return _packed(_Compiler(self._schema, prepared, values).text(operation))


def _packed(pieces: Iterable[bytes]) -> bytes:
    """Gzipped, in a thread beside the one that makes the pieces: zlib keeps no other thread waiting."""
    packer = zlib.compressobj(3, zlib.DEFLATED, 31)
    block = bytearray()
    with ThreadPoolExecutor(1) as pool:
        done: list[Future[bytes]] = []
        for piece in pieces:
            block += piece
            if len(block) > BLOCK:
                done.append(pool.submit(packer.compress, bytes(block)))
                block.clear()
        done.append(pool.submit(packer.compress, bytes(block)))
        done.append(pool.submit(packer.flush))
        return b"".join(each.result() for each in done)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: hundreds of thousands of types stay, and to look through them stops everybody."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def asks_only_for_the_schema(prepared: Prepared, operation: OperationDefinitionNode) -> bool:
    """Whether an operation reads nothing but the schema. Found once per document."""
    key = "introspection", operation.name.value if operation.name else None
    found = prepared.memo.get(key)
    if found is None:
        names = set(_root_names(prepared, operation.selection_set))
        found = prepared.memo[key] = names <= _NAMES and bool(names & _ROOTS)
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
        self._compiled: dict[tuple[str, tuple[int, ...], bool], Value] = {}
        self._info = SimpleNamespace(schema=schema)
        """All that these resolvers read of theirs."""

    def text(self, operation: OperationDefinitionNode) -> Iterator[bytes]:
        """The response to an operation that asks for nothing else, as JSON in pieces; no piece holds all types."""
        yield b'{"data":{'
        comma = b""
        for key, nodes in self._collected((operation.selection_set,)).items():
            yield comma + orjson.dumps(key) + b":"
            comma = b","
            name = nodes[0].name.value
            if name == "__schema":
                yield from self._schema_text(nodes)
            else:
                yield orjson.dumps(self._other(name, nodes))
        yield b"}}"

    def _other(self, name: str, nodes: list[FieldNode]) -> Any:
        """`__typename`, or one `__type`."""
        if name == "__typename":
            return cast("GraphQLObjectType", self._schema.query_type).name
        arguments = get_argument_values(TypeMetaFieldDef, nodes[0], self._values)
        element = self._schema.get_type(arguments["name"])
        return None if element is None else self._object(_named(TypeMetaFieldDef.type), nodes)(element)

    def _schema_text(self, nodes: list[FieldNode]) -> Iterator[bytes]:
        parent = _named(SchemaMetaFieldDef.type)
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        opening = b"{"
        for key, field_nodes in self._collected(sets).items():
            yield opening + orjson.dumps(key) + b":"
            opening = b","
            if field_nodes[0].name.value == "types":
                yield from self._types_text(field_nodes)
            else:
                yield orjson.dumps(self._field(parent, field_nodes)(self._schema))
        yield b"}"

    def _types_text(self, nodes: list[FieldNode]) -> Iterator[bytes]:
        """Each type for itself, and forgotten once it is written."""
        describe = self._object(_named(_TYPES.type), nodes, kept=False)
        opening = b"["
        for type_ in cast("Callable[..., Any]", _TYPES.resolve)(self._schema, self._info):
            yield opening + orjson.dumps(describe(type_))
            opening = b","
        yield b"]"

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

    def _object(self, parent: GraphQLObjectType, nodes: list[FieldNode], *, kept: bool = True) -> Value:
        """What the sub-selection of some field nodes makes of an element; where `kept`, a named type is described once.

        A function is written for it: at a million members, calls between closures would be most of the time.
        """
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        key = parent.name, tuple(map(id, sets)), kept
        if (compiled := self._compiled.get(key)) is not None:
            return compiled
        names: dict[str, Any] = {"info": self._info}
        members = [
            f"{name!r}: {self._expression(parent, field_nodes, names)}"
            for name, field_nodes in self._collected(sets).items()
        ]
        describe: Value = eval(f"lambda e: {{{', '.join(members)}}}", names)  # noqa: S307  # names that GraphQL takes
        if kept and parent.name == "__Type":
            describe = _Once(describe).__getitem__
        self._compiled[key] = describe
        return describe

    def _expression(self, parent: GraphQLObjectType, nodes: list[FieldNode], names: dict[str, Any]) -> str:
        """Python for one member of the element `e`; what it calls is put into `names`."""
        name = nodes[0].name.value
        if name == "__typename":
            return repr(parent.name)
        field: GraphQLField = parent.fields[name]
        if (parent.name, name) == ("__Type", "kind"):
            names["kind"] = _kind
            return "kind(e)"
        value = _DIRECT.get((parent.name, name))
        if value is None:
            arguments = get_argument_values(field, nodes[0], self._values)
            resolve = cast("Callable[..., Any]", field.resolve)
            called = f"r{len(names)}"
            names[called] = partial(resolve, **arguments) if arguments else resolve
            value = f"{called}(e, info)"
            if name == "args" and parent.name == "__Field":
                value = f"({value} if e[1].args else ())"  # most fields have none
            elif name == "defaultValue":  # nor have most members a default
                names["none"] = Undefined
                value = f"(None if e[1].default is None and e[1].default_value is none else {value})"
        complete = self._completed(field.type, nodes)
        if complete is None:
            return value
        called = f"c{len(names)}"
        names[called] = complete
        return f"{called}({value})"

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> Value:
        names: dict[str, Any] = {"info": self._info}
        found: Value = eval(f"lambda e: {self._expression(parent, nodes, names)}", names)  # noqa: S307  # as above
        return found

    def _completed(self, type_: GraphQLOutputType, nodes: list[FieldNode]) -> Value | None:
        """From what a resolver gives to JSON; None: it is JSON."""
        if isinstance(type_, GraphQLNonNull):
            return self._completed(type_.of_type, nodes)
        if isinstance(type_, GraphQLList):
            one = self._completed(type_.of_type, nodes) or _itself
            return lambda items: None if items is None else [one(item) for item in items]
        if isinstance(type_, GraphQLObjectType):
            described = self._object(type_, nodes)
            if type_.name == "__Type":
                return described
            return lambda element: None if element is None else described(element)
        if type_ in (GraphQLString, GraphQLBoolean):  # what these resolvers give is of these types already
            return None
        leaf = cast("GraphQLEnumType", type_).coerce_output_value
        return lambda value: None if value is None else leaf(value)


def _kind(type_: Any) -> str:
    """Found out once for each Python class."""
    found = _KINDS.get(type_.__class__)
    if found is None:
        found = _KINDS[type_.__class__] = cast("Any", _KIND.resolve)(type_, None).name
    return found


_KINDS: dict[type, str] = {}


def _itself(value: Any) -> Any:
    return value


class _Once(dict[Any, Any]):
    """Element → JSON. A named type is described once; lists and non-nulls are as many as there are fields."""

    def __init__(self, describe: Value) -> None:
        super().__init__({None: None})
        self._describe = describe

    def __missing__(self, element: Any) -> Any:
        described = self._describe(element)
        if isinstance(element, GraphQLWrappingType):
            return described
        found = self[element] = orjson.Fragment(orjson.dumps(described))
        return found


_MEMBER = {
    "name": "e[0]",
    "description": "e[1].description",
    "type": "e[1].type",
    "isDeprecated": "(e[1].deprecation_reason is not None)",
    "deprecationReason": "e[1].deprecation_reason",
}
_DIRECT = {
    **{(parent, name): text for parent in ("__Field", "__InputValue", "__EnumValue") for name, text in _MEMBER.items()},
    ("__Type", "name"): "getattr(e, 'name', None)",
    ("__Type", "description"): "getattr(e, 'description', None)",
    ("__Type", "ofType"): "getattr(e, 'of_type', None)",
}
"""What graphql-core's resolvers of these members do, without the call."""

_KIND = cast("GraphQLObjectType", introspection_types["__Type"]).fields["kind"]
_TYPES = cast("GraphQLObjectType", introspection_types["__Schema"]).fields["types"]


def _named(type_: GraphQLOutputType) -> GraphQLObjectType:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return cast("GraphQLObjectType", type_)
