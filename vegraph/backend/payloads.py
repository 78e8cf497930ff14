"""Values as JSON bodies: what GraphQL coercion gave becomes what the wire wants, digit for digit."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from vegraph.backend.literals import seconds_of, wire_text
from vegraph.errors import BadUserInput
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import ComplexValue, Kind, Member, ValueType

__all__ = ["body", "exact", "exact_value", "wire_value"]

_encoder = msgspec.json.Encoder(decimal_format="number")
_TEXTS = frozenset({Kind.UUID, Kind.DATE, Kind.NOON_DATE, Kind.DATE_TIME, Kind.TIME, Kind.DURATION, Kind.BASE64})


def body(values: Mapping[str, Any]) -> bytes:
    """JSON text of JSON-ready values. Raises BadUserInput for text that has no UTF-8 form."""
    try:
        return _encoder.encode(values)
    except UnicodeEncodeError:
        raise BadUserInput("A text holds half of a surrogate pair, which no ERP can store. Remove it.") from None
    except (TypeError, RecursionError, OverflowError):
        raise BadUserInput("A value cannot be written as JSON, or is nested too deeply.") from None


def wire_value(value: Any, type_: ValueType) -> Any:
    """A coerced value, ready for JSON. Null becomes the type's stand-in where it has one, and empty text where the
    service has no null for texts. Raises BadUserInput where the value does not fit."""
    if type_.collection:
        return None if value is None else [_one(item, type_) for item in value]
    return _one(value, type_)


def _one(value: Any, type_: ValueType) -> Any:
    kind = type_.kind
    if value is None:
        return type_.empty if type_.empty is not None else "" if type_.never_null and kind is Kind.STRING else None
    if kind is Kind.BASE64:
        return _binary(value, type_)
    if kind in _TEXTS:
        return wire_text(value, type_)
    if kind is Kind.SECONDS:
        return seconds_of(value, type_)
    if kind is Kind.DECIMAL:
        return Decimal(wire_text(value, type_))
    if kind in (Kind.INT, Kind.LONG):
        return int(wire_text(value, type_))
    if kind is Kind.NO_YES and isinstance(value, bool):
        return "Yes" if value else "No"
    if kind is Kind.FLAGS and isinstance(value, list | tuple):
        return ",".join(value) if value else "0"
    if kind is Kind.COMPLEX and isinstance(value, dict) and type_.complex is not None:
        return _complex(value, type_.complex)
    if kind is Kind.FLOAT and isinstance(value, float) and value - value != 0:
        return wire_text(value, type_)
    return value


def _binary(value: Any, type_: ValueType) -> str:
    text = wire_text(value, type_)
    return text + "=" * (-len(text) % 4) if isinstance(value, bytes) else base64.urlsafe_b64encode(
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    ).decode("ascii")  # fmt: skip


def _complex(value: Mapping[str, Any], type_: ComplexValue) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, item in value.items():
        member = type_.members.get(name)
        if member is None:
            raise BadUserInput(f"'{name}' is no member of {type_.graph_name}.")
        made[member.wire] = wire_value(item, member.value)
    return made


def exact(values: Mapping[str, Any], entity: EntityBinding) -> dict[str, Any]:
    """The same values for a service that is asked for `IEEE754Compatible`: decimals and Int64 as texts, nested ones
    too (JSON format 4.01, section 3.2)."""
    below = {r.relationship.name: r for r in entity.relations.values()}
    made: dict[str, Any] = {}
    for wire, value in values.items():
        relation = below.get(wire)
        if relation is not None and isinstance(value, Mapping):
            made[wire] = exact(value, relation.target)
        elif relation is not None and isinstance(value, list):
            made[wire] = [exact(v, relation.target) if isinstance(v, Mapping) else v for v in value]
        else:
            member = entity.by_wire.get(wire)
            made[wire] = value if member is None else exact_value(value, member.value)
    return made


def exact_value(value: Any, type_: ValueType) -> Any:
    """One JSON-ready value, decimals and Int64 as texts."""
    if isinstance(value, list):
        return [exact_value(item, type_) for item in value]
    if isinstance(value, Mapping) and type_.complex is not None:
        members: dict[str, Member] = {m.wire: m for m in type_.complex.members.values()}
        return {k: exact_value(v, members[k].value) if k in members else v for k, v in value.items()}
    if isinstance(value, msgspec.Raw) and type_.kind is Kind.DECIMAL:
        return bytes(value).decode("ascii")
    if type_.kind in (Kind.LONG, Kind.DECIMAL) and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return wire_text(value, type_)
    return value
