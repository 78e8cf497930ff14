"""Mutations: in order, each for itself; or with `@atomic` all together or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, get_directive_values

from vegraph.errors import (
    BackendConflict,
    BackendError,
    BackendInvalid,
    BackendNotFound,
    Forbidden,
    NotSupported,
    VegraphError,
)
from vegraph.plan import evaluate
from vegraph.plan import nodes as n
from vegraph.plan.functions import read_result
from vegraph.plan.inputs import Mistake
from vegraph.plan.logic import all_of
from vegraph.plan.predicates import TRUE, Compare, Path
from vegraph.plan.rows import Row
from vegraph.plan.steps import Call, Create, Delete, Key, ReadOne, Update, Write, Written
from vegraph.plan.writes import Intent, intent_of
from vegraph.schema import binding as b

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution, Verb

__all__ = ["Outcome", "run_mutations"]


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


async def run_mutations(run: Execution) -> None:
    """All mutation fields of the operation."""
    roots = [r for r in run.plan.roots if r.binding is not None]
    if run.plan.atomic:
        await _together(run, roots)
        return
    for root in roots:
        try:
            intent = await intent_of(run, root, {}, atomic=False)
            await _guard(run, intent)
            run.results[root.key] = await _alone(run, intent)
        except (VegraphError, GraphQLError) as error:
            run.fail(root.key, error)


# One after the other


async def _alone(run: Execution, intent: Intent) -> Outcome:
    if intent.mistakes:
        return Outcome(mistakes=intent.mistakes)
    first = intent.steps[0]
    if isinstance(first, Update) and not first.values:
        return await _unchanged(run, intent, first)
    written = await run.runner.write(
        intent.steps,
        atomic=intent.split,
        read_back=[_read_back(run, intent), *(None for _ in intent.steps[1:])],
        idempotency_key=_idempotency_key(run, intent.root),
    )
    failed = next((w for w in written if w.error is not None), None)
    if failed is not None:
        return await _refused(run, intent, failed)
    return await _done(run, intent, written[0])


async def _unchanged(run: Execution, intent: Intent, step: Update) -> Outcome:
    """An empty patch writes nothing; the row is read, and its ETag compared."""
    rows = intent.root.rows
    assert rows is not None  # noqa: S101
    row = await run.one(rows, step.set, intent.key, intent.company)
    if row is None:
        raise BackendNotFound("There is no such row.", source=step.source)
    await run.below(rows, [row])
    if step.if_match not in (None, "*") and row.e != step.if_match:
        return Outcome(row=row, mistakes=(_stale(),))
    return Outcome(row=row)


def _idempotency_key(run: Execution, root: n.Root) -> str | None:
    for directive in root.arguments.node.directives or ():
        if directive.name.value == "idempotent":
            definition = run.graph.schema.get_directive("idempotent")
            if definition is not None:
                values = get_directive_values(definition, root.arguments.node, run.variables)
                return None if values is None else values.get("key")
    return None


def _read_back(run: Execution, intent: Intent) -> ReadOne | None:
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
        select=run.select(root.rows),
        company=intent.company,
        expand=expand,
    )


async def _done(run: Execution, intent: Intent, written: Written) -> Outcome:
    root, step = intent.root, intent.steps[0]
    if isinstance(step, Delete):
        return Outcome(deleted_id=intent.id)
    outcome = Outcome(row_error=written.read_back_error)
    if root.rows is not None and written.read_back is not None:
        type_, _ = run.typed(root.rows)
        outcome.row = run.row_of(type_, written.read_back, intent.company)
        if outcome.row is not None:
            await run.below(root.rows, [outcome.row])
    if isinstance(step, Call):
        outcome.result = await _result(run, intent, written.body)
    return outcome


async def _result(run: Execution, intent: Intent, body: bytes | None) -> Any:
    payload = intent.root.payload
    name = getattr(intent.root.binding, "result_field", None)
    if payload is None or name is None:
        return None
    for _, found, below in payload.outs:
        if found == name:
            return await read_result(run, below, intent.root.binding, body, intent.company)
    return None


# What the ERP refused


def _stale() -> Mistake:
    message = "The row has changed since it was read. Nothing was written; the row is shown as it is now."
    return Mistake(message, ("input", "ifMatch"), "CONFLICT")


async def _refused(run: Execution, intent: Intent, written: Written) -> Outcome:
    """What the person can mend becomes `userErrors`; the rest is raised."""
    error, step = written.error, intent.steps[0]
    if isinstance(error, BackendConflict):
        if isinstance(step, Update | Delete):
            return await _conflict(run, intent, error)
        return Outcome(mistakes=(Mistake(str(error), ("input",), "CONFLICT"),))
    if isinstance(error, BackendInvalid):
        return _rejected(run, intent, error)
    assert error is not None  # noqa: S101
    raise error


async def _conflict(run: Execution, intent: Intent, error: BackendConflict) -> Outcome:
    step: Any = intent.steps[0]
    if step.if_match in (None, "*"):
        return Outcome(mistakes=(Mistake(str(error), ("input",), "CONFLICT"),))
    outcome = Outcome(mistakes=(_stale(),))
    rows = intent.root.rows
    if isinstance(step, Update) and rows is not None:
        try:
            outcome.row = await run.one(rows, step.set, intent.key, intent.company)
        except BackendError as problem:
            outcome.row_error = problem
        if outcome.row is not None:
            await run.below(rows, [outcome.row])
    return outcome


def _rejected(run: Execution, intent: Intent, error: BackendInvalid) -> Outcome:
    """The ERP's own messages, with the graph's names for what they are about."""
    told = [(error.target, str(error)), *error.details]
    if len(told) > 1 and any(message == str(error) for _, message in error.details):
        told = list(error.details)
    mistakes = [Mistake(message, _path_of(intent, target), "REJECTED") for target, message in told]
    return Outcome(mistakes=mistakes, targets={i: target for i, (target, _) in enumerate(told)})


def _path_of(intent: Intent, target: str | None) -> tuple[str, ...]:
    """Input path of the member that the ERP named by its wire name or path."""
    binding = intent.root.binding
    if isinstance(binding, b.ActionRoot):
        names = {p.wire: p.field for p in binding.parameters}
        return ("input", names[target]) if target in names else ("input",)
    path: list[str] = ["input"]
    if isinstance(binding, b.CreateRoot):
        path.append(binding.payload_field)
    elif isinstance(binding, b.UpdateRoot):
        path.append("patch")
    entity = getattr(binding, "entity", None)
    if target and isinstance(entity, b.EntityBinding):
        member = entity.by_wire.get(target.replace(".", "/").split("/")[-1])
        if member is not None:
            path.append(member.field)
    return tuple(path)


# The portal's row rule


async def _guard(run: Execution, intent: Intent) -> None:
    """A row may be written only if it stands inside the portal's row rule, before and after."""
    for step in intent.steps:
        entity = step.entity
        if intent.mistakes or entity is None:
            return
        verb = _VERBS[type(step)]
        if not run.scope.allows(entity, verb):
            raise Forbidden(f"You may not {verb} rows of {entity.graph_name} here.")
        rule = run.scope.rule(entity)
        if rule == TRUE:
            continue
        if not isinstance(step, Create) and intent.key is not None:
            await _inside(run, intent, step, entity)
        lacking = isinstance(step, Create) and not evaluate.columns(rule) <= step.values.keys()
        if isinstance(step, Create | Update) and (lacking or not run.conditions.allows(rule, step.values)):
            raise Forbidden("This row would not be yours: the portal lets you write your own rows only.")


