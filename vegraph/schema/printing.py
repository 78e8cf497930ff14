"""A graph as SDL, the same text for the same graph: types by name, with descriptions; and what a change would break.

graphql-core's printer drops the directives of federation, so this one writes them: `federation=True` gives the subgraph
that a router composes, without the fields and types that it adds itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from graphql import (
    BreakingChange,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_ast,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast

from vegraph.schema.common import NODE
from vegraph.schema.federation import FEDERATION_FIELDS, FEDERATION_TYPES, ONE_OF, SHAREABLE, link

__all__ = ["check", "print_sdl", "print_types"]


class _Printed(Protocol):
    @property
    def schema(self) -> GraphQLSchema: ...

    @property
    def federation_version(self) -> str: ...


def print_sdl(graph: _Printed, *, federation: bool = False) -> str:
    """The whole graph. `federation`: with `@link`, `@key` and `@shareable`, as a subgraph."""
    schema = graph.schema
    parts = [link(graph.federation_version), ONE_OF] if federation else []
    parts.extend(_directive(directive) for directive in schema.directives if not is_specified_directive(directive))
    types = [type_ for type_ in schema.type_map.values() if _is_own(type_)]
    roots = [root for root in (schema.query_type, schema.mutation_type) if root is not None]
    rest = sorted((type_ for type_ in types if type_.name not in {r.name for r in roots}), key=lambda t: t.name)
    parts.extend(print_types([*roots, *rest], federation=federation))
    return "\n\n".join(parts) + "\n"


def _is_own(type_: GraphQLNamedType) -> bool:
    standard = is_specified_scalar_type(type_) or is_introspection_type(type_)
    return not standard and type_.name not in FEDERATION_TYPES


def print_types(types: Iterable[GraphQLNamedType], *, federation: bool = False) -> Iterator[str]:
    """Each type's text."""
    for type_ in types:
        yield _description(type_.description) + _type(type_, federation)


def _type(type_: GraphQLNamedType, federation: bool) -> str:
    match type_:
        case GraphQLObjectType():
            keys = ' @key(fields: "id")' if federation and NODE in type_.interfaces else ""
            shared = " @shareable" if federation and type_.name in SHAREABLE else ""
            return f"type {type_.name}{_implements(type_.interfaces)}{keys}{shared}{_fields(type_.fields)}"
        case GraphQLInterfaceType():
            return f"interface {type_.name}{_implements(type_.interfaces)}{_fields(type_.fields)}"
        case GraphQLInputObjectType():
            one_of = " @oneOf" if type_.is_one_of else ""
            return f"input {type_.name}{one_of}{_block(_inputs(type_.fields, '  '))}"
        case GraphQLEnumType():
            values = (f"{_description(v.description, '  ')}  {n}{_deprecated(v)}" for n, v in type_.values.items())
            return f"enum {type_.name}{_block(values)}"
        case GraphQLUnionType():
            return f"union {type_.name} = {' | '.join(member.name for member in type_.types)}"
        case GraphQLScalarType(specified_by_url=url) if url:
            return f"scalar {type_.name} @specifiedBy(url: {_quoted(url)})"
        case _:
            return f"scalar {type_.name}"


def _implements(interfaces: Iterable[GraphQLInterfaceType]) -> str:
    names = " & ".join(interface.name for interface in interfaces)
    return f" implements {names}" if names else ""


def _block(lines: Iterable[str]) -> str:
    return " {\n" + "\n".join(lines) + "\n}"


def _fields(fields: Mapping[str, GraphQLField]) -> str:
    return _block(
        f"{_description(field.description, '  ')}  {name}{_arguments(field.args)}: {field.type}{_deprecated(field)}"
        for name, field in fields.items()
        if name not in FEDERATION_FIELDS
    )


def _arguments(arguments: Mapping[str, GraphQLArgument], indent: str = "  ") -> str:
    if not arguments:
        return ""
    if all(argument.description is None for argument in arguments.values()):
        return f"({', '.join(line.strip() for line in _inputs(arguments, ''))})"
    return "(\n" + "\n".join(_inputs(arguments, indent + "  ")) + f"\n{indent})"


def _inputs(fields: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField], indent: str) -> Iterator[str]:
    for name, field in fields.items():
        text = f"{name}: {field.type}{_default(field)}{_deprecated(field)}"
        yield f"{_description(field.description, indent)}{indent}{text}"


def _default(field: GraphQLArgument | GraphQLInputField) -> str:
    value = get_default_value_ast(field)
    return f" = {print_ast(value)}" if value is not None else ""


def _directive(directive: GraphQLDirective) -> str:
    repeatable = " repeatable" if directive.is_repeatable else ""
    places = " | ".join(place.name for place in directive.locations)
    text = f"directive @{directive.name}{_arguments(directive.args, '')}{repeatable} on {places}"
    return _description(directive.description) + text


def _deprecated(element: Any) -> str:
    reason = element.deprecation_reason
    return "" if reason is None else f" @deprecated(reason: {_quoted(reason)})"


_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", **{code: f"\\u{code:04X}" for code in (*range(32), 127)}}


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _description(text: str | None, indent: str = "") -> str:
    """A description before what it describes; one line where it fits, and quoted where a block would lose something."""
    if text is None:
        return ""
    plain = text.replace("\n", "").isprintable()
    if not plain or text != text.strip() or text.endswith(("\\", '"')):
        return f"{indent}{_quoted(text)}\n"
    body = text.replace('"""', '\\"""')
    if "\n" not in body and len(body) <= 110:
        return f'{indent}"""{body}"""\n'
    lines = [f"{indent}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([f'{indent}"""', *lines, f'{indent}"""']) + "\n"


def check(old_sdl: str, new: GraphQLSchema) -> list[BreakingChange]:
    """What the new schema breaks for users of the printed one; raises GraphQLError or TypeError for what is no SDL."""
    return find_breaking_changes(build_schema(old_sdl), new)
