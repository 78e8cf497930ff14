"""graphql-core's types without its check of every name: names are made in `naming`, and lawful by construction.

At thousands of types that check is a third of the time to make them. CI validates eager builds as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
)

__all__ = ["EnumType", "InputType", "InterfaceType", "ObjectType", "field"]


_Made = TypeVar("_Made")


class made_once(Generic[_Made]):  # noqa: N801  # a descriptor, written as the one it stands for
    """`functools.cached_property` without its lock, which all types of a class share: while one thread makes the fields
    of thousands, others would wait. Two may make the same at once; what is stored first is everybody's."""

    def __init__(self, make: Callable[[Any], _Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> made_once[_Made]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _Made: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            return self
        return instance.__dict__.setdefault(self._name, self._make(instance))


def _name(type_: GraphQLNamedType, name: str, description: str | None, extensions: dict[str, Any] | None) -> None:
    """What `GraphQLNamedType.__init__` does, but for the check."""
    type_.name = name
    type_.description = description
    type_.extensions = extensions or {}
    type_.ast_node = None
    type_.extension_ast_nodes = ()


def _resolved(given: Any) -> Any:
    return given() if callable(given) else given


class _WithFields:
    """What object types and interfaces have in common."""

    _fields: Any
    _interfaces: Any

    def __init__(
        self,
        name: str,
        fields: Callable[[], dict[str, GraphQLField]] | dict[str, GraphQLField],
        interfaces: Callable[[], Sequence[GraphQLInterfaceType]] | None = None,
        *,
        extensions: dict[str, Any] | None = None,
        description: str | None = None,
    ) -> None:
        _name(self, name, description, extensions)  # type: ignore[arg-type]  # it is one, beside this class
        self._fields = fields
        self._interfaces = interfaces

    @made_once
    def fields(self) -> dict[str, GraphQLField]:
        """The fields, made on first use."""
        found: dict[str, GraphQLField] = _resolved(self._fields)
        return found


class ObjectType(_WithFields, GraphQLObjectType):
    """An object type."""

    is_type_of = None


class InterfaceType(_WithFields, GraphQLInterfaceType):
    """An interface."""

    resolve_type = None


class InputType(GraphQLInputObjectType):
    """An input object type."""

    def __init__(
        self,
        name: str,
        fields: Callable[[], Mapping[str, GraphQLInputField]] | Mapping[str, GraphQLInputField],
        description: str | None = None,
        *,
        is_one_of: bool = False,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        _name(self, name, description, extensions)
        self._fields = fields
        self.is_one_of = is_one_of

    @made_once
    def fields(self) -> dict[str, GraphQLInputField]:
        """The fields, made on first use."""
        return dict(_resolved(self._fields))


class EnumType(GraphQLEnumType):
    """An enumeration."""

    def __init__(
        self,
        name: str,
        values: Callable[[], dict[str, GraphQLEnumValue]] | dict[str, GraphQLEnumValue],
        description: str | None = None,
    ) -> None:
        _name(self, name, description, None)
        self._values = values

    @made_once
    def values(self) -> dict[str, GraphQLEnumValue]:
        """The values, made on first use."""
        found: dict[str, GraphQLEnumValue] = _resolved(self._values)
        return found


def field(type_: Any, args: Mapping[str, GraphQLArgument] | None = None, **more: Any) -> GraphQLField:
    """A field; `more` as `GraphQLField` takes it."""
    found = GraphQLField(type_, **more)
    if args:
        found.args = dict(args)
    return found
