"""Link values: what makes two rows related, compared the way the ERPs compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vegraph.plan.generated import Environment, function
from vegraph.plan.rows import Row, attribute
from vegraph.schema.binding import EntityBinding, RelationField
from vegraph.schema.values import Kind, Member

__all__ = [
    "RelatedRows", "Sought", "keys_of", "link_values", "linked_members", "normaliser", "number_text", "own_members",
    "sought", "values_of",
]  # fmt: skip


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


def number_text(value: Any) -> Any:
    """The same text for numbers of the same value, however they came."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def normaliser(member: Member, entity: EntityBinding) -> Callable[[Any], Any]:
    """Wire value → comparable one: Guids and company codes (OF-67) in lower case, numbers as text across types."""
    if member.value.kind is Kind.UUID or member.value.folds_case:
        return _lower
    if member.value.kind in (Kind.INT, Kind.LONG, Kind.DECIMAL):
        return number_text
    return _plain


def link_values(members: Sequence[Member], entity: EntityBinding) -> Callable[[Any], tuple[Any, ...] | None]:
    """Row → its normalised values of these members; None where one can lead nowhere: null, or a stand-in for null."""
    env = Environment()
    absent: list[str] = []
    for i, member in enumerate(members):
        absent.append(f"(v{i} := r.{attribute(member.wire)}) is None")
        if member.value.empty is not None:
            absent.append(f"v{i} == {env.add(member.value.empty)}")
        if member.value.never_null:
            absent.append(f"v{i} == ''")
    values = _tuple([_normal(f"v{i}", m, entity, env) for i, m in enumerate(members)])
    return function(env, "r", f"None if {' or '.join(absent)} else {values}" if absent else values)


def keys_of(members: Sequence[Member], entity: EntityBinding) -> Callable[[Any], tuple[Any, ...]]:
    """Row → its normalised values of these members, as they are."""
    env = Environment()
    return function(env, "r", _tuple([_normal(f"r.{attribute(m.wire)}", m, entity, env) for m in members]))


def _normal(source: str, member: Member, entity: EntityBinding, env: Environment) -> str:
    normal = normaliser(member, entity)
    return source if normal is _plain else f"{env.add(normal)}({source})"


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)},)" if parts else "()"


def values_of(
    rows: Iterable[Any], members: Sequence[Member], entity: EntityBinding
) -> list[tuple[Any, tuple[Any, ...] | None]]:
    """For each row its `link_values`."""
    values = link_values(members, entity)
    return [(row, values(row)) for row in rows]
