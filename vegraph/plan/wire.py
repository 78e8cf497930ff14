"""Wire values that come back from a client: in cursors and global ids. Checked against their type before use.

A checked value keeps the wire's spelling (a `DateTimeOffset` of seven fractional digits has no exact `datetime`),
except that decimals become `Decimal` and numbers in quotes become numbers. `backend.literals` and `plan.comparable`
take both these and what GraphQL coercion gives.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from vegraph.schema.values import Kind, ValueType

__all__ = ["INTEGER_RANGES", "MAX_DECIMAL_DIGITS", "checked", "compact"]

INTEGER_RANGES = {
    "Edm.Byte": (0, 255),
    "Edm.SByte": (-128, 127),
    "Edm.Int16": (-(2**15), 2**15 - 1),
    "Edm.Int32": (-(2**31), 2**31 - 1),
    "Edm.Int64": (-(2**63), 2**63 - 1),
}
"""Lowest and highest value of each integer type (CSDL 4.01 §3.3)."""

MAX_DECIMAL_DIGITS = 400
"""Longest decimal taken from a client: a bound against exponents that would fill the memory."""

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII
)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?", re.ASCII)
_DURATION = re.compile(r"-?P(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}", re.ASCII)
_MEMBER = re.compile(r"[^\W\d]\w*|-?\d+")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def checked(value: Any, type_: ValueType) -> Any:
    """The value, if a row of this type could hold it. Raises ValueError: the message says only what was expected."""
    check = _CHECKS.get(type_.kind)
    if check is None or type_.collection:
        raise ValueError(f"no value of type {type_.edm} is expected here")
    return check(value, type_)


def compact(values: Any) -> bytes:
    """JSON without blanks; decimals as text, so that no digit is lost. Accepts what rows hold and `checked` gives."""
    return orjson.dumps(values, default=_as_text)


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def _misfit(type_: ValueType) -> ValueError:
    return ValueError(f"a value of type {type_.edm} is expected")


def _text(value: Any, type_: ValueType) -> str:
    if isinstance(value, str) and not _UNWRITABLE.search(value):
        return value
    raise _misfit(type_)


def _matching(pattern: re.Pattern[str]) -> Callable[[Any, ValueType], str]:
    def check(value: Any, type_: ValueType) -> str:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise _misfit(type_)

    return check


def _integer(value: Any, type_: ValueType) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    low, high = INTEGER_RANGES.get(type_.edm, INTEGER_RANGES["Edm.Int64"])
    if type(value) is int and low <= value <= high:
        return value
    raise _misfit(type_)


def _decimal(value: Any, type_: ValueType) -> Decimal:
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _misfit(type_)
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise _misfit(type_)
    found = Decimal(value)
    if not found.is_finite() or max(abs(found.adjusted()), len(found.as_tuple().digits)) > MAX_DECIMAL_DIGITS:
        raise _misfit(type_)
    return found


def _float(value: Any, type_: ValueType) -> float:
    if type(value) in (int, float) and math.isfinite(value):
        return float(value)
    raise _misfit(type_)


def _boolean(value: Any, type_: ValueType) -> bool:
    if isinstance(value, bool):
        return value
    raise _misfit(type_)


def _no_yes(value: Any, type_: ValueType) -> str:
    if value in ("No", "Yes"):
        return str(value)
    raise _misfit(type_)


def _date(value: Any, type_: ValueType) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        date.fromisoformat(value)
        return value
    raise _misfit(type_)


def _date_time(value: Any, type_: ValueType) -> str:
    found = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _misfit(type_)
    date.fromisoformat(found[1])
    return found[0]


def _seconds(value: Any, type_: ValueType) -> int:
    if type(value) is int and 0 <= value <= 86_400:
        return value
    raise _misfit(type_)


def _enum(value: Any, type_: ValueType) -> str:
    names = value.split(",") if isinstance(value, str) and type_.kind is Kind.FLAGS else [value]
    known = type_.enum.to_graph if type_.enum is not None else {}
    if all(isinstance(name, str) and (name in known or _MEMBER.fullmatch(name.strip())) for name in names):
        return str(value)
    raise _misfit(type_)


_CHECKS: dict[Kind, Callable[[Any, ValueType], Any]] = {
    Kind.STRING: _text,
    Kind.UUID: _matching(_GUID),
    Kind.INT: _integer,
    Kind.LONG: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
    Kind.NO_YES: _no_yes,
    Kind.DATE: _date,
    Kind.NOON_DATE: _date_time,
    Kind.DATE_TIME: _date_time,
    Kind.TIME: _matching(_TIME),
    Kind.SECONDS: _seconds,
    Kind.DURATION: _matching(_DURATION),
    Kind.BASE64: _matching(_BASE64),
    Kind.ENUM: _enum,
    Kind.FLAGS: _enum,
}
"""By kind; complex values, streams and untyped JSON are in no key and no order."""
