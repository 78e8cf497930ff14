"""Connections: pages of rows, with edges for caches and nodes for people; and the arguments of lists."""

from __future__ import annotations

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from vegraph.schema.binding import EntityBinding
from vegraph.schema.common import PAGE_INFO
from vegraph.schema.lawful import ObjectType
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.types import Types

__all__ = ["COMPANY", "connection_type", "edge_type", "list_arguments"]

_PAGING = {
    "first": GraphQLArgument(GraphQLInt, description="At most so many rows from the start; left out: a default."),
    "after": GraphQLArgument(GraphQLString, description="Rows after this cursor."),
    "last": GraphQLArgument(GraphQLInt, description="At most so many rows from the end."),
    "before": GraphQLArgument(GraphQLString, description="Rows before this cursor."),
}
_MOVING = (
    " Rows have no key, so a cursor is a position in the list: where rows come or go meanwhile, some may be met twice"
    " or not at all."
)
_BY_POSITION = _PAGING | {
    "after": GraphQLArgument(GraphQLString, description="Rows after this cursor." + _MOVING),
    "before": GraphQLArgument(GraphQLString, description="Rows before this cursor." + _MOVING),
}
"""Of keyless types (`plan.positions`)."""


COMPANY = GraphQLArgument(
    GraphQLList(GraphQLNonNull(GraphQLString)), description="Rows of these companies; left out: of the default one."
)


def list_arguments(types: Types, entity: EntityBinding, *, company: bool = False) -> dict[str, GraphQLArgument]:
    """Paging, companies (of root fields: related rows stay in their parent's), condition and order of a list."""
    named = types.named(entity)
    keyless = not entity.type.key
    found = dict(_BY_POSITION if keyless else _PAGING)
    if company and entity.company is not None:
        found["company"] = COMPANY
    found["where"] = GraphQLArgument(types.helper(Helper.FILTER, named), description="Only rows that fit.")
    order = types.helper(Helper.ORDER, named)
    if order is not None:
        about = "The most important first" + ("." if keyless else "; the key always comes last.")
        found["orderBy"] = GraphQLArgument(GraphQLList(GraphQLNonNull(order)), description=about)
    return found


def connection_type(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    """A page of rows."""
    entity = types.entity(named)
    if entity is None:
        return None

    def fields() -> dict[str, GraphQLField]:
        edge = types.helper(Helper.EDGE, named)
        return {
            "edges": GraphQLField(_all(edge), description="The rows of the page with their cursors."),
            "nodes": GraphQLField(_all(types.row(entity)), description="The rows of the page."),
            "pageInfo": GraphQLField(GraphQLNonNull(PAGE_INFO), description="Where the page lies in the list."),
            "totalCount": GraphQLField(GraphQLInt, description="Rows on all pages; counted only when asked for."),
        }

    return ObjectType(name, fields, description=f"A page of {types.row(entity).name}.")


def _all(type_: GraphQLObjectType) -> GraphQLNonNull[GraphQLList[GraphQLNonNull[GraphQLObjectType]]]:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))


def edge_type(types: Types, named: Named, name: str) -> GraphQLObjectType | None:
    """A row and where it stands in its list."""
    entity = types.entity(named)
    if entity is None:
        return None

    def fields() -> dict[str, GraphQLField]:
        return {
            "node": GraphQLField(GraphQLNonNull(types.row(entity)), description="The row."),
            "cursor": GraphQLField(GraphQLNonNull(GraphQLString), description="For `after` and `before`."),
        }

    return ObjectType(name, fields, description=f"A {types.row(entity).name} in a list.")
