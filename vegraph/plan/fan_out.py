"""One list over several companies of a source that takes one company per request (BC): read side by side and merged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vegraph.plan import nodes as n
from vegraph.plan import ordering
from vegraph.plan.accessors import accessor
from vegraph.plan.paging import Ask, PageResult
from vegraph.plan.slices import cursor_writer
from vegraph.plan.steps import Company

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["page_of_companies"]


async def page_of_companies(
    run: Execution, rows: n.Rows, ask: Ask, set_: Any, companies: Sequence[Company]
) -> PageResult:
    """A page whose rows come from all of these companies.

    Rows of equal order values (keys included) come in the order in which the companies were named.
    """
    wider = replace(ask, wants_next=True)
    pages = await asyncio.gather(*(run.page_of(rows, wider, set_, (company,)) for company in companies))
    orders = ordering.reverse(ask.orders) if ask.backward else ask.orders
    streams = [page.rows[::-1] if ask.backward else page.rows for page in pages]
    merged = [row for _, row in ordering.merge(streams, ordering.sort_key(orders, [accessor(o.path) for o in orders]))]
    more = len(merged) > ask.limit or any(p.has_previous if ask.backward else p.has_next for p in pages)
    cut = merged[: ask.limit]
    if ask.backward:
        cut.reverse()
    return PageResult(
        rows=cut,
        has_next=ask.before is not None if ask.backward else more,
        has_previous=more if ask.backward else ask.after is not None,
        total=sum(p.total or 0 for p in pages) if ask.wants_total else None,
        cursor=cursor_writer(ask),
    )
