"""Functions: unbound ones on `Query`, bound ones below their entity's rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from graphql import GraphQLError

from vegraph.errors import BackendUnavailable, ScanLimit, VegraphError
from vegraph.plan import global_ids
from vegraph.plan import nodes as n
from vegraph.plan.build import link_of
from vegraph.plan.guard import inside, not_all_rows, rule_columns
from vegraph.plan.paging import PageResult, decode
from vegraph.plan.predicates import TRUE
from vegraph.plan.related import Related
from vegraph.plan.rows import Page, Row, RowType, attribute
from vegraph.plan.steps import Call, Company, Key
from vegraph.schema import binding as b

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Value", "call_arguments", "call_bound", "call_unbound", "read_result"]

Selected: TypeAlias = n.Root | n.FunctionOut
"""A field that calls: with the selection on what comes back."""


_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Value:
    """A returned value that is no entity: raw, as the wire has it."""

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw


def call_arguments(run: Execution, parameters: tuple[b.ParameterBinding, ...], values: Mapping[str, Any]) -> Any:
    """Coerced arguments → (wire name, type, value); entities are given by global id."""
    found = []
    for p in parameters:
        if p.field not in values:
            continue
        given = values[p.field]
        if p.value is None and given is not None:
            ids = given if p.collection else [given]
            rows = [global_ids.decode(i, run.graph, argument=p.field) for i in ids]
            for row in rows:
                global_ids.check_place(row, p.entity.set if p.entity is not None else None, p.field)
            keys = [row.key for row in rows]
            given = keys if p.collection else keys[0]
        found.append((p.wire, p.value, given))
    return tuple(found)


async def call_unbound(run: Execution, root: n.Root, binding: b.FunctionRoot, values: Mapping[str, Any]) -> Any:
    """A function of `Query`."""
    entity = binding.returns if isinstance(binding.returns, b.EntityBinding) else None
    if binding.bound_to is not None and entity is None and run.scope.rule(binding.bound_to) != TRUE:
        raise not_all_rows(binding.bound_to)
    given, company = values.get("company"), None
    owner = binding.bound_to or entity
    if run.runner.dialect(binding.source.name).company == "context" and (owner is None or owner.company == "context"):
        found = await run.companies(binding.source.name, None if given is None else (given,))
        company = found[0] if found else None
    step = Call(
        source=binding.source.name,
        operation=binding.operation,
        set=binding.bound_to_set,
        entity=entity,
        company=company,
        arguments=call_arguments(run, binding.parameters, values),
        import_name=binding.import_name,
        select=_select(run, root.rows),
    )
    return await read_result(run, root, binding, await run.runner.call(step), company)


async def call_bound(run: Execution, out: n.FunctionOut, entity: b.EntityBinding, parents: list[Row]) -> None:
    """A bound function, called once for each distinct row."""
    wires = tuple(m.wire for m in entity.key)
    link = link_of(wires, entity)
    related = run.related[out.number] = Related(link=link)
    if out.only is not None:
        parents = [p for p in parents if (p.t or "").rpartition("#")[2] in out.only]
    try:
        values = out.arguments.values(run.variables)
        samples = {link(row): row for row in parents}
        answers = await asyncio.gather(*(_call_on(run, out, entity, row, values) for row in samples.values()))
        related.get = dict(zip(samples, answers, strict=True)).get
    except (VegraphError, GraphQLError) as error:
        related.error = error
        run.suspect = True


async def _call_on(
    run: Execution, out: n.FunctionOut, entity: b.EntityBinding, row: Row, values: Mapping[str, Any]
) -> Any:
    company = await run.company(entity, row.c) if entity.company == "context" else None
    step = Call(
        source=entity.source.name,
        operation=out.binding.operation,
        set=entity.set,
        entity=out.rows.entity if out.rows is not None else None,
        key=Key(entity.key, tuple(getattr(row, attribute(m.wire)) for m in entity.key)),
        company=company,
        cross_company=entity.company not in (None, "context"),
        arguments=call_arguments(run, out.binding.parameters, values),
        select=_select(run, out.rows),
    )
    return await read_result(run, out, out.binding, await run.runner.call(step), company)


def _select(run: Execution, rows: n.Rows | None) -> tuple[str, ...]:
    """Columns of what comes back; () for everything and for values."""
    if rows is None:
        return ()
    return run.select(rows, rule_columns(run, rows.entity) | run.apart_columns(rows))


async def _read_on(run: Execution, page: Page, type_: RowType, source: str, company: Company | None) -> None:
    """All pages of a long answer. Raises ScanLimit."""
    seen: set[str] = set()
    while page.next is not None and page.next not in seen:
        if len(page.rows) > run.scope.limits.scan_rows:
            raise ScanLimit(f"{source} answers with more than {run.scope.limits.scan_rows} rows. Ask for less.")
        seen.add(page.next)
        further = decode(type_, await run.runner.read_link(source, company, page.next), source)
        page.rows += further.rows
        page.next, page.suspect = further.next, page.suspect or further.suspect


async def read_result(run: Execution, selected: Selected, binding: Any, body: bytes | None, company: Any) -> Any:
    """What came back, as the completion takes it: PageResult, row, Value or None."""
    if body is None:
        return None
    source = binding.source.name
    if selected.rows is not None:
        rows = selected.rows
        extra = rule_columns(run, rows.entity) | run.apart_columns(rows)
        type_, _ = run.typed(rows, extra, apart=True)
        page = decode(type_, body, source, single=not binding.returns_many)
        if page.next is not None:
            await _read_on(run, page, type_, source, company)
        run.take(page, type_, company)
        page.rows = [row for row in page.rows if inside(run, rows.entity, row)]
        for relation in selected.rows.relations:
            if relation.strategy is n.Strategy.EXPAND:
                run.mark_apart(selected.rows)
                break
        await run.below(selected.rows, page.rows)
        if binding.returns_many:
            return PageResult(rows=page.rows, total=len(page.rows), cursor=lambda row: "")
        return page.rows[0] if page.rows else None
    run.suspect = True  # single values are completed by graphql-core
    try:
        raw = _decode(body)
    except msgspec.DecodeError:
        raise BackendUnavailable(f"{source} sent an answer that is not what OData promises.", source=source) from None
    if isinstance(raw, dict) and "value" in raw and (selected.complex is None or binding.returns_many):
        raw = raw["value"]
    return Value(raw)
