"""Reading one page as decided: in the source's order, by key sets, branch by branch, or whole and sorted here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vegraph.errors import NotSupported, ScanLimit
from vegraph.plan import ordering, positions
from vegraph.plan.accessors import Crossing, accessor
from vegraph.plan.conditions import PageSteps, crossed_by
from vegraph.plan.links import RelatedRows, sought, values_of
from vegraph.plan.logic import all_of
from vegraph.plan.paging import Ask, PageReader, PageResult, both, finish, none_if_true
from vegraph.plan.predicates import FALSE, TRUE, Predicate
from vegraph.plan.rows import Row, row_type
from vegraph.plan.slices import cursor_writer, slice_rows
from vegraph.plan.steps import Company, Lookup, Order, Read
from vegraph.schema.binding import EntityBinding, RelationField

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Pages"]

SIFTED_PAGE = 1000
"""Rows a page, where some that come may not be kept."""
DRIVEN_KEYS = 500
"""Rows are looked up by at most that many keys right away; by more only if a scan is too long."""
BRANCH_ROWS = 2000
"""An `or` is read branch by branch as long as none has more rows than this."""


class Pages:
    """Pages of one request."""

    def __init__(self, run: Execution) -> None:
        self._run = run

    async def page(
        self, reader: PageReader, ask: Ask, steps: PageSteps, fixed: Predicate, entity: EntityBinding
    ) -> PageResult:
        """Reads the page as decided. `fixed` is always pushed: a company, a parent's link values."""
        keep = self._run.conditions.keep(steps.residue)
        pushed = all_of((fixed, steps.pushed))
        if pushed == FALSE:
            return PageResult(rows=[], total=0 if ask.wants_total else None)
        reader.reasons = steps.reasons
        rows: list[Row] | None = None
        if ask.by_position and keep is None and steps.orders_pushed and steps.drive is None:
            return await self._at_position(reader, ask, pushed)
        if steps.branches and ask.search is None:
            rows = await self._by_branches(reader, steps, pushed, keep)
        few = steps.drive is not None and len(steps.drive.values) <= DRIVEN_KEYS
        if rows is None and steps.orders_pushed and steps.ranges is not None and not few and not ask.by_position:
            try:
                sifting = (
                    keep if steps.drive is None else self._run.conditions.keep(all_of((steps.drive, steps.residue)))
                )
                return await self._in_order(reader, ask, steps, pushed, sifting, entity)
            except ScanLimit:
                if steps.drive is None:
                    raise
        if rows is None and steps.drive is not None:
            rows = await self._run.driven(reader, steps.drive, pushed, keep)
        sorted_ = rows is None and steps.orders_pushed
        if rows is None:
            order = ask.orders if sorted_ else ()
            step = replace(reader.base, filter=none_if_true(pushed), search=ask.search, order=order)
            enough = positions.enough(ask) if ask.by_position and sorted_ else None
            rows = (await reader.rows(step, enough, keep)).rows
        crossing = await self.crossing(ask.orders, rows, entity, reader.base.company)
        page = slice_rows(rows, ask, crossing, is_sorted=sorted_)
        page.total = len(rows) if ask.wants_total else None
        return page

    async def _at_position(self, reader: PageReader, ask: Ask, pushed: Predicate) -> PageResult:
        """A page of rows without a key, which the source counts off."""
        step = replace(reader.base, filter=none_if_true(pushed), search=ask.search, order=ask.orders)
        total = None
        if ask.backward and ask.before_place is None:
            total = await self._run.runner.count(step)
        start, top = positions.window(ask, total)
        rows: list[Row] = []
        if ask.wants_rows and top:
            counted = ask.wants_total and total is None and self._counts(step)
            found = await reader.rows(replace(step, skip=start or None, top=top, count=counted), top)
            rows, total = found.rows[:top], found.count if counted else total
        after = 0 if ask.after_place is None else ask.after_place.skip
        page = positions.page(rows, ask, start, more=start > after if ask.backward else len(rows) > ask.limit)
        if ask.wants_total:
            page.total = total if total is not None else await self._run.runner.count(step)
        return page

    async def _by_branches(
        self, reader: PageReader, steps: PageSteps, pushed: Predicate, keep: Callable[[Row], bool] | None
    ) -> list[Row] | None:
        """The rows of all branches, each once; None where some branch has too many to be read whole."""
        key = [accessor(path) for path in ordering.key_paths(reader.base.entity)]
        if not key:
            return None
        tops = BRANCH_ROWS + 1
        pages = await asyncio.gather(
            *(
                reader.rows(replace(reader.base, filter=both(pushed, branch), top=tops), tops)
                for branch in steps.branches
            )
        )
        if any(len(page.rows) > BRANCH_ROWS for page in pages):
            return None
        found = {tuple(str(read(row)) for read in key): row for page in pages for row in page.rows}
        return [row for row in found.values() if keep is None or keep(row)]

    async def _in_order(
        self,
        reader: PageReader,
        ask: Ask,
        steps: PageSteps,
        pushed: Predicate,
        keep: Callable[[Row], bool] | None,
        entity: EntityBinding,
    ) -> PageResult:
        need = ask.limit + (1 if ask.wants_next else 0) if ask.wants_rows else 0
        orders = ordering.reverse(ask.orders) if ask.backward else ask.orders
        ranges = steps.ranges or (TRUE,)
        counted = ask.wants_total and keep is None and ranges == (TRUE,) and self._counts(reader.base)
        rows: list[Row] = []
        total: int | None = None
        for bound in ranges:
            left = need - len(rows)
            if left <= 0 and not (counted and ask.wants_rows):
                break  # no rows: a count alone is cheaper
            step = replace(
                reader.base,
                filter=both(pushed, bound),
                order=orders,
                top=left if keep is None or steps.close else None,
                search=ask.search,
                count=counted,
                page_size=None if keep is None else min(max(left, SIFTED_PAGE), self._run.scope.limits.scan_rows + 1),
            )
            page = await reader.rows(step, left, keep)
            cut = step.top is not None and page.came >= step.top
            if keep is not None and cut and len(page.rows) < left:  # some were dropped, so there may be more
                page, cut = await reader.rows(replace(step, top=None), left, keep), False
            rows += page.rows
            total = (
                page.count if counted else len(rows) if ranges == (TRUE,) and page.next is None and not cut else None
            )
        result = finish(rows[:need], ask)
        if ask.wants_total:
            result.total = total if total is not None else await self._count(reader, ask, steps, pushed, keep)
        if ask.wants_cursors:
            crossing = await self.crossing(ask.orders, result.rows, entity, reader.base.company)
            result.cursor = cursor_writer(ask, crossing)
        return result

    def _counts(self, read: Read) -> bool:
        return self._run.runner.dialect(read.source).why_not_count(read.set) is None

    async def _count(
        self, reader: PageReader, ask: Ask, steps: PageSteps, pushed: Predicate, keep: Callable[[Row], bool] | None
    ) -> int:
        """All rows that fit: by the source's own count, or over a scan of what the condition reads."""
        read = replace(
            reader.base, filter=none_if_true(pushed), search=ask.search, select=(), expand=(), order=(), top=None
        )
        if keep is None:
            return await self._run.runner.count(read)
        entity = read.entity
        needed = steps.columns | {m.wire for m in entity.key}
        counted = 0

        def take(rows: list[Row]) -> None:
            nonlocal counted
            counted += sum(1 for row in rows if keep(row))

        scan = self._run.reader(read, row_type(entity, frozenset(needed)))
        scan.reasons = steps.reasons
        await scan.each_page(replace(read, select=() if entity.subtypes else tuple(sorted(needed))), take)
        return counted

    async def crossing(
        self,
        orders: Sequence[Order],
        rows: list[Row],
        entity: EntityBinding,
        company: Company | None,
    ) -> Crossing:
        """Related rows for an order that goes through to-one relations."""
        found: dict[int, Callable[[Row], Row | None]] = {}
        levels: dict[int, list[Row]] = {}
        for way in crossed_by(orders):
            *before, relation = way
            parent, parents = (before[-1].target, levels[id(before[-1])]) if before else (entity, rows)
            if id(relation) not in found:
                columns = _read_behind(way, orders)
                related = await self._related_rows(relation, parent, parents, company, columns)
                found[id(relation)], levels[id(relation)] = related.get, related.rows
        return found

    async def _related_rows(
        self,
        relation: RelationField,
        parent: EntityBinding,
        parents: list[Row],
        company: Company | None,
        columns: frozenset[str],
    ) -> RelatedRows:
        """Rows of a to-one relation below these rows, with these columns."""
        by, target = sought(relation, parent), relation.target
        linked = values_of(parents, by.own, parent)
        checks = values_of(parents, by.own_checked, parent)
        distinct = list(dict.fromkeys(v for _, v in linked if v is not None))
        if target.set is None or not by.target:
            raise NotSupported(f"orderBy.{relation.name}: no constraint names the related rows.")
        condition = all_of((self._run.scope.rule(target), await self._run.area(relation, parent)))
        sifted = self._run.conditions.sift(condition, target)
        needed = columns | sifted.columns | {m.wire for m in (*by.target, *by.target_checked)}
        type_ = row_type(target, needed)
        template = Lookup(
            source=target.source.name,
            set=target.set,
            entity=target,
            members=by.target,
            values=(),
            select=tuple(sorted(type_.columns)),
            cross_company=target.company not in (None, "context"),
        )
        if target.source.name != parent.source.name:
            company = await self._run.company(target)
        keep = self._run.conditions.keep(sifted.residue)
        answers = await self._run.loaders.lookup(
            type_, by.target, distinct, company=company, filter=sifted.pushed, template=template
        )
        rows = {
            value: next((row for row in answer if keep is None or keep(row)), None)
            for value, answer in zip(distinct, answers, strict=True)
        }
        found: dict[int, Row | None] = {}
        for (row, value), (_, check) in zip(linked, checks, strict=True):
            other = rows.get(value) if value is not None else None
            if other is not None and values_of([other], by.target_checked, target)[0][1] == check:
                found[id(row)] = other
        return RelatedRows(
            lambda row: found.get(id(row)), list({id(row): row for row in found.values() if row is not None}.values())
        )


def _read_behind(way: Sequence[RelationField], orders: Sequence[Order]) -> frozenset[str]:
    """Wire names of the row at the end of a way that the orders read, own sides of the next relations included."""
    found: set[str] = set()
    for path in (order.path for order in orders if order.path.relations[: len(way)] == tuple(way)):
        beyond = path.relations[len(way) :]
        found |= {p.own for p in beyond[0].relationship.pairs} if beyond else {path.names[len(way)]}
    return frozenset(found)
