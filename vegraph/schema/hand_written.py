"""The types that no catalog gives, as Strawberry classes: `catalog`, `me`, and the mutations that change the catalog.

What they answer comes from the request's context: `context.desk`, a `Desk` of the app. The Strawberry schema of these
classes is made once per process; its fields stand in every graph beside the generated ones, and `strawberry_schema`
gives a `strawberry.Schema` over the whole of such a graph, for Strawberry's view, extensions and execution.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Protocol

import strawberry
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    introspection_types,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from vegraph.schema.common import COMMON
from vegraph.schema.scalars import SCALARS

__all__ = [
    "Catalog",
    "CatalogChange",
    "CatalogEntity",
    "CatalogPayload",
    "CatalogRelationship",
    "CatalogSource",
    "Desk",
    "EntityLister",
    "UserError",
    "Viewer",
    "ViewerSource",
    "hand_written",
    "strawberry_schema",
]


@strawberry.type(description="A relation of an entity, and how it is fetched.")
class CatalogRelationship:
    """See `catalog.model.Relationship`."""

    name: str = strawberry.field(description="Wire name.")
    graph_name: str | None = strawberry.field(description="Field; null where the graph does not show it.")
    target: str = strawberry.field(description="Wire type it leads to.")
    target_source: str = strawberry.field(description="Source it leads to.")
    many: bool = strawberry.field(description="Whether it leads to many rows.")
    fetch: str = strawberry.field(description="`key`, `field` or `follow`.")
    origin: str = strawberry.field(description="`constraint`, `partner`, `declared` or `path`.")
    why: str = strawberry.field(description="Where it came from and how it is fetched, in a sentence.")


@strawberry.type(description="An entity set of a source, visible in the graph or not.")
class CatalogEntity:
    """One row of the entity catalog."""

    name: str = strawberry.field(description="Wire name of the set.")
    type: str = strawberry.field(description="Wire name of its type.")
    graph_name: str = strawberry.field(description="The type's name in the graph, visible or not.")
    visible: bool = strawberry.field(description="Whether the graph shows it.")
    label: str | None = strawberry.field(description="Caption, where the service gives one.")
    readable: bool = strawberry.field(description="Rows can be read.")
    creatable: bool = strawberry.field(description="Rows can be created.")
    updatable: bool = strawberry.field(description="Rows can be changed.")
    deletable: bool = strawberry.field(description="Rows can be deleted.")
    relationships: list[CatalogRelationship] = strawberry.field(description="Where its rows lead.")


class EntityLister(Protocol):
    """Gives a source's entities when they are asked for."""

    def __call__(self, *, matching: str | None, visible: bool | None) -> list[CatalogEntity]:
        """Those whose set name fits the pattern (a glob), visible or hidden ones only where asked for."""


def _entities(
    root: strawberry.Parent[CatalogSource],
    matching: str | None = strawberry.UNSET,
    visible: bool | None = strawberry.UNSET,
) -> list[CatalogEntity]:
    return root.lister(matching=matching or None, visible=None if visible is strawberry.UNSET else visible)


@strawberry.type(description="An ERP environment in the graph.")
class CatalogSource:
    """One configured source."""

    name: str
    kind: str
    company: str | None = strawberry.field(description="Default company.")
    last_refresh: datetime.datetime | None = strawberry.field(description="When its metadata was read last.")
    problem: str | None = strawberry.field(
        description="Why it cannot be used, or could not be read anew; null: neither."
    )
    lister: strawberry.Private[EntityLister]

    entities: list[CatalogEntity] = strawberry.field(
        resolver=_entities, description="What there is, visible or not, as far as whoever asks may know."
    )


@strawberry.type(description="What the graph is made of.")
class Catalog:
    """All sources."""

    sources: list[CatalogSource]


@strawberry.type(description="As whom calls to a source run for whoever asks.")
class ViewerSource:
    """One source's delegation."""

    name: str
    runs_as: str | None = strawberry.field(description="The ERP's user; null: no calls are made.")
    why: str = strawberry.field(description="How that was decided, in a sentence.")


@strawberry.type(description="Who asks.")
class Viewer:
    """The caller of one request."""

    door: str = strawberry.field(description="Through which door they came in.")
    kind: str = strawberry.field(description="`person`, `contact`, `anonymous` or `application`.")
    name: str | None = strawberry.field(description="For display only.")
    id: strawberry.ID | None = strawberry.field(description="Object id in the tenant, or contact id in the portal.")
    sources: list[ViewerSource]


@strawberry.type(description="One thing that a change of the catalog changes in the graph.")
class CatalogChange:
    """See `catalog.diff.Change`."""

    source: str
    subject: str = strawberry.field(description="Entity set, type or operation.")
    member: str | None
    what: str
    breaking: bool = strawberry.field(description="Whether programs that use it stop working.")


@strawberry.type
class UserError:
    """The same GraphQL type as that of every other mutation."""

    message: str
    code: str
    path: list[str] | None = None
    target: str | None = None


@strawberry.type(description="What became of a change of the catalog.")
class CatalogPayload:
    """The catalog afterwards."""

    catalog: Catalog | None
    changes: list[CatalogChange] = strawberry.field(description="What changed in the graph, or would change.")
    user_errors: list[UserError] = strawberry.field(description="Why nothing was changed; empty when it was.")


