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
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
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
        return [found[name] for name in _sorted(found)]


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
        waiting.extend(_named(argument.type) for argument in directive.args.values())
    while waiting:
        type_ = waiting.pop()
        if type_.name not in found:
            found[type_.name] = type_
            waiting.extend(next_ for next_ in _next(type_) if next_.name not in found)
            if isinstance(type_, GraphQLInterfaceType):
                waiting.extend(implementations(type_))
    return found


def _sorted(names: Iterable[str]) -> Iterator[str]:
    """As `sorted`, which lets no other thread run until it is done: group by group."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name[:6], []).append(name)
    for start in sorted(groups):
        yield from sorted(groups[start])


def _next(type_: GraphQLNamedType) -> Iterable[GraphQLNamedType]:
    """The types that a type names, each once: of a million members most are of a few scalars, and share their types."""
    if isinstance(type_, GraphQLInputObjectType):
        return {_named(found) for found in {field.type for field in type_.fields.values()}}
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        fields = type_.fields.values()
        held: set[Any] = {field.type for field in fields}
        held.update(argument.type for field in fields if field.args for argument in field.args.values())
        return {*map(_named, held), *type_.interfaces}
    return type_.types if isinstance(type_, GraphQLUnionType) else ()


def _named(type_: Any) -> GraphQLNamedType:
    while type_.__class__ is GraphQLNonNull or type_.__class__ is GraphQLList:
        type_ = type_.of_type
    named: GraphQLNamedType = type_
    return named
