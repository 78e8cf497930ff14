"""Which complex types, enumerations and contained entity types a graph comes to, found in the documents alone.

Asked when a query names such a type before anything has led to it (`$status: BcStatus!`): a type that no visible entity
uses is not part of the graph. One pass over the visible types, made once.
"""

from __future__ import annotations

from collections.abc import Iterator

from vegraph.catalog.model import EntityType, Operation
from vegraph.schema.entities import Entities
from vegraph.schema.visibility import SourceView

__all__ = ["used"]


def used(entities: Entities) -> frozenset[tuple[str, str]]:
    """(source, qualified name) of every declared type that the graph comes to."""
    found: set[tuple[str, str]] = set()
    waiting = [(view.name, entity_set.type) for view in entities.views.values() for entity_set in view.sets]
    while waiting:
        source, wire = waiting.pop()
        if (source, wire) in found:
            continue
        found.add((source, wire))
        waiting.extend(_next(entities, entities.views[source], wire))
    return frozenset(found)


def _next(entities: Entities, view: SourceView, wire: str) -> Iterator[tuple[str, str]]:
    catalog = view.catalog
    declared = catalog.entity_types.get(wire) or catalog.complex_types.get(wire)
    if declared is None:
        return
    names = [prop.type.name for prop in declared.properties]
    names.extend(catalog.derived.get(wire, ()))
    if isinstance(declared, EntityType):
        yield from _relations(entities, view, declared)
        names.extend([declared.base] if declared.base else [])
        for kind in ("action", "function"):
            for collection in (False, True):
                for operation in entities.operations[view.name].bound_to(wire, kind, collection=collection):
                    names.extend(_types(operation))
    yield from ((view.name, name) for name in names if _declared(view, name))


def _relations(entities: Entities, view: SourceView, declared: EntityType) -> Iterator[tuple[str, str]]:
    for relationship in entities.relationships(view, declared.name):
        if entities.leads_to(view, relationship):
            yield relationship.target_source or view.name, relationship.target


def _types(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        yield parameter.type.name
    if operation.returns is not None:
        yield operation.returns.name


def _declared(view: SourceView, name: str) -> bool:
    catalog = view.catalog
    if name in catalog.entity_types:
        return view.shown(name)
    return name in catalog.enum_types or name in catalog.complex_types
