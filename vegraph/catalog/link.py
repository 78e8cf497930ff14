"""What navigation properties mean and how each can be fetched: the nine rules of metadata.md §5.

`linked` fills `Catalog.relationships`; the rules are numbered where they are applied. Declared relationships of the
configuration are made in `catalog.declare`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import msgspec

from vegraph.catalog import edm, polymorphic
from vegraph.catalog.model import Catalog, EntitySet, EntityType, NavigationProperty, Pair, Relationship

__all__ = ["How", "how_fetched", "linked", "value_type"]

How = Literal["key", "field", "follow"]
_ByName = dict[str, list[NavigationProperty]]


def linked(catalog: Catalog) -> Catalog:
    """The same catalog with its relationships."""
    linker = _Linker(catalog)
    relationships = {
        name: found
        for name, entity in catalog.entity_types.items()
        if (found := polymorphic.grouped(tuple(linker.relationships(entity)), entity, catalog))
    }
    return msgspec.structs.replace(catalog, relationships=relationships)


def how_fetched(pairs: tuple[Pair, ...], own: EntityType, target: EntityType, *, many: bool) -> tuple[How, str]:
    """(fetch, why) of a set of pairs, seen from `own` (rules 1, 3 and 7)."""
    text = " and ".join(f"{pair.own} = {pair.target}" for pair in pairs)
    mine = {pair.own for pair in pairs}
    theirs = {pair.target for pair in pairs}
    if any("/" in pair.own or "/" in pair.target for pair in pairs):
        return "follow", f"{text} goes through a complex property: the server's own navigation is followed."
    if many:
        return "field", f"{text}: all parents' rows are fetched by a filter on the target and grouped."
    if target.key and theirs >= set(target.key):
        return "key", f"{text} covers the key of {target.short_name}: fetched by key, many at once."
    if own.key and mine >= set(own.key):
        return "field", f"{text} starts from the own key: {target.short_name} is filtered by it, one row expected."
    if any(theirs >= set(key) for key in target.alternate_keys):
        return "field", f"{text} covers an alternate key of {target.short_name}: filtered by it, one row expected."
    return (
        "follow",
        f"{text} does not determine one {target.short_name}: the server's own navigation is followed.",
    )


def value_type(catalog: Catalog, entity: EntityType, path: str) -> str | None:
    """Qualified primitive or enum type of a property path, definitions replaced by what underlies them."""
    kind = entity.name
    for step in path.split("/"):
        holder = catalog.entity_types.get(kind) or catalog.complex_types.get(kind)
        for found in holder.properties if holder else ():
            if found.name == step:
                break
        else:
            return None
        if found.type.collection:
            return None
        kind = found.type.name
    definition = catalog.type_definitions.get(kind)
    return definition.underlying if definition else kind


class _Linker:
    """The indexes that the rules look things up in."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.sets: dict[str, list[str]] = defaultdict(list)
        """Entity sets by exact type."""
        self.bound: dict[tuple[str, str], set[str]] = defaultdict(set)
        """(type, navigation property) → targets of bindings that end there."""
        self.ends: dict[str, tuple[_ByName, _ByName]] = {}
        for entity_set in catalog.entity_sets.values():
            if not entity_set.singleton:
                self.sets[entity_set.type].append(entity_set.name)
            self._note_bindings(entity_set)

    def _note_bindings(self, entity_set: EntitySet) -> None:
        for path, target in entity_set.bindings.items():
            *steps, last = path.split("/")
            kind = entity_set.type
            for step in steps:
                kind = step if "." in step else self._step(kind, step)
            self.bound[kind, last].add(target)

    def _step(self, kind: str, step: str) -> str:
        holder = self.catalog.entity_types.get(kind) or self.catalog.complex_types.get(kind)
        if holder is None:
            return ""
        prop = next((p.type.name for p in holder.properties if p.name == step), None)
        return prop or next((n.target for n in holder.navigation if n.name == step), "")

    def relationships(self, entity: EntityType) -> Iterator[Relationship]:
        for nav in entity.navigation:
            yield self._relationship(entity, nav)

    def _relationship(self, entity: EntityType, nav: NavigationProperty) -> Relationship:
        target = self.catalog.entity_types[nav.target]
        partner = self._partner(entity, nav, target)
        conditional = nav.conditional or (partner is not None and partner.conditional)
        pairs, origin = ((), "path") if conditional else _pairs(nav, partner)
        target_set = self._target_set(entity, nav)
        contained = nav.contains_target and target_set is None  # rule 6
        fetch: How = "follow"
        if pairs:
            fetch, why = how_fetched(pairs, entity, target, many=nav.collection)
            if fetch != "follow" and (mixed := self._incomparable(pairs, entity, target)):
                fetch, why = "follow", f"{mixed} have different types: the server's own navigation is followed."
        elif conditional:
            why = "Narrowed by fixed values that cannot be filtered for: the server's own navigation is followed."
        elif contained:
            why = f"Contained: {target.short_name} has no set of its own and is read below its owner."
        else:  # rule 4
            why = "No constraint on either end: only the server can join, its navigation is followed or expanded."
        if pairs and fetch != "follow" and target_set is None:  # rule 5
            fetch = "follow"
            why = f"No single set holds {target.short_name}: the server's own navigation is followed."
        if origin == "partner":
            why = f"From the partner's constraint, reversed. {why}"
        return Relationship(
            source=entity.name,
            name=nav.name,
            target=nav.target,
            many=nav.collection,
            target_set=target_set,
            pairs=pairs,
            fetch=fetch,
            origin=origin,
            partner=nav.partner,
            contained=contained,
            why=why,
            label=nav.label,
            description=nav.description,
            deprecated=nav.deprecated,
        )

    def _partner(self, entity: EntityType, nav: NavigationProperty, target: EntityType) -> NavigationProperty | None:
        """The navigation property of the target that is this one seen from there, whichever end names the other."""
        names, partners = self._ends_of(target)
        candidates = partners.get(nav.name) if nav.partner is None else names.get(nav.partner)
        if not candidates:
            return None
        line = {kind.name for kind in self.catalog.line(entity.name)}
        return next((other for other in candidates if other.target in line), None)

    def _ends_of(self, entity: EntityType) -> tuple[_ByName, _ByName]:
        """An entity type's navigation properties by their name, and by their partner's."""
        found = self.ends.get(entity.name)
        if found is None:
            names, partners = defaultdict(list), defaultdict(list)
            for nav in entity.navigation:
                names[nav.name].append(nav)
                if nav.partner:
                    partners[nav.partner].append(nav)
            found = self.ends[entity.name] = (names, partners)
        return found

    def _target_set(self, entity: EntityType, nav: NavigationProperty) -> str | None:
        """The binding's set where the bindings agree; else the only set of the target's type (rule 5)."""
        for kind in self.catalog.line(entity.name):
            bound = self.bound.get((kind.name, nav.name))
            if bound:
                found = next(iter(bound)) if len(bound) == 1 else None
                return found if found in self.catalog.entity_sets else None
        for kind in self.catalog.line(nav.target):
            sets = self.sets.get(kind.name, ())
            if sets:
                return sets[0] if len(sets) == 1 else None
        return None

    def _incomparable(self, pairs: tuple[Pair, ...], own: EntityType, target: EntityType) -> str | None:
        for pair in pairs:
            left = value_type(self.catalog, own, pair.own)
            right = value_type(self.catalog, target, pair.target)
            if left is None or right is None or not edm.comparable(left, right):
                return f"{pair.own} and {pair.target}"
        return None


def _pairs(
    nav: NavigationProperty, partner: NavigationProperty | None
) -> tuple[tuple[Pair, ...], Literal["constraint", "partner", "path"]]:
    """The constraint, from whichever end it stands on (rules 1 and 2)."""
    if nav.constraints:
        return nav.constraints, "constraint"
    if partner is not None and partner.constraints:
        return tuple(Pair(pair.target, pair.own) for pair in partner.constraints), "partner"
    return (), "path"
