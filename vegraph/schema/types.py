"""The GraphQL types of one graph, each made when first asked for and kept by name.

Modules beside this one make the types; they meet here, so that none imports another: `makers` says who makes a declared
type or a helper of one. A maker gives None where a type would have no fields, for GraphQL has no empty types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
)

from vegraph.schema.binding import EntityBinding
from vegraph.schema.entities import Entities
from vegraph.schema.names import Named, Names, TypeKind
from vegraph.schema.naming import Helper
from vegraph.schema.root_names import RootNames
from vegraph.schema.scalars import SCALAR_OF
from vegraph.schema.values import Kind, ValueType

__all__ = ["Maker", "Types"]

Maker: TypeAlias = "Callable[[Types, Named, str], GraphQLNamedType | None]"
"""(types, what for, graph name) → the type, or None where there would be nothing in it."""


class Types:
    """All types of a graph."""

    def __init__(
        self,
        entities: Entities,
        roots: RootNames,
        makers: Mapping[tuple[TypeKind, Helper | None], Maker],
        common: Mapping[str, GraphQLNamedType],
    ) -> None:
        self.entities = entities
        self.roots = roots
        self.common = common
        """What every graph has: Node, PageInfo, filters of scalars, …"""
        self._makers = makers
        self._lock = RLock()
        self._outputs: dict[tuple[int, str], tuple[ValueType, Any]] = {}
        """Output types by the value they are of, which properties alike share."""
        self.aggregated: dict[str, dict[tuple[str, int], GraphQLField]] = {}
        """Entity → fields that its aggregate types share, by name and type."""
        self.given: dict[tuple[int, bool], GraphQLInputField] = {}
        """Members of inputs by the property they hold, and by whether they must be given."""
        self._inputs: dict[int, tuple[Any, GraphQLInputField]] = {}
        self._helpers: dict[tuple[Helper, str], Any] = {}
        """Those asked for before, whose names need not be worked out again."""
        self.made: dict[str, GraphQLNamedType | None] = {}
        """Everything made so far, by name."""

    @property
    def names(self) -> Names:
        """The names of types."""
        return self.entities.names

    def keep(self, name: str, make: Callable[[], GraphQLNamedType | None]) -> Any:
        """The type of that name, made by `make` the first time; threads that ask at once get the same one."""
        if name not in self.made:
            with self._lock:
                if name not in self.made:
                    self.made[name] = make()
        return self.made[name]

    def declared(self, named: Named) -> Any:
        """The object type of an entity or complex type, the interface of an abstract one, or the enumeration."""
        maker = self._makers[named.kind, None]
        return self.keep(named.name, lambda: maker(self, named, named.name))

    def helper(self, helper: Helper, named: Named) -> Any:
        """A helper type; None where it would be empty or that kind of type has no such helper."""
        maker = self._makers.get((named.kind, helper))
        if maker is None:
            return None
        key = helper, named.name
        if key not in self._helpers:
            name = self.names.helper(helper, named)
            self._helpers[key] = self.keep(name, lambda: maker(self, named, name))
        return self._helpers[key]

    def entity(self, named: Named) -> EntityBinding | None:
        """The entity behind a name, as lists and relations give it."""
        return self.entities.family(named.source, named.wire)

    def named(self, entity: EntityBinding) -> Named:
        """The name behind an entity."""
        return self.names.of(entity.source.name, entity.type.name)

    def row(self, entity: EntityBinding) -> Any:
        """The object type or interface that lists and relations to the entity give."""
        named = self.named(entity)
        if entity.subtypes and not entity.abstract:
            return self.helper(Helper.INTERFACE, named)
        return self.declared(named)

    def output(self, value: ValueType, source: str) -> GraphQLOutputType:
        """The output type of a value of that source, nullable."""
        known = self._outputs.get((id(value), source))
        if known is None:
            item = self._output_item(value, source)
            known = self._outputs[id(value), source] = value, GraphQLList(item) if value.collection else item
        found: GraphQLOutputType = known[1]
        return found

    def _output_item(self, value: ValueType, source: str) -> Any:
        match value.kind:
            case Kind.MEDIA:
                return self.common["Media"]
            case Kind.COMPLEX:
                return self.declared(self.names.of(source, value.edm))
            case Kind.ENUM:
                return self.enum(value, source)
            case Kind.FLAGS:
                return GraphQLList(GraphQLNonNull(self.enum(value, source)))
            case _:
                return SCALAR_OF[value.kind]

    def member_input(self, type_: Any) -> GraphQLInputField:
        """An input field of which nothing is to be said but its type: all of one type share one."""
        known = self._inputs.get(id(type_))
        if known is None:
            known = self._inputs[id(type_)] = type_, GraphQLInputField(type_)
        return known[1]

    def input(self, value: ValueType, source: str) -> Any:
        """The input type of a value, nullable; None where it cannot be given."""
        match value.kind:
            case Kind.MEDIA:
                return None
            case Kind.COMPLEX:
                item = self.helper(Helper.INPUT, self.names.of(source, value.edm))
            case _:
                item = self._output_item(value, source)
        return GraphQLList(GraphQLNonNull(item)) if item is not None and value.collection else item

    def enum(self, value: ValueType, source: str) -> GraphQLEnumType:
        """The enumeration behind a value."""
        found: GraphQLEnumType = self.declared(self.names.of(source, value.edm))
        return found
