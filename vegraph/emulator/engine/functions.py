"""Functions and arithmetic of filters in SQL, and how two operands become comparable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vegraph.emulator.engine.operands import Operand, incompatible
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.syntax import Expression

if TYPE_CHECKING:
    from vegraph.emulator.engine.translate import Translator

__all__ = ["arithmetic", "call", "negative", "unify"]

_PARTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}


def unify(operator: str, left: Operand, right: Operand) -> tuple[Operand, Operand]:
    """Both operands as one kind, or the service's refusal."""
    kinds = {left.kind, right.kind}
    if len(kinds) == 1:
        if left.kind == "enum" and left.column and right.column and left.column.type != right.column.type:
            raise incompatible(operator, left, right)
        return left, right
    if kinds <= {"int", "decimal", "double"}:
        wanted = "double" if "double" in kinds else "decimal"
        return _number(left, wanted), _number(right, wanted)
    if kinds == {"datetime", "axdate"}:
        return left, right
    if kinds <= {"date", "datetime", "axdate"}:
        return _moment(left), _moment(right)
    raise incompatible(operator, left, right)


def _number(operand: Operand, kind: str) -> Operand:
    if operand.kind == kind:
        return operand
    if kind == "decimal":
        return replace(operand, sql=f"dec_key({operand.sql})", kind="decimal", column=None)
    if operand.kind == "decimal":
        return replace(operand, sql=f"dec_float({operand.sql})", kind="double", column=None)
    return replace(operand, sql=f"({operand.sql} + 0.0)", kind="double", column=None)


def _moment(operand: Operand) -> Operand:
    if operand.kind != "date":
        return operand
    return replace(operand, sql=f"({operand.sql} || 'T00:00:00')", kind="datetime", column=None)


def negative(operand: Operand) -> Operand:
    """`-x`."""
    if operand.kind == "decimal":
        zero = Operand("'1'", (), "decimal")
        return arithmetic("sub", zero, operand)
    if operand.kind not in ("int", "double"):
        raise Problem(400, "bad_filter", f"A unary operator 'Negate' cannot be applied to '{operand.edm}'.")
    return replace(operand, sql=f"(-{operand.sql})", column=None)


def arithmetic(operator: str, left: Operand, right: Operand) -> Operand:
    """`add sub mul div divby mod` over numbers, exact for decimals."""
    kinds = {left.kind, right.kind}
    if not kinds <= {"int", "decimal", "double"}:
        raise incompatible(operator, left, right)
    params, nullable = (
        left.params + right.params,
        left.nullable or right.nullable or operator in ("div", "divby", "mod"),
    )
    if kinds == {"int"} and operator != "divby":
        if operator in ("div", "mod"):
            return Operand(f"int_math('{operator}', {left.sql}, {right.sql})", params, "int", nullable=True)
        sign = {"add": "+", "sub": "-", "mul": "*"}[operator]
        return Operand(f"({left.sql} {sign} {right.sql})", params, "int", nullable=nullable)
    kind = "double" if "double" in kinds else "decimal"
    left, right = _number(left, kind), _number(right, kind)
    if kind == "double":
        return Operand(f"float_math('{operator}', {left.sql}, {right.sql})", params, kind, nullable=True)
    return Operand(f"dec_math('{operator}', {left.sql}, {right.sql})", params, kind, nullable=nullable)


def call(translator: Translator, name: str, arguments: tuple[Expression, ...]) -> Operand:
    """A built-in function."""
    if name not in translator.shape.profile.functions:
        raise Problem(501, "not_implemented", f"The function '{name}' is not supported.")
    if name == "now":
        return Operand("?", (translator.now,), "datetime")
    operands = [translator.operand(a) for a in arguments]
    params = tuple(p for o in operands for p in o.params)
    nullable = any(o.nullable for o in operands)
    if name in ("contains", "startswith", "endswith"):
        return _search(name, _texts(name, operands), nullable)
    if name in _PARTS:
        return _part(name, operands[0])
    if name in ("date", "time"):
        return _half(name, operands[0])
    if name in ("round", "floor", "ceiling"):
        return _rounded(name, operands[0])
    first, *rest = _texts(name, operands) if name not in ("substring",) else operands
    match name:
        case "length":
            return Operand(f"length({first.sql})", params, "int", nullable=nullable)
        case "indexof":
            return Operand(f"u_index({first.sql}, {rest[0].sql})", params, "int", nullable=nullable)
        case "substring":
            numbers = ", ".join(o.sql for o in rest)
            if first.kind != "text" or any(o.kind != "int" for o in rest):
                raise _no_signature(name, operands)
            return Operand(f"u_slice({first.sql}, {numbers})", params, "text", nullable=nullable, fold=first.fold)
        case "tolower" | "toupper" | "trim":
            function = {"tolower": "u_lower", "toupper": "u_upper", "trim": "u_trim"}[name]
            return Operand(f"{function}({first.sql})", params, "text", nullable=nullable, fold=first.fold)
        case "concat":
            sql = f"({first.sql} || {rest[0].sql})"
            return Operand(sql, params, "text", nullable=nullable, fold=first.fold or rest[0].fold)
    raise Problem(501, "not_implemented", f"The function '{name}' is not supported.")


def _texts(name: str, operands: list[Operand]) -> list[Operand]:
    if any(o.kind not in ("text", "null") for o in operands):
        raise _no_signature(name, operands)
    return operands


def _no_signature(name: str, operands: list[Operand]) -> Problem:
    shown = ", ".join(o.edm for o in operands)
    return Problem(400, "bad_filter", f"No function signature for the function with name '{name}' matches '({shown})'.")


def _search(name: str, operands: list[Operand], nullable: bool) -> Operand:
    whole, part = operands
    fold = whole.fold or part.fold
    a, b = (f"lower({whole.sql})", f"lower({part.sql})") if fold else (whole.sql, part.sql)
    if name == "contains":
        return Operand(f"(instr({a}, {b}) > 0)", whole.params + part.params, "bool", nullable=nullable)
    if name == "startswith":
        sql, params = f"(substr({a}, 1, length({b})) = {b})", whole.params + part.params * 2
    else:
        sql = f"(length({a}) >= length({b}) AND substr({a}, length({a}) - length({b}) + 1) = {b})"
        params = whole.params + part.params + whole.params * 2 + part.params * 2
    return Operand(sql, params, "bool", nullable=nullable)


def _part(name: str, operand: Operand) -> Operand:
    start, length = _PARTS[name]
    if operand.kind == "time" and start > 10:
        start -= 11
    elif operand.kind not in ("datetime", "axdate", "date") or (operand.kind == "date" and start > 10):
        raise _no_signature(name, [operand])
    sql = f"CAST(substr({operand.sql}, {start}, {length}) AS INTEGER)"
    return Operand(sql, operand.params, "int", nullable=operand.nullable)


def _half(name: str, operand: Operand) -> Operand:
    if operand.kind not in ("datetime", "axdate"):
        raise _no_signature(name, [operand])
    sql = f"substr({operand.sql}, 1, 10)" if name == "date" else f"substr({operand.sql}, 12)"
    return Operand(sql, operand.params, name, nullable=operand.nullable)


def _rounded(name: str, operand: Operand) -> Operand:
    if operand.kind == "int":
        operand = _number(operand, "decimal")
    if operand.kind == "decimal":
        return Operand(f"dec_math('{name}', {operand.sql}, '1')", operand.params, "decimal", nullable=operand.nullable)
    if operand.kind == "double":
        return Operand(f"float_math('{name}', {operand.sql}, 0.0)", operand.params, "double", nullable=True)
    raise _no_signature(name, [operand])
