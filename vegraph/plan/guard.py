"""The portal's row rule: before every write over the row as it is and as it would be, and over rows that come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from vegraph.errors import BackendNotFound, Forbidden
from vegraph.plan import evaluate
from vegraph.plan import nodes as n
from vegraph.plan.accessors import accessor
from vegraph.plan.intents import Intent
from vegraph.plan.predicates import TRUE, Predicate
from vegraph.plan.recording import VERBS
from vegraph.plan.rows import Row, attribute
from vegraph.plan.steps import Create, Delete, Update, Write
from vegraph.schema.binding import EntityBinding

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["KnownRows", "guard", "inside", "not_all_rows", "rule_columns"]

KnownRows: TypeAlias = dict[tuple[Any, ...], dict[str, Any]]
"""(type, company, key) → the rule's properties of a row as the earlier writes of an atomic group leave it."""


async def guard(run: Execution, intent: Intent, known: KnownRows) -> None:
    """Raises Forbidden for an operation or a row that is not the caller's; BackendNotFound where there is no such row
    for them. An overwrite is narrowed to the row as it was checked."""
    for row in intent.rows:
        _may(run, row.entity, "create")
        _check_new(run, row.entity, row.values)
    first, entity = (intent.steps[0] if intent.steps else None), intent.entity
    if first is None or entity is None:
        return
    _may(run, entity, VERBS[type(first)])
    rule = run.scope.rule(entity)
    if rule == TRUE:
        return
    place = _place(intent, entity)
    if isinstance(first, Create):
        if intent.key is not None:
            known[place] = dict(intent.values)
    elif intent.key is not None:
        before = known.get(place)
        if before is None:
            before = await _as_it_is(run, intent, entity, rule)
        if isinstance(first, Update):
            after = {**before, **first.values}
            if not _fits(rule, after):
                raise Forbidden("This row would not be yours any more: the portal lets you write your own rows only.")
            known[place] = after
    elif not isinstance(getattr(intent.root.binding, "returns", None), EntityBinding):
        raise not_all_rows(entity)  # rows that come back are sifted; of anything else nobody knows whose it tells


def not_all_rows(entity: EntityBinding) -> Forbidden:
    """An operation on a whole set may work with rows that the caller's rule leaves out, and tell of them."""
    return Forbidden(f"This works on all rows of {entity.graph_name}, and the portal leaves you your own rows only.")


def _may(run: Execution, entity: EntityBinding, verb: Any) -> None:
    if not run.scope.allows(entity, verb):
        raise Forbidden(f"You may not {_DOES[verb]} {entity.graph_name} here.")


_DOES = {"create": "create rows of", "update": "change rows of", "delete": "delete rows of", "action": "run actions on"}


def _check_new(run: Execution, entity: EntityBinding, values: Mapping[str, Any]) -> None:
    rule = run.scope.rule(entity)
    if rule == TRUE:
        return
    lacking = sorted(evaluate.columns(rule) - values.keys())
    if lacking:
        names = " and ".join(entity.by_wire[wire].field for wire in lacking)
        raise Forbidden(f"Give {names}: the portal lets you write your own rows of {entity.graph_name} only.")
    if not _fits(rule, values):
        raise Forbidden("This row would not be yours: the portal lets you write your own rows only.")


async def _as_it_is(run: Execution, intent: Intent, entity: EntityBinding, rule: Predicate) -> dict[str, Any]:
    """The rule's properties of the row. Raises BackendNotFound unless it stands inside the rule."""
    step = intent.steps[0]
    rows = n.Rows(entity=entity, columns={m.wire for m in entity.key})
    columns = evaluate.columns(rule)
    row = await run.one(rows, _set(step, entity), intent.key, intent.company, columns)
    if row is None or not inside(run, entity, row):
        raise BackendNotFound("There is no such row.", source=entity.source.name)
    if isinstance(step, Update | Delete) and step.if_match == "*" and row.e:
        intent.steps[0] = replace(step, if_match=row.e)  # else it might leave the rule in between
    return {wire: getattr(row, attribute(wire)) for wire in columns}


def _set(step: Write, entity: EntityBinding) -> Any:
    return getattr(step, "set", None) or entity.set


def _place(intent: Intent, entity: EntityBinding) -> tuple[Any, ...]:
    company = intent.company.name if intent.company is not None else None
    key = intent.key.values if intent.key is not None else ()
    return entity.graph_name, company, *(str(value).casefold() for value in key)


def rule_columns(run: Execution, entity: EntityBinding) -> frozenset[str]:
    """Wire names of what the row rule reads."""
    rule = run.scope.rule(entity)
    return frozenset() if rule == TRUE else evaluate.columns(rule)


def inside(run: Execution, entity: EntityBinding, row: Row) -> bool:
    """Does a row that came back, the rule's columns among its own, stand inside the rule?"""
    rule = run.scope.rule(entity)
    return rule == TRUE or evaluate.compile_predicate(rule, accessor)(row)


def _fits(rule: Predicate, values: Mapping[str, Any]) -> bool:
    return evaluate.compile_predicate(rule, lambda path: lambda row: _read(row.get(path.names[0])))(values)


def _read(value: Any) -> Any:
    """A value to be written, as it would be read."""
    return Decimal(bytes(value).decode()) if isinstance(value, msgspec.Raw) else value
