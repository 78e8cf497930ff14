"""Every type that can be reached from the root types, without recursion."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from graphql import (
    GraphQLDirective,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

__all__ = ["reachable"]


def reachable(
    roots: Iterable[GraphQLNamedType],
    directives: Iterable[GraphQLDirective],
    implementations: Callable[[GraphQLInterfaceType], Iterable[GraphQLNamedType]],
) -> list[GraphQLNamedType]:
    """The roots and what they lead to, interfaces to all their types, sorted by name."""
    with _uncollected():
        found = _found(roots, directives, implementations)
        return [found[name] for name in sorted(found)]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: what is made here stays, and looking through it again and again takes as long."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _found(
    roots: Iterable[GraphQLNamedType],
    directives: Iterable[GraphQLDirective],
    implementations: Callable[[GraphQLInterfaceType], Iterable[GraphQLNamedType]],
) -> dict[str, GraphQLNamedType]:
    found: dict[str, GraphQLNamedType] = {}
    waiting: list[GraphQLNamedType] = list(roots)
    for directive in directives:
        waiting.extend(get_named_type(argument.type) for argument in directive.args.values())
    while waiting:
        type_ = waiting.pop()
        if type_.name not in found:
            found[type_.name] = type_
            waiting.extend(_next(type_))
            if isinstance(type_, GraphQLInterfaceType):
                waiting.extend(implementations(type_))
    return found


def _next(type_: GraphQLNamedType) -> Iterator[GraphQLNamedType]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from type_.interfaces
        for field in type_.fields.values():
            yield _named(field.type)
            for argument in field.args.values():
                yield _named(argument.type)
    elif isinstance(type_, GraphQLInputObjectType):
        for input_field in type_.fields.values():
            yield _named(input_field.type)
    elif isinstance(type_, GraphQLUnionType):
        yield from type_.types


def _named(type_: Any) -> GraphQLNamedType:
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    named: GraphQLNamedType = type_
    return named
