"""The graph's `where` → a predicate (design.md §5.2).

What comes in is a filter input as GraphQL coercion gives it: graph field names, under them operators, members of
complex values, a to-one target's filter, or `some`, `none`, `every`; and `and`, `or`, `not`. Several members are "and";
`{}` is no condition, before a to-one relation too (that there is a target at all is asked by a condition on its key).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vegraph.errors import BadUserInput
from vegraph.plan.comparable import stands_for_null
from vegraph.plan.logic import all_of, any_of, merge_related, one_of, opposite
from vegraph.plan.predicates import FALSE, TRUE, Compare, IsNull, Match, Path, Predicate, Related, steps
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.values import Kind, Member

__all__ = ["MAX_DEPTH", "predicate"]

MAX_DEPTH = 64
"""Levels that a filter may be nested."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where names are looked up: an entity, or a complex value inside one."""

    members: Mapping[str, Member]
    relations: Mapping[str, RelationField]
    names: tuple[str, ...] = ()
    """Wire names that lead here from the row."""


def predicate(where: Mapping[str, Any] | None, entity: EntityBinding, *, place: str = "where") -> Predicate:
    """The condition that `where` states on rows of the entity. `place` begins the path that messages name.

    Raises BadUserInput for null under an operator or member, nulls in lists, and filters nested too deep.
    """
    return TRUE if where is None else _filter(where, _of(entity), place, 0)


def _of(entity: EntityBinding) -> _Scope:
    return _Scope(entity.members, entity.relations)


def _filter(given: Mapping[str, Any], scope: _Scope, place: str, depth: int) -> Predicate:
    if depth >= MAX_DEPTH:
        raise BadUserInput(f"{place.split('.')[0]}: the filter is nested deeper than {MAX_DEPTH} levels. Flatten it.")
    entries = (_entry(name, value, scope, f"{place}.{name}", depth + 1) for name, value in given.items())
    return merge_related(all_of(entries))


def _entry(name: str, value: Any, scope: _Scope, place: str, depth: int) -> Predicate:
    if name in ("and", "or"):
        combine = all_of if name == "and" else any_of
        items = _listed(value, place)
        return merge_related(combine(_filter(item, scope, f"{place}[{i}]", depth) for i, item in enumerate(items)))
    if name == "not":
        return opposite(_filter(_given(value, place, "Leave it out"), scope, place, depth))
    member = scope.members.get(name)
    if member is not None:
        return _member(member, _given(value, place, _ASK_NULL), scope, place, depth)
    relation = scope.relations.get(name)
    if relation is not None:
        return _relation(relation, _given(value, place, _ASK_NONE), place, depth)
    raise BadUserInput(f"{place}: there is nothing of this name to filter by.")


_ASK_NULL = "Leave it out, or ask for null with `isNull: true`"
_ASK_NONE = "Leave it out, or ask for rows without any with `none: {}`, or `not` a condition on the target's key"


def _given(value: Any, place: str, instead: str) -> Any:
    if value is None:
        raise BadUserInput(f"{place}: null is no condition. {instead}.")
    return value


def _listed(value: Any, place: str) -> list[Any]:
    items = value if isinstance(value, list | tuple) else [value]
    for i, item in enumerate(items):
        if item is None:
            where = place if items is not value else f"{place}[{i}]"
            raise BadUserInput(f"{where}: null cannot stand here. Leave it out; `isNull: true` asks for null.")
    return list(items)


def _member(member: Member, given: Mapping[str, Any], scope: _Scope, place: str, depth: int) -> Predicate:
    names = (*scope.names, *steps(member))
    if member.value.complex is not None and not member.value.collection:
        return _filter(given, _Scope(member.value.complex.members, {}, names), place, depth)
    path = Path(names, member.value)
    return all_of(_operator(path, name, value, f"{place}.{name}") for name, value in given.items())


def _relation(relation: RelationField, given: Mapping[str, Any], place: str, depth: int) -> Predicate:
    target = _of(relation.target)
    if not relation.many:
        inner = _filter(given, target, place, depth)
        return TRUE if inner == TRUE else _related(relation, "one", inner)
    return all_of(
        _related(relation, _quantifier(name, place), _filter(_given(value, f"{place}.{name}", "Leave it out"), target,
                                                             f"{place}.{name}", depth))
        for name, value in given.items()
    )  # fmt: skip


def _quantifier(name: str, place: str) -> Literal["some", "none", "every"]:
    match name:
        case "some" | "none" | "every":
            return name
        case _:
            raise BadUserInput(f"{place}.{name}: a list of rows is asked with `some`, `none` or `every`.")


def _related(
    relation: RelationField, quantifier: Literal["some", "none", "every", "one"], inner: Predicate
) -> Predicate:
    """Without a request where the answer is plain: nothing fits FALSE, everything fits TRUE."""
    match quantifier:
        case "some" | "one" if inner == FALSE:
            return FALSE
        case "none" if inner == FALSE:
            return TRUE
        case "every" if inner == TRUE:
            return TRUE
        case _:
            return Related(relation, quantifier, inner)


def _operator(path: Path, name: str, value: Any, place: str) -> Predicate:
    make = _OPERATORS.get(name)
    if make is None:
        raise BadUserInput(f"{place}: there is no such operator.")
    if value is None:
        raise BadUserInput(
            f"{place}: null cannot be compared. {_INSTEAD.get(name, 'Ask for null with `isNull: true`')}."
        )
    if name in ("in", "notIn") or (path.value.kind is Kind.FLAGS and isinstance(value, list | tuple)):
        value = _listed(value, place)
    return make(path, value)


_INSTEAD = {
    "isNull": "Give true or false",
    "ne": "Ask for rows that have a value with `isNull: false`",
    "notIn": "Ask for rows that have a value with `isNull: false`",
}


def _equal(path: Path, value: Any) -> Predicate:
    return IsNull(path) if stands_for_null(value, path.value) else Compare(path, "eq", value)


def _in(path: Path, values: list[Any]) -> Predicate:
    stated = [v for v in values if not stands_for_null(v, path.value)]
    found = one_of(path, stated)
    return found if len(stated) == len(values) else any_of((found, IsNull(path)))


def _text(how: Literal["contains", "startswith", "endswith"]) -> Callable[[Path, Any], Predicate]:
    def make(path: Path, text: str) -> Predicate:
        # Every text contains the empty one, and services differ over saying so.
        return Match(path, how, text) if text else opposite(IsNull(path))

    return make


def _has(path: Path, value: Any) -> Predicate:
    return all_of(Match(path, "has", name) for name in (value if isinstance(value, list) else [value]))


_OPERATORS: dict[str, Callable[[Path, Any], Predicate]] = {
    "eq": _equal,
    "ne": lambda path, value: opposite(_equal(path, value)),
    "in": _in,
    "notIn": lambda path, value: opposite(_in(path, value)),
    "lt": lambda path, value: Compare(path, "lt", value),
    "lte": lambda path, value: Compare(path, "le", value),
    "gt": lambda path, value: Compare(path, "gt", value),
    "gte": lambda path, value: Compare(path, "ge", value),
    "contains": _text("contains"),
    "startsWith": _text("startswith"),
    "endsWith": _text("endswith"),
    "has": _has,
    "isNull": lambda path, value: IsNull(path) if value else opposite(IsNull(path)),
}
"""By graph name. An empty stand-in counts as null (design.md §5.3), so `eq` and `in` take it as such."""
