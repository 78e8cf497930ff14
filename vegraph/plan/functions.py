"""Functions: unbound ones on `Query`, bound ones below their entity's rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from graphql import GraphQLError

from vegraph.errors import BackendUnavailable, VegraphError
from vegraph.plan import global_ids
from vegraph.plan import nodes as n
from vegraph.plan.build import link_of
from vegraph.plan.paging import PageResult, decode
from vegraph.plan.rows import Row, attribute
from vegraph.plan.steps import Call, Company, Key
from vegraph.schema import binding as b

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Value", "call_arguments", "call_bound", "call_unbound", "read_result"]

Selected: TypeAlias = n.Root | n.FunctionOut
"""A field that calls: with the selection on what comes back."""


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
            keys = [global_ids.decode(i, run.graph, argument=p.field).key for i in ids]
            given = keys if p.collection else keys[0]
        found.append((p.wire, p.value, given))
    return tuple(found)


async def call_unbound(run: Execution, root: n.Root, binding: b.FunctionRoot, values: Mapping[str, Any]) -> Any:
    """A function of `Query`."""
    entity = binding.returns if isinstance(binding.returns, b.EntityBinding) else None
    companies = values.get("company")
    company: Company | None = None
    if binding.bound_to_set is not None or entity is not None:
        owner = entity
        if owner is not None:
            company = await run.company(owner, companies[0] if companies else None)
    step = Call(
        source=binding.source.name,
        operation=binding.operation,
        set=binding.bound_to_set,
        entity=entity,
        company=company,
        arguments=call_arguments(run, binding.parameters, values),
        import_name=binding.import_name,
        select=run.select(root.rows) if root.rows is not None else (),
    )
    return await read_result(run, root, binding, await run.runner.call(step), company)


async def call_bound(run: Execution, out: n.FunctionOut, entity: b.EntityBinding, parents: list[Row]) -> None:
    """A bound function, called once for each distinct row."""
    from vegraph.plan.relations import Related

    wires = tuple(m.wire for m in entity.key)
    link = link_of(wires, entity)
    related = run.related[out.number] = Related(link=link)
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
        select=run.select(out.rows) if out.rows is not None else (),
    )
    return await read_result(run, out, out.binding, await run.runner.call(step), company)


async def read_result(run: Execution, selected: Selected, binding: Any, body: bytes | None, company: Any) -> Any:
    """What came back, as the completion takes it: PageResult, row, Value or None."""
    if body is None:
        return None
    source = binding.source.name
    if selected.rows is not None:
        type_, _ = run.typed(selected.rows, apart=True)
        page = decode(type_, body, source, single=not binding.returns_many)
        run.take(page, type_, company)
        for relation in selected.rows.relations:
            if relation.strategy is n.Strategy.EXPAND:
                run.mark_apart(selected.rows)
                break
        await run.below(selected.rows, page.rows)
        if binding.returns_many:
            total = page.count if page.count is not None else len(page.rows)
            return PageResult(rows=page.rows, total=total, cursor=lambda row: "")
        return page.rows[0] if page.rows else None
    run.suspect = True  # single values are completed by graphql-core
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise BackendUnavailable(f"{source} sent an answer that is not what OData promises.", source=source) from None
    if isinstance(raw, dict) and "value" in raw and (selected.complex is None or binding.returns_many):
        raw = raw["value"]
    return Value(raw)
