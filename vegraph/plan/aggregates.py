"""Count, sum, average, min, max and group by over rows as they stream in: exact, and the same in any order of pages.

Sums are exact whatever their width. An average is the exact sum divided by the number of values, rounded half to even
to `AVERAGE_DIGITS` significant digits; of floats, to the nearest float. Nulls and empty stand-ins are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation, Overflow, localcontext
from operator import itemgetter
from typing import Any, Literal, TypeAlias

from vegraph.errors import BadUserInput, PlanError
from vegraph.plan.comparable import normaliser
from vegraph.plan.predicates import Path
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Kind, Member

__all__ = ["AVERAGE_DIGITS", "Aggregation", "Function", "Group", "Totals", "aggregation", "in_order"]

Function: TypeAlias = Literal["sum", "average", "min", "max"]

AVERAGE_DIGITS = 34
"""As many as IEEE 754 decimal128 has."""

_EXACT = Context(prec=4000, traps=[Inexact, InvalidOperation, Overflow])
"""Wide enough for every sum of doubles and of decimals that an ERP keeps; anything wider is an error, not a guess."""
_AVERAGE = Context(prec=AVERAGE_DIGITS, rounding=ROUND_HALF_EVEN)
_FUNCTIONS: dict[str, Function] = {"sum": "sum", "average": "average", "min": "min", "max": "max"}
_SUMMED = frozenset({Kind.INT, Kind.LONG, Kind.DECIMAL, Kind.FLOAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """What is asked of the rows."""

    group_by: tuple[Member, ...] = ()
    values: tuple[tuple[Function, Member], ...] = ()
    """Each once, in the order of the selection."""

    @property
    def columns(self) -> frozenset[str]:
        """Wire names that must be read."""
        return frozenset(m.wire for m in self.group_by) | {m.wire for _, m in self.values}


@dataclass(slots=True)
class Group:
    """The rows that have the group's values in common."""

    values: tuple[Any, ...]
    """Wire value per member of `group_by`, as the first of its rows spelled it."""
    count: int
    results: dict[tuple[Function, str], Any] = field(default_factory=dict)
    """(function, wire name) → sum (int of Int32, Decimal, float), average (Decimal, float), or min and max as the row
    spelled it; None without a value."""


def aggregation(
    selected: Iterable[tuple[str, Sequence[Member | None]]], group_by: Sequence[str] | None, entity: EntityBinding
) -> Aggregation:
    """What a selection on an aggregate needs: pairs of its field (`sum`, `min`, …) and the members below; others are
    passed over. `group_by`: graph names. Raises BadUserInput for a member that rows can't be grouped or summed by.
    """
    values: dict[tuple[Function, str], Member] = {}
    for name, members in selected:
        function = _FUNCTIONS.get(name)
        if function is None:
            continue
        for member in filter(None, members):
            if function in ("sum", "average") and member.value.kind not in _SUMMED:
                raise BadUserInput(f"{name}.{member.field}: values of this type can't be added.")
            values.setdefault((function, member.wire), member)
    groups: dict[str, Member] = {}
    for i, given in enumerate(group_by or ()):
        found = entity.members.get(given)
        if found is None or found.value.collection:
            raise BadUserInput(f"groupBy[{i}]: rows can't be grouped by this.")
        groups.setdefault(found.wire, found)
    return Aggregation(
        group_by=tuple(groups.values()), values=tuple((key[0], member) for key, member in values.items())
    )


class Totals:
    """Takes rows in, page by page and company by company, and tells the groups at the end.

    `read`: path → (row → wire value), as in `plan.evaluate`.
    """

    def __init__(self, asked: Aggregation, read: Callable[[Path], Callable[[Any], Any]]) -> None:
        self._asked = asked
        self._read = [read(Path((m.wire,), m.value)) for m in asked.group_by]
        self._normalise = [normaliser(m.value, m.wire) for m in asked.group_by]
        wires = {m.wire: m for _, m in asked.values}
        self._columns = [
            _Column(m, read(Path((wire,), m.value)), [f for f, of in asked.values if of.wire == wire])
            for wire, m in wires.items()
        ]
        self._groups: dict[tuple[Any, ...], _Gathered] = {}
        if not asked.group_by:
            self._gathered((), ())

    def add(self, rows: Sequence[Any]) -> None:
        """Takes rows in. Raises Incomparable for a wire value that its type can't hold."""
        if not self._asked.group_by:
            self._gathered((), ()).add(rows, self._columns)
            return
        sorted_out: dict[tuple[Any, ...], list[Any]] = {}
        for row in rows:
            key = tuple([normalise(read(row)) for normalise, read in zip(self._normalise, self._read, strict=True)])
            sorted_out.setdefault(key, []).append(row)
        for key, found in sorted_out.items():
            self._gathered(key, tuple(read(found[0]) for read in self._read)).add(found, self._columns)

    def merge(self, other: Totals) -> None:
        """Takes in what another has gathered for the same aggregation."""
        for key, theirs in other._groups.items():
            self._gathered(key, theirs.shown).merge(theirs, self._columns)

    def groups(self) -> list[Group]:
        """All groups by their values, nulls first; without `group_by` exactly one, however few rows there were."""
        found = sorted(self._groups.items(), key=lambda item: _nulls_first(item[0]))
        return [gathered.group(self._columns) for _, gathered in found]

    def _gathered(self, key: tuple[Any, ...], shown: tuple[Any, ...]) -> _Gathered:
        if key not in self._groups:
            self._groups[key] = _Gathered(shown, [_Tally() for _ in self._columns])
        return self._groups[key]


