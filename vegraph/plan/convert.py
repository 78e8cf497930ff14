"""Wire value → graph value, twice over: as an expression for generated builders, and strictly for graphql-core.

Both give the same for every value that fits. The strict form raises where one does not; generated code raises
KeyError or TypeError, upon which the rows are completed by graphql-core.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from vegraph.errors import BackendUnavailable
from vegraph.plan.generated import Environment
from vegraph.schema.values import EnumValues, Kind, ValueType

__all__ = ["clock_text", "expression", "strict", "untyped"]


def enum_names(values: EnumValues) -> Mapping[Any, str | None]:
    """Graph names by wire spelling; None for None."""
    return {**values.to_graph, None: None}


def flag_names(values: EnumValues) -> Callable[[str | None], list[str] | None]:
    """Comma-separated wire names → graph names."""
    names = values.to_graph

    def split(text: str | None) -> list[str] | None:
        if text is None:
            return None
        return [names[part] for part in (p.strip() for p in text.split(",")) if part and part != "0"]

    return split


def clock_text(seconds: int | None) -> str | None:
    """Seconds since midnight → `HH:MM:SS` (OF-80)."""
    if seconds is None:
        return None
    if not 0 <= seconds < 86400:
        raise ValueError(seconds)
    return (datetime.datetime.min + datetime.timedelta(seconds=seconds)).time().isoformat()


_YES: Mapping[Any, bool | None] = {"Yes": True, "No": False, None: None}


def expression(value: ValueType, source: str, env: Environment) -> str:
    """Python code that converts what `source` (code too, evaluated once) gives."""
    if value.collection:
        item = _one(value, "i", env)
        return source if item == "i" else f"(None if (l := {source}) is None else [{item} for i in l])"
    return _one(value, source, env)


def _one(value: ValueType, source: str, env: Environment) -> str:
    kind, empty = value.kind, value.empty
    if kind is Kind.ENUM:
        assert value.enum is not None  # noqa: S101
        return f"{env.add(enum_names(value.enum))}[{source}]"
    if kind is Kind.FLAGS:
        assert value.enum is not None  # noqa: S101
        return f"{env.add(flag_names(value.enum))}({source})"
    if kind is Kind.NO_YES:
        return f"{env.add(_YES)}[{source}]"
    if kind is Kind.LONG:
        return f"(None if (v := {source}) is None else str(int(v)))"
    if kind is Kind.DECIMAL:
        # str is twice as fast as format, and the same unless there is an exponent
        return f"(None if (v := {source}) is None else s if 'E' not in (s := str(v)) else format(v, 'f'))"
    if kind is Kind.SECONDS:
        return f"{env.add(clock_text)}({source})"
    if kind is Kind.NOON_DATE:
        return f"(None if (v := {source}) is None or (v := v[:10]) == {(empty or '')[:10]!r} else v)"
    if empty is None:
        return source
    if kind is Kind.DATE_TIME:
        return f"(None if (v := {source}) is None or v[:19] == {empty[:19]!r} else v)"
    return f"(None if (v := {source}) == {empty!r} else v)"


_EXPECTED: dict[Kind, type | tuple[type, ...]] = {
    Kind.STRING: str, Kind.UUID: str, Kind.INT: int, Kind.LONG: (int, str), Kind.DECIMAL: (int, Decimal, str),
    Kind.FLOAT: (int, float, Decimal), Kind.BOOLEAN: bool, Kind.NO_YES: str, Kind.DATE: str, Kind.NOON_DATE: str,
    Kind.DATE_TIME: str, Kind.TIME: str, Kind.SECONDS: int, Kind.DURATION: str, Kind.BASE64: str, Kind.ENUM: str,
    Kind.FLAGS: str,
}  # fmt: skip


def strict(value: ValueType, raw: Any, source: str, place: str) -> Any:
    """What graphql-core is to serialise: None for empties, wire member names for enums.

    Raises BackendUnavailable, naming the place, where the value does not fit its declared type.
    """
    if raw is None:
        return None
    try:
        if value.collection:
            if not isinstance(raw, list):
                raise TypeError
            return [None if item is None else _strict_one(value, item) for item in raw]
        return _strict_one(value, raw)
    except (TypeError, ValueError, KeyError, ArithmeticError):
        raise BackendUnavailable(
            f"{place}: the service sent a value that is no {value.edm.removeprefix('Edm.')}.", source=source
        ) from None


def untyped(value: Any) -> Any:
    """A value without a declared type as the JSON it came as: what was read as a decimal is a number again."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {k: untyped(v) for k, v in value.items()}
        case list():
            return [untyped(v) for v in value]
    return value


def _strict_one(value: ValueType, given: Any) -> Any:
    kind, empty = value.kind, value.empty
    if kind is Kind.JSON:
        return untyped(given)
    if kind in (Kind.MEDIA, Kind.COMPLEX):
        return given
    if not isinstance(given, _EXPECTED[kind]) or (isinstance(given, bool) and kind is not Kind.BOOLEAN):
        raise TypeError
    raw: Any = given
    match kind:
        case Kind.ENUM:
            return _canonical(value, raw)
        case Kind.FLAGS:
            return [_canonical(value, p) for p in (p.strip() for p in raw.split(",")) if p and p != "0"]
        case Kind.NO_YES:
            return _YES[raw]
        case Kind.LONG:
            return str(int(raw))
        case Kind.DECIMAL:
            return Decimal(raw)
        case Kind.FLOAT:
            number = float(raw)
            if not math.isfinite(number):
                raise ValueError
            return number
        case Kind.INT if not -(2**31) <= raw < 2**31:
            raise ValueError
        case Kind.SECONDS:
            return clock_text(raw)
        case Kind.NOON_DATE:
            return None if raw[:10] == (empty or "")[:10] else raw[:10]
        case Kind.DATE_TIME:
            return None if empty is not None and raw[:19] == empty[:19] else raw
        case _:
            return None if empty is not None and raw == empty else raw


def _canonical(value: ValueType, raw: str) -> str:
    assert value.enum is not None  # noqa: S101
    return value.enum.to_wire[value.enum.to_graph[raw]]