@strawberry.input
class VisibilityInput:
    """Which entities."""

    source: str
    entities: list[str] = strawberry.field(description="Names of entity sets, or patterns: `salesOrders*`.")


@strawberry.input
class RefreshCatalogInput:
    """Which source."""

    source: str | None = strawberry.field(default=strawberry.UNSET, description="Left out: all sources.")
    accept_breaking: bool = strawberry.field(
        default=False, description="Refresh though programs that use the graph would stop working."
    )


class Desk(Protocol):
    """Answers of the app for one request. Refuses by raising `vegraph.errors.Forbidden` and the like."""

    async def catalog(self) -> Catalog:
        """As much of it as whoever asks may know."""

    async def viewer(self) -> Viewer:
        """Who asks."""

    async def make_visible(self, source: str, entities: list[str]) -> CatalogPayload:
        """For administrators."""

    async def hide(self, source: str, entities: list[str]) -> CatalogPayload:
        """For administrators."""

    async def refresh(self, source: str | None, accept_breaking: bool) -> CatalogPayload:
        """For administrators. Without `accept_breaking`, breaking changes are named and nothing is done."""


def _desk(info: strawberry.Info) -> Desk:
    desk: Desk = info.context.desk
    return desk


async def _catalog(info: strawberry.Info) -> Catalog:
    return await _desk(info).catalog()


async def _viewer(info: strawberry.Info) -> Viewer:
    return await _desk(info).viewer()


@strawberry.type
class Query:
    """Root fields that read."""

    catalog: Catalog = strawberry.field(
        resolver=_catalog, description="What the graph is made of: sources, entities and relations."
    )
    me: Viewer = strawberry.field(resolver=_viewer, description="Who asks, and as whom each source runs.")


async def _make_visible(info: strawberry.Info, input: VisibilityInput) -> CatalogPayload | None:
    return await _desk(info).make_visible(input.source, input.entities)


async def _hide(info: strawberry.Info, input: VisibilityInput) -> CatalogPayload | None:
    return await _desk(info).hide(input.source, input.entities)


async def _refresh(info: strawberry.Info, input: RefreshCatalogInput) -> CatalogPayload | None:
    return await _desk(info).refresh(input.source or None, input.accept_breaking)


_LASTS = "For administrators; it lasts until the server is started again."


@strawberry.type
class Mutation:
    """Root fields that change the catalog."""

    make_visible: CatalogPayload | None = strawberry.mutation(
        resolver=_make_visible, description=f"Make entities visible in the graph. {_LASTS}"
    )
    hide: CatalogPayload | None = strawberry.mutation(
        resolver=_hide, description=f"Hide entities from the graph. {_LASTS}"
    )
    refresh_catalog: CatalogPayload | None = strawberry.mutation(
        resolver=_refresh, description=f"Ask sources for their metadata anew. {_LASTS}"
    )


class Root(Enum):
    """A root type."""

    QUERY = "query_type"
    MUTATION = "mutation_type"


def _config() -> StrawberryConfig:
    definition = ScalarDefinition(
        name="DateTime", description=None, specified_by_url=None, serialize=None, parse_value=None, parse_literal=None,
        implementation=SCALARS["DateTime"],
    )  # fmt: skip
    return StrawberryConfig(scalar_map={datetime.datetime: definition})


_IS_ONE_OF = introspection_types["__Type"].fields["isOneOf"]  # type: ignore[attr-defined]


def _schema(**options: Any) -> strawberry.Schema:
    """A schema of the hand-written classes. Strawberry replaces `isOneOf` of all schemas of the process by one that
    knows its own classes only and says no of all others; the language's own is put back."""
    try:
        return strawberry.Schema(query=Query, mutation=Mutation, **{"config": _config(), **options})
    finally:
        introspection_types["__Type"].fields["isOneOf"] = _IS_ONE_OF  # type: ignore[attr-defined]


@cache
def _made() -> GraphQLSchema:
    """The hand-written schema, once per process, its common types replaced by the graph's own."""
    schema = _schema()._schema
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for field in type_.fields.values():
                field.type = _grafted(field.type)
    return schema


def _grafted(type_: Any) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return GraphQLNonNull(_grafted(type_.of_type))
    if isinstance(type_, GraphQLList):
        return GraphQLList(_grafted(type_.of_type))
    return COMMON.get(get_named_type(type_).name, type_)


def hand_written(root: Root) -> Mapping[str, GraphQLField]:
    """The hand-written fields of a root type."""
    type_: GraphQLObjectType = getattr(_made(), root.value)
    found: Mapping[str, GraphQLField] = type_.fields
    return found


def strawberry_schema(schema: GraphQLSchema, **options: Any) -> strawberry.Schema:
    """A `strawberry.Schema` over a graph's schema; `options` are those of Strawberry (extensions, config, …)."""
    made = _schema(**options)
    made._schema = schema
    schema._strawberry_schema = made  # type: ignore[attr-defined]  # where Strawberry looks for it in resolvers
    return made
