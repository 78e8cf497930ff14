"""Functions that SQLite lacks, registered on a connection."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from vegraph.emulator.engine import decimals
from vegraph.emulator.engine.values import decoded_member

__all__ = ["register"]


def register(connection: sqlite3.Connection, name: str) -> None:
    """Make `dec_*` (exact arithmetic over sort keys) and the text functions known to a connection."""
    del name
    functions: dict[str, tuple[int, Callable[..., Any]]] = {
        "dec_key": (1, _key),
        "dec_math": (3, decimals.arithmetic),
        "dec_float": (1, lambda key: None if key is None else float(decimals.value_of(key))),
        "int_math": (3, _whole_math),
        "float_math": (3, _float_math),
        "decoded": (1, lambda name: None if name is None else decoded_member(name)),
        "u_lower": (1, lambda text: None if text is None else text.lower()),
        "u_upper": (1, lambda text: None if text is None else text.upper()),
        "u_trim": (1, lambda text: None if text is None else text.strip()),
        "u_index": (2, lambda text, part: None if text is None or part is None else text.find(part)),
        "u_slice": (-1, _slice),
    }
    for function, (arguments, body) in functions.items():
        connection.create_function(function, arguments, body, deterministic=True)


def _key(number: Any) -> str | None:
    return None if number is None else decimals.sort_key(Decimal(str(number)))


def _whole_math(operator: str, a: int | None, b: int | None) -> int | None:
    """`div` and `mod` of whole numbers: towards zero, undefined for a zero divisor."""
    if a is None or b is None or b == 0:
        return None
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient if operator == "div" else a - quotient * b


def _float_math(operator: str, a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return None
    match operator:
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
        case "round":
            return math.copysign(math.floor(abs(a) + 0.5), a)
        case "floor":
            return float(math.floor(a))
        case "ceiling":
            return float(math.ceil(a))
    if b == 0:
        return None
    return a / b if operator in ("div", "divby") else math.fmod(a, b)


def _slice(text: str | None, start: int | None, length: int | None = None) -> str | None:
    if text is None or start is None:
        return None
    start = max(start, 0)
    return text[start:] if length is None else text[start : start + max(length, 0)]
