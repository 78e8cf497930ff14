"""One entity as `catalog show` tells it: what the document says, its names in the graph, and how relations are fetched.

Names and fetching do not depend on what is visible, so a hidden entity is told as it would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from vegraph.app.catalogs import Catalogs
from vegraph.app.settings import Settings
from vegraph.backend.dialects import dialect_for
from vegraph.catalog.summary import entity as told
from vegraph.plan.nodes import Relation, Strategy
from vegraph.plan.operation import Planner
from vegraph.plan.passes import Scene
from vegraph.schema.binding import EntityBinding, SourceBinding
from vegraph.schema.build import SchemaGraph, SourceInput, build
from vegraph.schema.catalog_report import settlements

__all__ = ["report"]


def report(settings: Settings, catalogs: Catalogs, source: str, name: str) -> dict[str, Any]:
    """Plain JSON values. `source` and `name` are known to be there."""
    graph = _whole(settings, catalogs)
    dialects = {s: dialect_for(settings.sources[s].kind, each.catalog) for s, each in catalogs.entities.items()}
    found = catalogs.entities[source]
    entity_set = found.catalog.entity_sets[name]
    binding = graph.entity_of(source, entity_set.type)
    said = told(found.catalog, entity_set)
    names = graph.entities.fields(source, entity_set.type)
    relations = {each.name: each for each in graph.entities.relationships(graph.views[source], entity_set.type)}
    roots = _graph_names(graph, source, name, entity_set.type)
    scene = Scene(dialects.__getitem__, lambda _: False)
    planned = _planned(graph, roots, binding, scene) if binding is not None else {}
    return {
        "source": source,
        "entity": name,
        "visible": found[name].visible,
        "graph": roots,
        **said,
        "fields": {wire: names.property(wire) for wire in said.get("properties", {})},
        "relationships": {
            wire: {
                **said.get("relationships", {}).get(wire, {}),
                "from": _ORIGINS[each.origin],
                "field": names.relation(wire),
                **planned.get(wire, {"how": "not at all", "because": "nothing leads to its rows"}),
            }
            for wire, each in relations.items()
        },
        "settled": list(_settled(graph, source, name, entity_set.type)),
    }


_ORIGINS = {
    "constraint": "its constraint",
    "partner": "its partner's constraint",
    "declared": "the configuration",
    "path": "navigation alone",
}


def _whole(settings: Settings, catalogs: Catalogs) -> SchemaGraph:
    """The graph with everything visible; nothing of it is made but what is asked for."""
    inputs = []
    for name, found in catalogs.entities.items():
        source = settings.sources[name]
        binding = SourceBinding(
            name=name, kind=source.kind, prefix=source.prefix, catalog=found.catalog, company=source.company
        )
        inputs.append(SourceInput(binding=binding, visible=frozenset(found)))
    return build(inputs)


def _graph_names(graph: SchemaGraph, source: str, name: str, wire: str) -> dict[str, str]:
    """`{type, list, one, …}`: the type and the root fields."""
    roots = graph.root_names.query.items()
    found = {root.kind: field for field, root in roots if (root.source, root.set) == (source, name)}
    return {"type": graph.names.of(source, wire).name, **{kind: found[kind] for kind in sorted(found)}}


def _planned(
    graph: SchemaGraph, roots: Mapping[str, str], entity: EntityBinding, scene: Scene
) -> dict[str, dict[str, str]]:
    """Relation → how the planner would fetch it where nothing else is asked of it, and why."""
    root = roots.get("list") or roots.get("singleton")
    if root is None or not entity.relations:
        return {}
    wanted = " ".join(
        f"{name} {{ nodes {{ __typename }} }}" if field.many else f"{name} {{ __typename }}"
        for name, field in entity.relations.items()
    )
    document = parse(f"{{ {root} {{ nodes {{ {wanted} }} }} }}" if "list" in roots else f"{{ {root} {{ {wanted} }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101
    plan = Planner(graph, scene).compiled(document, operation, VariableValues({}, {}), {}).plan
    rows = plan.roots[0].rows
    return {each.field.relationship.name: _said(each) for each in (rows.relations if rows else ())}


def _said(relation: Relation) -> dict[str, str]:
    expands = relation.strategy is Strategy.EXPAND
    how = f"expand, or {relation.otherwise.value}" if expands else relation.strategy.value
    return {"how": how, "because": relation.why}


def _settled(graph: SchemaGraph, source: str, name: str, wire: str) -> Iterator[dict[str, str]]:
    """The names that are not the ones the document asks for: of the entity, its members and its enumerations."""
    catalog = graph.sources[source].catalog
    declared = catalog.entity_types[wire]
    places = {wire, *(prop.type.name for prop in declared.properties)}
    for each in settlements(graph, source):
        if each.place in places or each.wire in (wire, name):
            yield {"wire": each.wire, "wanted": each.wanted, "name": each.name, "why": each.why}
