"""What became of a mutation, as its payload says it: the row, what was refused and why, or what is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vegraph.errors import (
    BackendConflict,
    BackendError,
    BackendInvalid,
    BackendNotFound,
    OutcomeUnknown,
    VegraphError,
)
from vegraph.plan import nodes as n
from vegraph.plan.functions import read_result
from vegraph.plan.guard import inside, rule_columns
from vegraph.plan.inputs import Mistake
from vegraph.plan.intents import InputPath, Intent
from vegraph.plan.rows import Row
from vegraph.plan.steps import Call, Create, Delete, ReadOne, Update, Written
from vegraph.schema import binding as b
from vegraph.schema.values import ComplexValue

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["STALE", "Outcome", "carried_out", "known", "read_back", "refused"]

STALE = Mistake(
    "The row has changed since it was read. Nothing was written; the row is shown as it is now.",
    ("input", "ifMatch"),
    "CONFLICT",
)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """A mutation's payload."""

    row: Row | None = None
    row_error: VegraphError | None = None
    """The write happened, and the row could not be read back."""
    mistakes: Sequence[Mistake] = ()
    targets: Mapping[int, str | None] = field(default_factory=dict)
    """By place in `mistakes`: the member that the ERP named."""
    deleted_id: str | None = None
    result: Any = None
    result_error: VegraphError | None = None
    """The action was carried out, and what it gave could not be read."""


def read_back(run: Execution, intent: Intent) -> ReadOne | None:
    """The row as the payload selects it; None where it does not."""
    root, step = intent.root, intent.steps[0]
    if isinstance(step, Delete) or root.rows is None or root.payload is None:
        return None
    wanted = getattr(root.binding, "payload_field", None)
    if wanted is None or not any(name == wanted for _, name, _ in root.payload.outs):
        return None
    entity = root.rows.entity
    set_ = entity.set if isinstance(step, Call) else step.set
    if set_ is None or (intent.key is None and not isinstance(step, Create)):
        return None
    _, expand = run.typed(root.rows)
    return ReadOne(
        source=step.source,
        set=set_,
        entity=entity,
        key=intent.key,
        select=run.select(root.rows, rule_columns(run, entity)),
        company=intent.company,
        expand=expand,
    )


async def carried_out(run: Execution, intent: Intent, written: Written) -> Outcome:
    """The payload of a write that happened."""
    root, step = intent.root, intent.steps[0]
    if isinstance(step, Delete):
        return Outcome(deleted_id=intent.id)
    outcome = Outcome(row_error=written.read_back_error)
    if isinstance(step, Call) and isinstance(outcome.row_error, BackendNotFound):
        outcome.row_error = None  # the action has taken the row away
    if root.rows is not None and written.read_back is not None:
        type_, _ = run.typed(root.rows, rule_columns(run, root.rows.entity))
        try:
            await _show(run, root.rows, outcome, run.row_of(type_, written.read_back, intent.company))
        except VegraphError as error:
            outcome.row_error = error
    if isinstance(step, Call):
        try:
            outcome.result = await _result(run, intent, written.body)
        except VegraphError as error:
            outcome.result_error = error
    return outcome


async def _show(run: Execution, rows: n.Rows, outcome: Outcome, row: Row | None) -> None:
    """The row with what is below it, if it is the caller's."""
    if row is not None and inside(run, rows.entity, row):
        outcome.row = row
        await run.below(rows, [row])


async def _result(run: Execution, intent: Intent, body: bytes | None) -> Any:
    payload = intent.root.payload
    name = getattr(intent.root.binding, "result_field", None)
    if payload is None or name is None:
        return None
    found: Any = None
    for _, selected, below in payload.outs:
        if selected == name:
            found = await read_result(run, below, intent.root.binding, body, intent.company)
    return found


# What the ERP refused


async def refused(run: Execution, intent: Intent, written: Written, index: int = 0) -> Outcome:
    """What the person can mend becomes `userErrors`; the rest is raised. `index`: of the step that was refused."""
    error, step = written.error, intent.steps[index]
    assert error is not None  # noqa: S101
    if isinstance(error, BackendConflict):
        if isinstance(step, Update | Delete):
            return await _conflict(run, intent, error)
        return Outcome(mistakes=(Mistake(str(error), _path_of(intent, index, error.target), "CONFLICT"),))
    if isinstance(error, BackendInvalid):
        return _rejected(intent, index, error)
    raise known(error, intent)


