"""Decimals of any length in SQLite: a text that orders as the numbers do, beside the digits as they were sent.

The sort key is `0`, `1` or `2` (negative, zero, positive), the exponent and the significant digits; of negatives both
are complemented and closed by `~`, so that a longer number of the same beginning comes first.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation

__all__ = ["EXACT", "arithmetic", "plain", "sort_key", "text_key", "value_of"]

EXACT = Context(prec=60, traps=[InvalidOperation, DivisionByZero])
"""Arithmetic of filters: no rounding for anything a ledger holds."""

_OFFSET = 5000
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def sort_key(value: Decimal) -> str:
    """The text whose order is the number's: equal for 1.0 and 1.00."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number")
    return text_key(plain(value))


def text_key(text: str) -> str:
    """The sort key of digits as `plain` writes them."""
    sign = text.startswith("-")
    whole, _, fraction = (text[1:] if sign else text).partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "1"
    magnitude = f"{len(digits) - len(fraction) + _OFFSET:04d}" + digits.rstrip("0")
    return "0" + magnitude.translate(_COMPLEMENT) + "~" if sign else "2" + magnitude


def value_of(key: str) -> Decimal:
    """The number a sort key stands for (trailing zeros are gone)."""
    if key == "1":
        return Decimal(0)
    negative = key[0] == "0"
    magnitude = key[1:-1].translate(_COMPLEMENT) if negative else key[1:]
    exponent, digits = int(magnitude[:4]) - _OFFSET, magnitude[4:]
    return Decimal((int(negative), tuple(map(int, digits)), exponent - len(digits)))


def plain(value: Decimal) -> str:
    """Digits without an exponent, trailing zeros kept, as the wire shows them."""
    return format(value, "f")


def arithmetic(operator: str, left: str | None, right: str | None) -> str | None:
    """`add sub mul div divby mod` and rounding over sort keys; None for a null operand or an undefined result."""
    if left is None or right is None:
        return None
    a, b = value_of(left), value_of(right)
    try:
        return sort_key(_apply(operator, a, b))
    except (InvalidOperation, DivisionByZero):
        return None


def _apply(operator: str, a: Decimal, b: Decimal) -> Decimal:
    match operator:
        case "add":
            return EXACT.add(a, b)
        case "sub":
            return EXACT.subtract(a, b)
        case "mul":
            return EXACT.multiply(a, b)
        case "div" | "divby":
            return EXACT.divide(a, b)
        case "mod":
            return EXACT.remainder(a, b)
        case "round":
            return (abs(a) + Decimal("0.5")).to_integral_value(ROUND_FLOOR, EXACT).copy_sign(a)
        case "floor":
            return a.to_integral_value(ROUND_FLOOR, EXACT)
        case "ceiling":
            return -((-a).to_integral_value(ROUND_FLOOR, EXACT))
    raise ValueError(operator)
