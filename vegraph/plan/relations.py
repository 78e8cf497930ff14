"""Fetching what is below rows: each relation by its strategy, for a whole parent list at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError

from vegraph.errors import Incomparable, NotSupported, VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.accessors import Crossing
from vegraph.plan.build import link_of
from vegraph.plan.comparable import normaliser as comparable
from vegraph.plan.expanded import fetch_expanded
from vegraph.plan.links import Sought, link_values, own_members, sought
from vegraph.plan.logic import all_of
from vegraph.plan.paging import Ask, PageResult, decode, finish, stamp
from vegraph.plan.predicates import FALSE, TRUE, Compare, Path
from vegraph.plan.related import Related, ask_of, empty_page
from vegraph.plan.rows import UNFIT, Row, attribute, unfit
from vegraph.plan.slices import Slicer, cursor_writer, slicer
from vegraph.plan.steps import Company, Key, Lookup, Read

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["fetch_relation"]


async def fetch_relation(run: Execution, relation: n.Relation, parents: list[Row]) -> None:
    """Fetches one relation and what is below it; an error stays with the relation."""
    known = run.related.get(relation.number)
    apart = known is not None and known.apart
    strategy = relation.otherwise if apart else relation.strategy
    related = run.related[relation.number] = Related(apart=apart)
    if relation.only is not None:
        parents = [p for p in parents if (p.t or "").rpartition("#")[2] in relation.only]
    if not parents:
        related.get, related.link = (lambda _: None), (lambda _: None)
        return
    try:
        rows = await _FETCH[strategy](run, relation, parents, related)
    except (VegraphError, GraphQLError) as error:
        related.error = unfit(relation.entity.source.name, error) if isinstance(error, Incomparable) else error
        run.suspect = True
        return
    except UNFIT:
        if not run.suspect:
            raise
        related.error = unfit(relation.entity.source.name)
        return
    if (relation.relations or relation.functions) and (apart or not relation.settled):
        await run.below(relation, rows)


# Looked up: one request for all distinct link values


class _Link(NamedTuple):
    """One distinct link value of a parent list."""

    raw: Any
    """As the parent's row holds it: what related rows are found by."""
    value: tuple[Any, ...]
    """Normalised: what is asked for."""
    checked: tuple[Any, ...]
    """Normalised: what the row that is found must have besides."""
    company: str | None


def _links(relation: n.Relation, by: Sought, parents: list[Row]) -> list[_Link]:
    link = _link_of(relation)
    samples = {link(row): row for row in _asking(relation, parents)}
    own, checked = link_values(by.own, relation.parent), link_values(by.own_checked, relation.parent)
    return [
        _Link(raw, value, check, row.c)
        for raw, row in samples.items()
        if (value := own(row)) is not None and (check := checked(row)) is not None
    ]


def _link_of(relation: n.Relation) -> Callable[[Row], Any]:
    return link_of(tuple(m.wire for m in own_members(relation.field, relation.parent)), relation.parent)


async def _looked_up(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    by = sought(relation.field, relation.parent)
    related.link = _link_of(relation)
    found: dict[Any, Any] = {}
    checked = link_values(by.target_checked, relation.entity) if by.target_checked else None
    ask = await ask_of(run, relation) if relation.many else None
    for company, links in (await _by_company(run, relation, _links(relation, by, parents))).items():
        distinct = list(dict.fromkeys(x.value for x in links))
        answers = dict(zip(distinct, await _look(run, relation, by, distinct, company, ask), strict=True))
        for x in links:
            answer = answers[x.value]
            if checked is not None and answer is not None and checked(answer) != x.checked:
                answer = None
            found[x.raw] = answer
    empty = empty_page(ask)
    related.get = (lambda link: found.get(link, empty)) if relation.many else found.get
    if not (relation.relations or relation.functions):
        return []
    rows = (row for answer in found.values() for row in (answer.rows if isinstance(answer, PageResult) else (answer,)))
    return list({id(row): row for row in rows if row is not None}.values())


def _asking(relation: n.Relation, parents: Iterable[Row]) -> Iterable[Row]:
    """Parents whose discriminator does not say that this is another's row."""
    relationship = relation.field.relationship
    if relationship.discriminator is None or relationship.discriminator_member is None:
        return parents
    attr = attribute(relationship.discriminator)
    member = relation.parent.by_wire.get(relationship.discriminator)
    plain = comparable(member.value) if member is not None else (lambda value: value)
    wanted = plain(relationship.discriminator_member)
    return [p for p in parents if (given := getattr(p, attr, None)) is None or plain(given) == wanted]


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
    by: Sought,
    values: list[tuple[Any, ...]],
    company: Company | None,
    ask: Ask | None,
) -> list[Any]:
    entity = relation.entity
    assert entity.set is not None  # noqa: S101 - else it is followed
    if ask is None:
        condition = all_of((run.scope.rule(entity), await run.area(relation.field, relation.parent)))
        sifted = run.conditions.sift(condition, entity)
        ordered, extra = False, sifted.columns
    else:
        steps = await run.conditions.steps(ask, entity, entity.set, company)
        sifted = steps.sifted()
        ordered, extra = steps.orders_pushed and not relation.owned, steps.columns
    extra |= {m.wire for m in (*by.target, *by.target_checked)}
    type_, expand = run.typed(relation, extra)
    template = Lookup(
        source=entity.source.name,
        set=entity.set,
        entity=entity,
        members=by.target,
        values=(),
        select=run.select(relation, extra),
        cross_company=entity.company not in (None, "context"),
        expand=expand,
        order=ask.orders if ask is not None and ordered else (),
    )
    bounded = ask is not None and ordered and sifted.residue == TRUE
    answers = await run.loaders.lookup(
        type_, by.target, values, company=company, filter=sifted.pushed, template=template,
        top_each=ask.limit + 1 if ask is not None and bounded else None,
    )  # fmt: skip
    run.suspect |= any(a.suspect for a in answers)
    keep = run.conditions.keep(sifted.residue)
    kept = [a if keep is None else [r for r in a if keep(r)] for a in answers]
    if ask is None:
        return [rows[0] if rows else None for rows in kept]
    crossing = await run.pages.crossing(ask.orders, [row for rows in kept for row in rows], entity, company)
    paged = _cutter(ask, crossing) if ordered and not ask.by_position else slicer(ask, crossing, is_sorted=ordered)

    async def page_of(value: tuple[Any, ...], rows: list[Row], complete: bool) -> PageResult:
        if not complete:
            return await _page_for(run, relation, by, value, company, ask)
        page = paged(rows)
        page.total = len(rows) if ask.wants_total else None
        return page

    return list(
        await asyncio.gather(*(page_of(v, rows, a.complete) for v, rows, a in zip(values, kept, answers, strict=True)))
    )