def known(error: VegraphError, intent: Intent) -> VegraphError:
    """Of a write that may have happened: with what is known of it."""
    if not isinstance(error, OutcomeUnknown):
        return error
    told = OutcomeUnknown(str(error), source=error.source, status=error.status)
    told.known = {
        "write": intent.verb,
        **({"id": intent.id} if intent.id is not None else {}),
        **({"company": intent.company.name} if intent.company is not None else {}),
    }
    return told


async def _conflict(run: Execution, intent: Intent, error: BackendConflict) -> Outcome:
    step: Any = intent.steps[0]
    if step.if_match in (None, "*"):
        return Outcome(mistakes=(Mistake(str(error), ("input",), "CONFLICT"),))
    if isinstance(step, Delete):
        return Outcome(
            mistakes=(replace(STALE, message="The row has changed since it was read. Nothing was deleted."),)
        )
    outcome = Outcome(mistakes=(STALE,))
    rows = intent.root.rows
    if rows is not None:
        try:
            row = await run.one(rows, step.set, intent.key, intent.company, rule_columns(run, rows.entity))
            await _show(run, rows, outcome, row)
        except BackendError as problem:
            outcome.row_error = problem
    return outcome


def _rejected(intent: Intent, index: int, error: BackendInvalid) -> Outcome:
    """The ERP's own messages, with the graph's names for what they are about."""
    told = [(error.target, str(error)), *error.details]
    if any(message == str(error) for _, message in error.details):
        told = list(error.details)
    mistakes = [Mistake(message, _path_of(intent, index, target), "REJECTED") for target, message in told]
    return Outcome(mistakes=mistakes, targets={i: target for i, (target, _) in enumerate(told)})


def _path_of(intent: Intent, index: int, target: str | None) -> InputPath:
    """Input path of the member that the ERP named by its wire name or path (`lines/0/price`, `lines(no=1)/price`)."""
    binding, path, step = intent.root.binding, intent.places[index], intent.steps[index]
    names = _SEGMENT.findall(target or "")
    if isinstance(binding, b.ActionRoot):
        fields = {p.wire: p.field for p in binding.parameters}
        return (*path, *(fields[name] for name in names[:1] if name in fields))
    if step.entity is None:
        return path
    return (*path, *_fields(names, step.entity, step.values if isinstance(step, Create | Update) else None))


_SEGMENT = re.compile(r"[^/.\[\]()]+(?:\((?:'[^']*'|[^'()])*\))?")
"""A name with the key predicate behind it, or a number in brackets."""


def _fields(names: Sequence[str], entity: b.EntityBinding, values: Any) -> list[str]:
    """Graph names of a wire path; what is no member (a type's name, the row's own key) is passed over.

    `values`: what was sent for the entity; among nested rows a key predicate finds its row there."""
    found: list[str] = []
    here: b.EntityBinding | ComplexValue | None = entity
    by_wire: Mapping[str, Any] = entity.by_wire
    for segment in names:
        name, _, predicate = segment.partition("(")
        relations = here.relations.values() if isinstance(here, b.EntityBinding) else ()
        relation = next((r for r in relations if r.relationship.name == name), None)
        if name in by_wire:
            member = by_wire[name]
            found.append(member.field)
            here = member.value.complex
            by_wire = {} if here is None else {m.wire: m for m in here.members.values()}
        elif relation is not None:
            found.append(relation.name)
            here, by_wire = relation.target, relation.target.by_wire
            values = values.get(name) if isinstance(values, Mapping) else None
            if predicate and isinstance(values, list):
                found += _place_of(predicate.removesuffix(")"), values)
        elif found and name.isdigit():
            found.append(name)
            values = values[int(name)] if isinstance(values, list) and int(name) < len(values) else None
    return found


def _place_of(predicate: str, rows: Sequence[Any]) -> list[str]:
    """Where the row of that key predicate (`line=1,code='x'`) stands among nested rows, if it can be told."""
    wanted = {k.strip(): v.strip().strip("'") for k, e, v in (p.partition("=") for p in predicate.split(",")) if e}
    fits = []
    for i, row in enumerate(rows):
        said = {k: str(row[k]) for k in wanted if k in row} if isinstance(row, Mapping) else {}
        if said and said.items() <= wanted.items():
            fits.append(str(i))
    return fits if len(fits) == 1 else []
