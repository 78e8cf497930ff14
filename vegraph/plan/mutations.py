"""Mutations: in order, each for itself; or with `@atomic` all together or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, get_directive_values

from vegraph.errors import BackendNotFound, BadUserInput, NotSupported, OutcomeUnknown, VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.guard import KnownRows, guard, rule_columns
from vegraph.plan.inputs import Mistake
from vegraph.plan.intents import Intent, source_of
from vegraph.plan.loaders import Loaders
from vegraph.plan.outcomes import STALE, Outcome, carried_out, known, read_back, refused
from vegraph.plan.recording import outcome_of, record, recorder
from vegraph.plan.steps import ReadOne, Update, Written
from vegraph.plan.writes import intent_of, referred_to

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["run_mutations"]


async def run_mutations(run: Execution) -> None:
    """All mutation fields of the operation."""
    roots = [r for r in run.plan.roots if r.binding is not None]
    if run.plan.atomic:
        await _together(run, roots)
        return
    for root in roots:
        run.loaders = Loaders(run.runner)  # what was looked up before the last write may have changed
        try:
            run.results[root.key] = await _alone(run, root)
        except (VegraphError, GraphQLError) as error:
            run.fail(root.key, error)


# One after the other


async def _alone(run: Execution, root: n.Root) -> Outcome:
    key = _idempotency_key(run, root)
    if key is not None and any(key == _idempotency_key(run, other) for other in run.plan.roots if other is not root):
        raise BadUserInput(f"@idempotent: two writes of this operation have the key '{key}'. Give each its own.")
    intent = await intent_of(run, root, {})
    if intent.mistakes:
        return Outcome(mistakes=intent.mistakes)
    await _guarded(run, intent, {})
    if intent.changes_nothing:
        return await _unchanged(run, intent)
    try:
        written = await run.runner.write(
            intent.steps,
            atomic=intent.split,
            read_back=[read_back(run, intent), *(None for _ in intent.steps[1:])],
            idempotency_key=key,
            wrote=recorder(run, intent.steps),
        )
    except OutcomeUnknown as error:
        raise known(error, intent) from None
    index = _failed(written)
    if index is not None:
        return await refused(run, intent, written[index], index)
    return await carried_out(run, intent, written[0])


async def _guarded(run: Execution, intent: Intent, rows: KnownRows) -> None:
    """The row rule; who is refused by it is on record too."""
    try:
        await guard(run, intent, rows)
    except VegraphError as error:
        record(run, intent.steps[0], outcome_of(error))
        raise


async def _unchanged(run: Execution, intent: Intent) -> Outcome:
    """An empty patch writes nothing; the row is read, and its ETag compared."""
    rows, step = intent.root.rows, intent.steps[0]
    assert rows is not None  # noqa: S101
    assert isinstance(step, Update)  # noqa: S101
    row = await run.one(rows, step.set, intent.key, intent.company, rule_columns(run, rows.entity))
    if row is None:
        raise BackendNotFound("There is no such row.", source=step.source)
    await run.below(rows, [row])
    if step.if_match not in (None, "*") and row.e != step.if_match:
        return Outcome(row=row, mistakes=(STALE,))
    return Outcome(row=row)


def _failed(written: Sequence[Written]) -> int | None:
    """Index of the write that was refused; of several the first that was not rolled back for another's sake."""
    failed = [i for i, w in enumerate(written) if w.error is not None]
    own = [i for i in failed if outcome_of(written[i].error) != "ROLLED_BACK"]
    return next(iter(own or failed), None)


def _idempotency_key(run: Execution, root: n.Root) -> str | None:
    for directive in root.arguments.node.directives or ():
        if directive.name.value == "idempotent":
            definition = run.graph.schema.get_directive("idempotent")
            if definition is not None:
                try:
                    values = get_directive_values(definition, root.arguments.node, run.variables)
                except GraphQLError as error:
                    raise BadUserInput(error.message) from None
                return None if values is None else values.get("key")
    return None


# All together


async def _together(run: Execution, roots: Sequence[n.Root]) -> None:
    """Checked as a whole, sent as one group, undone as a whole."""
    try:
        _check_atomic(run, roots)
        intents = await _intents(run, roots)
        told = {key: Outcome(mistakes=i.mistakes) for key, i in intents.items() if i.mistakes}
        if not told:
            rows: KnownRows = {}
            for intent in intents.values():
                await _guarded(run, intent, rows)
            told = await _stale_ones(run, intents)
    except (VegraphError, GraphQLError) as error:
        for root in roots:
            run.fail(root.key, error)
        return
    if told:
        _none_written(run, intents, told)
    else:
        await _send_together(run, intents)


