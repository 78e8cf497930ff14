"""From catalogs to a GraphQL schema: `build(sources, relationships) -> SchemaGraph`.

Lazily, a graph over thousands of visible types is ready in milliseconds; `eager=True`, or `SchemaGraph.eager()`, gives
a plain `graphql.GraphQLSchema` of the same types, for validation in CI and for tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    introspection_types,
    specified_scalar_types,
)
from graphql.type.schema import InterfaceImplementations

from vegraph.catalog.model import Relationship
from vegraph.schema import federation, lookups, makers
from vegraph.schema.actions import Actions
from vegraph.schema.binding import EntityBinding, SourceBinding
from vegraph.schema.common import COMMON, DIRECTIVES, NODE
from vegraph.schema.entities import Entities
from vegraph.schema.hand_written import Root, hand_written
from vegraph.schema.lazy import LazyRootType, LazySchema, MadeOnLookUp
from vegraph.schema.mutations import write_field
from vegraph.schema.names import Named, Names
from vegraph.schema.naming import RESERVED_TYPES, Helper
from vegraph.schema.queries import NODE_FIELDS, query_field
from vegraph.schema.reach import used
from vegraph.schema.root_names import RootNames, Verb
from vegraph.schema.types import Types
from vegraph.schema.visibility import SourceInput, SourceView
from vegraph.schema.walk import reachable

__all__ = ["SchemaGraph", "SourceInput", "build"]

_VERBS: tuple[Verb, ...] = ("create", "update", "delete")


def build(
    sources: Sequence[SourceInput],
    relationships: Mapping[str, Iterable[Relationship]] | None = None,
    *,
    federation_version: str = federation.DEFAULT_VERSION,
    administration: bool = True,
    eager: bool = False,
) -> SchemaGraph:
    """The graph of these sources.

    `relationships`: those of the configuration that the catalogs do not hold yet, by source name (as
    `catalog.declare` gives them). `administration`: the mutations that change the catalog; not for portals.
    """
    graph = SchemaGraph(sources, relationships or {}, federation_version, administration)
    if eager:
        graph.schema = graph.eager()
    return graph


class SchemaGraph:
    """A schema and the way from its names to what stands behind them; a `schema.binding.Graph`."""

    def __init__(
        self,
        sources: Sequence[SourceInput],
        relationships: Mapping[str, Iterable[Relationship]],
        federation_version: str,
        administration: bool,
    ) -> None:
        self.sources: Mapping[str, SourceBinding] = {source.binding.name: source.binding for source in sources}
        self.views = {source.binding.name: SourceView(input=source) for source in sources}
        self.federation_version = federation_version
        self.names = Names(tuple(self.sources.values()))
        self.entities = Entities(self.views, self.names, _by_type(relationships))
        self.root_names = RootNames(tuple(self.sources.values()), self.names)
        self.types = Types(self.entities, self.root_names, makers.MAKERS, COMMON)
        self.actions = Actions(self.types)
        self._administration = administration
        self._query = LazyRootType("Query", MadeOnLookUp(self._query_field, self._query_names), "What can be read.")
        mutation = LazyRootType(
            "Mutation", MadeOnLookUp(self._mutation_field, self._mutation_names), "What can be written."
        )
        self._mutation = mutation if administration or len(mutation.fields) else None
        self.schema: GraphQLSchema = LazySchema(self, self._query, self._mutation, DIRECTIVES)

    # From names to bindings

    def entity(self, graph_name: str) -> EntityBinding | None:
        """The entity behind the name of an object type or interface; None where the graph does not show it."""
        found = self.names.read(graph_name)
        if found is None or found[0].kind != "entity":
            return None
        named, helper = found
        if helper is None:
            exact = self.entities.exact(named.source, named.wire)
            return exact if exact is not None else self.entities.family(named.source, named.wire)
        family = self.entities.family(named.source, named.wire) if helper is Helper.INTERFACE else None
        return family if family is not None and family.graph_name == graph_name else None

    def entity_of(self, source: str, wire_type: str) -> EntityBinding | None:
        """The entity behind a qualified wire type, as lists and relations give it."""
        return self.entities.family(source, wire_type)

    def object_of(self, source: str, wire_type: str) -> EntityBinding | None:
        """The entity of rows that are exactly of a wire type (`@odata.type`); None for abstract and hidden types."""
        return self.entities.exact(source, wire_type)

    def entity_in(self, source: str, set_name: str) -> EntityBinding | None:
        """The entity of a visible set or singleton."""
        view = self.views.get(source)
        if view is None or not view.allows("read", set_name) or set_name not in view.catalog.entity_sets:
            return None
        return self.entities.family(source, view.catalog.entity_sets[set_name].type)

    def placed(self, entity: EntityBinding, set_name: str) -> EntityBinding:
        """The entity as it is in one of its sets; itself where it has no such set."""
        return self.entities.placed(entity, set_name)

    # Root fields

    @cached_property
    def _fixed(self) -> Mapping[str, GraphQLField]:
        any_entity = any(view.addressable(found.type) for view in self.views.values() for found in _listed(view))
        fields = federation.federation_fields(self._entity_objects, any_entity, lambda: self.sdl)
        return {**NODE_FIELDS, **hand_written(Root.QUERY), **fields}

    @cached_property
    def _administrative(self) -> Mapping[str, GraphQLField]:
        return hand_written(Root.MUTATION) if self._administration else {}

    @cached_property
    def _hand_written_types(self) -> Mapping[str, GraphQLNamedType]:
        fields = (*hand_written(Root.QUERY).values(), *self._administrative.values())
        roots = [get_named_type(type_) for f in fields for type_ in (f.type, *(a.type for a in f.args.values()))]
        return {type_.name: type_ for type_ in reachable(roots, (), lambda _: ())}

    @cached_property
    def sdl(self) -> str:
        """The subgraph's SDL, as a router asks for it."""
        from vegraph.schema.printing import print_sdl

        return print_sdl(self, federation=True)

    def _query_field(self, name: str) -> GraphQLField | None:
        if name in self._fixed:
            return self._fixed[name]
        root = self.root_names.query.get(name)
        return query_field(self.types, root) if root is not None else None

    def _query_names(self) -> list[str]:
        visible = {(view.name, name) for view in self.views.values() for name in view.input.visible}
        roots = self.root_names.query.items()
        shown = [name for name, root in roots if not root.set or (root.source, root.set) in visible]
        return [*self._fixed, *sorted(shown)]

    def _mutation_field(self, name: str) -> GraphQLField | None:
        if name in self._administrative:
            return self._administrative[name]
        write = self.root_names.write(name)
        return write_field(self.types, write) if write is not None else self.actions.field(name)

    def _mutation_names(self) -> list[str]:
        writes = (
            field for named in self._written() for verb in _VERBS for field, _ in self.root_names.writes(verb, named)
        )
        return [*self._administrative, *sorted({*writes, *self.root_names.actions})]

    def _written(self) -> Iterator[Named]:
        for view in self.views.values():
            for entity_set in _listed(view):
                for wire in (entity_set.type, *view.catalog.below(entity_set.type)):
                    if (named := self.names.find(view.name, wire)) is not None:
                        yield named

    # Types

    @cached_property
    def _standing(self) -> Mapping[str, GraphQLNamedType]:
        """Types that are there whatever the catalogs hold."""
        roots = [root for root in (self._query, self._mutation) if root is not None]
        specified = (*specified_scalar_types.values(), *introspection_types.values())
        return {type_.name: type_ for type_ in (*roots, *specified, *COMMON.values())}

    @cached_property
    def _used(self) -> frozenset[tuple[str, str]]:
        return used(self.entities)

    def type_of(self, name: str) -> GraphQLNamedType | None:
        """The type of that name, if the graph has it."""
        found = self._standing.get(name) or self.types.made.get(name)
        if found is not None:
            return found
        if name in federation.FEDERATION_TYPES:
            return self._federation_types.get(name)
        if name in RESERVED_TYPES:
            return self._hand_written_types.get(name)
        read = self.names.read(name)
        if read is not None:
            named, helper = read
            if not self._has(named):
                return None
            made: GraphQLNamedType | None = (
                self.types.declared(named) if helper is None else self.types.helper(helper, named)
            )
            return made
        if self.actions.helper(name) or lookups.make_key(self.types, name):
            return self.types.made.get(name)
        return None

    @cached_property
    def _federation_types(self) -> Mapping[str, GraphQLNamedType]:
        fields = [field for name, field in self._fixed.items() if name in federation.FEDERATION_FIELDS]
        types = [type_ for field in fields for type_ in (field.type, *(a.type for a in field.args.values()))]
        return {named.name: named for named in map(get_named_type, types)}

    def _has(self, named: Named) -> bool:
        view = self.views[named.source]
        if named.kind == "entity":
            if not view.shown(named.wire):
                return False
            if view.sets_of(named.wire):
                return True
        return (named.source, named.wire) in self._used

    def all_types(self) -> list[GraphQLNamedType]:
        """Every type that the root types lead to."""
        roots = [root for root in (self._query, self._mutation) if root is not None]
        return reachable([*roots, *introspection_types.values()], DIRECTIVES, lambda i: self.implementations(i).objects)

    def implementations(self, interface: GraphQLInterfaceType) -> InterfaceImplementations:
        """What implements an interface: every entity with a global id, or a type's subtypes and itself."""
        named = (
            [(view.name, wire) for view in self.views.values() for wire in self._shown_types(view)]
            if interface is NODE
            else self._family_of(interface)
        )
        objects: dict[str, GraphQLObjectType] = {}
        interfaces: dict[str, GraphQLInterfaceType] = {}
        for source, wire in named:
            family = self.entities.family(source, wire)
            exact = self.entities.exact(source, wire)
            types = [self.types.row(family)] if family else []
            types.extend([self.types.declared(self.names.of(source, wire))] if exact else [])
            for type_ in types:
                if interface in type_.interfaces:
                    into: dict[str, Any] = objects if isinstance(type_, GraphQLObjectType) else interfaces
                    into[type_.name] = type_
        return InterfaceImplementations(objects=[*objects.values()], interfaces=[*interfaces.values()])

    def _family_of(self, interface: GraphQLInterfaceType) -> list[tuple[str, str]]:
        entity = self.entity(interface.name)
        if entity is None:
            return []
        view = self.views[entity.source.name]
        family = (entity.type.name, *view.catalog.below(entity.type.name))
        return [(view.name, wire) for wire in family if view.shown(wire)]

    def _shown_types(self, view: SourceView) -> Iterator[str]:
        """Types whose rows come from visible sets."""
        seen: set[str] = set()
        for entity_set in _listed(view):
            line = [entity.name for entity in view.catalog.line(entity_set.type)]
            for wire in (*reversed(line), *view.catalog.below(entity_set.type)):
                if wire not in seen and view.shown(wire):
                    seen.add(wire)
                    yield wire

    def _entity_objects(self) -> list[GraphQLObjectType]:
        return self.implementations(NODE).objects

    def eager(self) -> GraphQLSchema:
        """All of it as a plain schema, not marked as valid: `graphql.validate_schema` looks at everything."""
        query = GraphQLObjectType("Query", self._query.fields.copy(), description=self._query.description)
        mutation = self._mutation and GraphQLObjectType(
            "Mutation", self._mutation.fields.copy(), description=self._mutation.description
        )
        types = [type_ for type_ in self.all_types() if type_ not in (self._query, self._mutation)]
        return GraphQLSchema(query=query, mutation=mutation, types=types, directives=DIRECTIVES)


def _listed(view: SourceView) -> Iterator[Any]:
    return (found for found in view.sets if not found.singleton and view.allows("read", found.name))


def _by_type(
    relationships: Mapping[str, Iterable[Relationship]],
) -> dict[str, dict[str, tuple[Relationship, ...]]]:
    found: dict[str, dict[str, tuple[Relationship, ...]]] = {}
    for source, each in relationships.items():
        of_source = found.setdefault(source, {})
        for relationship in each:
            of_source[relationship.source] = (*of_source.get(relationship.source, ()), relationship)
    return found
