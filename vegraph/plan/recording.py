"""What the record of writes says of each: source, verb, set or action, key, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from vegraph.errors import BackendError, OutcomeUnknown, VegraphError
from vegraph.plan.steps import Call, Create, Delete, Update, Write, Written

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution
    from vegraph.plan.scope import Verb

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
    text = ",".join(map(str, key.values)) if key is not None else _located(location) if location else None
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


_PART = re.compile(r"(?:\w+=)?(?:'((?:[^']|'')*)'|([^,']+))(?:,|$)")


def _located(predicate: str) -> str:
    """The values of a key predicate: `dataAreaId='usmf',Number='1'` → `usmf,1`."""
    return ",".join(quoted.replace("''", "'") or bare for quoted, bare in _PART.findall(unquote(predicate)))