def _check_atomic(run: Execution, roots: Sequence[n.Root]) -> None:
    """Raises NotSupported before anything is asked of anybody."""
    if any(root.binding is None and root.name != "__typename" for root in run.plan.roots):
        raise NotSupported("@atomic: changes of vegraph's own catalog can't be part of it. Nothing was sent.")
    sources = sorted({source_of(root) for root in roots})
    if len(sources) > 1:
        raise NotSupported(
            f"@atomic: {' and '.join(sources)} can't share one transaction. Nothing was sent; use one operation each."
        )
    if len({key for root in roots if (key := _idempotency_key(run, root)) is not None}) > 1:
        raise BadUserInput("@idempotent: an @atomic operation is one write. Give one key, on any of its fields.")
    for source in sources:
        if run.runner.dialect(source).atomic is None:
            raise NotSupported(f"@atomic: {source} has no way to do several writes all or none. Nothing was sent.")


async def _intents(run: Execution, roots: Sequence[n.Root]) -> dict[str, Intent]:
    wanted = {key for root in roots for key in referred_to(root.arguments.values(run.variables))}
    intents: dict[str, Intent] = {}
    for root in roots:
        intents[root.key] = await intent_of(run, root, intents, named=root.key in wanted)
    return intents


async def _stale_ones(run: Execution, intents: Mapping[str, Intent]) -> dict[str, Outcome]:
    """Empty patches are not sent, so their ETags are compared before."""
    told: dict[str, Outcome] = {}
    for key, intent in intents.items():
        if intent.changes_nothing and intent.id is not None:
            outcome = await _unchanged(run, intent)
            if outcome.mistakes:
                told[key] = outcome
    return told


async def _send_together(run: Execution, intents: Mapping[str, Intent]) -> None:
    sent = {key: intent for key, intent in intents.items() if not intent.changes_nothing}
    steps = [step for i in sent.values() for step in i.steps]
    backs: list[ReadOne | None] = []
    for intent in sent.values():
        backs += [read_back(run, intent), *(None for _ in intent.steps[1:])]
    try:
        written = await run.runner.write(
            steps, atomic=True, read_back=backs, idempotency_key=_shared_key(run), wrote=recorder(run, steps)
        )
    except VegraphError as error:
        for key, intent in intents.items():
            run.fail(key, known(error, intent))
        return
    places = iter(written)
    answers = {key: [next(places) for _ in intent.steps] for key, intent in sent.items()}
    if _failed(written) is not None:
        await _undone(run, intents, answers)
        return
    run.loaders = Loaders(run.runner)
    for key, intent in intents.items():
        try:
            run.results[key] = await (
                carried_out(run, intent, answers[key][0]) if key in answers else _unchanged(run, intent)
            )
        except (VegraphError, GraphQLError) as error:
            run.fail(key, error)


def _shared_key(run: Execution) -> str | None:
    return next((key for root in run.plan.roots if (key := _idempotency_key(run, root)) is not None), None)


async def _undone(run: Execution, intents: Mapping[str, Intent], answers: Mapping[str, list[Written]]) -> None:
    told: dict[str, Outcome] = {}
    for key, written in answers.items():
        index = _failed(written)
        if index is None or outcome_of(written[index].error) == "ROLLED_BACK":
            continue
        try:
            told[key] = await refused(run, intents[key], written[index], index)
        except (VegraphError, GraphQLError) as error:
            run.fail(key, error)
    cause = next((w.error for group in answers.values() for w in group if w.error is not None), None)
    _none_written(run, intents, told, cause if not told else None)


def _none_written(
    run: Execution, intents: Mapping[str, Intent], told: Mapping[str, Outcome], cause: Any = None
) -> None:
    """Those with nothing of their own to mend say that they were not written either. `cause`: where the service does
    not say which of them it refused."""
    message = "Nothing was written, because another mutation of this @atomic operation failed."
    anybody = cause is not None and not any(key in run.results for key in intents)
    mistake = Mistake(str(cause) if anybody else message, ("input",), "REJECTED")
    for key in intents:
        if key in told:
            run.results[key] = told[key]
        elif key not in run.results:
            run.results[key] = Outcome(mistakes=(mistake,))
