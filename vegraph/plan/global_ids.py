"""Global ids: the type, the company and the key of a row as one opaque text.

base64url without padding of compact JSON `["BcCustomer","CRONUS USA, Inc.","5d11…"]`: graph name, company (null where
the type has none), then the key's wire values in the order of the type's key. A row of another set than the first that
the document has for its type names it (`"Person:NewComePeople"`). One row has one id: another spelling of the same JSON
is refused, so that a client's cache never holds a row twice.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from vegraph.catalog.model import EntitySet
from vegraph.errors import BadUserInput
from vegraph.plan.steps import Key
from vegraph.plan.wire import checked
from vegraph.schema.binding import EntityBinding, Graph

__all__ = ["MAX_LENGTH", "GlobalId", "check_place", "decode", "encode", "encoder", "find", "pack", "unpack"]

MAX_LENGTH = 8192
"""Characters of the longest text that is looked at."""

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_FOREIGN = frozenset(range(128)) - frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class GlobalId(NamedTuple):
    """What a global id says."""

    entity: EntityBinding
    company: str | None
    key: Key
    """Values as `plan.wire.checked` gives them."""


def pack(content: bytes) -> str:
    """base64url without padding."""
    return binascii.b2a_base64(content, newline=False).translate(_TO_URL, b"=").decode("ascii")


def unpack(text: str) -> bytes | None:
    """The bytes behind base64url; None where the text is too long or no such text, padding and odd bits included."""
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    raw = text.encode("ascii")
    if not _FOREIGN.isdisjoint(raw):
        return None
    try:
        content = binascii.a2b_base64(raw.translate(_FROM_URL) + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return None
    return content if pack(content) == text else None


def encode(graph_name: str, company: str | None, values: Sequence[Any]) -> str:
    """The global id of a row. Values: the key's, as rows hold them (or UUID, as coercion gives it)."""
    return pack(orjson.dumps((graph_name, company, *values), default=_canonical))


def encoder(graph_name: str, parts: int) -> Callable[..., str]:
    """`encode` made ready for one type whose key has that many parts: called as `(company, *values)`."""

    def single(company: str | None, value: Any) -> str:
        content = orjson.dumps((graph_name, company, value), default=_canonical)
        return binascii.b2a_base64(content, newline=False).translate(_TO_URL, b"=").decode("ascii")

    def several(company: str | None, *values: Any) -> str:
        content = orjson.dumps((graph_name, company, *values), default=_canonical)
        return binascii.b2a_base64(content, newline=False).translate(_TO_URL, b"=").decode("ascii")

    return single if parts == 1 else several


def decode(text: str, graph: Graph, *, argument: str = "id") -> GlobalId:
    """The row meant. `argument` is where the text stood, for the message.

    Raises BadUserInput for what is no global id, names a type that this graph doesn't show, or has values that no key
    of that type can have.
    """
    parts = _parts(text)
    if parts is None:
        raise BadUserInput(f"{argument}: this is no global id. Take it from the `id` field of a row.")
    name, company, values = parts
    entity = _entity(name, graph)
    if entity is None or not entity.key:
        raise BadUserInput(f"{argument}: this id is of a type that this graph does not show.")
    if company is not None and entity.company is None:
        raise BadUserInput(f"{argument}: this id names a company, and {name} has none. Take the id from a row anew.")
    if len(values) != len(entity.key):
        raise BadUserInput(
            f"{argument}: this id has {len(values)} key values, and {name} has {len(entity.key)}. "
            "Take the id from a row anew."
        )
    try:
        typed = tuple(checked(v, m.value) for v, m in zip(values, entity.key, strict=True))
    except ValueError as problem:
        raise BadUserInput(f"{argument}: in this id of {name}, {problem}. Take the id from a row anew.") from None
    return GlobalId(entity, company, Key(entity.key, typed))


def _entity(name: str, graph: Graph) -> EntityBinding | None:
    """The entity, as it is in the set that the id names, or leaves out where it is the type's first."""
    type_, _, place = name.partition(":")
    entity = graph.entity(type_)
    if entity is None or entity.place == place:
        return entity
    places = [graph.placed(entity, found.name) for found in entity.sets]
    return next((found for found in places if found.place == place), None)


def check_place(found: GlobalId, set_: EntitySet | None, argument: str) -> None:
    """The row is of that set. Raises BadUserInput: a row of another set is another row, whatever its key."""
    own = found.entity.set
    if own is not None and set_ is not None and own.name != set_.name and not set_.singleton:
        raise BadUserInput(f"{argument}: this is the id of a row of {own.name}, not of {set_.name}.")


def find(text: str, graph: Graph) -> GlobalId | None:
    """The row meant, or None for whatever is no id of this graph: what `nodes` answers null for."""
    try:
        return decode(text, graph)
    except BadUserInput:
        return None


def _parts(text: str) -> tuple[str, str | None, list[Any]] | None:
    content = unpack(text)
    if content is None:
        return None
    try:
        found = orjson.loads(content)
    except ValueError:
        return None
    if not isinstance(found, list) or len(found) < 3:
        return None
    name, company, *values = found
    if not isinstance(name, str) or not (company is None or isinstance(company, str)):
        return None
    return (name, company, values) if orjson.dumps(found) == content else None


def _canonical(value: Any) -> str:
    if isinstance(value, Decimal):
        text = format(value, "f") if value else "0"  # not `normalize`: it rounds to the context's precision
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no key value")