_VERBS: Mapping[type, Verb] = {Create: "create", Update: "update", Delete: "delete", Call: "action"}


async def _inside(run: Execution, intent: Intent, step: Write, entity: b.EntityBinding) -> None:
    key: Key | None = intent.key
    set_ = getattr(step, "set", None) or entity.set
    assert key is not None  # noqa: S101
    terms = [Compare(Path((m.wire,), m.value), "eq", v) for m, v in zip(key.members, key.values, strict=True)]
    rows = n.Rows(entity=entity, columns={m.wire for m in entity.key})
    if not await run.where(rows, set_, all_of((*terms, run.scope.rule(entity))), intent.company, top=1):
        raise BackendNotFound("There is no such row.", source=entity.source.name)


# All together


async def _together(run: Execution, roots: Sequence[n.Root]) -> None:
    """Checked as a whole, sent as one group, undone as a whole."""
    intents: dict[str, Intent] = {}
    try:
        for root in roots:
            intents[root.key] = await intent_of(run, root, intents, atomic=True)
        _check_atomic(run, list(intents.values()))
        for intent in intents.values():
            await _guard(run, intent)
    except (VegraphError, GraphQLError) as error:
        for root in roots:
            run.fail(root.key, error)
        return
    if any(i.mistakes for i in intents.values()):
        _none_written(run, intents, {key: Outcome(mistakes=i.mistakes) for key, i in intents.items() if i.mistakes})
        return
    await _send_together(run, intents)


def _check_atomic(run: Execution, intents: Sequence[Intent]) -> None:
    sources = sorted({step.source for i in intents for step in i.steps})
    if len(sources) > 1:
        raise NotSupported(
            f"@atomic: {' and '.join(sources)} can't share one transaction. Nothing was sent; use one operation each."
        )
    for source in sources:
        if run.runner.dialect(source).atomic is None:
            raise NotSupported(f"@atomic: {source} has no way to do several writes all or none. Nothing was sent.")


async def _send_together(run: Execution, intents: Mapping[str, Intent]) -> None:
    steps = [step for i in intents.values() for step in i.steps]
    backs: list[ReadOne | None] = []
    for intent in intents.values():
        backs += [_read_back(run, intent), *(None for _ in intent.steps[1:])]
    try:
        written = await run.runner.write(steps, atomic=True, read_back=backs)
    except VegraphError as error:
        for key in intents:
            run.fail(key, error)
        return
    place = 0
    answers: dict[str, list[Written]] = {}
    for key, intent in intents.items():
        answers[key] = written[place : place + len(intent.steps)]
        place += len(intent.steps)
    if any(w.error is not None for w in written):
        await _undone(run, intents, answers)
        return
    for key, intent in intents.items():
        try:
            run.results[key] = await _done(run, intent, answers[key][0])
        except (VegraphError, GraphQLError) as error:
            run.fail(key, error)


async def _undone(run: Execution, intents: Mapping[str, Intent], answers: Mapping[str, list[Written]]) -> None:
    told: dict[str, Outcome] = {}
    for key, intent in intents.items():
        failed = next((w for w in answers[key] if w.error is not None), None)
        if failed is None or failed.error is None:
            continue
        try:
            told[key] = await _refused(run, intent, failed)
        except (VegraphError, GraphQLError) as error:
            run.fail(key, error)
    _none_written(run, intents, told)


def _none_written(run: Execution, intents: Mapping[str, Intent], told: Mapping[str, Outcome]) -> None:
    """Those with nothing of their own to mend say that they were not written either."""
    message = "Nothing was written, because another mutation of this @atomic operation failed."
    for key in intents:
        if key in told:
            run.results[key] = told[key]
        elif key not in run.results:
            run.results[key] = Outcome(mistakes=(Mistake(message, ("input",), "REJECTED"),))
