"""The scalars of the graph (design.md §5.3): strict about what comes in, with a sentence for what does not fit.

Input gives the Python values listed at `schema.values.Kind`. Output takes these too, and texts, which are as the
service wrote them.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from graphql import (
    FloatValueNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    IntValueNode,
    StringValueNode,
    ValueNode,
    print_ast,
    value_from_ast_untyped,
)

from vegraph.schema.values import Kind

__all__ = ["SCALARS", "SCALAR_OF"]

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LONG = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = r"(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?)"
_DATE_TIME = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})[Tt]{_CLOCK}([Zz]|[+-]\d{{2}}:\d{{2}})", re.ASCII)
_TIME = re.compile(_CLOCK, re.ASCII)
_DURATION = re.compile(
    r"[+-]?P(?=\d|T\d)(?:\d{1,9}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,12})?S)?)?",
    re.ASCII,
)
_DIGITS = 100
"""Digits before or after the point of the longest decimal."""
_EXACT = 15
"""Significant digits which a JSON number carries exactly."""


def _wrong(name: str, value: Any, form: str) -> GraphQLError:
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}…"
    return GraphQLError(f"{name} cannot be {shown}. Write it as {form}.")


def _text(name: str, value: Any, form: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise _wrong(name, value, form)
    return value


def _uuid(value: Any) -> UUID:
    return UUID(_text("UUID", value, 'a string like "5d115c9c-44e3-ea11-bb43-000d3a2feca1"', _UUID))


def _long(value: Any) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and _LONG.fullmatch(value):
        number = int(value)
    if number is None or not -(2**63) <= number < 2**63:
        raise _wrong("Long", value, 'a whole number of 64 bits, as a string: "42"')
    return number


def _decimal(value: Any) -> Decimal:
    form = 'a string of digits: "1234.50"'
    if isinstance(value, float):
        text = repr(value)
        if len(text.partition("e")[0].replace(".", "").replace("-", "").strip("0")) > _EXACT:
            raise _wrong("Decimal", value, f"{form}; a JSON number does not carry that many digits")
        value = text
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 2 * _DIGITS or _DECIMAL.fullmatch(value) is None:
        raise _wrong("Decimal", value, form)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _wrong("Decimal", value, form) from None
    exponent = number.as_tuple().exponent
    if number.adjusted() > _DIGITS or not isinstance(exponent, int) or exponent < -_DIGITS:
        raise _wrong("Decimal", value, f"{form}, at most {_DIGITS} before and after the point")
    return Decimal(format(number, "f"))


def _date(value: Any) -> datetime.date:
    form = 'a string like "2026-11-25"'
    try:
        return datetime.date.fromisoformat(_text("Date", value, form, _DATE))
    except ValueError:
        raise _wrong("Date", value, form) from None


def _date_time(value: Any) -> datetime.datetime:
    form = 'a string with an offset, like "2026-11-25T08:30:00Z"'
    found = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("DateTime", value, form)
    day, clock, offset = found.groups()
    try:
        return datetime.datetime.fromisoformat(f"{day}T{_microseconds('DateTime', clock)}{offset.upper()}")
    except ValueError:
        raise _wrong("DateTime", value, form) from None


def _time(value: Any) -> datetime.time:
    form = 'a string like "08:30:00"'
    try:
        return datetime.time.fromisoformat(_microseconds("Time", _text("Time", value, form, _TIME)))
    except ValueError:
        raise _wrong("Time", value, form) from None


def _microseconds(name: str, clock: str) -> str:
    """The time of day with a fraction that Python takes; zeros beyond it are dropped, other digits refused."""
    whole, point, fraction = clock.partition(".")
    if fraction[6:].strip("0"):
        raise _wrong(name, clock, "a time with at most six decimals of a second")
    return f"{whole}{point}{fraction[:6].ljust(6, '0')}" if point else whole


def _duration(value: Any) -> str:
    return _text("Duration", value, 'an ISO 8601 duration of days and less, like "P1DT2H30M"', _DURATION)


def _base64(value: Any) -> bytes:
    form = "a base64 string"
    if not isinstance(value, str):
        raise _wrong("Base64", value, form)
    text = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong("Base64", value, form) from None


def _plain(value: Any) -> Any:
    return value


def _out(name: str, write: Callable[[Any], str], *types: type) -> Callable[[Any], Any]:
    """Values of these types as text; texts are what the service wrote and go through as they are."""

    def output(value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, types) and not isinstance(value, bool):
            return write(value)
        raise GraphQLError(f"{name} cannot represent a value of type {type(value).__name__}.")

    return output


def _write_decimal(value: Decimal | int) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _write_date_time(value: datetime.datetime) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _literal(parse: Callable[[Any], Any], numbers: bool) -> Callable[[ValueNode], Any]:
    """Literals keep their text: `1.10` in a document is exact, unlike a JSON number."""

    def literal(node: ValueNode) -> Any:
        try:
            if isinstance(node, StringValueNode) or (numbers and isinstance(node, IntValueNode | FloatValueNode)):
                return parse(node.value)
            return parse(_Unquoted(print_ast(node)))
        except GraphQLError as error:
            raise GraphQLError(error.message, node) from None

    return literal


class _Unquoted:
    """A literal of another kind, shown in the message as it stands in the document."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _scalar(
    name: str,
    description: str,
    url: str,
    parse: Callable[[Any], Any],
    write: Callable[[Any], str],
    *types: type,
    numbers: bool = False,
) -> GraphQLScalarType:
    return GraphQLScalarType(
        name,
        description=description,
        specified_by_url=url,
        coerce_output_value=_out(name, write, *types),
        coerce_input_value=parse,
        coerce_input_literal=_literal(parse, numbers),
    )


_RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339"

_MADE = (
    _scalar("UUID", "A Guid: 8-4-4-4-12 hexadecimal digits.", "https://www.rfc-editor.org/rfc/rfc9562", _uuid, str,
            UUID),
    _scalar("Long", "A whole number of 64 bits, as a string; literals may be numbers.",
            "https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html#sec_PrimitiveTypes",
            _long, str, int, numbers=True),
    _scalar("Decimal", "An exact decimal as a string, with the digits that the service sent; literals may be numbers.",
            "https://www.w3.org/TR/xmlschema11-2/#decimal", _decimal, _write_decimal, Decimal, int,
            numbers=True),
    _scalar("Date", "A day: `2026-11-25`.", f"{_RFC_3339}#section-5.6", _date, lambda value: value.isoformat()[:10],
            datetime.date),
    _scalar("DateTime", "A moment, with its offset: `2026-11-25T08:30:00Z`.", f"{_RFC_3339}#section-5.6", _date_time,
            _write_date_time, datetime.datetime),
    _scalar("Time", "A time of day without offset: `08:30:00`.", f"{_RFC_3339}#section-5.6", _time,
            lambda value: value.isoformat(), datetime.time),
    _scalar("Duration", "Days, hours, minutes and seconds: `P1DT2H30M`.",
            "https://www.w3.org/TR/xmlschema11-2/#dayTimeDuration", _duration, str),
    _scalar("Base64", "Bytes as base64; the URL-safe alphabet is taken too.",
            "https://www.rfc-editor.org/rfc/rfc4648", _base64,
            lambda value: base64.urlsafe_b64encode(value).decode("ascii"), bytes),
    GraphQLScalarType(
        "JSON", description="Any JSON value.", specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        coerce_output_value=_plain, coerce_input_value=_plain, coerce_input_literal=value_from_ast_untyped),
)  # fmt: skip

SCALARS = {scalar.name: scalar for scalar in _MADE}
"""The graph's own scalars by name."""

SCALAR_OF = {
    Kind.STRING: GraphQLString,
    Kind.UUID: SCALARS["UUID"],
    Kind.INT: GraphQLInt,
    Kind.LONG: SCALARS["Long"],
    Kind.DECIMAL: SCALARS["Decimal"],
    Kind.FLOAT: GraphQLFloat,
    Kind.BOOLEAN: GraphQLBoolean,
    Kind.NO_YES: GraphQLBoolean,
    Kind.DATE: SCALARS["Date"],
    Kind.NOON_DATE: SCALARS["Date"],
    Kind.DATE_TIME: SCALARS["DateTime"],
    Kind.TIME: SCALARS["Time"],
    Kind.SECONDS: SCALARS["Time"],
    Kind.DURATION: SCALARS["Duration"],
    Kind.BASE64: SCALARS["Base64"],
    Kind.JSON: SCALARS["JSON"],
}
"""The scalar of each kind that is one."""
