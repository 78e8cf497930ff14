"""Entity sets with their types and relationships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from vegraph.catalog.diff.changes import Change
from vegraph.catalog.diff.members import deprecated, properties
from vegraph.catalog.model import Catalog, EntitySet, EntityType, Relationship

__all__ = ["entity_sets", "further_types"]


def entity_sets(
    name: str, before: EntitySet | None, after: EntitySet | None, old: Catalog, new: Catalog
) -> Iterator[Change]:
    """The changes of one entity set, its type and its relationships included."""
    if before is None or after is None:
        yield Change(subject=name, what="entity added" if before is None else "entity gone", breaking=after is None)
        return
    if before.type != after.type:
        yield Change(subject=name, what="entity type changed", before=before.type, after=after.type, breaking=True)
    if before.singleton != after.singleton:
        yield Change(subject=name, what="singleton changed", breaking=True)
    for ability in ("insertable", "updatable", "deletable", "filterable", "sortable", "searchable", "countable"):
        could = getattr(before.capabilities, ability) is not False
        can = getattr(after.capabilities, ability) is not False
        if could != can:
            yield Change(subject=name, what=f"{'now' if can else 'no longer'} {ability}", breaking=could)
    if before.optimistic != after.optimistic:
        yield Change(subject=name, what="etag required" if after.optimistic else "etag gone", breaking=after.optimistic)
    if old.entity_types[before.type] != new.entity_types[after.type]:
        yield from entity_types(name, old.entity_types[before.type], new.entity_types[after.type])
    yield from relationships(name, old.relationships.get(before.type, ()), new.relationships.get(after.type, ()))


def further_types(name: str, old: Catalog, new: Catalog) -> Iterator[Change]:
    """The changes of an entity type that no visible set is of: one that only navigation leads to, or a subtype, of
    which what it adds to its base."""
    before, after = old.entity_types.get(name), new.entity_types.get(name)
    if before is None and after is None:
        return
    if before is None or after is None:
        yield Change(subject=name, what="type added" if before is None else "type gone", breaking=after is None)
        return
    was, now = _inherited(before, old), _inherited(after, new)
    told = was | now if before.base == after.base else was & now  # of the base
    yield from entity_types(name, _without(before, told), _without(after, told))
    related = ([r for r in c.relationships.get(name, ()) if r.name not in told] for c in (old, new))
    yield from relationships(name, *related)


def _inherited(entity: EntityType, catalog: Catalog) -> frozenset[str]:
    base = catalog.entity_types.get(entity.base or "")
    return frozenset((*(p.name for p in base.properties), *(n.name for n in base.navigation))) if base else frozenset()


def _without(entity: EntityType, names: frozenset[str]) -> EntityType:
    return msgspec.structs.replace(entity, properties=tuple(p for p in entity.properties if p.name not in names))


def entity_types(subject: str, before: EntityType, after: EntityType) -> Iterator[Change]:
    if before.key != after.key:
        yield Change(
            subject=subject,
            what="key changed",
            before=", ".join(before.key) or "none",
            after=", ".join(after.key) or "none",
            breaking=True,
        )
    for key in (*before.alternate_keys, *after.alternate_keys):
        if key not in after.alternate_keys:
            yield Change(subject=subject, what="alternate key gone", member=", ".join(key), breaking=True)
        elif key not in before.alternate_keys:
            yield Change(subject=subject, what="alternate key added", member=", ".join(key))
    if before.open and not after.open:
        yield Change(subject=subject, what="no longer open", breaking=True)
    if before.has_stream != after.has_stream:
        what = "stream added" if after.has_stream else "stream gone"
        yield Change(subject=subject, what=what, breaking=before.has_stream)
    if before.abstract != after.abstract:
        what = "now abstract" if after.abstract else "no longer abstract"
        yield Change(subject=subject, what=what, breaking=True)  # an interface and an object type are two things
    if before.base != after.base:
        yield Change(
            subject=subject,
            what="base type changed",
            before=before.base or "none",
            after=after.base or "none",
            breaking=True,
        )
    yield from deprecated(subject, "", before.deprecated, after.deprecated)
    yield from properties(subject, before.properties, after.properties, frozenset((*before.key, *after.key)))


def relationships(subject: str, before: Sequence[Relationship], after: Sequence[Relationship]) -> Iterator[Change]:
    was = {each.name: each for each in before}
    now = {each.name: each for each in after}
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            yield Change(subject=subject, member=name, what="relation gone", breaking=True)
        elif name not in was:
            yield Change(subject=subject, member=name, what="relation added", after=_leads(now[name]))
        else:
            yield from _relationship(subject, was[name], now[name])


def _relationship(subject: str, before: Relationship, after: Relationship) -> Iterator[Change]:
    if _leads(before) != _leads(after):
        yield Change(
            subject=subject,
            member=before.name,
            what="relation leads elsewhere",
            before=_leads(before),
            after=_leads(after),
            breaking=True,
        )
    if before.contained != after.contained:
        what = "relation now contained" if after.contained else "relation no longer contained"
        yield Change(subject=subject, member=before.name, what=what, breaking=True)
    if before.pairs != after.pairs:
        was, now = (", ".join(f"{p.own} = {p.target}" for p in each.pairs) or "none" for each in (before, after))
        yield Change(subject=subject, member=before.name, what="relation's constraint changed", before=was, after=now)
    if before.fetch != after.fetch:
        yield Change(
            subject=subject,
            member=before.name,
            what="relation fetched otherwise",
            before=before.fetch,
            after=after.fetch,
        )


def _leads(relationship: Relationship) -> str:
    text = f"Collection({relationship.target})" if relationship.many else relationship.target
    return f"{relationship.target_source}: {text}" if relationship.target_source else text
