"""`orderBy` → orders that end in the key, and the same orders over rows in memory: sorting and merging.

Nulls come first ascending and last descending, as services over SQL Server give them; an empty stand-in is the lowest
value of its type there, so it falls together with null.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from operator import itemgetter
from typing import Any, TypeAlias

from vegraph.errors import BadUserInput
from vegraph.plan.comparable import normaliser, same
from vegraph.plan.predicates import Path
from vegraph.plan.steps import Order
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.values import Kind, Member

__all__ = ["Reader", "SortKey", "key_paths", "merge", "orders", "reversed_orders", "sort", "sort_key"]

Reader: TypeAlias = Callable[[Path], Callable[[Any], Any]]
"""Path → (row → its wire value, None where there is none). The representation of rows is the caller's."""

SortKey: TypeAlias = Callable[[Any], Any]
"""Row → something that compares as the orders say."""

_UNORDERED = frozenset({Kind.COMPLEX, Kind.MEDIA, Kind.JSON, Kind.FLAGS})


def orders(
    order_by: Sequence[Mapping[str, Any]] | None, entity: EntityBinding, *, place: str = "orderBy"
) -> tuple[Order, ...]:
    """The orders that `orderBy` states, then those key members that it doesn't name, ascending.

    Each item is a @oneOf input as coerced: a member with its direction, a complex member or a to-one relation with an
    item of its own. A repeated item is dropped; raises BadUserInput for one repeated the other way round.
    """
    found: dict[tuple[str, ...], Order] = {}
    for i, item in enumerate(order_by or ()):
        where = f"{place}[{i}]"
        order = _order(item, entity.members, entity.relations, where)
        known = found.setdefault(order.path.names, order)
        if known.descending is not order.descending:
            raise BadUserInput(f"{where}: the rows are ordered by this already, the other way round. Leave one out.")
    for path in key_paths(entity):
        found.setdefault(path.names, Order(path))
    return tuple(found.values())


def key_paths(entity: EntityBinding) -> tuple[Path, ...]:
    """The key members as paths; empty for keyless types. A key may lie inside a complex value (`Address/Code`)."""
    found: list[Path] = []
    for name in entity.type.key:
        wires = tuple(name.split("/"))
        members: Mapping[str, Member] = entity.by_wire
        for wire in wires[:-1]:
            inside = members[wire].value.complex if wire in members else None
            members = {m.wire: m for m in inside.members.values()} if inside is not None else {}
        if wires[-1] in members:
            found.append(Path(wires, members[wires[-1]].value))
    return tuple(found)


def _order(
    item: Mapping[str, Any],
    members: Mapping[str, Member],
    relations: Mapping[str, RelationField],
    place: str,
    names: tuple[str, ...] = (),
    crossed: tuple[RelationField, ...] = (),
) -> Order:
    given = [(name, value) for name, value in (item or {}).items() if value is not None]
    if len(given) != 1:
        raise BadUserInput(f"{place}: give one member to order by; several go into items of their own.")
    ((name, value),) = given
    place = f"{place}.{name}"
    member, relation = members.get(name), relations.get(name)
    if member is not None:
        wires = (*names, member.wire)
        inside = member.value.complex
        if inside is not None and isinstance(value, Mapping):
            return _order(value, inside.members, {}, place, wires, crossed)
        if member.value.collection or member.value.kind in _UNORDERED:
            raise BadUserInput(f"{place}: rows cannot be ordered by values of this type.")
        return Order(Path(wires, member.value, crossed), _descending(value, place))
    if relation is not None and not relation.many:
        target = relation.target
        wires = (*names, relation.relationship.name)
        return _order(value, target.members, target.relations, place, wires, (*crossed, relation))
    raise BadUserInput(f"{place}: there is nothing of this name to order by.")


def _descending(direction: Any, place: str) -> bool:
    match direction.name if isinstance(direction, Enum) else direction:
        case "ASC":
            return False
        case "DESC":
            return True
        case _:
            raise BadUserInput(f"{place}: the direction is ASC or DESC.")


def reversed_orders(given: Sequence[Order]) -> tuple[Order, ...]:
    """The same orders from the other end, for `last` and `before`."""
    return tuple(Order(order.path, not order.descending) for order in given)


def sort(rows: Iterable[Any], given: Sequence[Order], read: Reader) -> list[Any]:
    """The rows in that order; rows that are equal in all of it stay as they came."""
    found = list(rows)
    for order in reversed(given):  # the last one first: Python's sort is stable
        found.sort(key=_nulls_first(order, read), reverse=order.descending)
    return found


def sort_key(given: Sequence[Order], read: Reader) -> SortKey:
    """One key for all the orders, for merging and for picking the first few (`heapq.nsmallest`)."""
    parts = [_nulls_first(order, read) for order in given]
    if not any(order.descending for order in given):
        return lambda row: tuple([part(row) for part in parts])
    both = [(part, order.descending) for part, order in zip(parts, given, strict=True)]
    return lambda row: tuple([_Falling(part(row)) if falling else part(row) for part, falling in both])


def _nulls_first(order: Order, read: Reader) -> SortKey:
    get, normalise = read(order.path), normaliser(order.path.value, "/".join(order.path.names))

    def key(row: Any) -> tuple[Any, ...]:
        value = normalise(get(row))
        return () if value is None else (value,)

    def plain_key(row: Any) -> tuple[Any, ...]:
        value = get(row)
        return () if value is None else (value,)

    return plain_key if normalise is same else key


class _Falling:
    """Compares the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self.value == other.value)

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment] # for comparing only


def merge(streams: Sequence[Iterable[Any]], key: SortKey) -> Iterator[tuple[int, Any]]:
    """Rows of streams that are in that order already, as one stream: (number of the stream, row). Equal rows come in
    the order of the streams. Nothing is read ahead but one row of each."""
    keyed = [_keyed(i, stream, key) for i, stream in enumerate(streams)]
    for _, i, row in heapq.merge(*keyed, key=itemgetter(0)):  # stable: equal keys by number of the stream
        yield i, row


def _keyed(number: int, stream: Iterable[Any], key: SortKey) -> Iterator[tuple[Any, int, Any]]:
    for row in stream:
        yield key(row), number, row