def _cutter(ask: Ask, crossing: Crossing) -> Slicer:
    cursor = cursor_writer(ask, crossing)

    def cut(rows: Sequence[Row]) -> PageResult:
        page = finish(list(rows), ask)
        page.cursor = cursor
        return page

    return cut


# Batched: a page for each distinct link value, all in one $batch


async def _batched(run: Execution, relation: n.Relation, parents: list[Row], related: Related) -> list[Row]:
    by = sought(relation.field, relation.parent)
    related.link = _link_of(relation)
    ask = await ask_of(run, relation)
    jobs: dict[Any, Any] = {}
    raws: list[tuple[Any, Any]] = []
    for company, links in (await _by_company(run, relation, _links(relation, by, parents))).items():
        for x in links:
            if (company, x.value) not in jobs:
                jobs[company, x.value] = _page_for(run, relation, by, x.value, company, ask)
            raws.append((x.raw, (company, x.value)))
    pages = dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))
    found = {raw: pages[key] for raw, key in raws}
    empty = empty_page(ask)
    related.get = lambda link: found.get(link, empty)
    return [row for page in pages.values() for row in page.rows]


async def _page_for(
    run: Execution, relation: n.Relation, by: Sought, value: tuple[Any, ...], company: Company | None, ask: Ask
) -> PageResult:
    """One parent's page. Its link values go the way of all conditions: what the source compares loosely is compared
    again on what comes."""
    own = all_of(Compare(Path((m.wire,), m.value), "eq", v) for m, v in zip(by.target, value, strict=True))
    ask = replace(ask, where=all_of((own, ask.where)))
    return await run.page_of(relation, ask, relation.entity.set, _only(company), send=run.loaders.read)


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
        ask = await ask_of(run, relation)
    jobs: dict[Any, Any] = {}
    for parent in _asking(relation, parents):
        key = link(parent)
        if key in jobs:
            continue
        values = tuple(getattr(parent, attribute(w)) for w in wires)
        under = (Key(relation.parent.key, values), _way(relation))
        company = await run.company(relation.parent, parent.c) if relation.parent.company == "context" else None
        if relation.many:
            jobs[key] = run.page_of(relation, ask, parent_set, _only(company), under=under, send=run.loaders.read)
        else:
            jobs[key] = _one_followed(run, relation, parent_set, company, under)
    answers = dict(zip(jobs, await asyncio.gather(*jobs.values()), strict=True))
    empty = empty_page(ask) if relation.many else None
    related.get = lambda found: answers.get(found, empty)
    if relation.many:
        return [row for page in answers.values() for row in page.rows]
    return [row for row in answers.values() if row is not None]


def _way(relation: n.Relation) -> str:
    """From the row to the related ones, over the subtype that has the navigation property."""
    name = relation.field.relationship.name
    return name if relation.cast is None else f"{relation.cast}/{name}"


async def _one_followed(
    run: Execution, relation: n.Relation, parent_set: Any, company: Company | None, under: Any
) -> Row | None:
    rule = run.scope.rule(relation.entity)
    if rule == FALSE:
        return None
    columns = run.conditions.columns(rule)
    type_, expand = run.typed(relation, columns)
    step = Read(
        source=relation.parent.source.name,
        set=parent_set,
        entity=relation.entity,
        select=run.select(relation, columns),
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
    keep = run.conditions.keep(rule)
    return next((row for row in page.rows if keep is None or keep(row)), None)


_FETCH = {
    n.Strategy.EXPAND: fetch_expanded,
    n.Strategy.LOOKUP: _looked_up,
    n.Strategy.BATCH: _batched,
    n.Strategy.FOLLOW: _followed,
}
