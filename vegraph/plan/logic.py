"""And, or and not over predicates, simplified as they are made: no constants inside, no nesting, no doubles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, assert_never

from vegraph.plan.predicates import (
    FALSE,
    TRUE,
    And,
    Compare,
    Constant,
    IsNull,
    Match,
    Not,
    OneOf,
    Or,
    Path,
    Predicate,
    Related,
    Within,
)

__all__ = [
    "all_of",
    "any_of",
    "conjuncts",
    "has_no_null",
    "identity",
    "merge_related",
    "one_of",
    "opposite",
    "positive",
]


def conjuncts(predicate: Predicate) -> tuple[Predicate, ...]:
    """What must hold all at once; nothing for TRUE."""
    if isinstance(predicate, And):
        return predicate.terms
    return () if predicate == TRUE else (predicate,)


def all_of(terms: Iterable[Predicate]) -> Predicate:
    """And. Of none: TRUE."""
    kept = _flattened(terms, And, neutral=TRUE, absorbing=FALSE)
    if len(kept) == 1:
        return kept[0]
    return And(kept) if kept else TRUE


def any_of(terms: Iterable[Predicate]) -> Predicate:
    """Or. Of none: FALSE."""
    kept = _flattened(terms, Or, neutral=FALSE, absorbing=TRUE)
    if len(kept) == 1:
        return kept[0]
    return Or(kept) if kept else FALSE


def _flattened(
    terms: Iterable[Predicate], kind: type[And] | type[Or], *, neutral: Constant, absorbing: Constant
) -> tuple[Predicate, ...]:
    kept: dict[Hashable, Predicate] = {}
    for term in terms:
        if isinstance(term, Constant):
            if term.value is absorbing.value:
                return (absorbing,)
            continue
        for part in term.terms if isinstance(term, And | Or) and isinstance(term, kind) else (term,):
            if part == absorbing:
                return (absorbing,)
            if part != neutral:
                kept.setdefault(identity(part), part)
    return tuple(kept.values())


def opposite(predicate: Predicate) -> Predicate:
    """Not. Exact, because the logic is two-valued: `not eq` is `ne`, but `not lt` is no `ge` (null fits neither)."""
    match predicate:
        case Constant(value=value):
            return FALSE if value else TRUE
        case Not(term=term):
            return term
        case Compare(path=path, op="eq", value=value):
            return Compare(path, "ne", value)
        case Compare(path=path, op="ne", value=value):
            return Compare(path, "eq", value)
        case Related(relation=relation, quantifier="some", predicate=inner):
            return Related(relation, "none", inner)
        case Related(relation=relation, quantifier="none", predicate=inner):
            return Related(relation, "some", inner)
        case Related(relation=relation, quantifier="every", predicate=inner):
            return Related(relation, "some", opposite(inner))
        case _:
            return Not(predicate)


def positive(predicate: Predicate) -> Predicate:
    """The same condition with `not` only where nothing else says it: before a text match, a null test or a to-one."""
    match predicate:
        case And(terms=terms):
            return all_of(positive(t) for t in terms)
        case Or(terms=terms):
            return any_of(positive(t) for t in terms)
        case Not(term=term):
            return _negative(term)
        case _:
            return predicate


def _negative(term: Predicate) -> Predicate:
    match term:
        case And(terms=terms):
            return any_of(_negative(t) for t in terms)
        case Or(terms=terms):
            return all_of(_negative(t) for t in terms)
        case Not(term=inner):
            return positive(inner)
        case Compare(path=path, op="lt" | "le" | "gt" | "ge" as op, value=value):
            turned = Compare(path, _TURNED[op], value)
            return turned if has_no_null(path) else any_of((turned, IsNull(path)))
        case OneOf(path=path, values=values):
            return all_of(Compare(path, "ne", value) for value in values)
        case _:
            return opposite(term)


_TURNED: dict[str, Any] = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}


def has_no_null(path: Path) -> bool:
    """Does its type say that there is neither null nor a stand-in for it?"""
    return path.value.never_null and path.value.empty is None and len(path.names) == 1


def one_of(path: Path, values: Iterable[Any]) -> Predicate:
    """The path's value is one of these; doubles dropped. Of none: FALSE."""
    kept = list({_value_identity(value): value for value in values}.values())
    if len(kept) == 1:
        return Compare(path, "eq", kept[0])
    return OneOf(path, tuple(kept)) if kept else FALSE


def merge_related(predicate: Predicate) -> Predicate:
    """The same And or Or with one condition per relation where one says as much: each may cost a request.

    A to-one target that fits both is one target that fits both; no row fits one nor the other: none fits either.
    """
    if not isinstance(predicate, And | Or):
        return predicate
    mergeable = _MERGED_BY_AND if isinstance(predicate, And) else _MERGED_BY_OR
    kept: dict[Hashable, Predicate] = {}
    for term in predicate.terms:
        combine = mergeable.get(term.quantifier) if isinstance(term, Related) else None
        if combine is None or not isinstance(term, Related):
            kept[identity(term)] = term
            continue
        place = ("merged", term.relation.name, term.quantifier)
        first = kept.get(place)
        inner = combine((first.predicate, term.predicate)) if isinstance(first, Related) else term.predicate
        kept[place] = Related(term.relation, term.quantifier, merge_related(inner))
    return all_of(kept.values()) if isinstance(predicate, And) else any_of(kept.values())


_MERGED_BY_AND = {"one": all_of, "every": all_of, "none": any_of}
_MERGED_BY_OR = {"one": any_of, "some": any_of}


def identity(predicate: Predicate) -> Hashable:
    """Equal for equal predicates over the same entity, and hashable whatever values they hold."""
    match predicate:
        case Constant(value=value):
            return value
        case And(terms=terms) | Or(terms=terms):
            return (type(predicate).__name__, *(identity(t) for t in terms))
        case Not(term=term):
            return ("Not", identity(term))
        case Compare(path=path, op=op, value=value):
            return (op, path.names, _value_identity(value))
        case OneOf(path=path, values=values):
            return ("in", path.names, *(_value_identity(v) for v in values))
        case Match(path=path, how=how, text=text):
            return (how, path.names, text)
        case IsNull(path=path):
            return ("null", path.names)
        case Related(relation=relation, quantifier=quantifier, predicate=inner):
            return ("Related", relation.name, quantifier, identity(inner))
        case Within(paths=paths, values=values):
            return ("Within", *(p.names for p in paths), values)
        case _:
            assert_never(predicate)


def _value_identity(value: Any) -> Hashable:
    if isinstance(value, Hashable) and not isinstance(value, tuple):
        return (type(value).__name__, value)
    return (type(value).__name__, repr(value))
