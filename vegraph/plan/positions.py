"""Pages of rows without a key: nothing tells a row from others like it but its position in the list.

Rows that come or go between two pages move the others, so that one may be met twice or not at all. The graph says so
where such lists are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vegraph.plan import cursors
from vegraph.plan.paging import Ask, PageResult
from vegraph.plan.rows import Row

__all__ = ["cut", "enough", "page", "window"]


def _bounds(ask: Ask) -> tuple[int, int | None]:
    """Rows before the first that is meant, and up to and with the last; None: there is no such bound."""
    start = 0 if ask.after_place is None else ask.after_place.skip
    return start, None if ask.before_place is None else max(0, ask.before_place.skip - 1)


def window(ask: Ask, total: int | None) -> tuple[int, int]:
    """`$skip` and `$top` of a page. `total`: how many rows there are, which the last ones are counted from."""
    start, end = _bounds(ask)
    if ask.backward:
        end = (total or 0) if end is None else end
        start = max(start, end - ask.limit)
    most = ask.limit + (1 if ask.wants_next and not ask.backward else 0)
    return start, max(0, most if end is None else min(most, end - start))


def enough(ask: Ask) -> int | None:
    """How many rows from the beginning tell a page; None: all of them."""
    start, end = _bounds(ask)
    if ask.wants_total or (ask.backward and end is None):
        return None
    return end if ask.backward else start + ask.limit + 1


def cut(rows: Sequence[Row], ask: Ask) -> PageResult:
    """A page of rows that are all here in their order, from the first one on."""
    start, end = _bounds(ask)
    _, most = window(ask, len(rows))
    meant = rows[start:end]
    if ask.backward:
        start += max(0, len(meant) - ask.limit)
    return page(rows[start : start + most], ask, start, more=len(meant) > ask.limit)


def page(rows: Sequence[Row], ask: Ask, start: int, *, more: bool) -> PageResult:
    """A page of the rows from that position on. `more`: there are others on the side that it was read towards."""
    rows = list(rows[: ask.limit])
    return PageResult(
        rows=rows,
        has_next=ask.before_place is not None if ask.backward else more,
        has_previous=more if ask.backward else ask.after_place is not None,
        cursor=_cursor_writer(rows, ask, start),
    )


def _cursor_writer(rows: Sequence[Row], ask: Ask, start: int) -> Callable[[Row], str]:
    at = {id(row): position for position, row in enumerate(rows, start + 1)}
    return lambda row: cursors.encode_place(ask.binding, cursors.Place((), skip=at[id(row)]))
