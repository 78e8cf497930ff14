"""What changed between two readings of one source's metadata, entity by entity, and whether it breaks the graph.

Breaking means: a GraphQL query or mutation that was valid is refused, or a value it relied on is gone. New things, and
things that were forbidden and now may be done, are not.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from vegraph.catalog.diff.changes import Change, Difference
from vegraph.catalog.diff.entities import entity_sets
from vegraph.catalog.diff.shared import operations, types
from vegraph.catalog.model import Catalog

__all__ = ["Change", "Difference", "difference"]


def difference(old: Catalog, new: Catalog, *, visible: Container[str] | None = None) -> Difference:
    """What a refresh from `old` to `new` changes. `visible`: only what these entity sets and their types show."""
    if old.digest and old.digest == new.digest:
        return Difference()
    found: list[Change] = []
    reached: set[str] = set()
    for name in dict.fromkeys((*old.entity_sets, *new.entity_sets)):
        if visible is None or name in visible:
            before, after = old.entity_sets.get(name), new.entity_sets.get(name)
            found.extend(entity_sets(name, before, after, old, new))
            for catalog, each in ((old, before), (new, after)):
                if each is not None:
                    reached.update(_reached(catalog, each.type))
    found.extend(types(old, new, None if visible is None else reached))
    found.extend(operations(old, new, None if visible is None else reached))
    return Difference(tuple(sorted(found, key=lambda c: (c.subject, c.member, c.what, c.before, c.after))))


def _reached(catalog: Catalog, start: str) -> Iterator[str]:
    """The entity, complex and enumeration types that an entity type shows through its properties."""
    queue, seen = [start], set()
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        kind = catalog.entity_types.get(name) or catalog.complex_types.get(name)
        queue.extend(prop.type.name for prop in (kind.properties if kind else ()))
