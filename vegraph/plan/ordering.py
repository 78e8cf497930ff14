"""`orderBy` → orders that end in the key; the same orders over rows in memory; and what lies after a place in them.

"After this row" is said either as one predicate or as conjunctions to be read one after the other, for dialects that
allow `or` on one property only (OB-72).

Nulls come first ascending and last descending, as services over SQL Server give them; an empty stand-in is the lowest
value of its type there, so it falls together with null.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from vegraph.errors import BadUserInput
from vegraph.plan.comparable import normaliser, operand, same, stands_for_null
from vegraph.plan.generated import Environment, function
from vegraph.plan.logic import all_of, any_of, has_no_null, one_of, opposite
from vegraph.plan.predicates import FALSE, TRUE, Compare, IsNull, Path, Predicate, steps
from vegraph.plan.steps import Order
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.values import Kind, Member, ValueType

__all__ = [
    "Read", "SortKey", "after", "by_key", "key_paths", "merge", "orders", "position", "reverse", "segments", "sort",
    "sort_key", "text_key",
]  # fmt: skip

Read: TypeAlias = Callable[[Any], Any]
"""Row → its wire value at the path of one order, None where there is none. What a row is, is the caller's affair."""

SortKey: TypeAlias = Callable[[Any], Any]
"""Row → something that compares as the orders say."""

_TEXTS = frozenset({Kind.STRING, Kind.UUID})
_UNORDERED = frozenset({Kind.COMPLEX, Kind.MEDIA, Kind.JSON, Kind.FLAGS})


def orders(
    order_by: Sequence[Mapping[str, Any]] | None, entity: EntityBinding, *, place: str = "orderBy"
) -> tuple[Order, ...]:
    """The orders that `orderBy` states, then those key members that it doesn't name, ascending.

    Each item is a @oneOf input as coerced: a member with its direction, a complex member or a to-one relation with an
    item of its own. A repeated item is dropped; raises BadUserInput for one repeated the other way round.
    """
    if not order_by:
        return by_key(entity)
    found: dict[tuple[str, ...], Order] = {}
    keys = {path.names: path for path in key_paths(entity)}
    for i, item in enumerate(order_by):
        where = f"{place}[{i}]"
        order = _order(item, entity.members, entity.relations, where)
        order = Order(keys.get(order.path.names, order.path), order.descending)
        known = found.setdefault(order.path.names, order)
        if known.descending is not order.descending:
            raise BadUserInput(f"{where}: the rows are ordered by this already, the other way round. Leave one out.")
    for path in keys.values():
        found.setdefault(path.names, Order(path))
    return tuple(found.values())


@lru_cache(maxsize=4096)
def by_key(entity: EntityBinding) -> tuple[Order, ...]:
    """The order of rows for which none is asked; the same object each time."""
    return tuple(Order(path) for path in {path.names: path for path in key_paths(entity)}.values())


@lru_cache(maxsize=4096)
def key_paths(entity: EntityBinding) -> tuple[Path, ...]:
    """The key members as paths; empty for keyless types. A key may lie inside a complex value (`Address/Code`).

    Their types know neither null nor a stand-in: a key part is what it is, `1900-01-01` and "" included.
    """
    found: list[Path] = []
    for name in entity.type.key:
        wires = tuple(name.split("/"))
        members: Mapping[str, Member] = entity.by_wire
        for wire in wires[:-1]:
            inside = members[wire].value.complex if wire in members else None
            members = {m.wire: m for m in inside.members.values()} if inside is not None else {}
        if wires[-1] in members:
            found.append(Path(wires, replace(members[wires[-1]].value, empty=None, never_null=True)))
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
        wires = (*names, *steps(member))
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


def reverse(given: Sequence[Order]) -> tuple[Order, ...]:
    """The same orders from the other end, for `last` and `before`."""
    return tuple(Order(order.path, not order.descending) for order in given)


def sort(rows: Iterable[Any], given: Sequence[Order], reads: Sequence[Read]) -> list[Any]:
    """The rows in that order; rows that are equal in all of it stay as they came. `reads`: one per order."""
    found = list(rows)
    for order, read in reversed(list(zip(given, reads, strict=True))):  # the last one first: Python's sort is stable
        found.sort(key=_nulls_first(order, read), reverse=order.descending)
    return found


def sort_key(given: Sequence[Order], reads: Sequence[Read]) -> SortKey:
    """One key for all the orders, for merging and for cutting at a `position`. `reads`: one per order."""
    parts = [_nulls_first(order, read) for order, read in zip(given, reads, strict=True)]
    if not any(order.descending for order in given):
        return lambda row: tuple([part(row) for part in parts])
    both = [(part, order.descending) for part, order in zip(parts, given, strict=True)]
    return lambda row: tuple([_Falling(part(row)) if falling else part(row) for part, falling in both])


def text_key(given: Sequence[Order], reads: Sequence[Read]) -> SortKey | None:
    """A short cut to `sort_key` for ascending texts and Guids without stand-ins, keys above all; else None.

    It is right for rows of one answer, whose Guids are all spelled in one case. AttributeError or TypeError for a row
    that holds null there, or what is no text: then `sort_key` decides.
    """
    if any(o.descending or o.path.value.kind not in _TEXTS or o.path.value.empty is not None for o in given):
        return None
    env = Environment()
    ends = [".lower()" if o.path.value.folds_case else "" for o in given]
    parts = [f"{env.add(read)}(r){end}" for read, end in zip(reads, ends, strict=True)]
    return reads[0] if parts == ["g0(r)"] else function(env, "r", f"({', '.join(parts)},)")


