"""Predicates run over rows in memory: exactly the two-valued logic that `plan.predicates` states.

What a row is, is the caller's affair: `read` gives an accessor for a path, `related` the way to related rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from vegraph.errors import PlanError
from vegraph.plan.comparable import normaliser, operand, same
from vegraph.plan.links import number_text
from vegraph.plan.predicates import (
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
from vegraph.schema.binding import RelationField
from vegraph.schema.values import Kind

__all__ = ["Needs", "Reader", "Target", "Test", "columns", "compile_predicate", "needs"]

Test: TypeAlias = Callable[[Any], bool]
"""Row → it fits."""

Reader: TypeAlias = Callable[[Path], Callable[[Any], Any]]
"""Path → (row → its wire value, None where there is none)."""


@dataclass(frozen=True, slots=True)
class Target:
    """The other end of a relation."""

    rows: Callable[[Any], Iterable[Any]]
    """Row → its related rows; none or one for a to-one relation."""
    read: Reader
    related: Callable[[RelationField], Target] | None = None


def compile_predicate(
    predicate: Predicate, read: Reader, related: Callable[[RelationField], Target] | None = None
) -> Test:
    """A function that says of a row whether it fits.

    Compiling raises PlanError for a `Related` without a way to its rows; the function for a wire value that its type
    can't hold (`comparable.normaliser`).
    """
    match predicate:
        case Constant(value=value):
            return lambda row: value
        case And(terms=terms):
            return _every([compile_predicate(t, read, related) for t in terms])
        case Or(terms=terms):
            return _some([compile_predicate(t, read, related) for t in terms])
        case Not(term=term):
            test = compile_predicate(term, read, related)
            return lambda row: not test(row)
        case Compare(path=path, op=op, value=value):
            return _compare(_value(path, read), op, operand(value, path.value))
        case OneOf(path=path, values=values):
            return _one_of(_value(path, read), [operand(v, path.value) for v in values])
        case Match(path=path, how=how, text=text):
            return _match(_value(path, read), how, text.lower() if path.value.folds_case else text)
        case IsNull(path=path):
            get = _value(path, read)
            return lambda row: get(row) is None
        case Related():
            return _related(predicate, related)
        case Within(paths=paths, values=keys):
            return _within([_link(path, read) for path in paths], keys)
        case _:
            assert_never(predicate)


def _value(path: Path, read: Reader) -> Callable[[Any], Any]:
    get, normalise = read(path), normaliser(path.value, path.text)
    return get if normalise is same else lambda row: normalise(get(row))


def _every(tests: Sequence[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) and second(row)

    def test(row: Any) -> bool:
        for each in tests:  # noqa: SIM110 - a generator would cost a frame per row
            if not each(row):
                return False
        return True

    return test


def _some(tests: Sequence[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) or second(row)

    def test(row: Any) -> bool:
        for each in tests:  # noqa: SIM110 - as above
            if each(row):
                return True
        return False

    return test


def _compare(get: Callable[[Any], Any], op: str, other: Any) -> Test:
    if op == "eq":
        return lambda row: bool(get(row) == other)
    if op == "ne":
        return lambda row: bool(get(row) != other)
    holds = _ORDER[op]

    def test(row: Any) -> bool:
        value = get(row)
        return value is not None and holds(value, other)

    return test


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def _one_of(get: Callable[[Any], Any], others: Sequence[Any]) -> Test:
    if all(isinstance(value, Hashable) for value in others):
        known = frozenset(others)
        return lambda row: get(row) in known
    return lambda row: get(row) in others


def _match(get: Callable[[Any], Any], how: str, text: str) -> Test:
    holds = _TEXT[how]

    def test(row: Any) -> bool:
        value = get(row)
        return value is not None and holds(value, text)

    return test


_TEXT: Mapping[str, Callable[[Any, str], bool]] = {
    "contains": operator.contains,
    "has": operator.contains,  # flags are a tuple of names
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def _related(predicate: Related, related: Callable[[RelationField], Target] | None) -> Test:
    if related is None:
        raise PlanError(f"{predicate.relation.name}: related rows are to be compared, but they were not fetched.")
    target = related(predicate.relation)
    rows, fits = target.rows, compile_predicate(predicate.predicate, target.read, target.related)
    if predicate.quantifier == "every":
        return lambda row: all(map(fits, rows(row)))
    if predicate.quantifier == "none":
        return lambda row: not any(map(fits, rows(row)))
    return lambda row: any(map(fits, rows(row)))


def _within(links: Sequence[Callable[[Any], Any]], keys: frozenset[tuple[Any, ...]]) -> Test:
    if len(links) == 1:
        only, single = links[0], frozenset(key[0] for key in keys) - {None}
        return lambda row: only(row) in single
    return lambda row: tuple([link(row) for link in links]) in keys


def _link(path: Path, read: Reader) -> Callable[[Any], Any]:
    """As `plan.links` normalises: Guids and company codes without regard to case, numbers as text, no stand-ins."""
    get, type_ = read(path), path.value
    folded = type_.kind is Kind.UUID or type_.folds_case
    as_text = type_.kind in (Kind.INT, Kind.LONG, Kind.DECIMAL)
    absent = {None, type_.empty, "" if type_.never_null else None}

    def link(row: Any) -> Any:
        value = get(row)
        if value in absent:
            return None
        if folded and isinstance(value, str):
            return value.lower()
        return number_text(value) if as_text else value

    return link


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be read of the rows before a predicate can be run over them."""

    columns: frozenset[str]
    """Wire names of structural properties of the row itself, own ends of the relations included."""
    relations: Mapping[str, tuple[RelationField, Needs]]
    """By graph name: what must be read of related rows."""


def needs(*predicates: Predicate) -> Needs:
    """What these predicates read, to-one relations that paths cross included."""
    found: set[str] = set()
    below: dict[str, tuple[RelationField, list[Predicate]]] = {}
    for leaf in _leaves(predicates):
        if isinstance(leaf, Related):
            found.update(pair.own for pair in leaf.relation.relationship.pairs)
            below.setdefault(leaf.relation.name, (leaf.relation, []))[1].append(leaf.predicate)
            continue
        for path in leaf.paths if isinstance(leaf, Within) else (leaf.path,):
            if not path.relations:
                found.add(path.names[0])
                continue
            first, *rest = path.relations
            found.update(pair.own for pair in first.relationship.pairs)
            inner = IsNull(Path(path.names[1:], path.value, tuple(rest)))
            below.setdefault(first.name, (first, []))[1].append(inner)
    return Needs(frozenset(found), {name: (relation, needs(*inner)) for name, (relation, inner) in below.items()})


def columns(predicate: Predicate) -> frozenset[str]:
    """Wire names of the row's own properties that the predicate reads."""
    return needs(predicate).columns


_Leaf: TypeAlias = Compare | OneOf | Match | IsNull | Related | Within


def _leaves(predicates: Iterable[Predicate]) -> Iterable[_Leaf]:
    stack = list(predicates)
    while stack:
        match stack.pop():
            case And(terms=terms) | Or(terms=terms):
                stack.extend(terms)
            case Not(term=term):
                stack.append(term)
            case Constant():
                pass
            case leaf:
                yield leaf
