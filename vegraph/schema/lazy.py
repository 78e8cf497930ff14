"""A GraphQL schema whose types and root fields are made when first asked for.

`graphql.GraphQLSchema` walks every type when it is made, and root types make all their fields: at 4,000 entity types
that is seconds and hundreds of megabytes. Here the attributes that validation and execution read are filled directly,
with dictionaries that make what is looked up in them. Whoever iterates over them (introspection, printing) gets all.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar

from graphql import (
    GraphQLAbstractType,
    GraphQLDirective,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)
from graphql.type.schema import InterfaceImplementations

from vegraph.schema.common import NODE

__all__ = ["LazyRootType", "LazySchema", "MadeOnLookUp", "TypeSource"]

_Value = TypeVar("_Value")


_STORING = RLock()
"""Held only while what was made is stored, never while it is made: a maker may wait for others, and the event loop
would wait with it. Two threads may make an entry at once; the first one stored is everybody's."""


class MadeOnLookUp(dict[str, _Value], Generic[_Value]):
    """A dictionary that makes an entry when it is looked up, and all of them when it is iterated over."""

    def __init__(
        self,
        make: Callable[[str], _Value | None],
        every: Callable[[], Iterable[str]],
        whole: Callable[[], Mapping[str, _Value]] | None = None,
    ) -> None:
        """`every`: all names; or `whole`: all names and entries, where to make them is to know them."""
        super().__init__()
        self._make = make
        self._every = every
        self._whole = whole
        self._complete = False
        self._absent: set[str] = set()

    def __missing__(self, name: str) -> _Value:
        with _STORING:  # while another thread puts all entries in order, they are gone for a moment
            if super().__contains__(name):
                return super().__getitem__(name)
            known = self._complete or name in self._absent
        found = None if known else self._make(name)
        with _STORING:
            if found is not None:
                return self.setdefault(name, found)
            if not self._complete and len(self._absent) < 1000:
                self._absent.add(name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The entry, made if need be."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and self.get(name) is not None)

    def _fill(self) -> None:
        if self._complete:
            return
        if self._whole is not None:
            made = dict(self._whole())
        else:
            made = {name: found for name in self._every() if (found := self.get(name)) is not None}
        with _STORING:
            if not self._complete:  # another thread may have done it meanwhile
                made.update({name: found for name, found in super().items() if name in made})
                self.clear()
                self.update(made)  # in the order of `every`, whatever was looked up first
                self._complete = True

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return super().__iter__()

    def __len__(self) -> int:
        self._fill()
        return super().__len__()

    def __bool__(self) -> bool:
        return True

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """All names."""
        self._fill()
        return super().keys()

    def values(self) -> ValuesView[_Value]:  # type: ignore[override]
        """All entries."""
        self._fill()
        return super().values()

    def items(self) -> ItemsView[str, _Value]:  # type: ignore[override]
        """All names and entries."""
        self._fill()
        return super().items()

    def copy(self) -> dict[str, _Value]:
        """All of it, as a plain dictionary."""
        return dict(self.items())


class LazyRootType(GraphQLObjectType):
    """A root type whose fields are made when they are looked up."""

    def __init__(self, name: str, fields: MadeOnLookUp[GraphQLField], description: str) -> None:
        super().__init__(name, {}, description=description)
        self.__dict__["fields"] = fields  # before the cached property of the base is asked


class TypeSource(Protocol):
    """Where a lazy schema's types come from."""

    def type_of(self, name: str) -> GraphQLNamedType | None:
        """The type of that name, if the graph has it."""

    def all_types(self) -> Iterable[GraphQLNamedType]:
        """Everything, in the order of the schema."""

    def implementations(self, interface: GraphQLInterfaceType) -> InterfaceImplementations:
        """What implements an interface."""


class LazySchema(GraphQLSchema):
    """A valid schema, by construction; CI validates eager builds of it (`Graph.eager`)."""

    def __init__(
        self,
        source: TypeSource,
        query: GraphQLObjectType,
        mutation: GraphQLObjectType | None,
        directives: tuple[GraphQLDirective, ...],
    ) -> None:
        # Not calling the base's __init__ is the point: it would walk every type.
        self.assume_valid = True
        self._validation_errors = []
        self.description = None
        self.extensions = {}
        self.ast_node = None
        self.extension_ast_nodes = ()
        self.query_type = query
        self.mutation_type = mutation
        self.subscription_type = None
        self.directives = directives
        self._source = source
        self._sub_type_map = {}
        self._implementations_map = {}
        self.type_map = MadeOnLookUp(source.type_of, tuple, lambda: {t.name: t for t in source.all_types()})

    def get_implementations(self, interface_type: GraphQLInterfaceType) -> InterfaceImplementations:
        """The objects and interfaces that implement an interface; for Node this makes every entity's type."""
        found = self._implementations_map.get(interface_type.name)
        if found is None:
            found = self._implementations_map[interface_type.name] = self._source.implementations(interface_type)
        return found

    def is_sub_type(self, abstract_type: GraphQLAbstractType, maybe_sub_type: GraphQLNamedType) -> bool:
        """Whether a type is one of an interface's or union's; asked of the type, so that no other is made."""
        interfaces = getattr(maybe_sub_type, "interfaces", ())
        if abstract_type.name == "_Entity":
            return isinstance(maybe_sub_type, GraphQLObjectType) and NODE in interfaces
        if isinstance(abstract_type, GraphQLUnionType):
            return super().is_sub_type(abstract_type, maybe_sub_type)
        return abstract_type in interfaces
