"""Related rows that lie inside their parents' rows, and what the source says of them: how many there are in all, and
where the rest is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from vegraph.errors import BackendUnavailable, NotSupported, ScanLimit
from vegraph.plan import nodes as n
from vegraph.plan.paging import Ask, PageResult, decode, finish, stamp
from vegraph.plan.related import Related, ask_of, empty_page
from vegraph.plan.rows import Row, count_attribute, expanded_attribute, link_attribute
from vegraph.plan.slices import beginner, slicer

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["fetch_expanded"]


async def fetch_expanded(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    """Takes the rows out of their parents; gives those that something is fetched below."""
    related.link = inside = _inside(relation)
    if relation.settled:
        _settle(run, relation)
    if not relation.many:
        return [] if relation.settled else [r for p in parents if (r := inside(p)) is not None]
    ask = await ask_of(run, relation)
    await _complete(run, relation, parents, None if relation.owned else ask.limit + 1)
    if relation.bare and not run.suspect:
        return _bare(relation, ask, parents, related)
    sliced = slicer(ask)
    if relation.owned and relation.settled and not (ask.wants_total or run.suspect):
        related.get = lambda rows: sliced(rows or ())  # when it is completed: nobody asks before
        return []
    pages: dict[int, PageResult] = {}
    below: list[Row] = []
    for parent in parents:
        rows = inside(parent) or []
        page = sliced(rows) if relation.owned else finish(list(rows), ask)
        page.total = len(rows) if ask.wants_total else None
        pages[id(rows)] = page
        if ask.wants_total and not relation.owned:
            page.total = _counted(relation, parent) if page.has_next else len(rows)
        below += page.rows
    empty = empty_page(ask)
    related.get = lambda rows: pages.get(id(rows), empty)
    return below


def _bare(relation: n.Relation, ask: Ask, parents: list[Row], related: Related) -> list[Row]:
    """Rows alone are asked for: they are made pages only where graphql-core completes them."""
    if relation.owned:
        related.get = lambda rows: slicer(ask)(rows or ())
        related.rows = first = beginner(ask)
    else:
        related.get = lambda rows: finish(list(rows or ()), ask)
        related.rows = first = lambda rows: rows[: ask.limit] if rows else ()
    if relation.settled:  # nobody asks before it is completed
        return []
    inside = _inside(relation)
    cut = {id(rows): first(rows) for parent in parents if (rows := inside(parent))}
    related.rows = lambda rows: cut.get(id(rows), ())
    return list(chain.from_iterable(cut.values()))


def _inside(relation: n.Relation) -> Callable[[Row], Any]:
    attr = expanded_attribute(relation.field.relationship.name)

    def inside(row: Row) -> Any:
        return getattr(row, attr, None)

    return inside


def _settle(run: Execution, relation: n.Relation) -> None:
    for below in relation.relations:
        run.related[below.number] = Related(link=_inside(below))
        _settle(run, below)


def _counted(relation: n.Relation, parent: Row) -> int:
    """The number that came with the expanded rows (`$count=true`). Raises NotSupported where the source gave none."""
    given = getattr(parent, count_attribute(relation.field.relationship.name), None)
    if given is None or not str(given).isdecimal():
        source = relation.entity.source.name
        raise NotSupported(
            f"{relation.field.name}: {source} does not count the rows it expands. Give orderBy with totalCount: "
            "then each page is read on its own, with its count."
        )
    return int(given)


async def _complete(run: Execution, relation: n.Relation, parents: Sequence[Row], enough: int | None) -> None:
    """Adds to each parent's rows what the source left for its nested next links, until there are `enough`."""
    attr = link_attribute(relation.field.relationship.name)
    cut = [parent for parent in parents if getattr(parent, attr, None) is not None]
    if cut:
        await asyncio.gather(*(_rest(run, relation, parent, getattr(parent, attr), enough) for parent in cut))


async def _rest(run: Execution, relation: n.Relation, parent: Row, link: str, enough: int | None) -> None:
    source = relation.entity.source.name
    attr = expanded_attribute(relation.field.relationship.name)
    rows: list[Row] = getattr(parent, attr) or []
    type_, _ = run.typed(relation)
    company = await run.company(relation.parent, parent.c) if relation.parent.company == "context" else None
    seen: set[str] = set()
    next_link: str | None = link
    while next_link is not None and (enough is None or len(rows) < enough):
        if next_link in seen:
            raise BackendUnavailable(f"{source} sent the same next link twice.", source=source)
        if len(rows) > run.scope.limits.scan_rows:
            raise ScanLimit(f"{relation.field.name}: one row has more than {run.scope.limits.scan_rows} of them.")
        seen.add(next_link)
        page = decode(type_, await run.runner.read_link(source, company, next_link), source)
        run.suspect |= page.suspect
        if company is not None:
            stamp(page.rows, type_, company.name)
        rows = [*rows, *page.rows]
        next_link = page.next
    setattr(parent, attr, rows)
