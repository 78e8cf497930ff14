"""Selection set → plan tree. Fragments, aliases and merged selections disappear; `@skip`, `@include` make variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from vegraph.catalog.model import wire_type
from vegraph.plan import nodes as n
from vegraph.plan.arguments import Arguments
from vegraph.schema import binding as b
from vegraph.schema.values import ComplexValue, Kind, Member

__all__ = ["Selector", "condition_variables", "find_operation"]


def find_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation meant; None where the name fits none or several could be meant."""
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        found = [d for d in found if d.name and d.name.value == name]
    return found[0] if len(found) == 1 else None


def condition_variables(document: DocumentNode) -> frozenset[str]:
    """Names of variables under `@skip` and `@include`: each of their values makes its own plan."""
    names: set[str] = set()
    stack: list[Any] = [d.selection_set for d in document.definitions if hasattr(d, "selection_set")]
    while stack:
        for selection in stack.pop().selections:
            for directive in selection.directives or ():
                if directive.name.value in ("skip", "include"):
                    names.update(a.value.name.value for a in directive.arguments if a.value.kind == "variable")
            if getattr(selection, "selection_set", None):
                stack.append(selection.selection_set)
    return frozenset(names)


def _only(rows: n.Rows, entity: b.EntityBinding) -> frozenset[str] | None:
    """The wire type that something is selected on, where rows may be of others."""
    if not rows.entity.subtypes:
        return None
    own = {""} if entity.type.name == rows.entity.type.name else set()
    return frozenset({wire_type(entity.type.name), *own})


def _declaring(entity: b.EntityBinding, subtype: b.EntityBinding, relation: b.RelationField) -> str | None:
    """The most general type between `subtype` and the rows' own that has the navigation property; None: the own one."""
    name, types = relation.relationship.name, entity.source.catalog.entity_types
    if not relation.relationship.declared or any(v.name == name for v in entity.type.navigation):
        return None
    found = subtype.type
    while (base := types.get(found.base or "")) is not None and any(v.name == name for v in base.navigation):
        found = base
    return wire_type(found.name)


