"""What of one source a graph shows, and what its rows are like: sets by type, lines of inheritance, companies, ETags.

A set is visible by name. An entity type is shown when its rows come from a visible set (its own or a base's, as OData
has it), when one of its subtypes is shown, or when no set of the whole document holds it: only navigation leads there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from vegraph.catalog.model import Catalog, EntitySet
from vegraph.schema.binding import SourceBinding

__all__ = ["Allowed", "SourceInput", "SourceView"]

Allowed: TypeAlias = Literal["read", "create", "update", "delete", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInput:
    """A source as `schema.build` takes it."""

    binding: SourceBinding
    visible: frozenset[str]
    """Names of visible entity sets and singletons."""
    allowed: Mapping[str, frozenset[str]] | None = None
    """Operations by set name (`read`, `create`, `update`, `delete`, `action`), for portals. None: whatever the catalog
    lets be done; with a mapping, a set that is not in it allows nothing."""


@dataclass(kw_only=True)
class SourceView:
    """Answers about one source in one graph; everything beyond the visible sets is looked at when first asked for."""

    input: SourceInput
    _shown: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def source(self) -> SourceBinding:
        """The source."""
        return self.input.binding

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name

    @property
    def catalog(self) -> Catalog:
        """The source's catalog, visible or not."""
        return self.source.catalog

    def allows(self, operation: Allowed, set_name: str) -> bool:
        """Whether that is allowed on a set in this graph."""
        if set_name not in self.input.visible:
            return False
        allowed = self.input.allowed
        return allowed is None or operation in allowed.get(set_name, ())

    @property
    def whole(self) -> bool:
        """Whether unbound operations are shown: they belong to no set that a portal could be given, and nothing of a
        source is shown before a set of it is."""
        return self.input.allowed is None and bool(self.input.visible)

    @cached_property
    def sets(self) -> tuple[EntitySet, ...]:
        """Visible sets and singletons in the document's order."""
        return tuple(self.catalog.entity_sets[name] for name in self.catalog.entity_sets if name in self.input.visible)

    @cached_property
    def _sets_of(self) -> Mapping[str, tuple[EntitySet, ...]]:
        found: dict[str, list[EntitySet]] = defaultdict(list)
        for entity_set in self.sets:
            if not entity_set.singleton and self.allows("read", entity_set.name):
                found[entity_set.type].append(entity_set)
        return {name: tuple(sets) for name, sets in found.items()}

    @cached_property
    def _singleton_types(self) -> frozenset[str]:
        return frozenset(s.type for s in self.sets if s.singleton and self.allows("read", s.name))

    @cached_property
    def _types_with_sets(self) -> frozenset[str]:
        return frozenset(entity_set.type for entity_set in self.catalog.entity_sets.values())

    def has_subtypes(self, wire: str) -> bool:
        """Whether anything derives from it in the document: then it is an interface of the graph."""
        return bool(self.catalog.derived.get(wire))

    def sets_of(self, wire: str) -> tuple[EntitySet, ...]:
        """Visible, readable sets that rows of this type live in; its own before those of its bases."""
        return tuple(found for entity in self.catalog.line(wire) for found in self._sets_of.get(entity.name, ()))

    def first_set(self, wire: str) -> str | None:
        """The first set that the document has for rows of this type, visible or not: what ids don't name."""
        for entity in self.catalog.line(wire):
            if (found := self._first_sets.get(entity.name)) is not None:
                return found
        return None

    @cached_property
    def _first_sets(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for entity_set in self.catalog.entity_sets.values():
            if not entity_set.singleton:
                found.setdefault(entity_set.type, entity_set.name)
        return found

    def shown(self, wire: str) -> bool:
        """Whether the graph has this entity type."""
        found = self._shown.get(wire)
        if found is None:
            found = self._shown[wire] = self._is_shown(wire)
        return found

    def _is_shown(self, wire: str) -> bool:
        if wire not in self.catalog.entity_types:
            return False
        line = [entity.name for entity in self.catalog.line(wire)]
        below = list(self.catalog.below(wire))
        if any(name in self._sets_of or name in self._singleton_types for name in (*line, *below)):
            return True
        return not any(name in self._types_with_sets for name in (*line, *below))

    def addressable(self, wire: str) -> bool:
        """Whether a row has a global id: the type has a key of its own properties and a set to look it up in."""
        entity = self.catalog.entity_types[wire]
        names = {prop.name for prop in entity.properties}
        return bool(entity.key) and names.issuperset(entity.key) and bool(self.sets_of(wire))

    def company(self, wire: str) -> str | None:
        """How rows belong to a company, see `EntityBinding.company`."""
        kind = self.source.kind
        if kind == "business-central":
            return "context" if any(entity.name in self._in_company for entity in self.catalog.line(wire)) else None
        if kind in ("finance-operations", "human-resources"):
            properties = self.catalog.entity_types[wire].properties
            return next((prop.name for prop in properties if prop.name.casefold() == "dataareaid"), None)
        return None

    def in_company(self, wire: str | None) -> bool:
        """Whether a call on a type's collection, or on nothing (None), is made in a company."""
        if wire is None:
            return self.source.kind == "business-central"
        return self.company(wire) == "context"  # F&O runs it in the session's own company (OF-64)

    @cached_property
    def _in_company(self) -> frozenset[str]:
        """BC: the types which the `company` type of their API route leads to; of a route without one, all of them."""
        companies = [name for name in self.catalog.entity_types if name.rpartition(".")[2] == "company"]
        told = {
            nav.target for name in companies for nav in self.catalog.entity_types[name].navigation if nav.collection
        }
        routes = {set_.api for set_ in self.catalog.entity_sets.values() if set_.type in companies}
        if companies and not routes:
            return frozenset(told)
        others = (set_.type for set_ in self.catalog.entity_sets.values() if set_.api not in routes)
        return frozenset((*told, *others))

    def has_etag(self, wire: str) -> bool:
        """Whether rows carry an ETag: always in the ERPs (OB-100, OF-90), elsewhere where the document says so."""
        line = {entity.name for entity in self.catalog.line(wire)}
        match self.source.kind:
            case "business-central":  # OB-14, OB-104: not the company list and what cannot be written
                return self.company(wire) is not None or not line.isdisjoint(self._written)
            case "odata":
                return not line.isdisjoint(self._optimistic)
            case _:
                return True

    @cached_property
    def _optimistic(self) -> frozenset[str]:
        return frozenset(found.type for found in self.catalog.entity_sets.values() if found.optimistic)

    @cached_property
    def _written(self) -> frozenset[str]:
        sets = self.catalog.entity_sets.values()
        return frozenset(s.type for s in sets if s.capabilities.updatable is not False and not s.singleton)
