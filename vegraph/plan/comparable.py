"""One form per value, whatever spelling it came in, so that values can be compared, sorted and counted in vegraph.

`normaliser` takes what rows hold (as msgspec decodes it, or raw JSON), `operand` what stands in a predicate: what
GraphQL coercion gave, or a wire value. Of one type both give the same form, ordered as the graph promises: text by code
points, enums by wire member name, moments in UTC to the last digit. None stands for null, empty stand-in and NaN.
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from vegraph.errors import Incomparable
from vegraph.schema.values import Kind, ValueType

__all__ = ["Normaliser", "normaliser", "operand", "same", "stands_for_null"]

Normaliser: TypeAlias = Callable[[Any], Any]

_DATE_TIME = re.compile(r"(\d{4})(-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"([+-]?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII)
_ERA = timedelta(days=146_097)
"""400 years: the calendar repeats."""


def same(value: Any) -> Any:
    """The normaliser of types whose values can be compared as they are."""
    return value


def normaliser(type_: ValueType, place: str = "") -> Normaliser:
    """Row value → comparable. Raises Incomparable, naming the place, for a value that its type can't hold."""
    kind = type_.kind
    if type_.opaque:
        return same
    if kind in _EXACT and type_.empty is None and not type_.folds_case:
        return _exact(_EXACT[kind], type_, place)
    convert = _converter(type_)
    empty = _empty(type_, convert)
    shorten = _LENGTH_OF_EMPTY.get(kind)

    def normalise(value: Any) -> Any:
        if value is None:
            return None
        try:
            found = convert(value)
        except (ValueError, TypeError, ArithmeticError, AttributeError, KeyError):
            raise _misfit(type_, place) from None
        if empty is not None and (found[:shorten] if shorten else found) == empty:
            return None
        return found

    return normalise


def _misfit(type_: ValueType, place: str) -> Incomparable:
    name = type_.edm.removeprefix("Edm.")
    return Incomparable(f"{place or 'A value'}: the service sent what is no {name}, so rows cannot be compared by it.")


def _exact(python: type, type_: ValueType, place: str) -> Normaliser:
    """Values that are compared as they are, if they are of this Python type."""

    def normalise(value: Any) -> Any:
        if value is None or type(value) is python:
            return value
        raise _misfit(type_, place)

    return normalise


def operand(value: Any, type_: ValueType) -> Any:
    """Predicate value → comparable. A stand-in stays what it is: `gt 0001-01-01` asks for every date there is.

    Raises ValueError or TypeError where the value can't be one of the type.
    """
    return value if type_.collection else _converter(type_)(value)


def stands_for_null(value: Any, type_: ValueType) -> bool:
    """Is this value of a predicate or input the type's empty stand-in?"""
    if type_.empty is None:
        return False
    found = operand(value, type_)
    shorten = _LENGTH_OF_EMPTY.get(type_.kind)
    return bool((found[:shorten] if shorten else found) == _empty(type_, _converter(type_)))


_LENGTH_OF_EMPTY = {Kind.DATE_TIME: 19}
"""How much of the form decides whether it is the stand-in: of moments the fraction doesn't count."""


def _empty(type_: ValueType, convert: Normaliser) -> Any:
    if type_.empty is None:
        return None
    found = convert(type_.empty)
    shorten = _LENGTH_OF_EMPTY.get(type_.kind)
    return found[:shorten] if shorten else found


def _folded(value: Any) -> str:
    return str(_a(str, value)).lower()


def _converter(type_: ValueType) -> Normaliser:
    if type_.folds_case:
        return _folded
    if type_.kind in (Kind.ENUM, Kind.FLAGS):
        return _enum(type_) if type_.kind is Kind.ENUM else _flags(type_)
    return _CONVERTERS.get(type_.kind, same)


def _guid(value: Any) -> str:
    return value.lower() if isinstance(value, str) else str(_a(UUID, value))


