"""What entity types show besides themselves: what stands in their properties, operations and subtypes, and rows that
only navigation leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vegraph.catalog.model import Catalog, Operation

__all__ = ["Reach"]


class Reach:
    """Within one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._in_sets = {
            name
            for entity_set in catalog.entity_sets.values()
            for name in (*(kind.name for kind in catalog.line(entity_set.type)), *catalog.below(entity_set.type))
        }

    def from_types(self, start: Iterable[str]) -> Iterator[str]:
        """These types and all that they show."""
        waiting, seen = [*start], set[str]()
        operations = [o for o in self._catalog.operations if o.binding is None] if waiting else []
        bound: dict[str, list[Operation]] = {}
        for operation in self._catalog.operations:
            if operation.binding is not None:
                bound.setdefault(operation.binding.name, []).append(operation)
        while waiting or operations:
            while operations:
                waiting.extend(name for name in _named(operations.pop()) if not self._elsewhere(name))
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    yield name
                    waiting.extend(self._next(name))
                    operations.extend(bound.get(name, ()))

    def _next(self, name: str) -> Iterator[str]:
        catalog = self._catalog
        yield from catalog.derived.get(name, ())
        entity = catalog.entity_types.get(name)
        holder = entity or catalog.complex_types.get(name)
        if holder is not None:
            yield from (prop.type.name for prop in holder.properties)
        if entity is not None:
            leads_to = (*(nav.target for nav in entity.navigation), *filter(None, (entity.base,)))
            yield from (target for target in leads_to if not self._elsewhere(target))

    def _elsewhere(self, name: str) -> bool:
        """Whether sets decide over that entity type, being of it, a base or a subtype."""
        return name in self._in_sets


def _named(operation: Operation) -> Iterator[str]:
    yield from (parameter.type.name for parameter in operation.parameters)
    if operation.returns is not None:
        yield operation.returns.name
