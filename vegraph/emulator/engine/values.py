"""Values of EDM types: JSON in, stored form, JSON out. Strict: what is not of its type is refused with a sentence.

Stored forms order as the values do. Text types are stored as they are printed; decimals, doubles, durations and enum
members have a second column with the sort key.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from vegraph.catalog.model import Catalog, EnumType, Property, wire_type
from vegraph.emulator.engine import decimals
from vegraph.emulator.engine.profile import Profile

__all__ = ["Column", "Kind", "Stored", "column_for", "datetime_text", "duration_seconds"]

Kind = Literal[
    "text",
    "guid",
    "int",
    "bool",
    "decimal",
    "double",
    "date",
    "datetime",
    "axdate",
    "time",
    "duration",
    "enum",
    "binary",
    "json",
    "stream",
]
Stored = str | int | float | None

_KINDS: Mapping[str, Kind] = {
    "Edm.String": "text",
    "Edm.Guid": "guid",
    "Edm.Byte": "int",
    "Edm.SByte": "int",
    "Edm.Int16": "int",
    "Edm.Int32": "int",
    "Edm.Int64": "int",
    "Edm.Boolean": "bool",
    "Edm.Decimal": "decimal",
    "Edm.Double": "double",
    "Edm.Single": "double",
    "Edm.Date": "date",
    "Edm.DateTimeOffset": "datetime",
    "Edm.TimeOfDay": "time",
    "Edm.Duration": "duration",
    "Edm.Binary": "binary",
    "Edm.Stream": "stream",
}
_RANGES = {
    "Edm.Byte": (0, 255),
    "Edm.SByte": (-128, 127),
    "Edm.Int16": (-(2**15), 2**15 - 1),
    "Edm.Int32": (-(2**31), 2**31 - 1),
    "Edm.Int64": (-(2**63), 2**63 - 1),
}
_DUAL = frozenset({"decimal", "double", "duration", "enum"})
_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?")
_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?)(Z|z|[+-]\d{2}:\d{2})?")
_DURATION = re.compile(r"([+-])?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A structural property as it is stored."""

    name: str
    """Wire name."""

    kind: Kind
    declared: Property
    type: str
    """EDM or qualified enum or complex type."""

    nullable: bool
    """May be null in this dialect."""

    empty: Stored
    """Stored form of "no value" where it is not null."""

    nocase: bool = False
    members: Mapping[str, int] = field(default_factory=dict)
    """Enum members by wire name."""

    flags: bool = False
    escaped: bool = False
    """Enum members may also be written decoded (BC)."""

    shown_decoded: bool = False
    """Enum members are shown decoded in JSON."""

    lower: bool = False
    """Company codes: stored in lower case."""

    naive: bool = False
    """Times without an offset are read as UTC."""

    @property
    def dual(self) -> bool:
        """Whether a sort key stands beside the text."""
        return self.kind in _DUAL

    @property
    def sql(self) -> str:
        """Quoted column name."""
        return f'"{self.name}"'

    @property
    def key_sql(self) -> str:
        """Quoted name of the column that compares and orders."""
        return f'"{self.name}#"' if self.dual else self.sql

    def encode(self, value: Any) -> Stored:
        """Stored text form of a JSON value; ValueError says what is wrong."""
        if value is None:
            if not self.nullable:
                return self.empty
            return None
        return _ENCODERS[self.kind](self, value)

    def sort_key(self, stored: Stored) -> Stored:
        """What goes into the second column of a dual one."""
        if stored is None:
            return None
        match self.kind:
            case "decimal":
                return decimals.text_key(str(stored))
            case "double":
                return float(stored)
            case "duration":
                return decimals.sort_key(duration_seconds(str(stored)))
            case "enum":
                return sum(self.members[m] for m in str(stored).split(",")) if self.flags else self.members[str(stored)]
        return stored

    def decode(self, stored: Stored) -> Any:
        """The JSON value of a stored one; decimals as `Decimal`."""
        if stored is None:
            return None
        match self.kind:
            case "bool":
                return bool(stored)
            case "decimal":
                return Decimal(str(stored))
            case "double":
                return float(stored) if str(stored) not in ("INF", "-INF", "NaN") else stored
            case "datetime" | "axdate":
                return f"{stored}Z"
            case "json":
                return json.loads(str(stored), parse_float=Decimal)
        return stored


def column_for(catalog: Catalog, profile: Profile, prop: Property, *, key: bool) -> Column:
    """How that property is stored in this dialect."""
    type_name = prop.type.name
    if definition := catalog.type_definitions.get(type_name):
        type_name = definition.underlying
    enum = catalog.enum_types.get(type_name)
    kind: Kind
    if prop.type.collection:
        kind = "json"
    elif enum is not None:
        kind = "enum"
    elif prop.ax_type == "Date" and type_name == "Edm.DateTimeOffset":
        kind = "axdate"
    else:
        kind = _KINDS.get(type_name, "json")
    nullable = kind in ("json", "stream", "binary") or (profile.nulls and not key and prop.nullable)
    column = Column(
        name=prop.name,
        kind=kind,
        declared=prop,
        type=wire_type(type_name),
        nullable=nullable,
        empty=None,
        nocase=kind == "text" and profile.string_case == "insensitive",
        members={m.name: m.value for m in enum.members} if enum else {},
        flags=bool(enum and enum.flags),
        escaped=profile.escaped_enums,
        shown_decoded=profile.decoded_enums,
        lower=prop.name == profile.company_property,
        naive=profile.naive_datetimes,
    )
    if nullable:
        return column
    return _with_empty(column, profile, enum)


