"""Aggregates: by the source's `$count` or `$apply` where it has them and the whole condition is pushed, else streamed.

Streamed rows are read page by page, with just the columns needed, and never kept; at most `scan_rows` of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from vegraph.errors import BackendUnavailable
from vegraph.plan import nodes as n
from vegraph.plan.accessors import accessor
from vegraph.plan.aggregates import Aggregation, Group, Totals, aggregation, in_order
from vegraph.plan.convert import strict
from vegraph.plan.logic import all_of
from vegraph.plan.paging import none_if_true
from vegraph.plan.predicates import FALSE, TRUE, Path, Predicate, Within
from vegraph.plan.rows import row_type
from vegraph.plan.split import Split, split
from vegraph.plan.steps import Aggregate, Company, Read
from vegraph.schema import binding as b
from vegraph.schema.values import Kind, Member

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Grouped", "aggregate"]


class Grouped:
    """One group, ready for the completion: response key → value, or nested values by response key."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values


async def aggregate(run: Execution, root: n.Root, binding: b.AggregateRoot, values: Mapping[str, Any]) -> list[Grouped]:
    """The groups of an aggregate field; one for all rows without `groupBy`."""
    run.suspect = True  # a handful of values: graphql-core completes them
    assert root.aggregate is not None  # noqa: S101
    entity = binding.entity
    outs = root.aggregate.outs
    asked = aggregation([(name, [m for _, m in below]) for _, name, below in outs], values.get("groupBy"), entity)
    companies = await run.companies(entity.source.name, values.get("company")) if entity.company else ()
    contexts: Sequence[Company | None] = companies if entity.company == "context" and companies else (None,)
    fixed, where = run.in_companies(entity, companies), run.conditions.where(values, entity)
    reads = (_groups(run, binding, asked, where, fixed, company) for company in contexts)
    groups = _together(await asyncio.gather(*reads), asked)
    return [Grouped(_selected(group, asked, outs, root.aggregate, entity)) for group in groups]


async def _groups(
    run: Execution,
    binding: b.AggregateRoot,
    asked: Aggregation,
    where: Predicate,
    fixed: Predicate,
    company: Company | None,
) -> list[Group] | Totals:
    entity = binding.entity
    where = await run.conditions.without_related(where, entity, company)
    where, drive = run.conditions.push_keys(where, entity)
    dialect = run.runner.dialect(entity.source.name)
    parts = split(where, dialect, entity)
    read = Read(
        source=entity.source.name,
        set=binding.set,
        entity=entity,
        company=company,
        cross_company=fixed != TRUE,
        filter=none_if_true(all_of((fixed, parts.pushed))),
    )
    if parts.pushed == FALSE:
        return Totals(asked, accessor)
    exact = parts.residue == TRUE and drive is None
    if exact and not asked.values and not asked.group_by:
        return [Group((), await run.runner.count(read))]
    if exact and dialect.aggregates(binding.set):
        groups = await _applied(run, read, asked)
        if groups is not None:
            return groups
    return await _streamed(run, read, asked, parts, drive)


async def _streamed(run: Execution, read: Read, asked: Aggregation, parts: Split, drive: Within | None) -> Totals:
    entity, residue = read.entity, parts.residue
    needed = asked.columns | run.conditions.columns(residue) or frozenset(m.wire for m in entity.key)
    if drive is not None:
        needed |= {p.names[0] for p in drive.paths}
    type_ = row_type(entity, needed)
    read = replace(read, select=() if entity.subtypes else tuple(sorted(needed)))
    reader = run.reader(read, type_)
    reader.reasons = parts.reasons or (f"{entity.source.name} does not group or add them itself.",)
    keep = run.conditions.keep(residue)
    totals = Totals(asked, accessor)
    if drive is not None:
        totals.add(await run.driven(reader, drive, read.filter or TRUE, keep))
    else:
        await reader.each_page(read, lambda rows: totals.add(rows if keep is None else [r for r in rows if keep(r)]))
    return totals


async def _applied(run: Execution, read: Read, asked: Aggregation) -> list[Group] | None:
    """`$apply`: the source groups and adds. None where it added exact numbers inexactly."""
    names = {(function, m.wire): f"v{i}" for i, (function, m) in enumerate(asked.values)}
    step = Aggregate(
        source=read.source,
        set=read.set,
        entity=read.entity,
        filter=read.filter,
        group_by=tuple(Path((m.wire,), m.value) for m in asked.group_by),
        values=(
            ("$count", "sum", "count"),
            *((wire, function, alias) for (function, wire), alias in names.items()),
        ),
        company=read.company,
        cross_company=read.cross_company,
    )
    body = await run.runner.aggregate(step)
    try:
        rows = msgspec.json.Decoder(float_hook=Decimal).decode(body)["value"]
        found = [
            Group(
                tuple(row.get(m.wire) for m in asked.group_by),
                int(row["count"]),
                {key: row.get(alias) for key, alias in names.items()},
            )
            for row in rows
        ]
        if any(_inexact(group, asked) for group in found):
            return None
        return in_order(found, asked) if asked.group_by else found or [Group((), 0)]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        message = f"{read.source} sent an answer to $apply that is not what OData promises."
        raise BackendUnavailable(message, source=read.source) from None


_DOUBLE_DIGITS = 15
"""Significant digits that a binary double always holds."""


def _inexact(group: Group, asked: Aggregation) -> bool:
    """A sum of decimals or integers came as a JSON number of more digits than a double holds: likely it was one."""
    exact = {m.wire for _, m in asked.values if m.value.kind is not Kind.FLOAT}
    return any(
        function == "sum" and wire in exact and isinstance(value, Decimal | int)
        and len(Decimal(value).as_tuple().digits) > _DOUBLE_DIGITS
        for (function, wire), value in group.results.items()
    )  # fmt: skip


def _together(found: Sequence[list[Group] | Totals], asked: Aggregation) -> list[Group]:
    """Groups of several companies as one list. What a source has added up itself is only merged by count."""
    if len(found) == 1:
        return found[0].groups() if isinstance(found[0], Totals) else found[0]
    whole = Totals(asked, accessor)
    count = 0
    for part in found:
        if isinstance(part, Totals):
            whole.merge(part)
        else:
            count += sum(group.count for group in part)
    groups = whole.groups()
    if count:
        groups[0].count += count
    return groups


def _selected(
    group: Group, asked: Aggregation, outs: Any, aggregated: n.Aggregated, entity: b.EntityBinding
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    grouped = dict(zip((m.wire for m in asked.group_by), group.values, strict=True))
    for key, name, below in outs:
        if name == "count":
            found[key] = group.count
        elif name == "group":
            found[key] = {k: _plain(m, grouped.get(m.wire), entity) if m else None for k, m in below}
        elif name != "__typename":
            found[key] = {k: _result(name, m, group, entity) if m else None for k, m in below}
    return found


def _plain(member: Member, raw: Any, entity: b.EntityBinding) -> Any:
    return strict(member.value, raw, entity.source.name, f"{entity.graph_name}.{member.field}")


def _result(name: Any, member: Member, group: Group, entity: b.EntityBinding) -> Any:
    value = group.results.get((name, member.wire))
    if value is None:
        return None
    if name in ("min", "max"):
        return _plain(member, value, entity)
    if member.value.kind is Kind.FLOAT:
        return float(value)
    return str(int(value)) if name == "sum" and member.value.kind is Kind.INT else Decimal(value)