def _a(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(type(value).__name__)
    return value


def _integer(value: Any) -> int:
    return int(value) if isinstance(value, str) else int(_a(int, value))


def _decimal(value: Any) -> Decimal | int | None:
    if isinstance(value, float | str):
        value = Decimal(value if isinstance(value, str) else repr(value))
    if isinstance(value, Decimal):
        return None if value.is_nan() else value
    return int(_a(int, value))


def _float(value: Any) -> float | None:
    found = float(value)
    return None if math.isnan(found) else found


def _no_yes(value: Any) -> bool:
    return value if isinstance(value, bool) else _YES[value]


_YES = {"Yes": True, "No": False}


def _date(value: Any) -> str:
    return value if isinstance(value, str) else str(_a(date, value).isoformat())


def _noon_date(value: Any) -> str:
    return value[:10] if isinstance(value, str) else str(_a(date, value).isoformat())


def _moment(value: Any) -> str:
    """Text in UTC without Z and without zeros at the end of the fraction: compares as moments do."""
    if isinstance(value, datetime):
        return _utc(value.replace(microsecond=0), f"{value.microsecond:06d}".rstrip("0"))
    if len(value) == 20 and value[19] == "Z" and value[10] == "T":
        return str(value[:19])
    found = _DATE_TIME.fullmatch(value.upper())
    if found is None:
        raise ValueError
    year, rest, seconds, fraction, zone = found.groups()
    text = f"{year}{rest}{seconds or ':00'}"
    digits = (fraction or "").rstrip("0")
    if zone == "Z":
        return f"{text}.{digits}" if digits else text
    return _utc(datetime.fromisoformat(text + zone), digits)


def _utc(moment: datetime, digits: str) -> str:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError
    local = moment.replace(tzinfo=None)
    # Offsets may lead out of the years that datetime knows: the sum is made in another era and the year put back.
    era = 400 if local.year < 5000 else -400
    there = local + _ERA * (era // 400) - offset
    year = there.year - era
    text = f"{year:04d}{there.isoformat()[4:]}" if year < 10_000 else "9999-12-31T99"
    return f"{text}.{digits}" if digits else text


def _clock(value: Any) -> str:
    text = value.replace(tzinfo=None).isoformat() if isinstance(value, time) else str(_a(str, value))
    if len(text) == 5:
        text += ":00"
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _seconds(value: Any) -> int | Decimal:
    if isinstance(value, time):
        whole = value.hour * 3600 + value.minute * 60 + value.second
        return whole + Decimal(value.microsecond).scaleb(-6) if value.microsecond else whole
    return _integer(value)


def _duration(value: Any) -> Decimal:
    found = _DURATION.fullmatch(value)
    if found is None:
        raise ValueError
    sign, *parts = found.groups()
    days, hours, minutes, seconds = (Decimal(p or 0) for p in parts)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return -total if sign == "-" else total


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    text = value.translate(_FROM_URL).rstrip("=")
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


_FROM_URL = str.maketrans("-_", "+/")


def _spellings(type_: ValueType) -> dict[str, str]:
    """Every spelling a member may come in → its wire name (CF-15); members of one value are one."""
    if type_.enum is None:
        return {}
    wires = {spelling: type_.enum.to_wire.get(name, spelling) for spelling, name in type_.enum.to_graph.items()}
    return {spelling: type_.enum.same.get(wire, wire) for spelling, wire in wires.items()}


def _enum(type_: ValueType) -> Normaliser:
    known = _spellings(type_)
    return lambda value: known.get(value, str(value))


def _flags(type_: ValueType) -> Normaliser:
    known = _spellings(type_)

    def convert(value: Any) -> tuple[str, ...]:
        names = value.split(",") if isinstance(value, str) else value
        stripped = (name.strip() for name in names)
        return tuple(sorted({known.get(name, name) for name in stripped if name and name != "0"}))

    return convert


_EXACT: dict[Kind, type] = {Kind.STRING: str, Kind.INT: int, Kind.BOOLEAN: bool}
_CONVERTERS: dict[Kind, Normaliser] = {
    Kind.UUID: _guid,
    Kind.INT: _integer,
    Kind.LONG: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.NO_YES: _no_yes,
    Kind.DATE: _date,
    Kind.NOON_DATE: _noon_date,
    Kind.DATE_TIME: _moment,
    Kind.TIME: _clock,
    Kind.SECONDS: _seconds,
    Kind.DURATION: _duration,
    Kind.BASE64: _bytes,
}
"""By kind; the rest is compared as it is, enums and flags know their spellings."""
