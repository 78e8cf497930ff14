"""From a typed value to the literal that stands in an OData URL (4.01 part 2, section 5.1.1.6; grammar section 7).

What comes out is percent-encoded once, as UTF-8, and goes into the URL as it is: only "unreserved" characters and
the punctuation of the literal's own form stay plain. Values may be what GraphQL coercion gave or what the wire
gave (a key found in another row); both are checked against the type, and what cannot be written raises BadUserInput.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from vegraph.catalog.model import wire_type
from vegraph.errors import BadUserInput
from vegraph.schema.values import Kind, ValueType

__all__ = [
    "Style", "encode", "json_literal", "key_literal", "literal", "literals", "seconds_of", "text_literal", "wire_text",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one dialect spells what the specification leaves open, or what it spells otherwise."""

    enum: Literal["qualified", "quoted"] = "qualified"
    """`NS.Color'Red'`, or `'Red'` (OB-83)."""

    key_enum: Literal["qualified", "quoted"] = "qualified"
    """The same inside a key predicate (OF-24)."""

    key_guid: Literal["bare", "quoted"] = "bare"
    """Guids inside a key predicate (OF-24)."""


_PLAIN = re.compile(r"[A-Za-z0-9._~-]*", re.ASCII)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
_DATE = re.compile(r"-?\d{4,}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,12})?)?", re.ASCII)
_DURATION = re.compile(r"-?P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,400}(\.\d{1,400})?", re.ASCII)
_EXPONENT = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d+", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,40}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}", re.ASCII)
_MEMBER = re.compile(r"[^\W\d]\w*|-?\d+")
_DIGITS = 400
"""Longest decimal that is written out; a bound against exponents that would fill the memory."""


def encode(text: str) -> str:
    """All but unreserved characters percent-encoded, as UTF-8. Raises BadUserInput for NUL and lone surrogates."""
    if _PLAIN.fullmatch(text):
        return text
    if _UNWRITABLE.search(text):
        raise BadUserInput("A text holds NUL or half of a surrogate pair, which no ERP can be asked for. Remove it.")
    return quote(text, safe="")


def text_literal(text: str) -> str:
    """A quoted string: `'` doubled, the rest percent-encoded."""
    if _PLAIN.fullmatch(text):
        return f"'{text}'"
    return "'" + "''".join(encode(part) for part in text.split("'")) + "'"


def literal(value: Any, type_: ValueType, style: Style) -> str:
    """The literal in `$filter` and function parameters. Raises BadUserInput where the value does not fit the type."""
    kind = type_.kind
    if kind is Kind.ENUM or kind is Kind.NO_YES or kind is Kind.FLAGS:
        return _enum(value, type_, qualified=style.enum == "qualified")
    if kind is Kind.STRING:
        return text_literal(_text(value, type_))
    bare = wire_text(value, type_)
    if kind is Kind.DURATION:
        return f"duration'{bare}'"
    if kind is Kind.BASE64:
        return f"binary'{bare}'"
    return bare.replace("+", "%2B") if "+" in bare else bare


def literals(values: Sequence[Any], type_: ValueType, style: Style) -> list[str]:
    """The literal of each; a look-up has a hundred, codes as a rule."""
    if type_.kind is Kind.STRING and all(v.__class__ is str for v in values) and _PLAIN.fullmatch("".join(values)):
        return [f"'{v}'" for v in values]
    return [literal(value, type_, style) for value in values]


def key_literal(value: Any, type_: ValueType, style: Style) -> str:
    """The literal inside a key predicate."""
    kind = type_.kind
    if kind is Kind.UUID and style.key_guid == "quoted":
        return f"'{wire_text(value, type_)}'"
    if kind in (Kind.ENUM, Kind.NO_YES, Kind.FLAGS):
        return _enum(value, type_, qualified=style.key_enum == "qualified")
    return literal(value, type_, style)


def json_literal(text: bytes) -> str:
    """A JSON value as a parameter alias's value: `@p=…` takes collections and complex values (part 2, 5.3)."""
    return encode(text.decode("utf-8", "strict"))


def wire_text(value: Any, type_: ValueType) -> str:
    """The value's text form without quotes or prefix, as JSON strings and bare literals share it.

    Raises BadUserInput where the value does not fit; None never fits (null is asked for with `isNull`)."""
    writer = _WRITERS.get(type_.kind)
    if writer is None or value is None:
        raise _misfit(value, type_)
    return writer(value, type_)


def _misfit(value: Any, type_: ValueType) -> BadUserInput:
    shown = "null" if value is None else f"a value of type {type(value).__name__}"
    return BadUserInput(f"{shown} cannot be written as {type_.edm}; give a {type_.kind.value}.")


def _text(value: Any, type_: ValueType) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _misfit(value, type_)


