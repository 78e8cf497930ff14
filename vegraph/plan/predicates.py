"""Conditions over rows, typed and dialect-free. `backend.filters` writes them as OData; `plan.evaluate` runs them.

Two-valued logic, as the graph promises it: `eq` and `ne` treat null as a value (null ne 5 is true), the order
comparisons and text matches are false on null, `not` is the exact opposite. Empty stand-ins (BC's 0001-01-01) count
as null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from vegraph.catalog.model import wire_type
from vegraph.schema.binding import RelationField
from vegraph.schema.values import Member, ValueType

__all__ = [
    "FALSE", "TRUE", "And", "Cast", "Compare", "Constant", "IsNull", "Match", "Not", "OneOf", "Or", "Path", "Predicate",
    "Related",
    "Within",
    "steps",
]  # fmt: skip

Operator: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge"]


class Cast(str):
    """A step of a path that is no member: the subtype that the complex value before it is to be of."""

    __slots__ = ()


def steps(member: Member) -> tuple[str, ...]:
    """What a path needs to name a member of an entity or complex value."""
    return (*(Cast(wire_type(subtype)) for subtype in member.subtypes[:1]), member.wire)


@dataclass(frozen=True, slots=True)
class Path:
    """A structural property, or a member inside complex ones, or behind to-one relations."""

    names: tuple[str, ...]
    """Wire names from the row, casts among them; navigation names first when it crosses relations."""
    value: ValueType
    relations: tuple[RelationField, ...] = ()
    """To-one relations crossed, outermost first; their wire names are the first of `names`."""

    @property
    def text(self) -> str:
        """As OData writes it, before it is encoded."""
        return "/".join(self.names)


@dataclass(frozen=True, slots=True)
class Constant:
    """Always or never."""

    value: bool


TRUE = Constant(True)
FALSE = Constant(False)


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none: true."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; of none: false."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Predicate


@dataclass(frozen=True, slots=True)
class Compare:
    """`path op value`; the value is what GraphQL coercion gave (see `schema.values.Kind`), never None."""

    path: Path
    op: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """The path's value is one of these; of none: false."""

    path: Path
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Text contains, starts or ends with; case-sensitive, by code points. For flags: `has`."""

    path: Path
    how: Literal["contains", "startswith", "endswith", "has"]
    text: str


@dataclass(frozen=True, slots=True)
class IsNull:
    """The path's value is null (or its empty stand-in)."""

    path: Path


@dataclass(frozen=True, slots=True)
class Related:
    """A condition on related rows. `one`: the to-one target exists and fits."""

    relation: RelationField
    quantifier: Literal["some", "none", "every", "one"]
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Within:
    """The row's link values are among these: what a `Related` becomes once its keys are known. Never sent as it is."""

    paths: tuple[Path, ...]
    values: frozenset[tuple[Any, ...]]
    """Normalised wire values (`plan.links`), one per path."""


Predicate: TypeAlias = Constant | And | Or | Not | Compare | OneOf | Match | IsNull | Related | Within
