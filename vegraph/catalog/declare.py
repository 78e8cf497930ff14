"""Relationships that the configuration declares (`[[relationships]]`), within a source or across two, with inverse."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from vegraph.catalog import edm
from vegraph.catalog.link import value_type
from vegraph.catalog.model import Catalog, EntitySet, EntityType, Pair, Relationship
from vegraph.catalog.nearest import did_you_mean

__all__ = ["Declaration", "Declared", "declare", "with_declared"]


class Declared(Protocol):
    """One entry as the configuration holds it."""

    @property
    def from_(self) -> str:
        """`SOURCE.ENTITYSET` it starts from."""

    @property
    def to(self) -> str:
        """`SOURCE.ENTITYSET` it leads to."""

    @property
    def name(self) -> str:
        """Field on `from`."""

    @property
    def on(self) -> Mapping[str, str]:
        """Property of `from` = property of `to`, wire names."""

    @property
    def inverse(self) -> str | None:
        """Field on `to` that leads back."""

    @property
    def many(self) -> bool:
        """Whether `name` leads to many rows."""


class Declaration(msgspec.Struct, frozen=True):
    """What became of the entries."""

    relationships: Mapping[str, tuple[Relationship, ...]]
    """Source name → relationships that start in its catalog; see `with_declared`."""
    problems: tuple[str, ...] = ()
    """One sentence per entry that cannot be: which, why, and the nearest name."""


def declare(
    catalogs: Mapping[str, Catalog], entries: Iterable[Declared], *, absent: Collection[str] = ()
) -> Declaration:
    """The relationships of all entries. Entries that touch an `absent` source (configured, but not read yet) wait:
    they give neither a relationship nor a problem."""
    found: dict[str, list[Relationship]] = defaultdict(list)
    problems: list[str] = []
    taken: set[tuple[str, str, str]] = set()
    for number, entry in enumerate(entries):
        sources = (entry.from_.partition(".")[0], entry.to.partition(".")[0])
        if any(source in absent for source in sources):
            continue
        wrong = list(_problems(catalogs, entry, taken))
        if wrong:
            problems.extend(f"relationships[{number}] '{entry.name}': {problem}" for problem in wrong)
            continue
        for source, relationship in _relationships(catalogs, entry):
            taken.add((source, relationship.source, relationship.name))
            found[source].append(relationship)
    return Declaration({source: tuple(each) for source, each in found.items()}, tuple(problems))


def with_declared(catalog: Catalog, relationships: Iterable[Relationship]) -> Catalog:
    """The catalog with declared relationships after its own; types not touched stay undecoded."""
    added: dict[str, list[Relationship]] = defaultdict(list)
    for relationship in relationships:
        for name in (relationship.source, *catalog.below(relationship.source)):
            added[name].append(msgspec.structs.replace(relationship, source=name))
    if not added:
        return catalog
    changed = {name: (*catalog.relationships.get(name, ()), *new) for name, new in added.items()}
    return msgspec.structs.replace(
        catalog,
        relationships=ChainMap(changed, catalog.relationships),  # type: ignore[arg-type]  # it is never written to
    )


def _end(catalogs: Mapping[str, Catalog], path: str) -> tuple[str, Catalog, EntitySet, EntityType]:
    source, _, name = path.partition(".")
    catalog = catalogs[source]
    entity_set = catalog.entity_sets[name]
    return source, catalog, entity_set, catalog.entity_types[entity_set.type]


def _problems(
    catalogs: Mapping[str, Catalog], entry: Declared, taken: Collection[tuple[str, str, str]]
) -> Iterator[str]:
    """What makes an entry impossible."""
    lost = [problem for path in (entry.from_, entry.to) if (problem := _lost(catalogs, path))]
    if lost:
        yield from lost
        return
    own_source, own_catalog, _, own = _end(catalogs, entry.from_)
    target_source, target_catalog, _, target = _end(catalogs, entry.to)
    for left, right in entry.on.items():
        left_type = value_type(own_catalog, own, left)
        right_type = value_type(target_catalog, target, right)
        for path, name, kind, entity in (
            (entry.from_, left, left_type, own),
            (entry.to, right, right_type, target),
        ):
            if kind is None:
                names = [p.name for p in entity.properties]
                yield f"{path} has no property '{name}' that holds one value.{did_you_mean(name, names)}"
        if left_type and right_type and not _comparable(left_type, right_type, own_source == target_source):
            yield f"'{left}' is {left_type} and '{right}' is {right_type}, which are never equal."
    for source, entity, name in (
        (own_source, own, entry.name),
        *([(target_source, target, entry.inverse)] if entry.inverse else []),
    ):
        if (source, entity.name, name) in taken or name in _member_names(entity):
            yield f"{source}.{entity.short_name} has a member '{name}' already. Choose another name."


def _lost(catalogs: Mapping[str, Catalog], path: str) -> str | None:
    source, dot, name = path.partition(".")
    if source not in catalogs:
        return f"'{path}' names an unknown source '{source}'.{did_you_mean(source, catalogs)}"
    if not dot or name not in catalogs[source].entity_sets:
        return f"source '{source}' has no entity set '{name}'.{did_you_mean(name, catalogs[source].entity_sets)}"
    return None


def _comparable(left: str, right: str, same_source: bool) -> bool:
    if left in edm.BUILT_IN and right in edm.BUILT_IN:
        return edm.comparable(left, right) and left not in ("Edm.Stream", "Edm.Untyped")
    return same_source and left == right


def _member_names(entity: EntityType) -> set[str]:
    return {p.name for p in entity.properties} | {n.name for n in entity.navigation}


def _relationships(catalogs: Mapping[str, Catalog], entry: Declared) -> Iterator[tuple[str, Relationship]]:
    """(source, relationship) there, and back where an inverse is named."""
    pairs = tuple(Pair(left, right) for left, right in entry.on.items())
    yield _one(catalogs, entry.from_, entry.to, entry.name, pairs, many=entry.many, partner=entry.inverse)
    if entry.inverse:
        back = tuple(Pair(pair.target, pair.own) for pair in pairs)
        yield _one(catalogs, entry.to, entry.from_, entry.inverse, back, many=not entry.many, partner=entry.name)


def _one(
    catalogs: Mapping[str, Catalog],
    from_: str,
    to: str,
    name: str,
    pairs: tuple[Pair, ...],
    *,
    many: bool,
    partner: str | None,
) -> tuple[str, Relationship]:
    own_source, _, _, own = _end(catalogs, from_)
    target_source, _, entity_set, target = _end(catalogs, to)
    by_key = not many and bool(target.key) and {pair.target for pair in pairs} >= set(target.key)
    text = " and ".join(f"{pair.own} = {pair.target}" for pair in pairs)
    how = "fetched by key, many at once" if by_key else f"{entity_set.name} is filtered by it, many at once"
    return own_source, Relationship(
        source=own.name,
        name=name,
        target=target.name,
        many=many,
        target_source=None if target_source == own_source else target_source,
        target_set=entity_set.name,
        pairs=pairs,
        fetch="key" if by_key else "field",
        origin="declared",
        partner=partner,
        declared=False,
        why=f"Declared in the configuration, {text}: {how}.",
    )
