"""One list over several companies of a source that takes one company per request (BC): read side by side and merged.

Services order text by collations of their own, so each company's rows stay in the order they came in, and a cursor
says of each company where it goes on.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vegraph.plan import cursors, ordering
from vegraph.plan import nodes as n
from vegraph.plan.accessors import accessor
from vegraph.plan.paging import Ask, PageResult
from vegraph.plan.rows import Row
from vegraph.plan.steps import Company, Order

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["page_of_companies"]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row with its company and its values in the order."""

    row: Row
    company: str
    values: tuple[Any, ...]


async def page_of_companies(
    run: Execution, rows: n.Rows, ask: Ask, set_: Any, companies: Sequence[Company]
) -> PageResult:
    """A page whose rows come from all of these companies.

    Rows of equal order values (keys included) come in the order in which the companies were named.
    """
    asks = [_ask_of(ask, company) for company in companies]
    pages = await asyncio.gather(
        *(run.page_of(rows, a, set_, (company,)) for a, company in zip(asks, companies, strict=True))
    )
    streams = [await _placed(run, rows, ask, c, page.rows) for c, page in zip(companies, pages, strict=True)]
    merged = _merged(streams, ask)
    beyond = [p.has_previous if ask.backward else p.has_next for a, p in zip(asks, pages, strict=True) if a.wants_next]
    more = len(merged) > ask.limit or any(beyond)
    cut = (merged[-ask.limit :] if ask.limit else []) if ask.backward else merged[: ask.limit]
    known = _state(ask.after_place)
    return PageResult(
        rows=[placed.row for placed in cut],
        has_next=ask.before_place is not None if ask.backward else more,
        has_previous=more if ask.backward else ask.after_place is not None,
        total=sum(p.total or 0 for p in pages) if ask.wants_total else None,
        cursor=_cursor(ask, _places(merged, known, [c.name for c in companies])),
    )


def _ask_of(ask: Ask, company: Company) -> Ask:
    """What one company is asked for: no row but the count where none of its rows lies there."""
    after, before = ask.after_place, ask.before_place
    start = None if after is None else _state(after).get(company.name)
    end, inclusive = None, False
    if before is not None:
        end, inclusive = _state(before).get(company.name), company.name != before.company
        if end is None:
            return replace(ask, limit=0, wants_next=False)
    return replace(ask, after=start, before=end, before_inclusive=inclusive, wants_next=True, wants_cursors=True)


def _state(place: cursors.Place | None) -> dict[str, tuple[Any, ...] | None]:
    """For each company its last row up to that place."""
    if place is None:
        return {}
    own = {place.company: place.values} if place.company is not None else {}
    return {**dict(place.others), **own}


async def _placed(run: Execution, rows: n.Rows, ask: Ask, company: Company, found: list[Row]) -> list[_Placed]:
    crossing = await run.pages.crossing(ask.orders, found, rows.entity, company)
    reads = [accessor(order.path, crossing) for order in ask.orders]
    return [_Placed(row, company.name, tuple(read(row) for read in reads)) for row in found]


def _merged(streams: Sequence[list[_Placed]], ask: Ask) -> list[_Placed]:
    """All rows in order; backward from the end, so that it is the last ones that are together."""
    if not ask.backward:
        return list(_merge(streams, ask.orders))
    return list(_merge([stream[::-1] for stream in reversed(streams)], ordering.reverse(ask.orders)))[::-1]


def _merge(streams: Sequence[list[_Placed]], orders: Sequence[Order]) -> Iterable[_Placed]:
    return heapq.merge(*streams, key=lambda placed: ordering.position(orders, placed.values))


def _places(
    merged: Iterable[_Placed], known: Mapping[str, tuple[Any, ...] | None], companies: Sequence[str]
) -> dict[int, cursors.Place]:
    """Row (by `id`) → its place."""
    last: dict[str, tuple[Any, ...] | None] = {name: known.get(name) for name in companies}
    found: dict[int, cursors.Place] = {}
    for placed in merged:
        others = tuple((name, values) for name, values in last.items() if name != placed.company)
        found[id(placed.row)] = cursors.Place(placed.values, placed.company, others)
        last[placed.company] = placed.values
    return found


def _cursor(ask: Ask, places: Mapping[int, cursors.Place]) -> Callable[[Row], str]:
    return lambda row: cursors.encode_place(ask.binding, places[id(row)])
