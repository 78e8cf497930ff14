"""A schema described as JSON text: selection sets over the introspection types, as Python functions.

Each list of fields, arguments or values becomes one loop around one f-string. At a million members, dictionaries
between the schema and its text, and calls between closures, would be most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from json.encoder import encode_basestring as _text
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLString,
    GraphQLUnionType,
    GraphQLWrappingType,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    Undefined,
    get_argument_values,
    get_directive_values,
    introspection_types,
)

__all__ = ["SchemaText"]

Text: TypeAlias = Callable[[Any], str]
"""From an element of the schema to JSON."""


class SchemaText:
    """What operations ask of one schema. All introspection types are objects, enumerations and scalars."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], values: Any) -> None:
        self._schema = schema
        self._fragments = fragments
        self._values = values
        self._compiled: dict[tuple[str, tuple[int, ...], bool], Text] = {}
        self._info = SimpleNamespace(schema=schema)
        """All that these resolvers read of theirs."""

    def of(self, operation: OperationDefinitionNode) -> Iterator[bytes]:
        """The response to an operation that asks for nothing else, as JSON in pieces; no piece holds all types."""
        yield b'{"data":{'
        comma = ""
        for key, nodes in self._collected((operation.selection_set,)).items():
            yield f'{comma}"{key}":'.encode()
            comma = ","
            name = nodes[0].name.value
            if name == "__schema":
                yield from self._of_schema(nodes)
            else:
                yield self._of_other(name, nodes).encode()
        yield b"}}"

    def _of_other(self, name: str, nodes: list[FieldNode]) -> str:
        """`__typename`, or one `__type`."""
        if name == "__typename":
            return _json(cast("GraphQLObjectType", self._schema.query_type).name)
        arguments = get_argument_values(TypeMetaFieldDef, nodes[0], self._values)
        element = self._schema.get_type(arguments["name"])
        return self._object(_named(TypeMetaFieldDef.type), nodes)(element)

    def _of_schema(self, nodes: list[FieldNode]) -> Iterator[bytes]:
        parent = _named(SchemaMetaFieldDef.type)
        opening = "{"
        for key, field_nodes in self._collected(_sets(nodes)).items():
            yield f'{opening}"{key}":'.encode()
            opening = ","
            if field_nodes[0].name.value == "types":
                yield from self._of_types(field_nodes)
            else:
                yield self._of_member(parent, field_nodes).encode()
        yield b"}" if opening == "," else b"{}"

    def _of_member(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> str:
        names: dict[str, Any] = {}
        member = self._member(parent, nodes, names, None)
        return self._function(f"lambda e: f'{member}'", names)(self._schema)

    def _of_types(self, nodes: list[FieldNode]) -> Iterator[bytes]:
        """Each type for itself, and forgotten once it is written."""
        describe = self._object(_named(_TYPES.type), nodes, kept=False)
        opening = "["
        for type_ in cast("Callable[..., Any]", _TYPES.resolve)(self._schema, self._info):
            yield f"{opening}{describe(type_)}".encode()
            opening = ","
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

    def _object(self, parent: GraphQLObjectType, nodes: list[FieldNode], *, kept: bool = True) -> Text:
        """What the sub-selection of some field nodes makes of an element; where `kept`, a type is described once."""
        key = parent.name, tuple(map(id, _sets(nodes))), kept
        if key not in self._compiled:
            self._compiled[key] = self._made(parent, nodes, kept=kept)
        return self._compiled[key]

    def _made(self, parent: GraphQLObjectType, nodes: list[FieldNode], *, kept: bool) -> Text:
        def like(element: Any) -> Text:
            names: dict[str, Any] = {}
            return self._function(f"lambda e: f'{self._members(parent, nodes, names, element)}'", names)

        if parent.name != "__Type":
            return like(None)
        describe = _by_class(like)
        return _Once(describe).__getitem__ if kept else describe

    def _list(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> Text:
        """A list of these, None where there is none."""
        names: dict[str, Any] = {}
        inside = self._members(parent, nodes, names, None)
        item = "n, v" if parent.name in _PAIRS else "e"
        return self._function(f"lambda items: '[' + ','.join([f'{inside}' for {item} in items]) + ']'", names)

    def _function(self, text: str, names: dict[str, Any]) -> Text:
        found: Text = eval(text, {**_ALWAYS, "info": self._info, **names})  # noqa: S307  # GraphQL's names, our text
        return found

    def _members(self, parent: GraphQLObjectType, nodes: list[FieldNode], names: dict[str, Any], like: Any) -> str:
        """The inside of an f-string for an object `like` this one; what it calls is put into `names`."""
        members = [
            f'"{key}":{self._member(parent, field_nodes, names, like)}'
            for key, field_nodes in self._collected(_sets(nodes)).items()
        ]
        return f"{{{{{','.join(members)}}}}}"

    def _member(self, parent: GraphQLObjectType, nodes: list[FieldNode], names: dict[str, Any], like: Any) -> str:
        name = nodes[0].name.value
        if name == "__typename":
            return f'"{parent.name}"'
        if parent.name == "__Type":
            if name == "kind":
                return f'"{cast("Any", _KIND.resolve)(like, None).name}"'
            if not isinstance(like, _ONLY.get(name, object)):
                field: GraphQLField = parent.fields[name]
                return self._completed(field.type, nodes)(cast("Any", field.resolve)(like, self._info))
        return _DIRECT.get((parent.name, name)) or f"{{{self._called(parent, nodes, names)}}}"

    def _called(self, parent: GraphQLObjectType, nodes: list[FieldNode], names: dict[str, Any]) -> str:
        """Python for a member that is not a plain attribute: the resolver's answer, completed."""
        name = nodes[0].name.value
        field: GraphQLField = parent.fields[name]
        complete = f"c{len(names)}"
        names[complete] = self._completed(field.type, nodes)
        if name in ("type", "ofType"):
            return f"{complete}(v.type)" if name == "type" else f"{complete}(e.of_type)"
        arguments = get_argument_values(field, nodes[0], self._values)
        resolve = f"r{len(names)}"
        names[resolve] = partial(cast("Callable[..., Any]", field.resolve), **arguments)
        value = f"{complete}({resolve}({'(n, v)' if parent.name in _PAIRS else 'e'}, info))"
        if (parent.name, name) == ("__Field", "args"):
            return f"{value} if v.args else empty"  # most fields have none
        if name == "defaultValue":  # nor have most members a default
            return f"null if v.default is None and v.default_value is none else {value}"
        return value

    def _completed(self, type_: GraphQLOutputType, nodes: list[FieldNode]) -> Text:
        """From what a resolver gives to JSON."""
        if isinstance(type_, GraphQLNonNull):
            return self._completed(type_.of_type, nodes)
        if isinstance(type_, GraphQLList):
            item = _named(type_)
            if isinstance(item, GraphQLObjectType) and item.name != "__Type":
                return _unless_none(self._list(item, nodes))
            one = self._completed(item, nodes)
            return _unless_none(lambda items: f"[{','.join(map(one, items))}]")
        if isinstance(type_, GraphQLObjectType):
            return self._object(type_, nodes)
        if type_ in (GraphQLString, GraphQLBoolean):
            return _json
        leaf = cast("GraphQLEnumType", type_).coerce_output_value
        return lambda value: _json(leaf(value))


def _by_class(like: Callable[[Any], Text]) -> Text:
    """Each class of types described its own way: most of what can be asked of a type, only one kind of types has."""
    known: dict[type, Text] = {}

    def describe(type_: Any) -> str:
        found = known.get(type_.__class__)
        if found is None:
            found = known[type_.__class__] = like(type_)
        return found(type_)

    return describe


class _Once(dict[Any, str]):
    """Type → JSON."""

    def __init__(self, describe: Text) -> None:
        super().__init__({None: "null"})
        self._describe = describe

    def __missing__(self, type_: Any) -> str:
        found = self[type_] = self._describe(type_)
        return found


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _unless_none(describe: Text) -> Text:
    return lambda value: "null" if value is None else describe(value)


def _sets(nodes: list[FieldNode]) -> tuple[SelectionSetNode, ...]:
    return tuple(node.selection_set for node in nodes if node.selection_set is not None)


def _named(type_: GraphQLOutputType) -> Any:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_


_PAIRS = frozenset({"__Field", "__InputValue", "__EnumValue"})
"""Their elements are (name, what is named): `n` and `v`."""
_MEMBER = {
    "name": '"{n}"',
    "description": "{null if v.description is None else text(v.description)}",
    "isDeprecated": "{false if v.deprecation_reason is None else true}",
    "deprecationReason": "{null if v.deprecation_reason is None else text(v.deprecation_reason)}",
}
_DIRECT = {
    **{(parent, name): text for parent in _PAIRS for name, text in _MEMBER.items()},
    ("__Type", "name"): '"{e.name}"',
    ("__Type", "description"): "{null if e.description is None else text(e.description)}",
}
"""What graphql-core's resolvers of these members do, without the call."""
_ALWAYS = {name: name for name in ("null", "false", "true")} | {"empty": "[]", "none": Undefined, "text": _text}
"""What the text of functions names: quotes cannot stand in an f-string."""
_ONLY: dict[str, Any] = {
    "name": GraphQLNamedType,
    "description": GraphQLNamedType,
    "specifiedByURL": GraphQLScalarType,
    "fields": (GraphQLObjectType, GraphQLInterfaceType),
    "interfaces": (GraphQLObjectType, GraphQLInterfaceType),
    "possibleTypes": (GraphQLInterfaceType, GraphQLUnionType),
    "enumValues": GraphQLEnumType,
    "inputFields": GraphQLInputObjectType,
    "isOneOf": GraphQLInputObjectType,
    "ofType": GraphQLWrappingType,
}
"""Which types have such a member; of others of one class, the same is said of all."""

_KIND = introspection_types["__Type"].fields["kind"]  # type: ignore[attr-defined]
_TYPES = introspection_types["__Schema"].fields["types"]  # type: ignore[attr-defined]
