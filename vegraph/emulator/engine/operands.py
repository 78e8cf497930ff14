"""Operands of a translated expression: SQL with its parameters, and the kind of value it yields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vegraph.emulator.engine import decimals
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.syntax import Literal
from vegraph.emulator.engine.values import Column, Kind, datetime_text, duration_seconds

__all__ = ["EDM_NAMES", "Operand", "incompatible", "literal_operand", "param"]

EDM_NAMES: dict[str, str] = {
    "text": "Edm.String", "guid": "Edm.Guid", "int": "Edm.Int32", "bool": "Edm.Boolean", "decimal": "Edm.Decimal",
    "double": "Edm.Double", "date": "Edm.Date", "datetime": "Edm.DateTimeOffset", "axdate": "Edm.DateTimeOffset",
    "time": "Edm.TimeOfDay", "duration": "Edm.Duration", "binary": "Edm.Binary", "json": "Edm.Untyped",
    "stream": "Edm.Stream",
}  # fmt: skip

_OPERATORS = {
    "eq": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "ge": "GreaterThanOrEqual", "lt": "LessThan",
    "le": "LessThanOrEqual", "add": "Add", "sub": "Subtract", "mul": "Multiply", "div": "Divide", "mod": "Modulo",
    "has": "Has", "in": "In", "and": "And", "or": "Or",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operand:
    """A value in SQL. Decimals and durations are sort keys, enums numbers, times UTC text without `Z`."""

    sql: str
    params: tuple[Any, ...]
    kind: Kind | str
    """A `Kind`, or `null`."""

    column: Column | None = None
    nullable: bool = False
    fold: bool = False
    """Text that compares without case."""

    literal: Literal | None = None

    @property
    def edm(self) -> str:
        """EDM name for messages."""
        return self.column.type if self.column else EDM_NAMES.get(self.kind, "Edm.Null")


def param(value: Any, kind: Kind | str, literal: Literal | None = None) -> Operand:
    """A bound parameter."""
    return Operand("?", (value,), kind, literal=literal)


def incompatible(operator: str, left: Operand, right: Operand) -> Problem:
    """The service's own words for operands that don't go together."""
    return Problem(
        400,
        "bad_filter",
        "A binary operator with incompatible types was detected. Found operand types "
        f"'{left.edm}' and '{right.edm}' for operator kind '{_OPERATORS.get(operator, operator)}'.",
    )


def literal_operand(literal: Literal, *, other: Operand | None = None, quoted_enums: bool = True) -> Operand:
    """A literal, read as the type of the other operand where that is allowed."""
    column = other.column if other else None
    kind = other.kind if other else None
    if kind == "enum" and column is not None:
        return _enum(literal, column, quoted_enums)
    if kind in ("decimal", "duration", "double", "time", "datetime", "axdate") and (found := _as(kind, literal)):
        return found
    match literal.kind:
        case "null":
            return Operand("NULL", (), "null", nullable=True, literal=literal)
        case "boolean":
            return param(int(literal.text.lower() == "true"), "bool", literal)
        case "integer":
            return _integer(literal)
        case "decimal":
            return param(decimals.sort_key(Decimal(literal.text)), "decimal", literal)
        case "double":
            return param(float(literal.text.replace("INF", "inf")), "double", literal)
        case "string":
            return param(literal.text, "text", literal)
        case "guid":
            return param(literal.text.lower(), "guid", literal)
        case "date":
            return param(literal.text, "date", literal)
        case "datetime":
            return param(_moment(literal), "datetime", literal)
        case "time":
            return param(_clock(literal.text), "time", literal)
        case "duration":
            return param(decimals.sort_key(duration_seconds(literal.text)), "duration", literal)
        case "binary":
            return param(literal.text, "binary", literal)
    raise Problem(400, "bad_filter", f"A literal of kind '{literal.kind}' cannot stand here.")


def _integer(literal: Literal) -> Operand:
    number = int(literal.text)
    if -(2**63) <= number < 2**63:
        return param(number, "int", literal)
    return param(decimals.sort_key(Decimal(number)), "decimal", literal)


def _as(kind: str, literal: Literal) -> Operand | None:
    if kind == "decimal" and literal.kind in ("integer", "decimal"):
        return param(decimals.sort_key(Decimal(literal.text)), "decimal", literal)
    if kind == "double" and literal.kind in ("integer", "decimal", "double"):
        return param(float(literal.text.replace("INF", "inf")), "double", literal)
    if kind in ("datetime", "axdate") and literal.kind == "date":
        return param(f"{literal.text}T00:00:00", "datetime", literal)
    return None


def _moment(literal: Literal) -> str:
    try:
        return datetime_text(literal.text)
    except ValueError as problem:
        raise Problem(400, "bad_filter", str(problem)) from None


def _clock(text: str) -> str:
    text = text if text.count(":") == 2 else text + ":00"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _enum(literal: Literal, column: Column, quoted: bool) -> Operand:
    if literal.kind == "null":
        return Operand("NULL", (), "null", nullable=True, literal=literal)
    allowed = (literal.kind == "enum" and literal.type.lower() == column.type.lower()) or (
        literal.kind == "string" and quoted
    )
    if not allowed:
        found = literal.type if literal.kind == "enum" else EDM_NAMES.get(literal.kind, "Edm.String")
        raise Problem(
            400,
            "bad_filter",
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{column.type}' and '{found}' for operator kind 'Equal'.",
        )
    if re.fullmatch(r"-?\d+", literal.text) and literal.text not in column.members:
        return param(int(literal.text), "enum", literal)
    try:
        return param(column.sort_key(column.encode(literal.text)), "enum", literal)
    except ValueError as problem:
        raise Problem(400, "bad_enum", str(problem), target=column.name) from None