def _matched(pattern: re.Pattern[str], value: Any, type_: ValueType) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise _misfit(value, type_)


def _guid(value: Any, type_: ValueType) -> str:
    return str(value) if isinstance(value, UUID) else _matched(_GUID, value, type_)


def _integer(value: Any, type_: ValueType) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 128 else _matched(_INTEGER, None, type_)
    return _matched(_INTEGER, value, type_)


def _decimal(value: Any, type_: ValueType) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(value, type_)
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return value
        value = Decimal(_matched(_EXPONENT, value, type_))
    elif isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _misfit(value, type_)
    if max(abs(value.adjusted()), len(value.as_tuple().digits)) > _DIGITS:
        raise BadUserInput(f"A decimal of more than {_DIGITS} digits is no amount that an ERP keeps. Shorten it.")
    return format(value, "f")


def _float(value: Any, type_: ValueType) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _misfit(value, type_)
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "INF" if number > 0 else "-INF"
    return repr(number).replace("e+", "e")


def _boolean(value: Any, type_: ValueType) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    raise _misfit(value, type_)


def _date(value: Any, type_: ValueType) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _matched(_DATE, value, type_)


def _noon_date(value: Any, type_: ValueType) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.isoformat()}T12:00:00Z"
    return _matched(_DATE_TIME, value, type_)


def _date_time(value: Any, type_: ValueType) -> str:
    if not isinstance(value, datetime):
        return _matched(_DATE_TIME, value, type_)
    if value.tzinfo is None:
        raise BadUserInput("A date-time has no offset, so it names no moment. Add Z or an offset.")
    try:
        moment = value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise BadUserInput("A date-time lies outside the years 1 to 9999 once it is moved to UTC.") from None
    return f"{_seconds_shortened(moment.isoformat())}Z"


def _seconds_shortened(text: str) -> str:
    return text.rstrip("0") if "." in text else text


def _time(value: Any, type_: ValueType) -> str:
    if isinstance(value, time):
        return _seconds_shortened(value.replace(tzinfo=None).isoformat())
    return _matched(_TIME, value, type_)


def seconds_of(value: Any, type_: ValueType) -> int:
    """Seconds since midnight of a time of day (OF-80)."""
    if isinstance(value, time):
        if value.microsecond:
            raise BadUserInput("This time of day is kept in whole seconds. Leave the fraction out.")
        return value.hour * 3600 + value.minute * 60 + value.second
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 86_400:
        return value
    raise _misfit(value, type_)


def _duration(value: Any, type_: ValueType) -> str:
    if isinstance(value, timedelta):
        sign = "-" if value < timedelta(0) else ""
        span = abs(value)
        whole = f"{span.days * 86_400 + span.seconds}.{span.microseconds:06d}".rstrip("0").rstrip(".")
        return f"{sign}PT{whole}S"
    return _matched(_DURATION, value, type_)


def _base64(value: Any, type_: ValueType) -> str:
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")
    text = _matched(_BASE64, value, type_).rstrip("=")
    return text.replace("+", "-").replace("/", "_")


def _enum(value: Any, type_: ValueType, *, qualified: bool) -> str:
    if isinstance(value, bool) and type_.kind is Kind.NO_YES:
        members = ["Yes" if value else "No"]
    elif isinstance(value, str):
        members = value.split(",") if type_.kind is Kind.FLAGS else [value]
    elif isinstance(value, list | tuple) and type_.kind is Kind.FLAGS:
        members = list(value) or ["0"]
    else:
        raise _misfit(value, type_)
    quoted = "'" + ",".join(_member(member, type_) for member in members) + "'"
    return f"{encode(_enum_type(type_))}{quoted}" if qualified else quoted


def _enum_type(type_: ValueType) -> str:
    return wire_type(type_.enum.wire_type if type_.enum is not None else type_.edm)


def _member(name: Any, type_: ValueType) -> str:
    if not isinstance(name, str):
        raise _misfit(name, type_)
    name = name.strip() if type_.kind is Kind.FLAGS else name
    known = type_.enum is not None and name in type_.enum.to_graph
    if not known and not _MEMBER.fullmatch(name):
        raise _misfit(name, type_)
    return text_literal(name)[1:-1]


_WRITERS = {
    Kind.UUID: _guid,
    Kind.INT: _integer,
    Kind.LONG: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.NOON_DATE: _noon_date,
    Kind.DATE_TIME: _date_time,
    Kind.TIME: _time,
    Kind.SECONDS: lambda value, type_: str(seconds_of(value, type_)),
    Kind.DURATION: _duration,
    Kind.BASE64: _base64,
}  # fmt: skip
"""By kind; texts are quoted, enums named; complex values, streams and untyped JSON have no literal."""
