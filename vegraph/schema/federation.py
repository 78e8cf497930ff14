"""Apollo Federation v2: `_service`, `_entities`, and what the printed subgraph says of them (design.md §5.2).

Every object type with a global id is a federation entity, `@key(fields: "id")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    value_from_ast_untyped,
)

from vegraph.schema.binding import BINDING, EntitiesRoot

__all__ = [
    "DEFAULT_VERSION",
    "FEDERATION_FIELDS",
    "FEDERATION_TYPES",
    "ONE_OF",
    "SHAREABLE",
    "federation_fields",
    "link",
]

DEFAULT_VERSION = "2.3"
"""The newest that every composer and gateway takes."""

FEDERATION_FIELDS = frozenset({"_service", "_entities"})
FEDERATION_TYPES = frozenset({"_Any", "_Entity", "_Service"})
"""What a router adds itself, and no printed schema shows."""

SHAREABLE = frozenset({"PageInfo", "UserError", "Media"})
"""Value types that other subgraphs may have too."""


def link(version: str) -> str:
    """The schema extension that says which federation this is."""
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v{version}", import: ["@key", "@shareable"])'


ONE_OF = "directive @oneOf on INPUT_OBJECT"
"""Composers are built on a GraphQL that does not know the directive, and refuse what is not defined."""


def _same(value: object) -> object:
    return value


_ANY = GraphQLScalarType(
    "_Any",
    description="A representation: `__typename` and the key.",
    coerce_input_value=_same,
    coerce_input_literal=value_from_ast_untyped,
)


def federation_fields(
    entities: Callable[[], Iterable[GraphQLObjectType]], any_entity: bool, sdl: Callable[[], str]
) -> dict[str, GraphQLField]:
    """The two root fields; without entities there is no `_entities`."""
    service = GraphQLObjectType(
        "_Service", {"sdl": GraphQLField(GraphQLNonNull(GraphQLString), resolve=lambda *_: sdl())}
    )
    found = {"_service": GraphQLField(GraphQLNonNull(service), resolve=lambda *_: {})}
    if any_entity:
        union = GraphQLUnionType("_Entity", lambda: list(entities()))
        representations = GraphQLNonNull(GraphQLList(GraphQLNonNull(_ANY)))
        found["_entities"] = GraphQLField(
            GraphQLNonNull(GraphQLList(union)),
            {"representations": GraphQLArgument(representations)},
            extensions={BINDING: EntitiesRoot()},
        )
    return found
