"""Object types: entities (interfaces where they have subtypes), complex types, and enumerations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from vegraph.catalog.model import Property
from vegraph.schema import naming
from vegraph.schema.binding import (
    BINDING,
    CompanyField,
    EntityBinding,
    EntityField,
    EtagField,
    FunctionField,
    FunctionRoot,
    IdField,
    OpenField,
    ParameterBinding,
    PropertyField,
    RelationField,
    StreamField,
)
from vegraph.schema.common import NODE
from vegraph.schema.connections import list_arguments
from vegraph.schema.describing import deprecation, description
from vegraph.schema.lawful import EnumType, InterfaceType, ObjectType
from vegraph.schema.lawful import field as make_field
from vegraph.schema.names import Named
from vegraph.schema.naming import Helper
from vegraph.schema.scalars import SCALARS
from vegraph.schema.types import Types
from vegraph.schema.wire_types import is_no_yes

__all__ = ["complex_type", "entity_type", "enum_type", "interface_type", "parameter_arguments", "returned"]


def entity_type(types: Types, named: Named, name: str) -> GraphQLObjectType | GraphQLInterfaceType | None:
    """The object type of an entity type; for an abstract one, its interface."""
    entity = types.entities.exact(named.source, named.wire)
    if entity is None:
        return _interface(types, named, name)
    return ObjectType(
        name,
        lambda: _fields(types, entity),
        interfaces=lambda: _interfaces(types, entity, itself=True),
        extensions={BINDING: entity},
        description=_about(entity),
    )


def interface_type(types: Types, named: Named, name: str) -> InterfaceType | None:
    """What a type that has rows of its own has in common with its subtypes; None for types without any."""
    entity = types.entity(named)
    if entity is None or entity.abstract or not entity.subtypes:
        return None
    return _interface(types, named, name)


def _interface(types: Types, named: Named, name: str) -> InterfaceType | None:
    entity = types.entity(named)
    if entity is None:
        return None
    return InterfaceType(
        name,
        lambda: _fields(types, entity),
        interfaces=lambda: _interfaces(types, entity, itself=False),
        extensions={BINDING: entity},
        description=_about(entity),
    )


def _about(entity: EntityBinding) -> str | None:
    type_ = entity.type
    text = description(type_.label, type_.description) or ""
    sets = ", ".join(f"`{found.name}`" for found in entity.sets if found.type == type_.name)
    wire = f"Entity type `{type_.name}` of {entity.source.name}" + (f", in {sets}." if sets else ".")
    return f"{text}\n\n{wire}" if text else wire


def _interfaces(types: Types, entity: EntityBinding, *, itself: bool) -> list[GraphQLInterfaceType]:
    """Node for what has a global id, the own interface for a type with subtypes, and those of its bases."""
    found: list[GraphQLInterfaceType] = [NODE] if "id" in entity.fields else []
    line = list(types.entities.views[entity.source.name].catalog.line(entity.type.name))
    for base in line if itself else line[1:]:
        family = types.entities.family(entity.source.name, base.name)
        if family is not None and (row := types.row(family)) is not None and isinstance(row, GraphQLInterfaceType):
            found.append(row)
    return found


def _fields(types: Types, entity: EntityBinding) -> dict[str, GraphQLField]:
    properties = {prop.name: prop for prop in entity.type.properties}
    return {name: _field(types, entity, name, field, properties) for name, field in entity.fields.items()}


def _field(
    types: Types, entity: EntityBinding, name: str, field: EntityField, properties: Mapping[str, Property]
) -> GraphQLField:
    extensions = {BINDING: field}
    match field:
        case IdField():
            return GraphQLField(GraphQLNonNull(GraphQLID), description="The global id.", extensions=extensions)
        case CompanyField():
            return GraphQLField(GraphQLString, description="The company the row belongs to.", extensions=extensions)
        case EtagField():
            return GraphQLField(GraphQLString, description="The row's version, for `ifMatch`.", extensions=extensions)
        case OpenField():
            return _dynamic(extensions)
        case PropertyField(member=member):
            type_ = types.output(member.value, entity.source.name)
            return _property(GraphQLNonNull(type_) if member.key else type_, properties[member.wire], name, extensions)
        case StreamField(member=member):
            about, type_ = "The stream of bytes that the row is.", types.output(member.value, entity.source.name)
            return GraphQLField(type_, description=about, extensions=extensions)
        case RelationField():
            return _relation(types, name, field)
        case FunctionField():
            return _function(types, name, field)


def _dynamic(extensions: dict[str, Any]) -> GraphQLField:
    return GraphQLField(
        SCALARS["JSON"], description="What the service sent beyond the declared properties.", extensions=extensions
    )


def _property(type_: Any, prop: Property, name: str, extensions: dict[str, Any]) -> GraphQLField:
    return GraphQLField(
        type_,
        description=description(prop.label, prop.description, prop.name, name),
        deprecation_reason=deprecation(prop.deprecated),
        extensions=extensions,
    )


def _relation(types: Types, name: str, field: RelationField) -> GraphQLField:
    target, relationship = field.target, field.relationship
    return make_field(
        types.helper(Helper.CONNECTION, types.named(target)) if field.many else types.row(target),
        args=list_arguments(types, target) if field.many else None,
        description=description(relationship.label, relationship.description, relationship.name, name),
        deprecation_reason=deprecation(relationship.deprecated),
        extensions={BINDING: field},
    )


def _function(types: Types, name: str, field: FunctionField) -> GraphQLField:
    operation = field.operation
    return GraphQLField(
        returned(types, field),
        args=parameter_arguments(types, field.parameters, field.source.name),
        description=description(operation.label, operation.description, operation.name, name),
        deprecation_reason=deprecation(operation.deprecated),
        extensions={BINDING: field},
    )


def returned(types: Types, call: Any) -> Any:
    """The output type of what a function or action gives; several rows are a connection."""
    assert isinstance(call, FunctionField | FunctionRoot) or hasattr(call, "returns")  # noqa: S101
    if isinstance(call.returns, EntityBinding):
        named = types.named(call.returns)
        return types.helper(Helper.CONNECTION, named) if call.returns_many else types.row(call.returns)
    return types.output(call.returns, call.source.name)


def parameter_arguments(
    types: Types, parameters: tuple[ParameterBinding, ...], source: str
) -> dict[str, GraphQLArgument]:
    """Arguments of a function; rows are given by global id."""
    return {p.field: GraphQLArgument(type_) for p, type_ in parameter_types(types, parameters, source)}


def parameter_types(
    types: Types, parameters: tuple[ParameterBinding, ...], source: str
) -> Iterator[tuple[ParameterBinding, Any]]:
    """Parameters and their input types; those without one (an empty complex type) are left out."""
    for parameter in parameters:
        if parameter.value is not None:
            type_: Any = types.input(parameter.value, source)
        else:
            type_ = GraphQLList(GraphQLNonNull(GraphQLID)) if parameter.collection else GraphQLID
        if type_ is not None:
            yield parameter, GraphQLNonNull(type_) if parameter.required else type_


def complex_type(types: Types, named: Named, name: str) -> GraphQLObjectType:
    """The object type of a complex type."""
    values = types.entities.values[named.source]
    value = values.complex(named.wire)

    def fields() -> dict[str, GraphQLField]:
        properties = values.complex_properties(named.wire)
        found = {
            field: _property(
                types.output(member.value, named.source), properties[member.wire], field,
                {BINDING: PropertyField(member=member)},
            )
            for field, member in value.members.items()
        }  # fmt: skip
        return found | ({naming.DYNAMIC: _dynamic({BINDING: OpenField()})} if value.open else {})

    declared = types.entities.views[named.source].catalog.complex_types[named.wire]
    text = description(None, declared.description)
    wire = f"Complex type `{named.wire}` of {named.source}."
    return ObjectType(name, fields, description=f"{text}\n\n{wire}" if text else wire)


def enum_type(types: Types, named: Named, name: str) -> GraphQLEnumType | None:
    """An enumeration; its Python values are the wire members. None for what is a Boolean in the graph, or empty."""
    declared = types.entities.views[named.source].catalog.enum_types[named.wire]
    if is_no_yes(declared) or not declared.members:
        return None
    values = types.entities.values[named.source].enum(named.wire)

    def members() -> dict[str, GraphQLEnumValue]:
        found = {}
        for member in declared.members:
            graph = values.to_graph[member.name]
            found[graph] = GraphQLEnumValue(
                member.name,
                description=description(member.label, None, member.name, graph),
                deprecation_reason=deprecation(member.deprecated),
            )
        return found

    text = description(declared.label, declared.description)
    wire = f"Enumeration `{named.wire}` of {named.source}."
    return EnumType(name, members, description=f"{text}\n\n{wire}" if text else wire)
