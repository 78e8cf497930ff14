"""What a source says of rows it expanded into their parents: how many there are in all, and where the rest is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vegraph.errors import BackendUnavailable, NotSupported, ScanLimit
from vegraph.plan import nodes as n
from vegraph.plan.paging import decode, stamp
from vegraph.plan.rows import Row, count_attribute, expanded_attribute, link_attribute

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["complete", "counted"]


def counted(relation: n.Relation, parent: Row) -> int:
    """The number that came with the expanded rows (`$count=true`). Raises NotSupported where the source gave none."""
    given = getattr(parent, count_attribute(relation.field.relationship.name), None)
    if given is None or not str(given).isdecimal():
        source = relation.entity.source.name
        raise NotSupported(
            f"{relation.field.name}: {source} does not count the rows it expands. Give orderBy with totalCount: "
            "then each page is read on its own, with its count."
        )
    return int(given)


async def complete(run: Execution, relation: n.Relation, parents: Sequence[Row], enough: int | None) -> None:
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
