"""Which row type the rows of a plan's node have, and what their request expands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vegraph.plan import nodes as n
from vegraph.plan import ordering
from vegraph.plan.rows import ALL_MARKS, Expanded, RowType, row_type
from vegraph.plan.steps import Expand

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["made"]


def made(run: Execution, rows: n.Rows, extra: frozenset[str], apart: bool) -> tuple[RowType, tuple[Expand, ...]]:
    """The same for all requests with a plan. `extra`: columns beside those of the node; `apart`: without `$expand`."""
    expanded = () if apart else (r for r in rows.relations if r.strategy is n.Strategy.EXPAND)
    inner = [_expand(run, r) for r in expanded]
    type_ = row_type(
        rows.entity, frozenset(rows.columns | extra), tuple(e for e, _ in inner), tuple(rows.derived.values()),
        loosely=rows.ambiguous, is_open=rows.wants_open, marks=_marks(run, rows, apart),
    )  # fmt: skip
    return type_, tuple(x for _, x in inner)


def _marks(run: Execution, rows: n.Rows, apart: bool) -> str:
    stream = "m" if rows.wants_stream else ""
    if run.plan.mutation:
        return ALL_MARKS + stream
    below = bool(rows.functions) or any(apart or r.many or not r.settled for r in rows.relations)
    wanted = (("e", rows.wants_etag), ("t", rows.entity.subtypes or below), ("c", rows.wants_company or below))
    return "".join(mark for mark, wants in wanted if wants) + stream


def _expand(run: Execution, relation: n.Relation) -> tuple[Expanded, Expand]:
    type_, inner = run.typed(relation)
    name = relation.field.relationship.name
    top, counted = None, False
    if relation.many and not relation.owned:
        first = relation.arguments.values(run.variables).get("first")
        top = (run.scope.limits.default_first if first is None else first) + 1
        counted = relation.connection is not None and "totalCount" in relation.connection.fields
    step = Expand(
        name=name,
        select=run.select(relation),
        many=relation.many,
        top=top,
        order=ordering.orders(None, relation.entity) if top is not None else (),
        count=counted,
        expand=inner,
        cast=relation.cast,
    )
    return Expanded(name, type_, relation.many), step