def in_order(groups: Iterable[Group], asked: Aggregation) -> list[Group]:
    """Groups by their values, nulls first. Raises Incomparable for a value that its type can't hold."""
    normalise = [normaliser(m.value, m.wire) for m in asked.group_by]
    return sorted(groups, key=lambda g: _nulls_first([n(v) for n, v in zip(normalise, g.values, strict=True)]))


def _nulls_first(values: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [() if v is None else (v,) for v in values]


@dataclass(slots=True)
class _Column:
    """A member whose values are taken together."""

    member: Member
    read: Callable[[Any], Any]
    functions: list[Function]
    normalise: Callable[[Any], Any] = field(init=False)
    adds: bool = field(init=False)
    compares: bool = field(init=False)

    def __post_init__(self) -> None:
        self.normalise = normaliser(self.member.value, self.member.wire)
        self.adds = not {"sum", "average"}.isdisjoint(self.functions)
        self.compares = not {"min", "max"}.isdisjoint(self.functions)


@dataclass(slots=True)
class _Tally:
    """What is known so far of one column in one group."""

    count: int = 0
    total: Decimal | int = 0
    low: tuple[Any, Any] | None = None
    """(comparable, as the row spelled it)."""
    high: tuple[Any, Any] | None = None

    def add(self, rows: Sequence[Any], column: _Column) -> None:
        normalise, read = column.normalise, column.read
        found = [(value, wire) for wire in map(read, rows) if (value := normalise(wire)) is not None]
        if not found:
            return
        self.count += len(found)
        if column.adds:
            self.total = _plus(self.total, [value for value, _ in found], column.member)
        if column.compares:
            self._range(min(found, key=_FIRST), max(found, key=_FIRST))

    def merge(self, other: _Tally, column: _Column) -> None:
        self.count += other.count
        if column.adds:
            self.total = _plus(self.total, [other.total], column.member)
        if other.low is not None and other.high is not None:
            self._range(other.low, other.high)

    def _range(self, low: tuple[Any, Any], high: tuple[Any, Any]) -> None:
        self.low = low if self.low is None else min(self.low, low, key=_FIRST)
        self.high = high if self.high is None else max(self.high, high, key=_FIRST)

    def result(self, function: Function, kind: Kind) -> Any:
        if self.count == 0:
            return None
        match function:
            case "sum":
                return _typed(self.total, kind)
            case "average":
                return _average(self.total, self.count, kind)
            case "min":
                return self.low[1] if self.low is not None else None
            case "max":
                return self.high[1] if self.high is not None else None


_FIRST = itemgetter(0)


@dataclass(slots=True)
class _Gathered:
    """What is known so far of one group."""

    shown: tuple[Any, ...]
    tallies: list[_Tally]
    count: int = 0

    def add(self, rows: Sequence[Any], columns: Sequence[_Column]) -> None:
        self.count += len(rows)
        for tally, column in zip(self.tallies, columns, strict=True):
            tally.add(rows, column)

    def merge(self, other: _Gathered, columns: Sequence[_Column]) -> None:
        self.count += other.count
        for tally, theirs, column in zip(self.tallies, other.tallies, columns, strict=True):
            tally.merge(theirs, column)

    def group(self, columns: Sequence[_Column]) -> Group:
        results = {
            (function, column.member.wire): tally.result(function, column.member.value.kind)
            for tally, column in zip(self.tallies, columns, strict=True)
            for function in column.functions
        }
        return Group(self.shown, self.count, results)


def _plus(total: Decimal | int, values: Iterable[Any], member: Member) -> Decimal | int:
    """The exact sum; floats as the decimals that they are."""
    if member.value.kind is Kind.FLOAT:
        values = map(Decimal, values)
    try:
        with localcontext(_EXACT):
            return sum(values, total)
    except (Inexact, InvalidOperation, Overflow):
        raise PlanError(f"{member.field}: the values are too far apart to be added exactly.") from None


def _typed(total: Decimal | int, kind: Kind) -> Any:
    if kind is Kind.FLOAT:
        return _nearest(total)
    return total if kind is Kind.INT else Decimal(total)


def _average(total: Decimal | int, count: int, kind: Kind) -> Any:
    if kind is Kind.FLOAT:
        # Divided with more digits than a float has, so that rounding once more does no harm.
        return _nearest(Context(prec=800).divide(Decimal(total), Decimal(count)))
    return _AVERAGE.divide(Decimal(total), Decimal(count))


def _nearest(value: Decimal | int) -> float | None:
    """The nearest float; None beyond the largest, which JSON can't write."""
    found = float(value)
    return found if found - found == 0 else None
