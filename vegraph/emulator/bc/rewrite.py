"""Filters as Business Central applies them (erp.md OB-70 to OB-83)."""

from __future__ import annotations

from dataclasses import replace

from vegraph.emulator.bc.choices import BcChoices
from vegraph.emulator.engine import rules
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.syntax import Binary, Expression, In, Lambda, Literal, Member, Unary, chain

__all__ = ["effective"]

_TRUE = Literal("boolean", "true")


def effective(
    profile: Profile, choices: BcChoices, shape: Shape, table: Table, expression: Expression, version: str
) -> Expression:
    """The filter with what is silently ignored set to true; `Problem` for what is refused."""
    newer = version == "2.1"
    nested = newer or choices.nested_functions == "undefined"
    rules.check(replace(profile, nested_functions=nested), shape, table, expression)
    if not newer and any(isinstance(p, In) for p in rules.parts(expression)) and choices.in_below_21 == "501":
        raise Problem(501, "not_implemented", "The operator 'in' is not supported in this schema version.")
    return _without(expression, newer=newer)


def _without(expression: Expression, *, newer: bool) -> Expression:
    match expression:
        case Binary("and" | "or" as operator):
            first, *rest = (_without(part, newer=newer) for part in chain(expression))
            for part in rest:
                first = Binary(operator, first, part)
            return first
        case Unary("not", operand):
            return Unary("not", _without(operand, newer=newer))
        case Lambda():
            return _TRUE
        case In() if not newer:
            return _TRUE
        case Binary(_, Member() as member, _) if _is_flow_filter(member.text):
            return _TRUE
    return expression


def _is_flow_filter(name: str) -> bool:
    return name.endswith(("_Filter", "_FilterOnly"))
