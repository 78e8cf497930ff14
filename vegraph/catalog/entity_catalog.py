"""The entity catalog of one source: everything public is listed, what the patterns name is visible.

As virtual entities have it (erp.md §1.12, FO-162, FO-166): nothing is visible until somebody says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from functools import cached_property

from vegraph.catalog.model import Catalog, EntitySet, EntityType, Relationship
from vegraph.catalog.nearest import did_you_mean

__all__ = ["Entity", "EntityCatalog", "matching"]

_GLOB = frozenset("*?[")


def matching(patterns: Iterable[str], names: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """(names that any pattern matches, problems). A pattern that matches nothing is a problem, with the nearest name.

    Patterns are globs over whole names, case counts; `!name*` takes away what earlier ones gave.
    """
    known = tuple(names)
    chosen: set[str] = set()
    problems: list[str] = []
    for pattern in patterns:
        hide, wanted = pattern.startswith("!"), pattern.removeprefix("!")
        if _GLOB.isdisjoint(wanted):
            found = {wanted} if wanted in known else set()
        else:
            test = re.compile(translate(wanted)).match
            found = {name for name in known if test(name)}
        if hide:
            chosen -= found
        else:
            chosen |= found
        if not found and wanted != "*":
            plain = wanted.strip("*")
            problems.append(f"entity pattern '{pattern}' matches no entity set.{did_you_mean(plain, known)}")
    return frozenset(chosen), tuple(problems)


class Entity:
    """One entity set (or singleton) of a source, with its type. Everything is decoded when first asked for."""

    __slots__ = ("_catalog", "name", "source", "visible")

    def __init__(self, source: str, name: str, catalog: Catalog, *, visible: bool) -> None:
        self.source = source
        """Name of the source in vegraph.toml."""
        self.name = name
        """Name of the set, as `Catalog.entity_sets` has it."""
        self.visible = visible
        self._catalog = catalog

    def __repr__(self) -> str:
        return f"<Entity {self.source}.{self.name}{'' if self.visible else ' hidden'}>"

    @property
    def set(self) -> EntitySet:
        """The entity set."""
        return self._catalog.entity_sets[self.name]

    @property
    def type(self) -> EntityType:
        """Its declared type, inherited members included."""
        return self._catalog.entity_types[self.set.type]

    @property
    def relationships(self) -> tuple[Relationship, ...]:
        """Those that start from its type, declared ones included."""
        return self._catalog.relationships.get(self.set.type, ())


class EntityCatalog(Mapping[str, Entity]):
    """The entities of one source by set name; frozen: `showing` and `hiding` give a new one."""

    def __init__(self, source: str, catalog: Catalog, patterns: Iterable[str] = ()) -> None:
        self.source = source
        self.catalog = catalog
        self.patterns = tuple(patterns)
        chosen, problems = matching(self.patterns, catalog.entity_sets)
        self.visible_names = chosen
        self.problems = tuple(f"source '{source}': {problem}" for problem in problems)
        """Sentences about patterns that match nothing; whoever reads the configuration refuses them."""

    def __getitem__(self, name: str) -> Entity:
        if name not in self.catalog.entity_sets:
            raise KeyError(name)
        return Entity(self.source, name, self.catalog, visible=name in self.visible_names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.catalog.entity_sets)

    def __len__(self) -> int:
        return len(self.catalog.entity_sets)

    @cached_property
    def visible(self) -> tuple[Entity, ...]:
        """The visible entities in the document's order."""
        return tuple(self[name] for name in self.catalog.entity_sets if name in self.visible_names)

    def showing(self, *patterns: str) -> EntityCatalog:
        """The same, and what these patterns match too."""
        return EntityCatalog(self.source, self.catalog, (*self.patterns, *patterns))

    def hiding(self, *patterns: str) -> EntityCatalog:
        """The same without what these patterns match."""
        return EntityCatalog(self.source, self.catalog, (*self.patterns, *(f"!{pattern}" for pattern in patterns)))

    def with_catalog(self, catalog: Catalog) -> EntityCatalog:
        """The same patterns over another reading of the source's metadata, for a refresh."""
        return EntityCatalog(self.source, catalog, self.patterns)
