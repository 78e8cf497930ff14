"""Row → value at a path, for evaluation, ordering and cursors; across relations through rows fetched beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeAlias

from vegraph.plan.predicates import Cast, Path
from vegraph.plan.rows import attribute

__all__ = ["Crossing", "accessor"]

Crossing: TypeAlias = Mapping[int, Callable[[Any], Any]]
"""For each relation crossed (by `id` of its RelationField) a function row → related row or None."""


def accessor(path: Path, crossing: Crossing | None = None) -> Callable[[Any], Any]:
    """The raw wire value at the path, None where a step on the way is absent."""
    names = [name for name in path.names[len(path.relations) :] if not isinstance(name, Cast)]
    steps = [crossing[id(r)] for r in path.relations] if path.relations and crossing is not None else []
    read = attrgetter(attribute(names[0]))
    if not steps and len(names) == 1:
        return read

    def across(row: Any) -> Any:
        for step in steps:
            row = step(row)
            if row is None:
                return None
        value = read(row)
        for name in names[1:]:
            if value is None:
                return None
            value = value.get(name) if isinstance(value, dict) else getattr(value, attribute(name))
        return value

    return across
