"""Cursors: where a row stands in its order, so that paging can go on after a restart and at another replica.

base64url of compact JSON `["digest",[values…]]`, with the wire values of the orders (key last). The digest binds a
cursor to its query. What lies after such a place is said by `ordering.after` and `ordering.segments`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from vegraph.errors import BadUserInput
from vegraph.plan.global_ids import pack, unpack
from vegraph.plan.steps import Order
from vegraph.plan.wire import checked, compact

__all__ = ["Place", "decode", "decode_place", "digest", "encode", "encode_place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, for queries that one row's values don't place: companies merged, or a type without key."""

    values: tuple[Any, ...]
    """Wire value per order, None where null; none for keyless types."""
    company: str | None = None
    """The row's company, where several are merged."""
    others: tuple[tuple[str, tuple[Any, ...] | None], ...] = ()
    """Of each other company the values of its last row before this one, None where none has come yet. Services compare
    text by collations of their own, so each company goes on from its own row, never from another company's."""
    skip: int = 0
    """Rows up to and with this one, for keyless types, whose values name no single row (`plan.positions`)."""


def digest(*parts: Any) -> str:
    """12 characters that stand for a query's rows and their order: type or path, set, companies, `where`, `orderBy`,
    `search`, as coerced. The order of members in `where` does not count. Raises BadUserInput for broken text."""
    try:
        text = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise BadUserInput("A text holds half of a surrogate pair, which no ERP can be asked for. Remove it.") from None
    return pack(hashlib.blake2b(text, digest_size=9).digest())


def encode(query: str, values: Sequence[Any]) -> str:
    """The cursor of a row with these order values in the query with this digest."""
    return pack(compact((query, values)))


def encode_place(query: str, place: Place) -> str:
    """The cursor of a row that its values alone don't place."""
    more = {
        **({"c": place.company} if place.company is not None else {}),
        **({"o": place.others} if place.others else {}),
        **({"s": place.skip} if place.skip else {}),
    }
    return pack(compact((query, place.values, more) if more else (query, place.values)))


def decode(text: str, query: str, orders: Sequence[Order], argument: str = "after") -> tuple[Any, ...]:
    """The order values of the row meant, as `plan.wire.checked` gives them, None where null.

    Raises BadUserInput for what is no cursor, or one of another query than this digest's.
    """
    place = decode_place(text, query, orders, argument)
    if place != Place(place.values):
        _foreign(argument)
    return place.values


def decode_place(text: str, query: str, orders: Sequence[Order], argument: str = "after") -> Place:
    """The place meant. Raises as `decode`."""
    content = unpack(text)
    try:
        found = orjson.loads(content) if content is not None else None
    except ValueError:
        found = None
    if not (isinstance(found, list) and 2 <= len(found) <= 3 and isinstance(found[0], str)):
        raise BadUserInput(f"{argument}: this is no cursor. Take it from `pageInfo` or from an edge of the same query.")
    if found[0] != query:
        _foreign(argument)
    try:
        return _place(found, orders)
    except ValueError:
        _foreign(argument)


def _foreign(argument: str) -> NoReturn:
    raise BadUserInput(
        f"{argument}: this cursor belongs to another query. It goes only with the field, company, where, orderBy and "
        "search that it came from; leave it out to start from the beginning."
    )


def _place(found: list[Any], orders: Sequence[Order]) -> Place:
    more = found[2] if len(found) == 3 else {}
    if not isinstance(more, dict):
        raise ValueError
    company, others, skip = more.get("c"), more.get("o", []), more.get("s", 0)
    if not (company is None or isinstance(company, str)) or not isinstance(others, list):
        raise ValueError
    if type(skip) is not int or not 0 <= skip < 2**31:
        raise ValueError
    return Place(_values(found[1], orders), company, tuple(_other(o, orders) for o in others), skip)


def _other(found: Any, orders: Sequence[Order]) -> tuple[str, tuple[Any, ...] | None]:
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[0], str):
        raise ValueError
    return found[0], None if found[1] is None else _values(found[1], orders)


def _values(found: Any, orders: Sequence[Order]) -> tuple[Any, ...]:
    if not isinstance(found, list) or len(found) != len(orders):
        raise ValueError
    return tuple(
        None if value is None else checked(value, order.path.value) for value, order in zip(found, orders, strict=True)
    )
