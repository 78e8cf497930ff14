"""A predicate in the form that `filters` writes: `not` only before leaves, nulls and empty stand-ins made explicit.

Predicates are two-valued; services are not, and some keep 0001-01-01 where the graph says null. So what would come
out differently is spelt out: `ne 5` becomes `ne 5 or eq null`, `lt` leaves the stand-in out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

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
    Operator,
    Or,
    Path,
    Predicate,
)
from vegraph.schema.values import Kind, ValueType

__all__ = ["may_be_null", "normal"]

_OPPOSITE: dict[Operator, Operator] = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


def normal(predicate: Predicate, *, nulls: bool, negated: bool = False) -> Predicate:
    """The same condition (or its opposite), simplified: And and Or are flat and hold no constants; Not stands only
    before Match, IsNull and Related. `nulls`: the service has JSON null where the type allows it."""
    match predicate:
        case Constant(value):
            return Constant(value != negated)
        case Not(term):
            return normal(term, nulls=nulls, negated=not negated)
        case And(terms):
            return (_any if negated else _all)(normal(term, nulls=nulls, negated=negated) for term in terms)
        case Or(terms):
            return (_all if negated else _any)(normal(term, nulls=nulls, negated=negated) for term in terms)
        case Compare(path, op, value):
            return _compare(path, op, value, negated, nulls)
        case OneOf(path, values):
            return _one_of(path, values, negated, nulls)
        case Match(path):
            return _matched(predicate, path, negated, nulls)
        case IsNull(path):
            return _is_null(path, negated, nulls)
    return Not(predicate) if negated else predicate


def may_be_null(path: Path, nulls: bool) -> bool:
    """The service may have JSON null there (and not only a stand-in), or no row behind a relation."""
    return bool(path.relations) or (nulls and not path.value.never_null and path.value.empty is None)


def _compare(path: Path, op: Operator, value: Any, negated: bool, nulls: bool) -> Predicate:
    if _is_empty(value, path.value):
        return _compare_with_empty(path, op, negated)
    if op in ("eq", "ne"):
        asked = Compare(path, _OPPOSITE[op] if negated else op, value)
        return _any((asked, IsNull(path))) if asked.op == "ne" and may_be_null(path, nulls) else asked
    if not negated:
        return _ordered(path, op, value)
    return _or_null(Compare(path, _OPPOSITE[op], value), nulls)


def _compare_with_empty(path: Path, op: Operator, negated: bool) -> Predicate:
    """The value given is the stand-in itself, which no row has as a value."""
    if op in ("eq", "ne"):
        return Constant((op == "ne") != negated)
    plain = Compare(path, op, _EMPTY_PARSED.get(path.value.kind, str)(path.value.empty))
    kept = _all((plain, _is_null(path, True, True)))
    return _or_null(Compare(path, _OPPOSITE[op], plain.value), nulls=False) if negated else kept


def _or_null(asked: Compare, nulls: bool) -> Predicate:
    """An order comparison that null (or its stand-in) passes too."""
    path = asked.path
    if path.value.empty is not None and not path.relations:
        return asked if _stand_in_fits(path.value, asked.op, asked.value) else Or((asked, IsNull(path)))
    return Or((asked, IsNull(path))) if may_be_null(path, nulls) else asked


def _ordered(path: Path, op: Operator, value: Any) -> Predicate:
    asked = Compare(path, op, value)
    if path.value.empty is not None and _stand_in_fits(path.value, op, value) is not False:
        return And((asked, Not(IsNull(path))))
    return asked


def _one_of(path: Path, values: tuple[Any, ...], negated: bool, nulls: bool) -> Predicate:
    real = tuple(dict.fromkeys(value for value in values if not _is_empty(value, path.value)))
    if negated:
        parts = _all(Compare(path, "ne", value) for value in real)
        return _any((parts, IsNull(path))) if real and may_be_null(path, nulls) else parts
    if not real:
        return FALSE
    return Compare(path, "eq", real[0]) if len(real) == 1 else OneOf(path, real)


def _matched(predicate: Match, path: Path, negated: bool, nulls: bool) -> Predicate:
    if not predicate.text and predicate.how != "has":
        return _is_null(path, not negated, nulls)
    if not negated:
        return predicate
    return _any((Not(predicate), IsNull(path))) if may_be_null(path, nulls) else Not(predicate)


def _is_null(path: Path, negated: bool, nulls: bool) -> Predicate:
    """Where the service has neither null (OB-120, OF-81) nor a stand-in for it, nothing is null."""
    if (path.value.never_null or not nulls) and path.value.empty is None and not path.relations:
        return Constant(negated)
    return Not(IsNull(path)) if negated else IsNull(path)


def _all(terms: Iterable[Predicate]) -> Predicate:
    kept: list[Predicate] = []
    for term in terms:
        if term == FALSE:
            return FALSE
        if isinstance(term, And):
            kept.extend(term.terms)
        elif term != TRUE and term not in kept:
            kept.append(term)
    return kept[0] if len(kept) == 1 else And(tuple(kept)) if kept else TRUE


def _any(terms: Iterable[Predicate]) -> Predicate:
    kept: list[Predicate] = []
    for term in terms:
        if term == TRUE:
            return TRUE
        if isinstance(term, Or):
            kept.extend(term.terms)
        elif term != FALSE and term not in kept:
            kept.append(term)
    return kept[0] if len(kept) == 1 else Or(tuple(kept)) if kept else FALSE


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


_EMPTY_PARSED: dict[Kind, Any] = {
    Kind.DATE: _day,
    Kind.NOON_DATE: _day,
    Kind.DATE_TIME: _moment,
    Kind.TIME: time.fromisoformat,
    Kind.UUID: UUID,
}


def _comparable(value: Any, type_: ValueType) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    parse = _EMPTY_PARSED.get(type_.kind)
    return parse(value) if parse is not None and isinstance(value, str) else value


def _is_empty(value: Any, type_: ValueType) -> bool:
    if type_.empty is None:
        return False
    try:
        return bool(_comparable(value, type_) == _comparable(type_.empty, type_))
    except (ValueError, OverflowError):
        return False


def _stand_in_fits(type_: ValueType, op: Operator, value: Any) -> bool | None:
    """Whether the stand-in would pass the comparison; None where that cannot be told."""
    try:
        empty, given = _comparable(type_.empty, type_), _comparable(value, type_)
        if op in ("lt", "le"):
            return bool(empty < given or (op == "le" and empty == given))
        return bool(empty > given or (op == "ge" and empty == given))
    except (ValueError, TypeError, OverflowError):
        return None
