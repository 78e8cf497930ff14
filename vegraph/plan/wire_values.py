"""GraphQL value → JSON-ready wire value, checked against its type's facets (CSDL 4.01 §7.2)."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from vegraph.plan.wire import INTEGER_RANGES, MAX_DECIMAL_DIGITS
from vegraph.schema.values import Kind, ValueType

__all__ = ["null_of", "wire_value"]

_BLANK = "_x0020_"
"""BC's enum member for "nothing chosen" (OB-125)."""
_LARGEST_SINGLE = 3.402_823_466_385_288_6e38
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def wire_value(value: Any, type_: ValueType) -> Any:
    """The JSON-ready value of one item; decimals as `msgspec.Raw`. Complex values are `plan.inputs`' affair.

    Raises ValueError with a sentence for the person.
    """
    write = _WRITERS.get(type_.kind)
    if write is None:
        raise ValueError("This can't be written here.")
    return write(value, type_)


def null_of(type_: ValueType) -> Any:
    """What clears a value of this type. Raises ValueError where nothing does."""
    if type_.empty is not None:
        return int(type_.empty) if type_.kind in (Kind.INT, Kind.LONG, Kind.SECONDS) else type_.empty
    if type_.enum is not None and _BLANK in type_.enum.to_wire.values():
        return _BLANK
    if not type_.never_null:
        return None
    if type_.kind is Kind.STRING:
        return ""
    raise ValueError("The service has no null for this. Give a value.")


def _a(python: type | tuple[type, ...], value: Any, expected: str) -> Any:
    if isinstance(value, python) and (python is bool or not isinstance(value, bool)):
        return value
    raise ValueError(f"{expected} is expected.")


def _text(value: Any, type_: ValueType) -> str:
    text: str = _a(str, value, "A text")
    if type_.max_length is not None and len(text) > type_.max_length:
        raise ValueError(f"At most {type_.max_length} characters fit, and {len(text)} were given.")
    if _UNWRITABLE.search(text):
        raise ValueError("The text holds NUL or half of a surrogate pair. Remove it.")
    return text


def _integer(value: Any, type_: ValueType) -> int:
    number: int = _a(int, value, "A whole number")
    low, high = INTEGER_RANGES.get(type_.edm, INTEGER_RANGES["Edm.Int64"])
    if not low <= number <= high:
        raise ValueError(f"A whole number from {low} to {high} is expected.")
    return number


def _decimal(value: Any, type_: ValueType) -> msgspec.Raw:
    number = Decimal(_a((Decimal, int), value, "A decimal"))
    if not number.is_finite() or max(abs(number.adjusted()), len(number.as_tuple().digits)) > MAX_DECIMAL_DIGITS:
        raise ValueError(f"A finite decimal of at most {MAX_DECIMAL_DIGITS} digits is expected.")
    text = format(number, "f")
    _check_digits(text.lstrip("-"), type_)
    return msgspec.Raw(text.encode("ascii"))


def _check_digits(text: str, type_: ValueType) -> None:
    """Precision and scale (§7.2.3, §7.2.4). Zeros at either end don't count; without a scale the fraction is free."""
    before, _, after = text.partition(".")
    before, after = before.lstrip("0"), after.rstrip("0")
    precision, scale = type_.precision, type_.scale
    if isinstance(scale, int) and len(after) > scale:
        raise ValueError(f"At most {scale} decimal places fit, and {len(after)} were given.")
    if precision is None:
        return
    if scale == "floating":
        room, used = precision, len((before + after).strip("0"))
    elif scale == "variable":
        room, used = precision, len(before) + len(after)
    else:
        room, used = precision - (scale if isinstance(scale, int) else 0), len(before)
    if used > room:
        where = "digits" if scale in ("floating", "variable") else "digits before the point"
        raise ValueError(f"At most {room} {where} fit, and {used} were given.")


def _float(value: Any, type_: ValueType) -> float:
    number = float(_a((float, int), value, "A number"))
    if not math.isfinite(number) or (type_.edm == "Edm.Single" and abs(number) > _LARGEST_SINGLE):
        raise ValueError("A number within the range of the type is expected.")
    return number


def _boolean(value: Any, type_: ValueType) -> bool:
    return bool(_a(bool, value, "True or false"))


def _no_yes(value: Any, type_: ValueType) -> str:
    return "Yes" if _boolean(value, type_) else "No"


def _date(value: Any, type_: ValueType) -> str:
    if isinstance(value, datetime):
        raise ValueError("A date is expected.")
    return str(_a(date, value, "A date").isoformat())


def _noon_date(value: Any, type_: ValueType) -> str:
    return f"{_date(value, type_)}T12:00:00Z"


def _moment(value: Any, type_: ValueType) -> str:
    moment: datetime = _a(datetime, value, "A date-time")
    if moment.utcoffset() is None:
        raise ValueError("A date-time with Z or an offset is expected.")
    try:
        utc = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("A date-time within the years 1 to 9999 of UTC is expected.") from None
    return f"{_fraction(utc.isoformat(), type_)}Z"


def _clock(value: Any, type_: ValueType) -> str:
    return _fraction(_a(time, value, "A time of day").replace(tzinfo=None).isoformat(), type_)


def _fraction(text: str, type_: ValueType) -> str:
    """Without zeros at the end; precision bounds the decimal places of the seconds (§7.2.3)."""
    if "." not in text:
        return text
    short = text.rstrip("0")
    places = len(short.partition(".")[2])
    if type_.precision is not None and places > type_.precision:
        kept = "whole seconds" if type_.precision == 0 else f"{type_.precision} decimal places of a second"
        raise ValueError(f"At most {kept} fit, and {places} decimal places were given.")
    return short


def _seconds(value: Any, type_: ValueType) -> int:
    clock: time = _a(time, value, "A time of day")
    if clock.microsecond:
        raise ValueError("This time of day is kept in whole seconds. Leave the fraction out.")
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _bytes(value: Any, type_: ValueType) -> str:
    content: bytes = _a(bytes, value, "Bytes as base64")
    if type_.max_length is not None and len(content) > type_.max_length:
        raise ValueError(f"At most {type_.max_length} bytes fit, and {len(content)} were given.")
    return base64.urlsafe_b64encode(content).decode("ascii")


def _enum(value: Any, type_: ValueType) -> str:
    name: str = _a(str, value, "A member of the enumeration")
    if type_.enum is not None and name not in type_.enum.to_graph:
        raise ValueError("A member of the enumeration is expected.")
    return name


def _flags(value: Any, type_: ValueType) -> str:
    names = value if isinstance(value, list | tuple) else [value]
    return ",".join(dict.fromkeys(_enum(name, type_) for name in names)) or "0"


def _as_is(value: Any, type_: ValueType) -> Any:
    return value


_WRITERS: dict[Kind, Callable[[Any, ValueType], Any]] = {
    Kind.STRING: _text,
    Kind.UUID: lambda value, type_: str(_a(UUID, value, "A UUID")),
    Kind.INT: _integer,
    Kind.LONG: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
    Kind.NO_YES: _no_yes,
    Kind.DATE: _date,
    Kind.NOON_DATE: _noon_date,
    Kind.DATE_TIME: _moment,
    Kind.TIME: _clock,
    Kind.SECONDS: _seconds,
    Kind.DURATION: lambda value, type_: _a(str, value, "A duration").removeprefix("+"),  # OData has no plus there
    Kind.BASE64: _bytes,
    Kind.ENUM: _enum,
    Kind.FLAGS: _flags,
    Kind.JSON: _as_is,
}
"""By kind; streams are uploaded apart (`/media/…`)."""
