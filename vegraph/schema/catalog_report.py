"""The entity catalog of a graph's source as `catalog { sources { entities } }` tells it, hidden entities included."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from vegraph.catalog.model import EntitySet, Relationship
from vegraph.schema.build import SchemaGraph
from vegraph.schema.fields import enum_names
from vegraph.schema.hand_written import CatalogEntity, CatalogRelationship, EntityLister
from vegraph.schema.mutations import written_set
from vegraph.schema.root_names import Verb
from vegraph.schema.settling import Settlement
from vegraph.schema.visibility import SourceView

__all__ = ["lister", "settlements"]

_CAN: dict[Verb, str] = {"create": "insertable", "update": "updatable", "delete": "deletable"}


def lister(graph: SchemaGraph, source: str, *, hidden: bool = True) -> EntityLister:
    """Lists the entities of a source. `hidden` False: none but visible ones, for portals."""
    view = graph.views[source]

    def entities(*, matching: str | None, visible: bool | None) -> list[CatalogEntity]:
        found = []
        for name in view.catalog.entity_sets:
            shown = name in view.input.visible
            wanted = visible is None or visible is shown
            if wanted and (shown or hidden) and (matching is None or fnmatchcase(name, matching)):
                found.append(_entity(graph, view, view.catalog.entity_sets[name], shown, hidden))
        return found

    return entities


def _entity(graph: SchemaGraph, view: SourceView, entity_set: EntitySet, shown: bool, hidden: bool) -> CatalogEntity:
    declared = view.catalog.entity_types[entity_set.type]
    named = graph.names.of(view.name, entity_set.type)
    return CatalogEntity(
        name=entity_set.name,
        type=entity_set.type,
        graph_name=named.name,
        visible=shown,
        label=entity_set.label or declared.label,
        readable=view.allows("read", entity_set.name) if shown else True,
        creatable=_can(graph, view, entity_set, "create", shown),
        updatable=_can(graph, view, entity_set, "update", shown),
        deletable=_can(graph, view, entity_set, "delete", shown),
        relationships=[each for each in _relationships(graph, view, entity_set) if hidden or each.graph_name],
    )


def _can(graph: SchemaGraph, view: SourceView, entity_set: EntitySet, verb: Verb, shown: bool) -> bool:
    """In the graph, for a visible entity; by the document, for a hidden one."""
    if not shown:
        return getattr(entity_set.capabilities, _CAN[verb]) is not False
    named = graph.names.of(view.name, entity_set.type)
    return written_set(graph.types, verb, named, entity_set.name) is not None


def _relationships(graph: SchemaGraph, view: SourceView, entity_set: EntitySet) -> Iterator[CatalogRelationship]:
    names = graph.entities.fields(view.name, entity_set.type)
    for relationship in graph.entities.relationships(view, entity_set.type):
        yield CatalogRelationship(
            name=relationship.name,
            graph_name=names.relation(relationship.name) if _shown(graph, view, relationship) else None,
            target=relationship.target,
            target_source=relationship.target_source or view.name,
            many=relationship.many,
            fetch=relationship.fetch,
            origin=relationship.origin,
            why=relationship.why,
        )


def _shown(graph: SchemaGraph, view: SourceView, relationship: Relationship) -> bool:
    return view.shown(relationship.source) and graph.entities.leads_to(view, relationship)


def settlements(graph: SchemaGraph, source: str) -> Iterator[Settlement]:
    """Every name of a source that is not what its wire name asks for: of types, root fields, members, enum values."""
    view = graph.views[source]
    wires = {*view.catalog.entity_types, *view.catalog.complex_types, *view.catalog.enum_types}
    sets = set(view.catalog.entity_sets)
    for settlement in graph.names.report:
        if settlement.wire in wires:
            yield settlement
    for settlement in graph.root_names.report:
        if settlement.wire in sets or any(settlement.wire.startswith(f"{o.name}(") for o in view.catalog.operations):
            yield settlement
    for wire in view.catalog.entity_types:
        yield from graph.entities.fields(source, wire).settlements
    for wire in view.catalog.complex_types:
        yield from graph.entities.values[source].complex_fields(wire).settlements
    for enum in view.catalog.enum_types.values():
        yield from enum_names(enum)[1]
