"""Fetching what is below rows: each relation by its strategy, for a whole parent list at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from vegraph.errors import NotSupported, VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.build import link_of
from vegraph.plan.conditions import PageSteps
from vegraph.plan.expanded import complete, counted
from vegraph.plan.links import linked_members, own_members, values_of
from vegraph.plan.logic import all_of
from vegraph.plan.paging import Ask, PageResult, decode, finish, read_ask, stamp
from vegraph.plan.predicates import TRUE, Compare, Path
from vegraph.plan.rows import Row, attribute, expanded_attribute
from vegraph.plan.slices import Slicer, cursor_writer, slicer
from vegraph.plan.steps import Company, Key, Lookup, Read

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Related", "fetch_relation"]


@dataclass(slots=True)
class Related:
    """What one relation gave: by link value, or inside the parent's rows."""

    get: Callable[[Any], Any] | None = None
    """Link value → row or page; expanded to-many: the expanded rows → page; None: the row itself was expanded."""
    link: Callable[[Row], Any] | None = None
    error: VegraphError | GraphQLError | None = None
    apart: bool = False
    """The parent's request with `$expand` was refused: fetched in requests of its own."""

    def of(self, row: Row) -> Any:
        """The related row or page of a parent row."""
        assert self.link is not None  # noqa: S101 - fetched
        found = self.link(row)
        return found if self.get is None else self.get(found)


async def fetch_relation(run: Execution, relation: n.Relation, parents: list[Row]) -> None:
    """Fetches one relation and what is below it; an error stays with the relation."""
    known = run.related.get(relation.number)
    apart = known is not None and known.apart
    strategy = relation.otherwise if apart else relation.strategy
    related = run.related[relation.number] = Related(apart=apart)
    if not parents:
        related.get, related.link = (lambda _: None), (lambda _: None)
        return
    try:
        rows = await _FETCH[strategy](run, relation, parents, related)
    except (VegraphError, GraphQLError) as error:
        related.error = error
        run.suspect = True
        return
    if relation.relations or relation.functions:
        await run.below(relation, rows)


# Expanded: the rows lie inside their parents