class Selector:
    """Makes the plan tree of one operation."""

    def __init__(
        self, graph: b.Graph, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> None:
        self.graph = graph
        self.schema: GraphQLSchema = graph.schema
        self.operation = operation
        self.variables = variables
        self.fragments = {
            d.name.value: FragmentDetails(d) for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.relations = 0
        self._shared: dict[tuple[Any, ...], n.Relation] = {}
        """(rows, navigation property, AST nodes) → relation."""

    def plan(self) -> n.OperationPlan:
        """The whole operation."""
        root_type = self.schema.get_root_type(self.operation.operation)
        assert root_type is not None  # validation saw to it  # noqa: S101
        grouped = collect_fields(
            self.schema, self.fragments, self.variables, root_type, self.operation
        ).grouped_field_set
        roots = tuple(self._root(key, root_type, details) for key, details in grouped.items())
        return n.OperationPlan(
            roots=roots,
            mutation=self.operation.operation.value == "mutation",
            mixed=any(r.binding is None and r.name != "__typename" for r in roots),
            root_type=root_type.name,
            relation_count=self.relations,
            atomic=any(d.name.value == "atomic" for d in self.operation.directives or ()),
        )

    # Root fields

    def _root(self, key: str, root_type: GraphQLObjectType, details: list[FieldDetails]) -> n.Root:
        name = details[0].node.name.value
        definition = self.schema.get_field(root_type, name)
        assert definition is not None  # noqa: S101
        root = n.Root(
            key=key,
            name=name,
            binding=definition.extensions.get(b.BINDING),
            arguments=Arguments(definition, details),
            type_name=root_type.name,
        )
        self._fill(root, get_named_type(definition.type), details)
        return root

    def _fill(self, root: n.Root, type_: Any, details: list[FieldDetails]) -> None:
        match root.binding:
            case b.ListRoot(entity=entity):
                root.rows = n.Rows(entity=entity)
                root.connection = self.connection(root.rows, type_, details)
            case b.OneRoot(entity=entity) | b.SingletonRoot(entity=entity):
                root.rows = n.Rows(entity=entity)
                root.shapes = self.shapes(root.rows, details)
            case b.AggregateRoot():
                root.aggregate = self._aggregate(root.binding.entity, type_, details)
            case b.FunctionRoot() as call:
                self._returned(root, call, type_, details)
            case b.CreateRoot(entity=entity) | b.UpdateRoot(entity=entity) | b.DeleteRoot(entity=entity):
                root.rows = n.Rows(entity=entity)
                root.payload = self._payload(root, type_, details)
            case b.ActionRoot() as call:
                if call.bound_to is not None:
                    root.rows = n.Rows(entity=call.bound_to)
                root.payload = self._payload(root, type_, details)
            case _:
                pass

    def for_entity(self, root: n.Root, entity: b.EntityBinding) -> tuple[n.Rows, n.Shapes]:
        """The selection of `node`, `nodes` or `_entities` on one entity type."""
        if entity.id_name not in root.by_entity:
            rows = n.Rows(entity=entity)
            root.by_entity[entity.id_name] = rows, self.shapes(rows, root.arguments.details)
        return root.by_entity[entity.id_name]

    def _returned(self, root: n.Root | n.FunctionOut, call: Any, type_: Any, details: list[FieldDetails]) -> None:
        if isinstance(call.returns, b.EntityBinding):
            root.rows = n.Rows(entity=call.returns)
            if call.returns_many:
                root.connection = self.connection(root.rows, type_, details)
            else:
                root.shapes = self.shapes(root.rows, details)
        elif call.returns is not None and call.returns.complex is not None:
            root.complex = self._complex(call.returns.complex, details)

    # Entities

    def _collect(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> Mapping[str, list[FieldDetails]]:
        return collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details
        ).grouped_field_set

    def shapes(self, rows: n.Rows, details: list[FieldDetails]) -> n.Shapes:
        """The selection on rows of an entity, for each concrete type they may have."""
        entity = rows.entity
        names = entity.subtypes or (entity.graph_name,)
        by_type: dict[str, n.Shape] = {}
        wire: dict[str, str] = {}
        before = len(rows.relations), len(rows.functions)
        for name in names:
            concrete = entity if name == entity.graph_name else self.graph.entity(name)
            type_ = self.schema.get_type(name)
            if concrete is None or not isinstance(type_, GraphQLObjectType):
                continue
            if entity.set is not None:
                concrete = self.graph.placed(concrete, entity.set.name)
            outs = tuple(
                self._entity_out(rows, concrete, type_, key, found)
                for key, found in self._collect(type_, details).items()
            )
            by_type[name] = n.Shape(concrete, outs)
            wire[wire_type(concrete.type.name)] = name
        made: list[n.Relation | n.FunctionOut] = [*rows.relations[before[0] :], *rows.functions[before[1] :]]
        for each in made:
            if each.only is not None and each.only >= wire.keys():
                each.only = None
        default = by_type.get(entity.graph_name) or next(iter(by_type.values()))
        return n.Shapes(by_type, wire, default)

    def _entity_out(
        self, rows: n.Rows, entity: b.EntityBinding, type_: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> n.Out:
        name = details[0].node.name.value
        if name == "__typename":
            return n.TypeNameOut(key)
        definition = type_.fields[name]
        found: b.EntityField = definition.extensions[b.BINDING]
        match found:
            case b.IdField():
                rows.columns.update(m.wire for m in entity.key)
                rows.wants_company = True
                return n.IdOut(key)
            case b.CompanyField():
                rows.wants_company = True
                if entity.company not in (None, "context"):
                    rows.columns.add(str(entity.company))
                return n.CompanyOut(key)
            case b.EtagField():
                rows.wants_etag = True
                return n.EtagOut(key)
            case b.OpenField():
                rows.wants_open = True
                return n.OpenOut(key)
            case b.PropertyField(member=member):
                return self._member(rows, entity, member, key, details)
            case b.StreamField(member=member):
                rows.columns.update(m.wire for m in entity.key)
                rows.wants_company = rows.wants_stream = True
                return self._media(member, key, details)
            case b.RelationField() as relation:
                return n.RelationOut(key, self._relation(rows, entity, relation, definition, details))
            case b.FunctionField() as call:
                rows.columns.update(m.wire for m in entity.key)
                out = n.FunctionOut(key, call, Arguments(definition, details), self._number())
                self._returned(out, call, get_named_type(definition.type), details)
                out.only = _only(rows, entity)
                rows.functions.append(out)
                return out

    def _member(
        self, rows: n.Rows, entity: b.EntityBinding, member: Member, key: str, details: list[FieldDetails]
    ) -> n.Out:
        if member.value.kind is Kind.MEDIA:
            rows.columns.update(m.wire for m in entity.key)
            rows.wants(member)
            rows.wants_company = True
            return self._media(member, key, details)
        rows.wants(member)
        if member.value.complex is not None:
            return n.ComplexOut(key, member, self._complex(member.value.complex, details))
        return n.LeafOut(key, member)

    def _media(self, member: Member, key: str, details: list[FieldDetails]) -> n.MediaOut:
        type_ = self.schema.get_type("Media")
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101
        return n.MediaOut(
            key, member, tuple((k, f[0].node.name.value) for k, f in self._collect(type_, details).items())
        )

    def _complex(self, value: ComplexValue, details: list[FieldDetails]) -> n.ComplexShape:
        type_ = self.schema.get_type(value.graph_name)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101
        outs: list[n.LeafOut | n.ComplexOut | n.MediaOut | n.OpenOut | n.TypeNameOut] = []
        for key, found in self._collect(type_, details).items():
            name = found[0].node.name.value
            member = value.members.get(name)
            if name == "__typename":
                outs.append(n.TypeNameOut(key))
            elif member is None:
                outs.append(n.OpenOut(key))
            elif member.value.complex is not None:
                outs.append(n.ComplexOut(key, member, self._complex(member.value.complex, found)))
            elif member.value.kind is Kind.MEDIA:
                outs.append(self._media(member, key, found))
            else:
                outs.append(n.LeafOut(key, member))
        return n.ComplexShape(value, tuple(outs))

    # Relations and connections

    def _number(self) -> int:
        self.relations += 1
        return self.relations - 1

    def _relation(
        self,
        rows: n.Rows,
        parent: b.EntityBinding,
        relation: b.RelationField,
        definition: Any,
        details: list[FieldDetails],
    ) -> n.Relation:
        shared = (id(rows), relation.relationship.name, *(id(d.node) for d in details))
        known = self._shared.get(shared) if rows.entity.subtypes else None
        if known is not None:  # selected on the interface: one relation for all the types behind it
            known.only = known.only and known.only | (_only(rows, parent) or known.only)
            return known
        node = n.Relation(
            entity=relation.target,
            field=relation,
            parent=rows.entity if relation.name in rows.entity.relations else parent,
            arguments=Arguments(definition, details),
            number=self._number(),
            only=_only(rows, parent),
            cast=_declaring(rows.entity, parent, relation),
        )
        self._shared[shared] = node
        rows.relations.append(node)
        if relation.many:
            node.connection = self.connection(node, get_named_type(definition.type), details)
        else:
            node.shapes = self.shapes(node, details)
        return node

    def connection(self, rows: n.Rows, type_: Any, details: list[FieldDetails]) -> n.ConnectionOut:
        """The selection on a connection over these rows."""
        edge_type: GraphQLObjectType = get_named_type(type_.fields["edges"].type)
        outs: list[tuple[str, str, Any]] = []
        for key, found in self._collect(type_, details).items():
            name = found[0].node.name.value
            below: Any = None
            if name == "nodes":
                below = self.shapes(rows, found)
            elif name == "edges":
                below = tuple(
                    (k, f[0].node.name.value, self.shapes(rows, f) if f[0].node.name.value == "node" else None)
                    for k, f in self._collect(edge_type, found).items()
                )
            elif name == "pageInfo":
                page_info: Any = get_named_type(type_.fields["pageInfo"].type)
                below = tuple((k, f[0].node.name.value) for k, f in self._collect(page_info, found).items())
            outs.append((key, name, below))
        return n.ConnectionOut(tuple(outs), type_.name, edge_type.name)

    # Aggregates and payloads

    def _aggregate(self, entity: b.EntityBinding, type_: Any, details: list[FieldDetails]) -> n.Aggregated:
        outs: list[tuple[str, str, tuple[tuple[str, Member | None], ...]]] = []
        below_types: dict[str, str] = {}
        for key, found in self._collect(type_, details).items():
            name = found[0].node.name.value
            below: tuple[tuple[str, Member | None], ...] = ()
            if name not in ("count", "__typename"):
                inner: Any = get_named_type(type_.fields[name].type)
                below_types[name] = inner.name
                below = tuple(
                    (k, entity.members.get(f[0].node.name.value)) for k, f in self._collect(inner, found).items()
                )
            outs.append((key, name, below))
        return n.Aggregated(outs=tuple(outs), type_name=type_.name, below_types=below_types)

    def _payload(self, root: n.Root, type_: Any, details: list[FieldDetails]) -> n.Payload:
        binding: Any = root.binding
        outs: list[tuple[str, str, Any]] = []
        for key, found in self._collect(type_, details).items():
            name = found[0].node.name.value
            below: Any = None
            if name == "userErrors":
                inner: Any = get_named_type(type_.fields[name].type)
                below = tuple((k, f[0].node.name.value) for k, f in self._collect(inner, found).items())
            elif name == getattr(binding, "payload_field", None) and root.rows is not None:
                below = self.shapes(root.rows, found)
            elif name == getattr(binding, "result_field", None):
                out = n.FunctionOut(key, binding, root.arguments, self._number())
                self._returned(out, binding, get_named_type(type_.fields[name].type), found)
                below = out
            outs.append((key, name, below))
        return n.Payload(outs=tuple(outs), type_name=type_.name)
