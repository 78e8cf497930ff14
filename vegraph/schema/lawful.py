"""graphql-core's types without its check of every name: names are made in `naming`, and lawful by construction.

At thousands of types that check is a third of the time to make them. CI validates eager builds as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

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

    @cached_property
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

    @cached_property
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

    @cached_property
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
