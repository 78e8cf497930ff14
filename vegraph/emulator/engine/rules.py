"""What a dialect refuses of a filter, as its profile has it."""

from __future__ import annotations

from collections.abc import Iterator

from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.syntax import (
    Binary,
    Call,
    Cast,
    Expression,
    In,
    Lambda,
    ListOf,
    Literal,
    Member,
    Unary,
)

__all__ = ["OR_MESSAGE", "check", "members", "parts"]

OR_MESSAGE = "The 'OR' operator is not supported on distinct fields on an OData filter."

_COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})


def check(profile: Profile, shape: Shape, table: Table, expression: Expression) -> None:
    """Raise `Problem` for what the dialect does not take."""
    del shape, table
    for part in parts(expression):
        match part:
            case Binary(operator) if operator not in profile.operators:
                raise _unsupported(f"operator '{operator}'")
            case In() if "in" not in profile.operators:
                raise _unsupported("operator 'in'")
            case Unary("not") if "not" not in profile.operators:
                raise _unsupported("operator 'not'")
            case Lambda() if profile.lambdas == "refuse":
                raise _unsupported(f"operator '{part.kind}'")
            case Call(name) if name not in profile.functions:
                raise _unsupported(f"function '{name}'")
            case Call(_, arguments) if not profile.nested_functions and any(isinstance(a, Call) for a in arguments):
                raise Problem(400, "bad_filter", "Functions inside functions are not supported in a filter.")
            case Cast():
                raise _unsupported(f"function '{part.kind}'")
            case _:
                pass
        if not profile.property_comparison and isinstance(part, Binary) and part.operator in _COMPARISONS:
            _simple(part)
    if profile.or_rule == "one property":
        _or_fields(expression)
    if not profile.boolean_literals and any(_is_truth(p) for p in _conditions(expression)):
        raise Problem(400, "bad_filter", "A literal alone is not a filter.")


def parts(expression: Expression) -> Iterator[Expression]:
    """The expression and all within it; what stands inside an ignored lambda too."""
    waiting: list[Expression] = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += _inside(part)


def _inside(part: Expression) -> tuple[Expression, ...]:
    match part:
        case Binary(_, left, right) | In(left, right):
            return (left, right)
        case Unary(_, operand):
            return (operand,)
        case Call(_, items) | ListOf(items):
            return items
        case Lambda(_, _, _, body) if body is not None:
            return (body,)
        case Cast(_, operand, _) if operand is not None:
            return (operand,)
    return ()


def members(expression: Expression) -> set[str]:
    """Properties a filter looks at; none inside lambdas."""
    found, waiting = set(), [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Member):
            found.add(part.text)
        elif not isinstance(part, Lambda):
            waiting += _inside(part)
    return found


def _or_fields(expression: Expression) -> None:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Binary) and part.operator == "or":
            if len(members(part)) > 1:
                raise Problem(400, "or_fields", OR_MESSAGE)
        else:
            waiting += _inside(part)


def _conditions(expression: Expression) -> Iterator[Expression]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Unary) or (isinstance(part, Binary) and part.operator in ("and", "or")):
            waiting += _inside(part)
        else:
            yield part


def _is_truth(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.kind == "boolean"


def _simple(part: Binary) -> None:
    if isinstance(part.left, Literal) == isinstance(part.right, Literal):
        raise Problem(400, "bad_filter", "A comparison must have a property on one side and a value on the other.")


def _unsupported(what: str) -> Problem:
    return Problem(501, "not_implemented", f"The {what} is not supported in a filter.")