def position(given: Sequence[Order], values: Sequence[Any]) -> Any:
    """What `sort_key` gives for a row with these wire values: rows whose key is greater come after it."""
    return sort_key(given, [itemgetter(i) for i in range(len(given))])(values)


def _ranks(type_: ValueType) -> Mapping[str, int]:
    """Place of each member of an enumeration, by wire name: services order them by value, not by name."""
    if type_.enum is None:
        return {}
    ranks = {name: i for i, name in enumerate(type_.enum.to_wire.values())}
    return {name: ranks.get(type_.enum.same.get(name, name), rank) for name, rank in ranks.items()}


def _nulls_first(order: Order, read: Read) -> SortKey:
    normalise = normaliser(order.path.value, order.path.text)
    if order.path.value.kind is Kind.ENUM:
        ranks = _ranks(order.path.value)

        def ranked(row: Any) -> tuple[Any, ...]:
            value = normalise(read(row))
            return () if value is None else (ranks.get(value, len(ranks)), value)

        return ranked

    def key(row: Any) -> tuple[Any, ...]:
        value = normalise(read(row))
        return () if value is None else (value,)

    def plain_key(row: Any) -> tuple[Any, ...]:
        value = read(row)
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


def segments(
    orders: Sequence[Order],
    values: Sequence[Any],
    *,
    backward: bool = False,
    inclusive: bool = False,
) -> tuple[Predicate, ...]:
    """The rows after a place as conditions without `or`: read one after the other, in this order, their rows are all
    the rows after it in order. `a = x and b = y and key > k`, then `a = x and b > y`, then `a > x`.

    `backward`: the rows before it, nearest first; each is then to be read by `reverse(orders)`. `inclusive`: the row
    itself too. Values: wire values, as `cursors.decode` gives them.
    """
    if backward:
        orders = reverse(orders)
    found: list[Predicate] = []
    for i in reversed(range(len(orders))):
        equal = [_equal(order, value) for order, value in zip(orders[:i], values, strict=False)]
        last = inclusive and i == len(orders) - 1
        found += [all_of((*equal, part)) for part in _beyond(orders[i], values[i], inclusive=last)]
    return tuple(found)


def after(
    orders: Sequence[Order],
    values: Sequence[Any],
    *,
    backward: bool = False,
    inclusive: bool = False,
) -> Predicate:
    """The same rows as one condition: `a > x or a = x and (b > y or …)`."""
    if backward:
        orders = reverse(orders)
    found: Predicate = FALSE
    for i in reversed(range(len(orders))):
        last = inclusive and i == len(orders) - 1
        beyond = _beyond(orders[i], values[i], inclusive=last)
        found = any_of((*beyond, all_of((_equal(orders[i], values[i]), found))))
    return found


def _is_null(order: Order, value: Any) -> bool:
    return value is None or stands_for_null(value, order.path.value)


def _equal(order: Order, value: Any) -> Predicate:
    """Texts by `ge` and `le`: under `eq` some services read patterns in them (OF-41, OB-79)."""
    if _is_null(order, value):
        return IsNull(order.path)
    if order.path.value.kind is Kind.STRING and not order.path.value.folds_case:
        return all_of((Compare(order.path, "ge", value), Compare(order.path, "le", value)))
    return Compare(order.path, "eq", value)


def _beyond(order: Order, value: Any, *, inclusive: bool) -> tuple[Predicate, ...]:
    """What this one order puts behind the value, nearest first; with the value itself if `inclusive`."""
    path, null = order.path, IsNull(order.path)
    if _is_null(order, value):
        if order.descending:
            return (null,) if inclusive else ()
        return (TRUE,) if inclusive else (opposite(null),)
    nulls = (null,) if order.descending and not has_no_null(path) else ()
    if path.value.kind in (Kind.BOOLEAN, Kind.NO_YES):
        return (*_further_flags(order, value, inclusive=inclusive), *nulls)
    if path.value.kind is Kind.ENUM and (members := _further_members(order, value, inclusive=inclusive)) is not None:
        return (*((one_of(path, members),) if members else ()), *nulls)
    if order.descending:
        return (Compare(path, "le" if inclusive else "lt", value), *nulls)
    return (Compare(path, "ge" if inclusive else "gt", value),)


def _further_members(order: Order, value: Any, *, inclusive: bool) -> list[str] | None:
    """Members behind this one, for services that know only `eq` for enumerations (OF-23); None for a stranger."""
    ranks = _ranks(order.path.value)
    at = ranks.get(operand(value, order.path.value))
    if at is None:
        return None
    behind = [name for name, rank in ranks.items() if (rank < at if order.descending else rank > at)]
    return [*behind, *(name for name, rank in ranks.items() if inclusive and rank == at)]


def _further_flags(order: Order, value: Any, *, inclusive: bool) -> tuple[Predicate, ...]:
    """Of two values only one lies behind the other: `eq` says it, which services know for enums too (OF-23)."""
    last = not order.descending
    flag = operand(value, order.path.value)
    found = (flag,) if inclusive else ()
    if flag is not last:
        found = (*found, last)
    return tuple(Compare(order.path, "eq", each) for each in found)
