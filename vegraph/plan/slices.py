"""Pages of rows that are all here: sorted, cut by cursors, limited; and the cursors of their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from vegraph.plan import cursors, ordering, positions
from vegraph.plan.accessors import Crossing, accessor
from vegraph.plan.paging import Ask, PageResult
from vegraph.plan.rows import Row

__all__ = ["Slicer", "beginner", "cursor_writer", "slice_rows", "slicer"]

Slicer: TypeAlias = Callable[[Sequence[Row]], PageResult]


def cursor_writer(ask: Ask, crossing: Crossing | None = None) -> Callable[[Row], str]:
    """Row → its cursor in this query."""
    readers = [accessor(o.path, crossing) for o in ask.orders]
    return lambda row: cursors.encode(ask.binding, [read(row) for read in readers])


def slice_rows(
    rows: Sequence[Row], ask: Ask, crossing: Crossing | None = None, *, is_sorted: bool = False
) -> PageResult:
    """A page of rows that are all here. `is_sorted`: they came in that order."""
    return slicer(ask, crossing, is_sorted=is_sorted)(rows)


def slicer(ask: Ask, crossing: Crossing | None = None, *, is_sorted: bool = False) -> Slicer:
    """The same for many lists of rows, each a parent's: what they share is made once."""
    reads = [accessor(o.path, crossing) for o in ask.orders]
    key = ordering.sort_key(ask.orders, reads)
    in_order = list if is_sorted else _sorter(ask, reads)
    cursor = cursor_writer(ask, crossing)

    def sliced(rows: Sequence[Row]) -> PageResult:
        ordered = in_order(rows)
        if ask.by_position:
            return positions.cut(ordered, ask)
        if ask.after is not None:
            start = ordering.position(ask.orders, ask.after)
            at = _place(ordered, key, start)
            ordered = ordered[at + 1 :] if at is not None else [r for r in ordered if key(r) > start]
        if ask.before is not None:
            end = ordering.position(ask.orders, ask.before)
            at = _place(ordered, key, end)
            kept = ordered[:at] if at is not None else [r for r in ordered if key(r) < end]
            ordered = [*kept, ordered[at]] if ask.before_inclusive and at is not None else kept
        cut = (ordered[-ask.limit :] if ask.limit else []) if ask.backward else ordered[: ask.limit]
        more = len(ordered) > len(cut)
        return PageResult(
            rows=cut,
            has_next=ask.before is not None if ask.backward else more,
            has_previous=more if ask.backward else ask.after is not None,
            cursor=cursor,
        )

    return sliced


def beginner(ask: Ask) -> Callable[[Sequence[Row] | None], Sequence[Row]]:
    """The rows of the first pages of many lists of rows, each a parent's, and nothing else of them."""
    in_order = _sorter(ask, [accessor(o.path) for o in ask.orders])
    return lambda rows: in_order(rows)[: ask.limit] if rows else ()


def _place(rows: Sequence[Row], key: Callable[[Row], Any], place: Any) -> int | None:
    """Where the row of a cursor is, whatever order the service put the rows in; None: it is not there any more."""
    return next((i for i, row in enumerate(rows) if key(row) == place), None)


def _sorter(ask: Ask, reads: Sequence[ordering.Read]) -> Callable[[Sequence[Row]], list[Row]]:
    """Rows → the same in the order asked for."""
    if not ask.orders:
        return list
    key, texts = ordering.sort_key(ask.orders, reads), ordering.text_key(ask.orders, reads)

    def in_order(rows: Sequence[Row]) -> list[Row]:
        if texts is not None:
            try:
                return sorted(rows, key=texts)
            except (AttributeError, TypeError):
                pass  # a null among them, or what is no text: the exact key knows what to do with it
        return sorted(rows, key=key)

    return in_order
