"""graphql-core's types without its check of every name: names are made in `naming`, and lawful by construction.

At thousands of types that check is a third of the time to make them. CI validates eager builds as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
)

__all__ = ["InputType", "InterfaceType", "ObjectType"]


def _resolved(fields: Any) -> Any:
    return fields() if callable(fields) else fields


class ObjectType(GraphQLObjectType):
    """An object type."""

    @cached_property
    def fields(self) -> dict[str, GraphQLField]:
        """The fields, made on first use."""
        found: dict[str, GraphQLField] = _resolved(self._fields)
        return found


class InterfaceType(GraphQLInterfaceType):
    """An interface."""

    @cached_property
    def fields(self) -> dict[str, GraphQLField]:
        """The fields, made on first use."""
        found: dict[str, GraphQLField] = _resolved(self._fields)
        return found


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
        super().__init__(name, fields, description, is_one_of=is_one_of, extensions=extensions)

    @cached_property
    def fields(self) -> dict[str, GraphQLInputField]:
        """The fields, made on first use."""
        found: dict[str, GraphQLInputField] = dict(_resolved(self._fields))
        return found