async def _expanded(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    attr = expanded_attribute(relation.field.relationship.name)

    def inside(row: Row) -> Any:
        return getattr(row, attr, None)

    related.link = inside
    if not relation.many:
        return [r for p in parents if (r := inside(p)) is not None]
    ask, steps = await _ask(run, relation)
    page_of = _owned_pages(run, ask, steps) if relation.owned else lambda rows: finish(list(rows), ask)
    pages: dict[int, PageResult] = {}
    below: list[Row] = []
    await complete(run, relation, parents, None if relation.owned else ask.limit + 1)
    for parent in parents:
        rows = inside(parent) or []
        pages[id(rows)] = page = page_of(rows)
        if ask.wants_total and not relation.owned:
            page.total = counted(relation, parent) if page.has_next else len(rows)
        below += page.rows
    empty = _empty_page(ask)
    related.get = lambda rows: pages.get(id(rows), empty)
    return below


def _owned_pages(run: Execution, ask: Ask, steps: PageSteps) -> Callable[[Sequence[Row]], PageResult]:
    """All rows of a parent → its page."""
    keep = run.conditions.keep(all_of((steps.pushed, steps.residue)))
    sliced = slicer(ask)

    def page_of(rows: Sequence[Row]) -> PageResult:
        kept = rows if keep is None else [r for r in rows if keep(r)]
        page = sliced(kept)
        page.total = len(kept) if ask.wants_total else None
        return page

    return page_of


async def _ask(run: Execution, relation: n.Relation) -> tuple[Ask, PageSteps]:
    assert relation.connection is not None  # noqa: S101 - to-many
    values = relation.arguments.values(run.variables)
    place = (relation.entity.source.name, relation.parent.graph_name, relation.field.name)
    where = run.conditions.where(values, relation.entity)
    ask = read_ask(values, relation.entity, where, relation.connection, run.scope.limits, place)
    company = await run.company(relation.entity)
    return ask, await run.conditions.steps(ask, relation.entity, relation.entity.set, company)


# Looked up: one request for all distinct link values


@dataclass(frozen=True, slots=True)
class _Link:
    """One distinct link value of a parent list."""

    raw: Any
    """As the parent's row holds it: what related rows are found by."""
    value: tuple[Any, ...]
    """Normalised: what is asked for."""
    company: str | None


def _links(relation: n.Relation, parents: list[Row]) -> list[_Link]:
    own = own_members(relation.field, relation.parent)
    link = link_of(tuple(m.wire for m in own), relation.parent)
    samples = {link(row): row for row in _asking(relation, parents)}
    return [
        _Link(raw, value, row.c)
        for (raw, row), (_, value) in zip(
            samples.items(), values_of(samples.values(), own, relation.parent), strict=True
        )
        if value is not None
    ]


async def _looked_up(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    members = linked_members(relation.field)
    related.link = link_of(tuple(m.wire for m in own_members(relation.field, relation.parent)), relation.parent)
    found: dict[Any, Any] = {}
    below: list[Row] = []
    ask, steps = await _ask(run, relation) if relation.many else (None, None)
    for company, links in (await _by_company(run, relation, _links(relation, parents))).items():
        distinct = list(dict.fromkeys(x.value for x in links))
        answers = dict(zip(distinct, await _look(run, relation, members, distinct, company, ask, steps), strict=True))
        found.update((x.raw, answers[x.value]) for x in links)
        for answer in answers.values():
            below += answer.rows if isinstance(answer, PageResult) else [] if answer is None else [answer]
    empty = _empty_page(ask)
    related.get = (lambda link: found.get(link, empty)) if relation.many else found.get
    return below


def _asking(relation: n.Relation, parents: Iterable[Row]) -> Iterable[Row]:
    """Parents whose discriminator does not say that this is another's row."""
    relationship = relation.field.relationship
    if relationship.discriminator is None or relationship.discriminator_member is None:
        return parents
    attr = attribute(relationship.discriminator)
    wanted = relationship.discriminator_member
    return [p for p in parents if getattr(p, attr, wanted) in (wanted, None)]


async def _by_company(run: Execution, relation: n.Relation, links: list[_Link]) -> Mapping[Company | None, list[_Link]]:
    """Related rows stay in their parent's company; across sources, the target's default company."""
    target = relation.entity
    if not links:
        return {}
    if target.company != "context":
        return {None: links}
    if target.source.name != relation.parent.source.name:
        return {await run.company(target): links}
    return {
        await run.company(target, name): [x for x in links if x.company == name]
        for name in dict.fromkeys(x.company for x in links)
    }


async def _look(
    run: Execution,
    relation: n.Relation,
    members: Any,
    values: list[tuple[Any, ...]],
    company: Company | None,
    ask: Ask | None,
    steps: PageSteps | None,
) -> list[Any]:
    entity = relation.entity
    assert entity.set is not None  # noqa: S101 - else it is followed
    extra = steps.columns if steps is not None else frozenset()
    type_, expand = run.typed(relation, extra | {m.wire for m in members})
    rule = run.scope.rule(entity)
    parts = (rule, TRUE) if steps is None else (steps.pushed, steps.residue)
    template = Lookup(
        source=entity.source.name,
        set=entity.set,
        entity=entity,
        members=members,
        values=(),
        select=run.select(relation, extra | {m.wire for m in members}),
        cross_company=entity.company not in (None, "context"),
        expand=expand,
        order=() if ask is None or relation.owned else ask.orders if steps and steps.orders_pushed else (),
    )
    bounded = ask is not None and not relation.owned and steps is not None and steps.residue == TRUE
    answers = await run.loaders.lookup(
        type_, members, values, company=company, filter=parts[0], template=template,
        top_each=ask.limit + 1 if ask is not None and bounded else None,
    )  # fmt: skip
    run.suspect |= any(a.suspect for a in answers)
    if ask is None:
        return [a[0] if a else None for a in answers]
    keep = run.conditions.keep(parts[1])
    pages: list[Any] = []
    paged = slicer(ask) if relation.owned or not (steps and steps.orders_pushed) else _cutter(ask)
    for value, answer in zip(values, answers, strict=True):
        if not answer.complete:
            pages.append(_page_for(run, relation, members, value, company, ask))
            continue
        kept = list(answer) if keep is None else [r for r in answer if keep(r)]
        page = paged(kept)
        page.total = len(kept) if ask.wants_total else None
        pages.append(page)
    return [await p if asyncio.iscoroutine(p) else p for p in pages]


def _cutter(ask: Ask) -> Slicer:
    cursor = cursor_writer(ask)

    def cut(rows: Sequence[Row]) -> PageResult:
        page = finish(list(rows), ask)
        page.cursor = cursor
        return page

    return cut


def _empty_page(ask: Ask | None) -> PageResult | None:
    if ask is None:
        return None
    return PageResult(rows=[], total=0 if ask.wants_total else None)


# Batched: a page for each distinct link value, all in one $batch


async def _batched(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    members = linked_members(relation.field)
    related.link = link_of(tuple(m.wire for m in own_members(relation.field, relation.parent)), relation.parent)
    ask, _ = await _ask(run, relation)
    jobs: dict[Any, Any] = {}
    raws: list[tuple[Any, Any]] = []
    for company, links in (await _by_company(run, relation, _links(relation, parents))).items():
        for x in links:
            if (company, x.value) not in jobs:
                jobs[company, x.value] = _page_for(run, relation, members, x.value, company, ask)
            raws.append((x.raw, (company, x.value)))
    pages = dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))
    found = {raw: pages[key] for raw, key in raws}
    empty = _empty_page(ask)
    related.get = lambda link: found.get(link, empty)
    return [row for page in pages.values() for row in page.rows]


async def _page_for(
    run: Execution, relation: n.Relation, members: Any, value: tuple[Any, ...], company: Company | None, ask: Ask
) -> PageResult:
    scope = all_of(Compare(Path((m.wire,), m.value), "eq", v) for m, v in zip(members, value, strict=True))
    return await run.page_of(relation, ask, relation.entity.set, _only(company), send=run.loaders.read, scope=scope)


def _only(company: Company | None) -> tuple[Company, ...]:
    return () if company is None else (company,)


# Followed: the server's own navigation URLs


async def _followed(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    parent_set = relation.parent.set
    if parent_set is None or not relation.parent.key:
        raise NotSupported(f"{relation.field.name}: its parent has no key to follow the navigation property from.")
    wires = tuple(m.wire for m in relation.parent.key)
    related.link = link = link_of(wires, relation.parent)
    if relation.many:
        ask, _ = await _ask(run, relation)
    jobs: dict[Any, Any] = {}
    for parent in parents:
        key = link(parent)
        if key in jobs:
            continue
        values = tuple(getattr(parent, attribute(w)) for w in wires)
        under = (Key(relation.parent.key, values), relation.field.relationship.name)
        company = await run.company(relation.parent, parent.c) if relation.parent.company == "context" else None
        if relation.many:
            jobs[key] = run.page_of(relation, ask, parent_set, _only(company), under=under, send=run.loaders.read)
        else:
            jobs[key] = _one_followed(run, relation, parent_set, company, under)
    answers = dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))
    related.get = answers.get
    if relation.many:
        return [row for page in answers.values() for row in page.rows]
    return [row for row in answers.values() if row is not None]


async def _one_followed(
    run: Execution, relation: n.Relation, parent_set: Any, company: Company | None, under: Any
) -> Row | None:
    type_, expand = run.typed(relation)
    step = Read(
        source=relation.parent.source.name,
        set=parent_set,
        entity=relation.entity,
        select=run.select(relation),
        company=company,
        cross_company=relation.parent.company not in (None, "context"),
        expand=expand,
        under=under,
        single=True,
    )
    body = await run.loaders.read(step)
    page = decode(type_, body, step.source, single=True)
    run.suspect |= page.suspect
    if company is not None:
        stamp(page.rows, type_, company.name)
    return page.rows[0] if page.rows else None


_FETCH = {
    n.Strategy.EXPAND: _expanded,
    n.Strategy.LOOKUP: _looked_up,
    n.Strategy.BATCH: _batched,
    n.Strategy.FOLLOW: _followed,
}
