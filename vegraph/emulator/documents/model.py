"""What an ERP's catalog of entities says, as the emulators themselves know it.

The facts are plain text under `facts/` (read by `notation`); CSDL (`bc`, `fo`) and the metadata services
(`services`) are written from them. More is known here than CSDL can say: text lengths, virtual fields, fixed
parts of a relation, joins that only the server knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Action", "Column", "Entity", "Enum", "Facts", "Navigation", "Parameter"]

BindingKind = Literal["BoundToEntityInstance", "BoundToEntitySet", "Unbound"]


@dataclass(frozen=True, slots=True)
class Column:
    """One property of an entity type."""

    name: str
    type: str
    """Short name (`str`, `dec`, `date`, …, see `write.EDM_TYPES`), or the name of an enum or complex type."""
    length: int | None = None
    """Most characters of a text; None: unbounded."""
    collection: bool = False
    required: bool = False
    """BC: Nullable="false". F&O: IsRequired, checked on create."""
    flags: frozenset[str] = frozenset()
    """F&O: once (given on create only), ro (never written), auto (number sequence when left out), virtual (cannot be
    filtered, erp.md OF-45), dim (a financial dimension), off (configuration key disabled)."""
    default: str | None = None
    """Value when a create leaves it out, as text."""

    def has(self, flag: str) -> bool:
        """Whether that flag stands beside the name."""
        return flag in self.flags


@dataclass(frozen=True, slots=True)
class Navigation:
    """One navigation property."""

    name: str
    target: str
    """Short name of the target entity type."""
    many: bool
    pairs: tuple[tuple[str, str], ...] = ()
    """(own, target) as the document states them, whichever end this is."""
    partner: str | None = None
    hidden: bool = False
    """The pairs are known to the server only; the document shows no constraint."""
    fixed: tuple[tuple[str, str], ...] = ()
    """Own property = member, a part of the relation that CSDL cannot say (erp.md OF-156)."""
    related_fixed: tuple[tuple[str, str], ...] = ()
    """Target's property = member, likewise."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a return type."""

    name: str
    type: str
    collection: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One overload of an action."""

    name: str
    binding: BindingKind
    parameters: tuple[Parameter, ...] = ()
    returns: Parameter | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity type and its one set."""

    name: str
    set: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    navigation: tuple[Navigation, ...] = ()
    actions: tuple[Action, ...] = ()
    writes: frozenset[str] = frozenset()
    """Of C, U, D: what the set allows."""
    options: dict[str, str] = field(default_factory=dict)
    """F&O: physical (name in the AOT), category, label."""

    def column(self, name: str) -> Column | None:
        """The column of that wire name."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def company_bound(self) -> bool:
        """F&O: the set has a company (erp.md OF-20, OF-66)."""
        return self.column("dataAreaId") is not None


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration: members in the order of the document."""

    name: str
    members: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All an ERP's catalog says."""

    entities: tuple[Entity, ...]
    enums: tuple[Enum, ...]
    actions: tuple[Action, ...] = ()
    """Unbound ones."""

    def entity(self, name: str) -> Entity:
        """The entity type of that short name; KeyError when there is none."""
        return _by_name(self.entities, name)

    def by_set(self, name: str) -> Entity | None:
        """The entity type behind a set."""
        return next((e for e in self.entities if e.set == name), None)

    def enum(self, name: str) -> Enum | None:
        """The enumeration of that short name."""
        return next((e for e in self.enums if e.name == name), None)


def _by_name(entities: tuple[Entity, ...], name: str) -> Entity:
    for entity in entities:
        if entity.name == name:
            return entity
    raise KeyError(name)
