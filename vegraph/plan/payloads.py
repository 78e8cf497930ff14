"""Mutations' payloads in one pass; what went wrong after a write is completed by graphql-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from vegraph.plan import nodes as n
from vegraph.plan.build import Builder, Misfit
from vegraph.plan.functions import Value
from vegraph.plan.outcomes import Outcome

__all__ = ["payload_builder", "user_error"]

_Part: TypeAlias = Callable[[Outcome, Any], Any]


def payload_builder(builder: Builder, payload: n.Payload, binding: Any) -> Callable[[Outcome, Any], dict[str, Any]]:
    """(outcome, x) → payload object."""
    parts = [(key, _part(builder, name, below, payload, binding)) for key, name, below in payload.outs]

    def build(outcome: Outcome, x: Any) -> dict[str, Any]:
        if outcome.row_error is not None or outcome.result_error is not None:
            raise Misfit
        return {key: part(outcome, x) for key, part in parts}

    return build


def _part(builder: Builder, name: str, below: Any, payload: n.Payload, binding: Any) -> _Part:
    if name == "__typename":
        return lambda _outcome, _x: payload.type_name
    if name == "userErrors":
        return lambda outcome, _x: [user_error(outcome, i, below) for i in range(len(outcome.mistakes))]
    if name == "deletedId":
        return lambda outcome, _x: outcome.deleted_id
    if name == getattr(binding, "result_field", None):
        return _result(builder, below)
    build = builder.shapes(below)
    return lambda outcome, x: None if outcome.row is None else build(outcome.row, x)


def _result(builder: Builder, selected: n.FunctionOut) -> _Part:
    build = None
    if selected.connection is not None:
        build = builder.connection(selected.connection)
    elif selected.shapes is not None:
        build = builder.shapes(selected.shapes)

    def part(outcome: Outcome, x: Any) -> Any:
        if outcome.result is None:
            return None
        if build is None or isinstance(outcome.result, Value):
            raise Misfit
        return build(outcome.result, x)

    return part


def user_error(outcome: Outcome, place: int, below: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """One of the payload's `userErrors`, by response key."""
    mistake = outcome.mistakes[place]
    given = {
        "__typename": "UserError",
        "message": mistake.message,
        "code": mistake.code,
        "path": list(mistake.path) or None,
        "target": outcome.targets.get(place),
    }
    return {key: given[name] for key, name in below}
