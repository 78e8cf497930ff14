"""Types that every graph has: Node, PageInfo, UserError, Media, OrderDirection, and the filters of scalars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLString,
    specified_directives,
)

from vegraph.schema.scalars import SCALAR_OF
from vegraph.schema.values import Kind

__all__ = ["COMMON", "DIRECTIVES", "FILTER_OF", "NODE", "ORDER_DIRECTION", "PAGE_INFO", "USER_ERRORS", "operators"]

NODE = GraphQLInterfaceType(
    "Node",
    {"id": GraphQLField(GraphQLNonNull(GraphQLID), description="The global id: opaque, of type, company and key.")},
    description="A row that can be asked for by its global id.",
)

PAGE_INFO = GraphQLObjectType(
    "PageInfo",
    {
        "hasNextPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), description="Rows follow this page."),
        "hasPreviousPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), description="Rows precede this page."),
        "startCursor": GraphQLField(GraphQLString, description="Cursor of the page's first row; null without rows."),
        "endCursor": GraphQLField(GraphQLString, description="Cursor of the page's last row; null without rows."),
    },
    description="Where a page lies in its list.",
)

USER_ERROR = GraphQLObjectType(
    "UserError",
    {
        "message": GraphQLField(GraphQLNonNull(GraphQLString), description="What is wrong, as the service says it."),
        "code": GraphQLField(
            GraphQLNonNull(GraphQLString),
            description="REJECTED, PRECONDITION_REQUIRED, CONFLICT or BAD_USER_INPUT.",
        ),
        "path": GraphQLField(
            GraphQLList(GraphQLNonNull(GraphQLString)), description="Where in the input; null: nowhere in particular."
        ),
        "target": GraphQLField(GraphQLString, description="What the service complains about, by its own name."),
    },
    description="Something the person who asks can mend.",
)

USER_ERRORS = GraphQLField(
    GraphQLNonNull(GraphQLList(GraphQLNonNull(USER_ERROR))), description="Why nothing was written; empty when it was."
)

MEDIA = GraphQLObjectType(
    "Media",
    {
        "url": GraphQLField(
            GraphQLString,
            description="Where to read the bytes, with the same sign-in; null for a row without global id.",
        ),
        "contentType": GraphQLField(GraphQLString, description="Media type, where the service says it."),
    },
    description="A stream of bytes beside a row.",
)

ORDER_DIRECTION = GraphQLEnumType(
    "OrderDirection",
    {
        "ASC": GraphQLEnumValue("ASC", description="Lowest first; nulls come first."),
        "DESC": GraphQLEnumValue("DESC", description="Highest first; nulls come last."),
    },
    description="Which end of an order comes first.",
)

_SAME = ("eq", "ne", "in", "notIn")
_ORDERED = (*_SAME, "lt", "lte", "gt", "gte")
_TEXT = (*_ORDERED, "contains", "startsWith", "endsWith")
_OPERATORS: Mapping[str, tuple[str, ...]] = {
    "String": _TEXT,
    "UUID": _SAME,
    "Boolean": ("eq", "ne"),
    "Base64": _SAME,
    "Duration": _ORDERED,
}
"""By scalar; others are ordered."""


def operators(type_: Any, names: tuple[str, ...]) -> Iterator[tuple[str, GraphQLInputField]]:
    """The operators of a filter over values of a type, and `isNull`."""
    several = GraphQLList(GraphQLNonNull(type_))
    for name in names:
        yield name, GraphQLInputField(several if name in ("in", "notIn") else type_)
    yield "isNull", GraphQLInputField(GraphQLBoolean)


def _filter(scalar: GraphQLScalarType) -> GraphQLInputObjectType:
    names = _OPERATORS.get(scalar.name, _ORDERED)
    return GraphQLInputObjectType(
        f"{scalar.name}Filter",
        dict(operators(scalar, names)),
        description=f"Conditions on a {scalar.name}; several are all to hold. Only `isNull` asks for null.",
    )


_FILTERS = {scalar.name: _filter(scalar) for kind, scalar in SCALAR_OF.items() if kind is not Kind.JSON}
FILTER_OF: Mapping[Kind, GraphQLInputObjectType] = {
    kind: _FILTERS[scalar.name] for kind, scalar in SCALAR_OF.items() if kind is not Kind.JSON
}
"""The filter of each kind that is a scalar; JSON cannot be filtered."""

COMMON: Mapping[str, GraphQLNamedType] = {
    type_.name: type_
    for type_ in (
        NODE,
        PAGE_INFO,
        USER_ERROR,
        MEDIA,
        ORDER_DIRECTION,
        *_FILTERS.values(),
        *{scalar.name: scalar for scalar in SCALAR_OF.values()}.values(),
    )
}
"""By name."""

ATOMIC = GraphQLDirective(
    "atomic",
    [DirectiveLocation.MUTATION],
    description="All fields of the mutation or none of them. Refused where the service cannot promise it.",
)
IDEMPOTENT = GraphQLDirective(
    "idempotent",
    [DirectiveLocation.FIELD],
    {"key": GraphQLArgument(GraphQLNonNull(GraphQLString), description="The same for every try of one write.")},
    description="Repeating the write under the same key does it once, where the service can promise that.",
)
DIRECTIVES = (*specified_directives, ATOMIC, IDEMPOTENT)
"""All directives that operations may use, and those that describe the schema."""
