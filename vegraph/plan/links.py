"""Link values: what makes two rows related, compared the way the ERPs compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vegraph.plan.rows import Row, attribute
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.values import Kind, Member

__all__ = ["RelatedRows", "Sought", "linked_members", "normaliser", "own_members", "present", "sought", "values_of"]


@dataclass(slots=True)
class RelatedRows:
    """Rows of a to-one relation, for an order that goes through it."""

    get: Callable[[Row], Row | None]
    rows: list[Row] = field(default_factory=list)


def own_members(relation: RelationField, parent: EntityBinding) -> tuple[Member, ...]:
    """The parent's sides of the pairs."""
    return tuple(parent.by_wire[p.own] for p in relation.relationship.pairs)


def linked_members(relation: RelationField) -> tuple[Member, ...]:
    """The target's sides of the pairs."""
    target = relation.target
    return tuple(target.by_wire[p.target] for p in relation.relationship.pairs)


@dataclass(frozen=True, slots=True)
class Sought:
    """How rows of a relation are looked up: pairs beyond the target's key are a check on the row that is found."""

    own: tuple[Member, ...]
    target: tuple[Member, ...]
    own_checked: tuple[Member, ...] = ()
    target_checked: tuple[Member, ...] = ()


def sought(relation: RelationField, parent: EntityBinding) -> Sought:
    """The pairs to look up by, and those to check."""
    own, linked = own_members(relation, parent), linked_members(relation)
    key = set(relation.target.type.key)
    if relation.relationship.fetch != "key" or not key <= {m.wire for m in linked}:
        return Sought(own, linked)
    inside = [i for i, m in enumerate(linked) if m.wire in key]
    beyond = [i for i, m in enumerate(linked) if m.wire not in key]
    return Sought(
        tuple(own[i] for i in inside), tuple(linked[i] for i in inside),
        tuple(own[i] for i in beyond), tuple(linked[i] for i in beyond),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _number(value: Any) -> Any:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def normaliser(member: Member, entity: EntityBinding) -> Callable[[Any], Any]:
    """Wire value → comparable one: Guids and company codes (OF-67) in lower case, numbers as text across types."""
    if member.value.kind is Kind.UUID or member.value.folds_case:
        return _lower
    if member.value.kind in (Kind.INT, Kind.LONG, Kind.DECIMAL):
        return _number
    return _plain


def present(value: Any, member: Member) -> bool:
    """A link value that can lead somewhere: not null and no stand-in for null."""
    return value is not None and value != member.value.empty and not (value == "" and member.value.never_null)


def values_of(
    rows: Iterable[Any], members: Sequence[Member], entity: EntityBinding
) -> list[tuple[Any, tuple[Any, ...] | None]]:
    """For each row its normalised link values, or None where one is absent."""
    read = [(attribute(m.wire), m, normaliser(m, entity)) for m in members]
    found: list[tuple[Any, tuple[Any, ...] | None]] = []
    for row in rows:
        values = tuple(normal(v) if present(v := getattr(row, a), m) else None for a, m, normal in read)
        found.append((row, None if None in values else values))
    return found
