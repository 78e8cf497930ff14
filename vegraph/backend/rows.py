"""A look into single rows that the writer has to understand: their ETag, their key, and whether they hold values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from vegraph.plan.steps import Key
from vegraph.schema.binding import EntityBinding

__all__ = ["etag_of", "holds", "key_in"]


class _Tagged(msgspec.Struct):
    etag: str | None = msgspec.field(default=None, name="@odata.etag")
    newer: str | None = msgspec.field(default=None, name="@etag")


_tagged = msgspec.json.Decoder(_Tagged)
_exact = msgspec.json.Decoder(float_hook=Decimal)


def etag_of(body: bytes | None) -> str | None:
    """The row's ETag, where its body has one."""
    if not body:
        return None
    try:
        found = _tagged.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return found.etag or found.newer


def key_in(body: bytes, entity: EntityBinding) -> Key | None:
    """The row's key, where its body has all parts."""
    row = _row(body)
    members = entity.key
    if row is None or not members or any(row.get(m.wire) is None for m in members):
        return None
    return Key(members, tuple(row[m.wire] for m in members))


def holds(body: bytes, values: Mapping[str, Any]) -> bool:
    """Whether the row has all these values now; False where that cannot be told (nested rows, references)."""
    row = _row(body)
    return row is not None and bool(values) and all(wire in row and _same(row[wire], v) for wire, v in values.items())


def _row(body: bytes) -> dict[str, Any] | None:
    try:
        found = _exact.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError, InvalidOperation):
        return None
    return found if isinstance(found, dict) else None


def _same(there: Any, sent: Any) -> bool:
    if isinstance(sent, Mapping):
        told = {k: v for k, v in sent.items() if "@" not in k}  # a type may go without saying
        return isinstance(there, Mapping) and all(k in there and _same(there[k], v) for k, v in told.items())
    if isinstance(sent, list):
        return isinstance(there, list) and len(there) == len(sent) and all(map(_same, there, sent))
    if there == sent and isinstance(there, bool) == isinstance(sent, bool):
        return True
    if isinstance(sent, bool) or isinstance(there, bool) or there is None or sent is None:
        return False
    return (_number(there) is not None and _number(there) == _number(sent)) or _moment(there, sent)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, int | Decimal | str) else Decimal(repr(value))
    except (InvalidOperation, TypeError):
        return None


def _moment(there: Any, sent: Any) -> bool:
    try:
        return "T" in there and datetime.fromisoformat(there) == datetime.fromisoformat(sent)
    except (TypeError, ValueError):
        return False
