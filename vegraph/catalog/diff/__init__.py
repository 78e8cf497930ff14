"""What changed between two readings of one source's metadata, entity by entity, and whether it breaks the graph.

Breaking means: a GraphQL query or mutation that was valid is refused, or a value it relied on is gone. New things, and
things that were forbidden and now may be done, are not.
"""

from __future__ import annotations

from collections.abc import Container

from vegraph.catalog.diff.changes import Change, Difference
from vegraph.catalog.diff.entities import entity_sets, further_types
from vegraph.catalog.diff.reach import Reach
from vegraph.catalog.diff.shared import operations, types
from vegraph.catalog.model import Catalog

__all__ = ["Change", "Difference", "difference"]


def difference(old: Catalog, new: Catalog, *, visible: Container[str] | None = None) -> Difference:
    """What a refresh from `old` to `new` changes. `visible`: only what these entity sets and their types show."""
    if old.digest and old.digest == new.digest:
        return Difference()
    found: list[Change] = []
    kinds: dict[str, None] = {}
    for name in dict.fromkeys((*old.entity_sets, *new.entity_sets)):
        if visible is None or name in visible:
            before, after = old.entity_sets.get(name), new.entity_sets.get(name)
            found.extend(entity_sets(name, before, after, old, new))
            kinds.update(dict.fromkeys(each.type for each in (before, after) if each is not None))
    shown = dict.fromkeys((*Reach(old).from_types(kinds), *Reach(new).from_types(kinds)))
    for name in shown:
        if name not in kinds:
            found.extend(further_types(name, old, new))
    found.extend(types(old, new, None if visible is None else shown))
    found.extend(operations(old, new, None if visible is None else shown))
    return Difference(tuple(sorted(found, key=lambda c: (c.subject, c.member, c.what, c.before, c.after))))
