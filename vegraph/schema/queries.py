"""Root fields that read: lists, one by key, aggregates, singletons, functions, `node` and `nodes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec
from graphql import GraphQLArgument, GraphQLField, GraphQLID, GraphQLList, GraphQLNonNull, GraphQLString

from vegraph.catalog.model import EntitySet
from vegraph.schema.binding import (
    BINDING,
    AggregateRoot,
    EntityBinding,
    FunctionRoot,
    ListRoot,
    NodeRoot,
    NodesRoot,
    OneRoot,
    SingletonRoot,
)
from vegraph.schema.common import NODE
from vegraph.schema.connections import COMPANY, list_arguments
from vegraph.schema.describing import deprecation, description
from vegraph.schema.lawful import field as make_field
from vegraph.schema.lookups import keys_of
from vegraph.schema.naming import Helper
from vegraph.schema.objects import parameter_arguments, returned
from vegraph.schema.root_names import Root
from vegraph.schema.types import Types
from vegraph.schema.values import Kind, Member

__all__ = ["NODE_FIELDS", "query_field", "search_members"]

_ID = GraphQLNonNull(GraphQLID)
NODE_FIELDS: Mapping[str, GraphQLField] = {
    "node": GraphQLField(
        NODE,
        {"id": GraphQLArgument(_ID)},
        description="The row of a global id; null where there is none, or none for whoever asks.",
        extensions={BINDING: NodeRoot()},
    ),
    "nodes": GraphQLField(
        GraphQLNonNull(GraphQLList(NODE)),
        {"ids": GraphQLArgument(GraphQLNonNull(GraphQLList(_ID)))},
        description="The rows of global ids in the same order, null for what is not there.",
        extensions={BINDING: NodesRoot()},
    ),
}
"""Root fields over all sources."""


def query_field(types: Types, root: Root) -> GraphQLField | None:
    """The field of a root name; None where this graph does not show what it stands for."""
    view = types.entities.views[root.source]
    if root.kind == "operation":
        return _function(types, root)
    if not view.allows("read", root.set):
        return None
    entity_set = view.catalog.entity_sets[root.set]
    entity = types.entities.family(root.source, entity_set.type)
    if entity is None:
        return None
    entity = types.entities.placed(entity, entity_set.name)
    match root.kind:
        case "list":
            return _list(types, entity, entity_set)
        case "one":
            return _one(types, entity, entity_set)
        case "aggregate":
            return _aggregate(types, entity, entity_set)
        case "singleton":
            return _singleton(types, entity, entity_set)


def _list(types: Types, entity: EntityBinding, entity_set: EntitySet) -> GraphQLField:
    arguments = list_arguments(types, entity, company=True)
    if about := _search(entity, entity_set):
        arguments["search"] = GraphQLArgument(GraphQLString, description=about)
    return make_field(
        types.helper(Helper.CONNECTION, types.named(entity)),
        arguments,
        description=description(entity_set.label, entity_set.description or None) or f"Rows of `{entity_set.name}`.",
        deprecation_reason=deprecation(entity_set.deprecated),
        extensions={BINDING: ListRoot(entity=entity, set=entity_set)},
    )


_FOLDING = frozenset({"finance-operations", "human-resources", "dataverse"})
"""Sources whose `contains` takes no note of case, so that `search` need not either."""
_CASE = {"business-central": " Upper and lower case are told apart."} | dict.fromkeys(
    _FOLDING, " Upper and lower case are the same."
)
"""What is said of it. Business Central has `tolower`, but not inside `contains` (OB-75)."""

_SEARCHED = ("number", "name", "displayname", "description", "code", "title", "email", "searchname", "no", "symbol")


def search_members(entity: EntityBinding) -> tuple[Member, ...]:
    """The natural text members, which `search` looks in where the service has no `$search`: texts in the key, and those
    called number, name, description and the like; at most eight."""
    named = [
        member
        for member in entity.members.values()
        if member.value.kind is Kind.STRING
        and (member.key or member.field.lower().endswith(_SEARCHED))
        and not member.value.collection
        and member.wire != entity.company
    ][:8]
    if entity.source.kind not in _FOLDING:
        return tuple(named)
    return tuple(msgspec.structs.replace(member, value=replace(member.value, folds_case=True)) for member in named)


def _search(entity: EntityBinding, entity_set: EntitySet) -> str | None:
    """What the argument does; None where it would find nothing."""
    if entity_set.capabilities.searchable is True:
        return "Free text, as the service's own `$search` takes it."
    members = search_members(entity)
    if not members:
        return None
    names = ", ".join(f"`{m.field}`" for m in members)
    several = f"Rows that contain the text in one of {names}."
    return (several if len(members) > 1 else f"Rows whose {names} contains the text.") + _CASE.get(
        entity.source.kind, ""
    )


def _one(types: Types, entity: EntityBinding, entity_set: EntitySet) -> GraphQLField | None:
    by = types.helper(Helper.BY, types.named(entity))
    if by is None:
        return None
    return make_field(
        types.row(entity),
        {"by": GraphQLArgument(GraphQLNonNull(by), description="One of the ways to name the row.")},
        description=f"One row of `{entity_set.name}`; null where there is none, or none for whoever asks.",
        deprecation_reason=deprecation(entity_set.deprecated),
        extensions={BINDING: OneRoot(entity=entity, set=entity_set, keys=keys_of(entity))},
    )


def _aggregate(types: Types, entity: EntityBinding, entity_set: EntitySet) -> GraphQLField:
    named = types.named(entity)
    arguments = {"where": GraphQLArgument(types.helper(Helper.FILTER, named), description="Only rows that fit.")}
    if group_by := types.helper(Helper.GROUP_BY, named):
        arguments["groupBy"] = GraphQLArgument(
            GraphQLList(GraphQLNonNull(group_by)), description="One entry for each combination of these; left out: one."
        )
    if entity.company is not None:
        arguments["company"] = COMPANY
    return make_field(
        GraphQLList(GraphQLNonNull(types.helper(Helper.AGGREGATE, named))),
        arguments,
        description=f"Rows of `{entity_set.name}` counted, summed and compared.",
        deprecation_reason=deprecation(entity_set.deprecated),
        extensions={BINDING: AggregateRoot(entity=entity, set=entity_set)},
    )


def _singleton(types: Types, entity: EntityBinding, entity_set: EntitySet) -> GraphQLField:
    return GraphQLField(
        types.row(entity),
        description=description(entity_set.label, entity_set.description) or f"The singleton `{entity_set.name}`.",
        deprecation_reason=deprecation(entity_set.deprecated),
        extensions={BINDING: SingletonRoot(entity=entity, set=entity_set)},
    )


def _function(types: Types, root: Root) -> GraphQLField | None:
    """An unbound function, or one bound to the collection of a set."""
    view = types.entities.views[root.source]
    if not (view.allows("read", root.set) if root.set else view.whole):
        return None
    operations = types.entities.operations[root.source]
    operation = view.catalog.operations[root.operation]
    called = operations.called(operation, fixed=("company",))
    if called is None or called["returns"] is None:
        return None
    entity_set = view.catalog.entity_sets[root.set] if root.set else None
    binding = FunctionRoot(
        **called,
        bound_to=types.entities.family(root.source, entity_set.type) if entity_set else None,
        bound_to_set=entity_set,
        import_name=None if operation.bound else operations.import_name(operation),
    )
    arguments = parameter_arguments(types, binding.parameters, root.source)
    if view.in_company(entity_set.type if entity_set else None):
        arguments["company"] = GraphQLArgument(GraphQLString, description="The company; left out: the default one.")
    return GraphQLField(
        returned(types, binding),
        arguments,
        description=description(operation.label, operation.description, operation.name),
        deprecation_reason=deprecation(operation.deprecated),
        extensions={BINDING: binding},
    )
