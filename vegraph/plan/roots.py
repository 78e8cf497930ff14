"""What each root field of a query asks for: lists, one by key, nodes, singletons, aggregates, functions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vegraph.errors import BackendForbidden, BackendNotFound, BadUserInput, Forbidden, VegraphError
from vegraph.plan import global_ids
from vegraph.plan import nodes as n
from vegraph.plan.aggregation import aggregate
from vegraph.plan.cost import TooCostly, check_rows
from vegraph.plan.functions import call_unbound
from vegraph.plan.global_ids import GlobalId
from vegraph.plan.links import normaliser
from vegraph.plan.logic import all_of
from vegraph.plan.predicates import TRUE, Compare, Path, Predicate
from vegraph.plan.rows import Row
from vegraph.plan.steps import Company, Key, Lookup
from vegraph.schema import binding as b
from vegraph.schema.values import Member

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Found", "Unanswered", "answer", "one_row", "rows_by_id"]

HIDDEN = (BackendForbidden, BackendNotFound, Forbidden)
"""What `_entities` answers with null: not there, or not for whoever asks (design.md §5.2)."""


class Found:
    """A row together with the selection for its type (`node`, `nodes`, `_entities`)."""

    __slots__ = ("row", "shapes")

    def __init__(self, row: Row, shapes: n.Shapes) -> None:
        self.row = row
        self.shapes = shapes


class Unanswered:
    """One place of `nodes` or `_entities` that failed; the others stand."""

    __slots__ = ("error",)

    def __init__(self, error: VegraphError) -> None:
        self.error = error


async def answer(run: Execution, root: n.Root) -> Any:
    """The result of one root field: PageResult, row, Found, list, value or None."""
    values = root.arguments.values(run.variables)
    match root.binding:
        case b.ListRoot(entity=entity, set=set_):
            assert root.rows is not None  # noqa: S101
            assert root.connection is not None  # noqa: S101
            return await run.page(root.rows, root.connection, values, set_, (entity.source.name, set_.name))
        case b.OneRoot():
            return await _by_key(run, root, root.binding, values["by"])
        case b.SingletonRoot(entity=entity, set=set_):
            assert root.rows is not None  # noqa: S101
            return await one_row(run, root.rows, set_, None, await run.company(entity))
        case b.NodeRoot():
            (found,) = await rows_by_id(run, root, [global_ids.decode(values["id"], run.graph)])
            if isinstance(found, Unanswered):
                raise found.error
            return found
        case b.NodesRoot():
            ids = _few(run, values["ids"], "ids")
            return await rows_by_id(run, root, [global_ids.find(i, run.graph) for i in ids])
        case b.EntitiesRoot():
            given = _few(run, values["representations"], "representations")
            rows = await rows_by_id(run, root, [_representation(run, r) for r in given])
            return [None if isinstance(row, Unanswered) and isinstance(row.error, HIDDEN) else row for row in rows]
        case b.AggregateRoot():
            return await aggregate(run, root, root.binding, values)
        case b.FunctionRoot():
            return await call_unbound(run, root, root.binding, values)
        case _:
            raise BadUserInput(f"{root.name}: this is no query field.")


def _few(run: Execution, given: Sequence[Any], argument: str) -> Sequence[Any]:
    most = run.scope.limits.max_first
    if len(given) > most:
        raise BadUserInput(f"{argument}: {len(given)} rows are asked for at once; at most {most} are allowed.")
    return given


async def _by_key(run: Execution, root: n.Root, binding: b.OneRoot, by: Mapping[str, Any]) -> Row | None:
    assert root.rows is not None  # noqa: S101
    ((name, given),) = by.items()
    if name == "id":
        found = global_ids.decode(given, run.graph, argument="by.id")
        if found.entity.graph_name != binding.entity.graph_name and (
            found.entity.graph_name not in binding.entity.subtypes
        ):
            raise BadUserInput(f"by.id: this is the id of a {found.entity.graph_name}.")
        global_ids.check_place(found, binding.set, "by.id")
        company = await run.company(binding.entity, found.company)
        return await one_row(run, root.rows, binding.set, found.key, company)
    members = binding.keys[name]
    values = (given,) if len(members) == 1 else tuple(given[m.field] for m in members)
    company = await run.company(binding.entity)
    key = Key(members, values)
    if {m.wire for m in members} == set(binding.entity.type.key):
        return await one_row(run, root.rows, binding.set, key, company)
    return await _by_alternate_key(run, root.rows, binding.set, key, company)


async def one_row(run: Execution, rows: n.Rows, set_: Any, key: Key | None, company: Company | None) -> Row | None:
    """A row by key (None: a singleton) with everything below it."""
    row = await _row_alone(run, rows, set_, key, company)
    if row is not None:
        await run.below(rows, [row])
    return row


async def _row_alone(run: Execution, rows: n.Rows, set_: Any, key: Key | None, company: Company | None) -> Row | None:
    rule = run.scope.rule(rows.entity)
    if rule == TRUE or key is None:
        return await run.one(rows, set_, key, company)
    found = await run.where(rows, set_, all_of((*_equal(key), rule)), company, top=1)
    return found[0] if found else None


async def _by_alternate_key(run: Execution, rows: n.Rows, set_: Any, key: Key, company: Company | None) -> Row | None:
    entity = rows.entity
    found = await run.where(rows, set_, all_of((*_equal(key), run.scope.rule(entity))), company, top=2)
    if len(found) > 1:
        names = ", ".join(m.field for m in key.members)
        raise BadUserInput(f"by: more than one {entity.graph_name} has this {names}.")
    await run.below(rows, found)
    return found[0] if found else None


def _equal(key: Key) -> Iterator[Predicate]:
    return (Compare(Path((m.wire,), m.value), "eq", v) for m, v in zip(key.members, key.values, strict=True))


def _representation(run: Execution, given: Any) -> GlobalId | None:
    """A federation representation: `__typename` and the declared key, `id`. None for anything else."""
    if not isinstance(given, Mapping):
        return None
    name, id_ = given.get("__typename"), given.get("id")
    if not isinstance(name, str) or not isinstance(id_, str):
        return None
    found = global_ids.find(id_, run.graph)
    return found if found is not None and found.entity.graph_name == name else None


async def rows_by_id(run: Execution, root: n.Root, ids: Sequence[GlobalId | None]) -> list[Found | Unanswered | None]:
    """Rows by global id, in the order asked for: one request per type, set and company, None for what isn't there.

    A source that fails leaves the rows of the others alone. Raises TooCostly."""
    groups: dict[tuple[str, str | None], list[int]] = {}
    for i, id_ in enumerate(ids):
        if id_ is not None:
            groups.setdefault((id_.entity.id_name, id_.company), []).append(i)
    answers: list[Found | Unanswered | None] = [None] * len(ids)

    async def load(places: list[int]) -> None:
        wanted = [k for i in places if (k := ids[i]) is not None]
        try:
            found = await _of_one_type(run, root, wanted)
        except TooCostly:
            raise
        except VegraphError as error:
            run.suspect = True
            found = [Unanswered(error)] * len(places)
        for i, row in zip(places, found, strict=True):
            answers[i] = row

    await asyncio.gather(*(load(places) for places in groups.values()))
    return answers


async def _of_one_type(run: Execution, root: n.Root, ids: Sequence[GlobalId]) -> Sequence[Found | Unanswered | None]:
    """The rows of ids of one type and company, with everything below them."""
    entity = ids[0].entity
    rows, shapes = run.for_entity(root, entity)
    check_rows(rows, len(ids), run.variables, run.scope.limits)
    company = await run.company(entity, ids[0].company)
    found = await _rows_by_key(run, rows, [id_.key for id_ in ids], company)
    await run.below(rows, [r for r in found if r is not None])
    return [None if row is None else Found(row, shapes) for row in found]


async def _rows_by_key(run: Execution, rows: n.Rows, keys: list[Key], company: Company | None) -> list[Row | None]:
    entity = rows.entity
    if len(keys) == 1 or run.runner.dialect(entity.source.name).why_not_lookup(entity.key, entity) is not None:
        found = await asyncio.gather(*(_row_alone(run, rows, entity.set, key, company) for key in keys))
        return list(found)
    sifted = run.conditions.sift(run.scope.rule(entity), entity)
    extra = sifted.columns | {m.wire for m in entity.key}
    type_, expand = run.typed(rows, extra)
    assert entity.set is not None  # noqa: S101
    template = Lookup(
        source=entity.source.name,
        set=entity.set,
        entity=entity,
        members=entity.key,
        values=(),
        select=run.select(rows, extra),
        cross_company=entity.company not in (None, "context"),
        expand=expand,
    )
    values = [_normalised(key, entity.key, entity) for key in keys]
    answers = await run.loaders.lookup(
        type_, entity.key, values, company=company, filter=sifted.pushed, template=template
    )
    run.suspect |= any(a.suspect for a in answers)
    keep = run.conditions.keep(sifted.residue)
    return [next((row for row in a if keep is None or keep(row)), None) for a in answers]


def _normalised(key: Key, members: Sequence[Member], entity: b.EntityBinding) -> tuple[Any, ...]:
    return tuple(normaliser(m, entity)(v) for m, v in zip(members, key.values, strict=True))
