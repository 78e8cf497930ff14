"""Filters and orders evaluated in plain Python over rows: what SQLite's answer is compared with.

Written from the OData specification (4.01, part 2, section 5.1.1), not from the translator: three-valued logic for
`and`, `or`, `not` and functions; comparisons with null are false, but for `eq` and `ne`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Context, Decimal
from functools import cmp_to_key
from typing import Any

from vegraph.emulator.engine.syntax import Binary, Call, Expression, In, ListOf, Literal, Member, OrderTerm, Unary

_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Oracle:
    """Evaluates over rows of plain values: text, int, Decimal, bool, None; times as text in UTC."""

    kinds: Mapping[str, str]
    """Property → `text`, `guid`, `int`, `decimal`, `bool`, `date`, `datetime` or `enum`."""

    members: Mapping[str, int] = field(default_factory=dict)
    """Enum members with their numbers."""

    insensitive: bool = False
    nulls: bool = True
    wildcards: bool = False
    empties: Mapping[str, Any] = field(default_factory=dict)
    """Kind → what stands for null where there is none."""

    def keeps(self, expression: Expression, row: Mapping[str, Any]) -> bool:
        """Whether the row passes the filter."""
        return self.value(expression, row) is True

    def ordered(self, terms: tuple[OrderTerm, ...], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows in that order; equal ones stay as they stand. Null is the smallest."""

        def compare(a: dict[str, Any], b: dict[str, Any]) -> int:
            for term in terms:
                x, y = self._sortable(term, a), self._sortable(term, b)
                if x != y:
                    less = x is None or (y is not None and x < y)
                    return (-1 if less else 1) * (-1 if term.descending else 1)
            return 0

        return sorted(rows, key=cmp_to_key(compare))

    def _sortable(self, term: OrderTerm, row: Mapping[str, Any]) -> Any:
        value = self.value(term.expression, row)
        if isinstance(term.expression, Member) and self.kinds[term.expression.text] == "enum" and value is not None:
            return self.members[value]
        return self._folded(value)

    def _folded(self, value: Any) -> Any:
        if self.insensitive and isinstance(value, str):
            return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in value)
        return value

    def value(self, expression: Expression, row: Mapping[str, Any]) -> Any:
        """The value of any expression."""
        match expression:
            case Literal(kind, text):
                return _literal(kind, text)
            case Member():
                return row[expression.text]
            case Unary("not", operand):
                inner = self.value(operand, row)
                return None if inner is None else not inner
            case Unary("-", operand):
                inner = self.value(operand, row)
                return None if inner is None else -inner
            case Binary("and" | "or" as operator, left, right):
                return _logic(operator, self.value(left, row), self.value(right, row))
            case Binary("eq" | "ne" | "gt" | "ge" | "lt" | "le" as operator, left, right):
                return self._compare(operator, left, right, row)
            case Binary(operator, left, right):
                return _arithmetic(operator, self.value(left, row), self.value(right, row))
            case In(left, ListOf(items)):
                exactly = replace(self, wildcards=False)
                return any(exactly._compare("eq", left, item, row) for item in items)
            case Call(name, arguments):
                return self._call(name, [self.value(a, row) for a in arguments])
        raise AssertionError(expression)

    def _compare(self, operator: str, left: Expression, right: Expression, row: Mapping[str, Any]) -> bool:
        a, b = self.value(left, row), self.value(right, row)
        kind = self._kind(left) or self._kind(right)
        if not self.nulls and operator in ("eq", "ne"):
            a, b = (self.empties[kind] if v is None and kind else v for v in (a, b))
        if self.wildcards and isinstance(b, str) and "*" in b and kind == "text" and operator in ("eq", "ne"):
            return _matches(self._folded(a), self._folded(b)) == (operator == "eq")
        if kind == "enum":
            a, b = (self.members.get(v, v) if isinstance(v, str) else v for v in (a, b))
        if kind == "guid":
            a, b = (v.lower() if isinstance(v, str) else v for v in (a, b))
        a, b = self._folded(a), self._folded(b)
        if operator == "eq":
            return bool(a == b)
        if operator == "ne":
            return bool(a != b)
        if a is None or b is None:
            return False
        return bool({"gt": a > b, "ge": a >= b, "lt": a < b, "le": a <= b}[operator])

    def _kind(self, expression: Expression) -> str | None:
        return self.kinds.get(expression.text) if isinstance(expression, Member) else None

    def _call(self, name: str, values: list[Any]) -> Any:
        if any(v is None for v in values):
            return None
        first, *rest = values
        match name:
            case "contains":
                return self._folded(rest[0]) in self._folded(first)
            case "startswith":
                return self._folded(first).startswith(self._folded(rest[0]))
            case "endswith":
                return self._folded(first).endswith(self._folded(rest[0]))
            case "length":
                return len(first)
            case "indexof":
                return first.find(rest[0])
            case "substring":
                return first[max(rest[0], 0) :]
            case "tolower":
                return first.lower()
            case "toupper":
                return first.upper()
            case "trim":
                return first.strip()
            case "concat":
                return first + rest[0]
            case "year":
                return int(first[0:4])
            case "month":
                return int(first[5:7])
            case "day":
                return int(first[8:10])
            case "round":
                number = Decimal(first)
                return (abs(number) + Decimal("0.5")).to_integral_value(ROUND_FLOOR, _EXACT).copy_sign(number)
            case "floor":
                return Decimal(first).to_integral_value(ROUND_FLOOR, _EXACT)
            case "ceiling":
                return -((-Decimal(first)).to_integral_value(ROUND_FLOOR, _EXACT))
        raise AssertionError(name)


def _literal(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None
        case "boolean":
            return text == "true"
        case "integer":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "datetime":
            return text.removesuffix("Z")
    return text


def _logic(operator: str, a: Any, b: Any) -> Any:
    if operator == "and":
        if a is False or b is False:
            return False
        return None if a is None or b is None else True
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def _arithmetic(operator: str, a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    whole = isinstance(a, int) and isinstance(b, int)
    if operator in ("add", "sub", "mul"):
        if whole:
            return {"add": a + b, "sub": a - b, "mul": a * b}[operator]
        x, y = Decimal(a), Decimal(b)
        return {"add": _EXACT.add, "sub": _EXACT.subtract, "mul": _EXACT.multiply}[operator](x, y)
    if b == 0:
        return None
    if whole and operator in ("div", "mod"):
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient if operator == "div" else a - quotient * b
    return (_EXACT.remainder if operator == "mod" else _EXACT.divide)(Decimal(a), Decimal(b))


def _matches(text: str, pattern: str) -> bool:
    first, *rest = pattern.split("*")
    if not text.startswith(first):
        return False
    at = len(first)
    for position, part in enumerate(rest):
        last = position == len(rest) - 1
        if last:
            return part == "" or (text.endswith(part) and len(text) - len(part) >= at)
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