def _with_empty(column: Column, profile: Profile, enum: EnumType | None) -> Column:
    if enum is not None:
        wanted = profile.empty.get("Enum", 0)
        names = [name for name, number in column.members.items() if number == wanted]
        return replace(column, empty=names[0] if names else next(iter(column.members), ""))
    key = "AX.Date" if column.kind == "axdate" and "AX.Date" in profile.empty else column.type
    return replace(column, empty=_ENCODERS[column.kind](column, profile.empty.get(key, "")))


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"'{column.name}' takes text")
    limit = column.declared.max_length
    if limit is not None and len(value) > limit:
        raise ValueError(f"'{column.name}' is {len(value)} characters long, at most {limit} fit")
    return value.lower() if column.lower else value


def _guid(column: Column, value: Any) -> str:
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise ValueError(f"'{column.name}' takes a GUID of 32 digits with hyphens")
    return value.lower()


def _int(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"'{column.name}' takes a whole number")
    least, most = _RANGES.get(column.type, (-(2**63), 2**63 - 1))
    if not least <= value <= most:
        raise ValueError(f"'{column.name}' takes {column.type} from {least} to {most}")
    return value


def _bool(column: Column, value: Any) -> int:
    if not isinstance(value, bool):
        raise ValueError(f"'{column.name}' takes true or false")
    return int(value)


def _decimal(column: Column, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"'{column.name}' takes a decimal number")
    number = Decimal(value)
    if not number.is_finite() or len(number.as_tuple().digits) > 40 or abs(number.adjusted()) > 40:
        raise ValueError(f"'{column.name}' takes a number of at most 40 digits")
    return decimals.plain(number)


def _double(column: Column, value: Any) -> str:
    if value in ("INF", "-INF", "NaN"):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"'{column.name}' takes a number")
    return repr(float(value))


def _date(column: Column, value: Any) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(f"'{column.name}' takes a date as YYYY-MM-DD")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"'{column.name}': there is no day {value}") from None
    return value


def _time(column: Column, value: Any) -> str:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or value[:2] > "23" or value[3:5] > "59" or (match[2] or "00") > "59":
        raise ValueError(f"'{column.name}' takes a time as hh:mm:ss")
    fraction = (match[3] or "").rstrip("0")
    return f"{match[1]}:{match[2] or '00'}" + (f".{fraction}" if fraction else "")


def datetime_text(value: Any, *, naive: bool = False) -> str:
    """A point in time in UTC without its `Z`, fraction without trailing zeros: orders as the times do."""
    match = _DATETIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match[3] is None and not naive):
        raise ValueError("a date and time with its offset, as 2019-08-18T20:05:51Z")
    whole, _, fraction = match[2].partition(".")
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{whole}")
        zone = match[3]
        if zone and zone not in "Zz":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
            moment = moment - shift if zone[0] == "+" else moment + shift
    except (ValueError, OverflowError):
        raise ValueError(f"{value} is no point in time") from None
    fraction = fraction.rstrip("0")
    return moment.isoformat(timespec="seconds") + (f".{fraction}" if fraction else "")


def _datetime(column: Column, value: Any) -> str:
    try:
        return datetime_text(value, naive=column.naive)
    except ValueError as problem:
        raise ValueError(f"'{column.name}' takes {problem}") from None


def _axdate(column: Column, value: Any) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return _date(column, value) + "T12:00:00"
    return _datetime(column, value)[:10] + "T12:00:00"


def duration_seconds(text: str) -> Decimal:
    """Seconds of an ISO 8601 day-time duration."""
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        raise ValueError(f"{text} is no duration")
    sign, days, hours, minutes, seconds = match.groups()
    total = Decimal(int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60) + Decimal(seconds or 0)
    return -total if sign == "-" else total


def _duration(column: Column, value: Any) -> str:
    try:
        duration_seconds(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"'{column.name}' takes a duration as P1DT2H") from None
    return str(value)


def decoded_member(name: str) -> str:
    """`Sales_x0020_Order` → `Sales Order`."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), name)


def _enum(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"'{column.name}' takes the name of a member of {column.type}")
    if column.flags:
        return ",".join(_member(column, part.strip()) for part in value.split(","))
    return _member(column, value)


def _member(column: Column, name: str) -> str:
    if name in column.members:
        return name
    if column.escaped:
        for wire in column.members:
            if decoded_member(wire).strip() == name.strip():
                return wire
    raise ValueError(f"'{column.name}': '{name}' is not a member of {column.type}")


def _binary(column: Column, value: Any) -> str:
    try:
        text = str(value).replace("-", "+").replace("_", "/")
        base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"'{column.name}' takes base64") from None
    return str(value)


def _json(column: Column, value: Any) -> str:
    if column.declared.type.collection and not isinstance(value, list):
        raise ValueError(f"'{column.name}' takes a list")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise ValueError(f"{value!r} is no JSON")


def _stream(column: Column, value: Any) -> Stored:
    raise ValueError(f"'{column.name}' is a stream: its content goes through its own URL")


_ENCODERS: Mapping[Kind, Callable[[Column, Any], Stored]] = {
    "text": _text,
    "guid": _guid,
    "int": _int,
    "bool": _bool,
    "decimal": _decimal,
    "double": _double,
    "date": _date,
    "datetime": _datetime,
    "axdate": _axdate,
    "time": _time,
    "duration": _duration,
    "enum": _enum,
    "binary": _binary,
    "json": _json,
    "stream": _stream,
}


def now_text(moment: datetime) -> str:
    """The clock's time as the wire shows it, in milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
