"""Which part of a condition and an order the source evaluates, and what is left to vegraph.

`Related` conditions the source can't evaluate become key sets (`Within`): the keys of matching related rows are read
first, within the source or across sources. What can't be pushed runs here over a bounded scan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vegraph.catalog.model import EntitySet
from vegraph.errors import NotSupported
from vegraph.plan import evaluate, ordering
from vegraph.plan.accessors import accessor
from vegraph.plan.links import linked_members, own_members, values_of
from vegraph.plan.logic import all_of, any_of, opposite
from vegraph.plan.paging import Ask, none_if_true
from vegraph.plan.predicates import FALSE, TRUE, And, Compare, Match, Not, OneOf, Or, Path, Predicate, Related, Within
from vegraph.plan.rows import Row, row_type
from vegraph.plan.split import split
from vegraph.plan.steps import Company, Dialect, Order, Read
from vegraph.plan.where import predicate as where_predicate
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.queries import search_members

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Conditions", "PageSteps", "crossed_by", "order_columns"]

PUSHED_KEYS = 60
"""At most that many keys of a key set stand in a filter; more are looked up in chunks."""


@dataclass(slots=True, kw_only=True)
class PageSteps:
    """How one page will be read."""

    pushed: Predicate
    residue: Predicate
    reasons: tuple[str, ...]
    orders_pushed: bool
    drive: Within | None
    """A key set too large for a filter: the rows are looked up by it."""
    columns: frozenset[str]
    """Wire names the residue and the order need."""
    unordered: frozenset[str]
    """The same without those that only the order needs."""
    crossed: tuple[tuple[RelationField, ...], ...]
    """To-one relations the order goes through, each with those before it on its way."""
    ranges: tuple[Predicate, ...] | None
    """Conditions that together give the rows the cursors leave, one after the other; None: the source can't take them.
    """
    close: bool = False
    """The residue drops few rows of those that come."""
    branches: tuple[Predicate, ...] = ()
    """An `or` the source can't take whole: it is read branch by branch, if there are few rows."""

    def needed(self, ask: Ask) -> frozenset[str]:
        """Columns to read: those of the order only where rows are sorted or placed by cursors here."""
        by_source = self.orders_pushed and self.ranges is not None and not (self.drive or self.branches or self.crossed)
        return self.unordered if by_source and not ask.wants_cursors else self.columns

    def sifted(self) -> Sifted:
        """What rows are sifted by that are looked up by other keys than the driving ones."""
        residue = self.residue if self.drive is None else all_of((self.drive, self.residue))
        return Sifted(self.pushed, residue, self.columns)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A condition divided for look-ups: what goes into the filter, and what is tested on the rows that come."""

    pushed: Predicate
    residue: Predicate
    columns: frozenset[str]
    """What the test reads."""


MOST_BRANCHES = 8


class Conditions:
    """Conditions of one request."""

    def __init__(self, run: Execution) -> None:
        self._run = run

    def where(self, values: Mapping[str, Any], entity: EntityBinding, set_: EntitySet | None = None) -> Predicate:
        """The `where` argument with the portal's row rule, and `search` where the set has no `$search`.

        Never true where the companies asked for are none: `company: []`."""
        if entity.company and values.get("company") == []:
            return FALSE
        terms = [self._run.scope.rule(entity), where_predicate(values.get("where"), entity)]
        text = values.get("search")
        if text and set_ is not None and set_.capabilities.searchable is not True:
            terms.append(any_of(Match(Path((m.wire,), m.value), "contains", text) for m in search_members(entity)))
        return all_of(terms)

    async def steps(
        self, ask: Ask, entity: EntityBinding, set_: Any, company: Company | None, area: Predicate = TRUE
    ) -> PageSteps:
        """Decides how a page is read; reads key sets of related rows on the way, in the companies of `area` (a
        condition on the rows' own company) where the relation stays in it."""
        if _bare(ask) and ask.orders is ordering.by_key(entity):
            key = ("steps", id(ask.orders), id(set_), ask.backward)
            found: PageSteps = self._run.plan.remember(
                key, ask.orders, lambda: self._decided(ask, TRUE, None, entity, set_)
            )
            return found
        where = await self.without_related(ask.where, entity, company, area)
        where, drive = self.push_keys(where, entity)
        return self._decided(ask, where, drive, entity, set_)

    def _decided(self, ask: Ask, where: Predicate, drive: Within | None, entity: EntityBinding, set_: Any) -> PageSteps:
        dialect = self._run.runner.dialect(entity.source.name)
        parts = split(where, dialect, entity)
        orders = ordering.reverse(ask.orders) if ask.backward else ask.orders
        crossed = crossed_by(ask.orders)
        ruled = any(self._run.scope.rule(way[-1].target) != TRUE for way in crossed)
        orders_pushed = not ruled and dialect.why_not_order(orders, set_, entity) is None
        columns = set(evaluate.columns(parts.residue))
        columns |= {m.wire for way in crossed if len(way) == 1 for m in own_members(way[0], entity)}
        if drive is not None:
            columns |= {p.names[0] for p in drive.paths}
        return PageSteps(
            pushed=parts.pushed,
            residue=parts.residue,
            reasons=tuple(parts.reasons),
            orders_pushed=orders_pushed,
            drive=drive,
            columns=order_columns(ask.orders) | columns,
            unordered=frozenset(columns),
            crossed=crossed,
            ranges=_ranges(ask, dialect, entity),
            close=parts.close and drive is None,
            branches=_branches(parts.pushed, parts.residue, dialect, entity) if drive is None else (),
        )

    # Key sets

    async def without_related(
        self, predicate: Predicate, entity: EntityBinding, company: Company | None, area: Predicate = TRUE
    ) -> Predicate:
        """The same condition without relations the source can't evaluate itself."""
        match predicate:
            case And(terms):
                return all_of(await self._each(terms, entity, company, area))
            case Or(terms):
                return any_of(await self._each(terms, entity, company, area))
            case Not(term):
                return Not(await self.without_related(term, entity, company, area))
            case Related():
                return await self._keys(predicate, entity, company, area)
            case _:
                return predicate

    async def _each(
        self, terms: Sequence[Predicate], entity: EntityBinding, company: Company | None, area: Predicate
    ) -> list[Predicate]:
        return list(await asyncio.gather(*(self.without_related(t, entity, company, area) for t in terms)))

    async def _keys(
        self, related: Related, entity: EntityBinding, company: Company | None, area: Predicate
    ) -> Predicate:
        relation, target = related.relation, related.relation.target
        rule = self._run.scope.rule(target)
        dialect = self._run.runner.dialect(entity.source.name)
        if not self._ruled(related) and dialect.why_not_filter(related, entity) is None:
            return related
        if not relation.relationship.pairs or target.set is None or relation.relationship.fetch == "follow":
            raise NotSupported(
                f"where.{relation.name}: the source can't filter by it, and no constraint names the related rows."
            )
        wanted = related.predicate if related.quantifier != "every" else opposite(related.predicate)
        there = all_of((await self._run.area(relation, entity), _carried(area, relation, entity)))
        values = await self._link_values(relation, entity, all_of((rule, wanted)), company, there)
        paths = tuple(Path((m.wire,), m.value) for m in own_members(relation, entity))
        found = Within(paths, values)
        return found if related.quantifier in ("some", "one") else Not(found)

    def _ruled(self, predicate: Predicate) -> bool:
        """Rows stand under a rule that the source would look at: it knows nothing of the rule."""
        match predicate:
            case And(terms) | Or(terms):
                return any(map(self._ruled, terms))
            case Not(term):
                return self._ruled(term)
            case Related(relation, _, inner):
                return self._run.scope.rule(relation.target) != TRUE or self._ruled(inner)
            case _:
                return False

    def sift(self, condition: Predicate, entity: EntityBinding) -> Sifted:
        """A condition without relations, divided for a look-up or a single read."""
        parts = split(condition, self._run.runner.dialect(entity.source.name), entity)
        return Sifted(parts.pushed, parts.residue, evaluate.columns(parts.residue))

    async def _link_values(
        self,
        relation: RelationField,
        entity: EntityBinding,
        where: Predicate,
        company: Company | None,
        area: Predicate,
    ) -> frozenset[tuple[Any, ...]]:
        target = relation.target
        members = linked_members(relation)
        own_company = company if target.source.name == entity.source.name else await self._run.company(target)
        rows = await self.all_rows(target, where, frozenset(m.wire for m in members), own_company, area)
        return frozenset(v for _, v in values_of(rows, members, target) if v is not None)

    async def all_rows(
        self,
        entity: EntityBinding,
        where: Predicate,
        columns: frozenset[str],
        company: Company | None,
        area: Predicate = TRUE,
    ) -> list[Row]:
        """All rows that fit, of the companies of `area`, with these columns; bounded by `scan_rows`."""
        where = all_of((area, await self.without_related(where, entity, company, area)))
        where, drive = self.push_keys(where, entity)
        parts = split(where, self._run.runner.dialect(entity.source.name), entity)
        needed = columns | evaluate.columns(parts.residue)
        if drive is not None:
            needed |= {p.names[0] for p in drive.paths}
        if parts.pushed == FALSE:
            return []
        type_ = row_type(entity, needed)
        assert entity.set is not None  # noqa: S101 - the caller looked
        read = Read(
            source=entity.source.name,
            set=entity.set,
            entity=entity,
            select=() if entity.subtypes else tuple(sorted(needed)),
            company=company,
            cross_company=entity.company not in (None, "context"),
        )
        reader = self._run.reader(read, type_)
        reader.reasons = parts.reasons or ("They are read first, for a condition on rows that they are related to.",)
        keep = self.keep(parts.residue)
        if drive is not None:
            return await self._run.driven(reader, drive, parts.pushed, keep)
        return (await reader.rows(replace(read, filter=none_if_true(parts.pushed)), None, keep)).rows

    def push_keys(self, where: Predicate, entity: EntityBinding) -> tuple[Predicate, Within | None]:
        """Small key sets become filters; of the large ones in conjunctive position, one drives the read."""
        drive: Within | None = None
        kept: list[Predicate] = []
        dialect = self._run.runner.dialect(entity.source.name)
        for term in where.terms if isinstance(where, And) else (where,):
            if isinstance(term, Within):
                small = self._as_filter(term, entity)
                if small is not None:
                    kept.append(small)
                    continue
                members = [entity.by_wire[p.names[0]] for p in term.paths]
                if dialect.why_not_lookup(members, entity) is not None:
                    kept += [term, *_wider(term)]
                    continue
                if drive is None or len(term.values) < len(drive.values):
                    if drive is not None:
                        kept.append(drive)
                    drive = term
                    continue
            kept.append(term)
        return all_of(kept), drive

    def _as_filter(self, keys: Within, entity: EntityBinding) -> Predicate | None:
        if len(keys.values) > PUSHED_KEYS:
            return None
        fixed: list[Predicate] = []
        varying: list[int] = []
        for i, path in enumerate(keys.paths):
            distinct = {v[i] for v in keys.values}
            if len(distinct) == 1 and len(keys.paths) > 1:
                fixed.append(Compare(path, "eq", next(iter(distinct))))
            else:
                varying.append(i)
        if len(varying) > 1:
            return None
        for i in varying:
            fixed.append(OneOf(keys.paths[i], tuple(sorted({v[i] for v in keys.values}, key=str))))
        return all_of(fixed)

    def columns(self, predicate: Predicate) -> frozenset[str]:
        """Wire names of the row's own properties that a condition reads."""
        return evaluate.columns(predicate)

    def keep(self, residue: Predicate) -> Callable[[Row], bool] | None:
        """Row → it fits; None where there is nothing left to test."""
        return None if residue == TRUE else evaluate.compile_predicate(residue, accessor)


def _carried(area: Predicate, relation: RelationField, entity: EntityBinding) -> Predicate:
    """The same condition on the company of related rows, where they are of their parent's."""
    target = relation.target
    linked = any(p.own == entity.company and p.target == target.company for p in relation.relationship.pairs)
    if not linked or not isinstance(area, Compare | OneOf):
        return TRUE
    member = target.by_wire[str(target.company)]
    return replace(area, path=Path((member.wire,), member.value))


def _wider(keys: Within) -> list[Predicate]:
    """Conditions on single members that rows with one of these keys fulfil."""
    found = [(path, {value[i] for value in keys.values}) for i, path in enumerate(keys.paths)]
    return [OneOf(path, tuple(sorted(values, key=str))) for path, values in found if len(values) <= PUSHED_KEYS]


def crossed_by(orders: Sequence[Order]) -> tuple[tuple[RelationField, ...], ...]:
    """The ways to all relations that the orders cross, each after those that lead to it."""
    found = {
        tuple(map(id, way)): way
        for order in orders
        for i in range(len(order.path.relations))
        if (way := order.path.relations[: i + 1])
    }
    return tuple(sorted(found.values(), key=len))


def _ranges(ask: Ask, dialect: Dialect, entity: EntityBinding) -> tuple[Predicate, ...] | None:
    bounds = [
        (values, backward, backward and ask.before_inclusive)
        for values, backward in ((ask.after, False), (ask.before, True))
        if values is not None
    ]
    if not bounds:
        return (TRUE,)
    whole = all_of(ordering.after(ask.orders, v, backward=back, inclusive=inc) for v, back, inc in bounds)
    if dialect.why_not_filter(whole, entity) is None:
        return (whole,)
    ((values, backward, inclusive), *others) = bounds
    if others or backward is not ask.backward:
        return None
    parts = ordering.segments(ask.orders, values, backward=backward, inclusive=inclusive)
    return parts if all(dialect.why_not_filter(part, entity) is None for part in parts) else None


def _branches(pushed: Predicate, residue: Predicate, dialect: Dialect, entity: EntityBinding) -> tuple[Predicate, ...]:
    """The branches of the one `or` in the residue, if each of them is one that the source evaluates truly."""
    ors = [t for t in (residue.terms if isinstance(residue, And) else (residue,)) if isinstance(t, Or)]
    for found in ors:
        if len(found.terms) <= MOST_BRANCHES and all(
            dialect.why_not_filter(all_of((pushed, term)), entity) is None for term in found.terms
        ):
            return found.terms
    return ()


def _bare(ask: Ask) -> bool:
    """The first page of all rows."""
    cursors = (ask.after, ask.before, ask.after_place, ask.before_place)
    return ask.where == TRUE and cursors == (None, None, None, None)


def order_columns(orders: Sequence[Order]) -> frozenset[str]:
    """Wire names of the row itself that an order needs."""
    return frozenset(o.path.names[0] for o in orders if not o.path.relations)
