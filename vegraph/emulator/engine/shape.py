"""What a catalog looks like as tables: one per entity set, and one for each type that has no set of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vegraph.catalog.model import Catalog, EntitySet, EntityType, NavigationProperty, Pair
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.values import Column, column_for

__all__ = ["Link", "Shape", "Table"]


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation property and how its rows are found."""

    name: str
    target: str
    """Name of the target table."""

    many: bool
    pairs: tuple[Pair, ...]
    """Own column = target column. Empty: the document doesn't say how they belong together."""

    inverse: str | None = None
    """The partner's name."""

    fixed: tuple[tuple[str, str], ...] = ()
    """Target column = value that must hold too; no document can say it (erp.md OF-156, RelatedFixedConstraint)."""


@dataclass(frozen=True)
class Table:
    """An entity set (or the rows of a type without a set)."""

    name: str
    """Set name; `:Type` for a type without a set."""

    type: EntityType
    entity_set: EntitySet | None
    columns: Mapping[str, Column]
    links: Mapping[str, Link] = field(default_factory=dict)
    company: str = "none"
    """`hidden` (a column of its own), `property`, or `none`."""

    company_property: str | None = None

    @property
    def sql(self) -> str:
        """Quoted table name."""
        return f'"{self.name}"'

    @property
    def key(self) -> tuple[str, ...]:
        """Wire names of the key."""
        return self.type.key

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """Columns that have a place in the table (streams have none)."""
        return tuple(c for c in self.columns.values() if c.kind != "stream")

    @cached_property
    def by_lower(self) -> Mapping[str, str]:
        """Wire names of properties and navigation by their lower-case spelling."""
        return {name.lower(): name for name in (*self.columns, *self.links)}

    @property
    def singleton(self) -> bool:
        """Whether the name stands for one row."""
        return bool(self.entity_set and self.entity_set.singleton)


class Shape:
    """The tables of a catalog in one dialect."""

    def __init__(self, catalog: Catalog, profile: Profile) -> None:
        self.catalog = catalog
        self.profile = profile
        self._set_of: dict[str, str] = {}
        for entity_set in catalog.entity_sets.values():
            self._set_of.setdefault(entity_set.type, entity_set.name)
        loose = [t for t in catalog.entity_types.values() if t.key and t.name not in self._set_of and not t.abstract]
        tables = [self._table(s.name, catalog.entity_types[s.type], s) for s in catalog.entity_sets.values()]
        tables += [self._table(":" + t.name, t, None) for t in loose]
        self.tables: dict[str, Table] = {t.name: t for t in tables}
        for table in tables:
            for navigation in table.type.navigation:
                link = self._link(table, navigation)
                if link is not None:
                    table.links[navigation.name] = link  # type: ignore[index]

    def _table(self, name: str, entity_type: EntityType, entity_set: EntitySet | None) -> Table:
        profile, key = self.profile, set(entity_type.key)
        columns = {p.name: column_for(self.catalog, profile, p, key=p.name in key) for p in entity_type.properties}
        prop = profile.company_property
        mode = "none"
        if profile.company_hidden and name not in profile.shared_sets:
            mode = "hidden"
        elif prop is not None and prop in columns:
            mode = "property"
        return Table(
            name=name,
            type=entity_type,
            entity_set=entity_set,
            columns=columns,
            links={},
            company=mode,
            company_property=prop if mode == "property" else None,
        )

    def _link(self, table: Table, navigation: NavigationProperty) -> Link | None:
        target = self._target(table, navigation)
        if target is None:
            return None
        pairs = navigation.constraints or self._partner_pairs(navigation)
        known = self.tables[target].columns
        pairs = tuple(p for p in pairs if p.own in table.columns and p.target in known)
        company = self.profile.company_property
        if pairs and company and company in table.columns and company in known and all(p.own != company for p in pairs):
            pairs = (Pair(company, company), *pairs)
        return Link(navigation.name, target, navigation.collection, pairs, navigation.partner)

    def _target(self, table: Table, navigation: NavigationProperty) -> str | None:
        bound = table.entity_set.bindings.get(navigation.name) if table.entity_set else None
        if bound in self.tables:
            return bound
        name = self._set_of.get(navigation.target, ":" + navigation.target)
        return name if name in self.tables else None

    def _partner_pairs(self, navigation: NavigationProperty) -> tuple[Pair, ...]:
        target = self.catalog.entity_types.get(navigation.target)
        if target is None or navigation.partner is None:
            return ()
        partner = next((n for n in target.navigation if n.name == navigation.partner), None)
        return tuple(Pair(p.target, p.own) for p in partner.constraints) if partner else ()
