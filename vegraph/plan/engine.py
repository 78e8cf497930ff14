"""Runs a plan: root fields side by side, then level by level the relations below their rows.

One `Execution` answers one operation. Nothing of it outlives the request; an error stays with the root field or
relation it belongs to, and `plan.exact` tells graphql-core about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from vegraph.errors import BackendForbidden, BackendInvalid, Incomparable, NotSupported, VegraphError
from vegraph.plan import nodes as n
from vegraph.plan import row_types
from vegraph.plan.conditions import Conditions, PageSteps
from vegraph.plan.fan_out import page_of_companies
from vegraph.plan.functions import call_bound
from vegraph.plan.loaders import Loaders
from vegraph.plan.logic import all_of, one_of
from vegraph.plan.pages import Pages
from vegraph.plan.paging import Ask, PageReader, PageResult, decode, none_if_true, read_ask, stamp
from vegraph.plan.predicates import TRUE, Path, Predicate, Within
from vegraph.plan.related import Related
from vegraph.plan.relations import fetch_relation
from vegraph.plan.roots import answer
from vegraph.plan.rows import UNFIT, Page, Row, RowType, unfit
from vegraph.plan.scope import Allows, Scope, Verb, everything_allowed, no_rule
from vegraph.plan.steps import Company, Expand, Key, Lookup, Read, ReadOne
from vegraph.schema.binding import EntityBinding, Graph, RelationField

if TYPE_CHECKING:
    from vegraph.plan.operation import Planner

__all__ = ["Allows", "Execution", "Failure", "Scope", "Verb", "everything_allowed", "no_rule"]

REFUSED_WITH_EXPAND = (BackendForbidden, BackendInvalid, NotSupported)
"""Answers upon which related rows are asked for apart: perhaps only they are closed to this user."""


@dataclass(slots=True)
class Failure:
    """A root field that could not be answered."""

    error: VegraphError | GraphQLError


class Execution:
    """One operation of one request."""

    def __init__(
        self,
        planner: Planner,
        plan: n.OperationPlan,
        scope: Scope,
        variables: VariableValues | None,
        for_entity: Callable[[n.Root, EntityBinding], tuple[n.Rows, n.Shapes]],
    ) -> None:
        self.graph: Graph = planner.graph
        self.encode_id = planner.encode_id
        self.media_url = planner.media_url
        self.plan = plan
        self.scope = scope
        self.runner = scope.runner
        self.variables = variables
        self.for_entity = for_entity
        self.loaders = Loaders(scope.runner)
        self.conditions = Conditions(self)
        self.pages = Pages(self)
        self.results: dict[str, Any] = {}
        """Response key → PageResult, row, Found, list, value, or Failure."""
        self.related: dict[int, Related] = {}
        """Relation number → what was fetched for it."""
        self.suspect = False
        """Rows hold values that don't fit, or something failed: the answer is completed by graphql-core."""
        self.response: Any = None
        """What the answer was written from, until the end."""
        self._companies: dict[tuple[str, tuple[str, ...] | None], tuple[Company, ...]] = {}

    async def run(self) -> None:
        """All root fields of a query, side by side."""
        roots = [r for r in self.plan.roots if r.binding is not None]
        if len(roots) == 1:
            await self._root(roots[0])
        else:
            await asyncio.gather(*(self._root(r) for r in roots))

    def end(self) -> None:
        """The answer is written: lets go of what refers back, so that the rows go now and not with the next collection
        of garbage."""
        del self.conditions, self.pages

    async def _root(self, root: n.Root) -> None:
        try:
            self.results[root.key] = await answer(self, root)
        except Incomparable as error:
            self.fail(root.key, unfit(_source(root), error))
        except (VegraphError, GraphQLError) as error:
            self.fail(root.key, error)
        except UNFIT:
            if not self.suspect:
                raise
            self.fail(root.key, unfit(_source(root)))

    def fail(self, key: str, error: VegraphError | GraphQLError) -> None:
        """This root field has failed."""
        self.suspect = True
        self.results[key] = Failure(error)

    async def below(self, rows: n.Rows, parents: list[Row]) -> None:
        """Everything below these rows, side by side."""
        for relation in rows.relations:
            if relation.settled:  # its rows are here already
                await fetch_relation(self, relation, parents)
        jobs: list[Awaitable[None]] = [fetch_relation(self, r, parents) for r in rows.relations if not r.settled]
        jobs += [call_bound(self, out, rows.entity, parents) for out in rows.functions]
        if len(jobs) == 1:
            await jobs[0]
        elif jobs:
            await asyncio.gather(*jobs)

    # Companies

    async def companies(self, source: str, given: Sequence[str] | None) -> tuple[Company, ...]:
        """The companies meant, asked for once per request; the default for none, whose rows `where` keeps out."""
        key = (source, tuple(given) if given else None)
        if key not in self._companies:
            self._companies[key] = await self.runner.companies(source, key[1])
        return self._companies[key]

    async def company(self, entity: EntityBinding, name: str | None = None) -> Company | None:
        """The one company of a request: by name, or the default."""
        if entity.company != "context":
            return None
        found = await self.companies(entity.source.name, None if name is None else (name,))
        return found[0] if found else None

    # Columns and row types

    def select(self, rows: n.Rows, extra: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """`$select` of these rows; () for everything."""
        if rows.wants_open or rows.entity.subtypes:
            return ()
        found: tuple[str, ...] = self.plan.remember(
            ("select", id(rows), extra),
            rows,
            lambda: tuple(sorted(rows.columns | extra or {m.wire for m in rows.entity.key})),
        )
        return found

    def typed(
        self, rows: n.Rows, extra: frozenset[str] = frozenset(), *, apart: bool = False
    ) -> tuple[RowType, tuple[Expand, ...]]:
        """Row type and `$expand` of these rows. `apart`: without `$expand`."""
        found: tuple[RowType, tuple[Expand, ...]] = self.plan.remember(
            ("typed", id(rows), extra, apart), rows, lambda: row_types.made(self, rows, extra, apart)
        )
        return found

    def apart_columns(self, rows: n.Rows) -> frozenset[str]:
        """Columns by which relations are found that were to be expanded."""
        found: set[str] = set()
        for relation in rows.relations:
            pairs = relation.field.relationship.pairs
            if relation.otherwise is n.Strategy.FOLLOW or not pairs:
                found.update(m.wire for m in rows.entity.key)
            else:
                found.update(p.own for p in pairs)
        return frozenset(found)

    def mark_apart(self, rows: n.Rows) -> None:
        """Relations of these rows are fetched in requests of their own in this request."""
        self.suspect = True
        for relation in rows.relations:
            if relation.strategy is n.Strategy.EXPAND:
                self.related[relation.number] = Related(apart=True)

    # Lists

    async def page(
        self, rows: n.Rows, connection: n.ConnectionOut, values: Mapping[str, Any], set_: Any, place: Sequence[str]
    ) -> PageResult:
        """A page of a set, with everything below its rows."""
        entity = rows.entity
        companies = await self.companies(entity.source.name, values.get("company")) if entity.company else ()
        where = self.conditions.where(values, entity, set_)
        merged = entity.company == "context" and len(companies) > 1
        ask = read_ask(values, entity, where, connection, self.scope.limits, place, merged=merged)
        if set_.capabilities.searchable is not True:
            ask = replace(ask, search=None)
        if merged:
            page = await page_of_companies(self, rows, ask, set_, companies)
        else:
            page = await self.page_of(rows, ask, set_, companies)
        await self.below(rows, page.rows)
        return page

    async def page_of(
        self,
        rows: n.Rows,
        ask: Ask,
        set_: Any,
        companies: Sequence[Company] = (),
        *,
        under: tuple[Key, str] | None = None,
        send: Callable[[Read], Awaitable[bytes]] | None = None,
        scope: Predicate = TRUE,
    ) -> PageResult:
        """A page of rows, without what is below them.

        `scope`: further condition, always pushed (a parent's link values); `under`: a navigation URL, not the set.
        """
        entity = rows.entity
        company = companies[0] if companies and entity.company == "context" else None
        area = self.in_companies(entity, companies)
        steps = await self.conditions.steps(ask, entity, set_, company, area)
        extra = steps.needed(ask)
        fixed = all_of((area, scope))
        type_, expand = self.typed(rows, extra)
        read = Read(
            source=entity.source.name,
            set=set_,
            entity=entity,
            select=self.select(rows, extra),
            company=company,
            cross_company=entity.company not in (None, "context") and (bool(companies) or send is not None),
            expand=expand,
            under=under,
        )
        try:
            return await self._read_page(read, type_, ask, steps, fixed, send)
        except REFUSED_WITH_EXPAND:
            if not expand:
                raise
        extra |= self.apart_columns(rows)
        read = replace(read, expand=(), select=self.select(rows, extra))
        page = await self._read_page(read, self.typed(rows, extra, apart=True)[0], ask, steps, fixed, send)
        self.mark_apart(rows)
        return page

    async def _read_page(
        self, read: Read, type_: RowType, ask: Ask, steps: PageSteps, fixed: Predicate, send: Any
    ) -> PageResult:
        reader = self.reader(read, type_, send)
        page = await self.pages.page(reader, ask, steps, fixed, read.entity)
        self.suspect |= reader.suspect
        return page

    def reader(self, read: Read, type_: RowType, send: Callable[[Read], Awaitable[bytes]] | None = None) -> PageReader:
        """A reader of that collection."""

        def follow(company: Company | None, link: str) -> Awaitable[bytes]:
            return self.runner.read_link(read.source, company, link)

        return PageReader(
            base=read,
            row_type=type_,
            send=send or self.runner.read,
            follow=follow,
            scan_rows=self.scope.limits.scan_rows,
        )

    async def area(self, relation: RelationField, parent: EntityBinding) -> Predicate:
        """Related rows of another source are its default company's, unless the relation itself names the company."""
        target = relation.target
        own = target.company in (None, "context") or target.company in {p.target for p in relation.relationship.pairs}
        if own or target.source.name == parent.source.name:
            return TRUE
        return self.in_companies(target, await self.companies(target.source.name, None))

    def in_companies(self, entity: EntityBinding, companies: Sequence[Company]) -> Predicate:
        """F&O: the companies asked for, as a condition on the rows."""
        if entity.company in (None, "context") or not companies:
            return TRUE
        member = entity.by_wire[str(entity.company)]
        return one_of(Path((member.wire,), member.value), [c.name for c in companies])

    async def driven(
        self, reader: PageReader, keys: Within, pushed: Predicate, keep: Callable[[Row], bool] | None
    ) -> list[Row]:
        """All rows whose link values are among these keys."""
        base = reader.base
        members = tuple(base.entity.by_wire[p.names[0]] for p in keys.paths)
        template = Lookup(
            source=base.source,
            set=base.set,
            entity=base.entity,
            members=members,
            values=(),
            select=base.select,
            cross_company=base.cross_company or base.entity.company not in (None, "context"),
            expand=base.expand,
        )
        found = await self.loaders.lookup(
            reader.row_type,
            members,
            sorted(keys.values, key=str),
            company=base.company,
            filter=pushed,
            template=template,
        )
        reader.suspect |= any(rows.suspect for rows in found)
        return [row for rows in found for row in rows if keep is None or keep(row)]

    # Single rows

    async def one(
        self,
        rows: n.Rows,
        set_: Any,
        key: Key | None,
        company: Company | None,
        extra: frozenset[str] = frozenset(),
    ) -> Row | None:
        """A row by key, or a singleton (key None), without what is below it. `extra`: columns wanted besides."""
        type_, expand = self.typed(rows, extra)
        step = ReadOne(
            source=rows.entity.source.name,
            set=set_,
            entity=rows.entity,
            key=key,
            select=self.select(rows, extra),
            company=company,
            expand=expand,
        )
        try:
            body = await self.runner.read_one(step)
        except REFUSED_WITH_EXPAND:
            if not expand:
                raise
            extra |= self.apart_columns(rows)
            type_, _ = self.typed(rows, extra, apart=True)
            body = await self.runner.read_one(replace(step, expand=(), select=self.select(rows, extra)))
            self.mark_apart(rows)
        return None if body is None else self.row_of(type_, body, company)

    def row_of(self, type_: RowType, body: bytes, company: Company | None) -> Row | None:
        """The row of a single-row answer."""
        page = decode(type_, body, type_.entity.source.name, single=True)
        self.take(page, type_, company)
        return page.rows[0] if page.rows else None

    def take(self, page: Page, type_: RowType, company: Company | None) -> None:
        """Notes misfits, and which company the rows are of."""
        self.suspect |= page.suspect
        if company is not None:
            stamp(page.rows, type_, company.name)

    async def where(
        self, rows: n.Rows, set_: Any, condition: Predicate, company: Company | None, *, top: int
    ) -> list[Row]:
        """The first rows that fit a condition without relations, without what is below them."""
        sifted = self.conditions.sift(condition, rows.entity)
        type_, expand = self.typed(rows, sifted.columns)
        read = Read(
            source=rows.entity.source.name,
            set=set_,
            entity=rows.entity,
            select=self.select(rows, sifted.columns),
            company=company,
            cross_company=rows.entity.company not in (None, "context"),
            filter=none_if_true(sifted.pushed),
            top=top if sifted.residue == TRUE else None,
            expand=expand,
        )
        keep = self.conditions.keep(sifted.residue)
        reader = self.reader(read, type_)
        try:
            found = (await reader.rows(read, top, keep)).rows
        except REFUSED_WITH_EXPAND:
            if not expand:
                raise
            extra = sifted.columns | self.apart_columns(rows)
            type_, _ = self.typed(rows, extra, apart=True)
            read = replace(read, expand=(), select=self.select(rows, extra))
            reader = self.reader(read, type_)
            found = (await reader.rows(read, top, keep)).rows
            self.mark_apart(rows)
        self.suspect |= reader.suspect
        return found[:top]


def _source(root: n.Root) -> str:
    entity = root.rows.entity if root.rows is not None else getattr(root.binding, "entity", None)
    return entity.source.name if entity is not None else "The source"
