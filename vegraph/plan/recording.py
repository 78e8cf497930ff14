"""What the record of writes says of each: source, verb, set or action, key, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from vegraph.errors import BackendError, OutcomeUnknown, VegraphError
from vegraph.plan.steps import Call, Create, Delete, Key, Update, Write, Written

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution, Verb

__all__ = ["VERBS", "outcome_of", "record", "recorder"]

VERBS: Mapping[type, Verb] = {Create: "create", Update: "update", Delete: "delete", Call: "action"}


def recorder(run: Execution, steps: Sequence[Write]) -> Callable[[int, Written], None]:
    """What the runner tells, step by step."""

    def wrote(index: int, written: Written) -> None:
        record(run, steps[index], outcome_of(written.error), written.location)

    return wrote


def record(run: Execution, step: Write, outcome: str, location: str | None = None) -> None:
    """One line."""
    key = getattr(step, "key", None)
    text = _key_text(key) if key is not None else unquote(location) if location else None
    run.scope.wrote(step.source, VERBS[type(step)], _place(step), text, outcome)


def outcome_of(error: VegraphError | None) -> str:
    """`done`, `unknown`, `ROLLED_BACK` where another write of the group was refused, or the error's code."""
    if error is None:
        return "done"
    if isinstance(error, OutcomeUnknown):
        return "unknown"
    if isinstance(error, BackendError) and error.erp_code == "ROLLED_BACK":
        return "ROLLED_BACK"
    return error.code


def _place(step: Write) -> str:
    if not isinstance(step, Call):
        return step.set.name
    set_ = f"{step.set.name}." if step.set is not None else ""
    return f"{set_}{step.operation.short_name}"


def _key_text(key: Key) -> str:
    return ",".join(_shown(value) for value in key.values)


def _shown(value: Any) -> str:
    return str(value)
