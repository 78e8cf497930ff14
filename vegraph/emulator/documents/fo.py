"""Finance and operations' `$metadata`, written from the facts (erp.md OF-2, OF-163; metadata.md §3)."""

from __future__ import annotations

from lxml import etree

from vegraph.emulator.documents.labels import label_id
from vegraph.emulator.documents.model import Action, Column, Entity, Enum, Facts, Navigation, Parameter
from vegraph.emulator.documents.notation import read
from vegraph.emulator.documents.write import EDM_TYPES, annotate, document, element, render

__all__ = ["AX_TYPES", "NAMESPACE", "constraint_pairs", "edm_type", "fo_metadata"]

NAMESPACE = "Microsoft.Dynamics.DataEntities"
_AX = "Microsoft.Dynamics.OData.Core.V1"

AX_TYPES = {
    "bin": "Container",
    "date": "Date",
    "guid": "Guid",
    "i32": "Int32",
    "i64": "Int64",
    "dec": "Real",
    "str": "String",
    "time": "Time",
    "dto": "UtcDateTime",
}
"""X++ type by short name; anything else is an enumeration."""

_AX_NUMBERS = (*sorted([*AX_TYPES.values(), "Enum", "Record", "Void"]),)
"""AXType numbers its members by the alphabet."""

_EDM = EDM_TYPES | {"date": "Edm.DateTimeOffset", "time": "Edm.Int32"}
_NOT_NULL = frozenset({"dec", "i32", "i64", "date", "dto", "time", "guid", "bool"})
"""Nullable="false" goes by type, not by meaning (metadata.md §3)."""


def fo_metadata() -> bytes:
    """The document as bytes."""
    facts = read("fo")
    root, services = document()
    schema = element(services, "Schema", Namespace=NAMESPACE)
    for enum in facts.enums:
        _enum(schema, enum)
    for entity in facts.entities:
        _entity(schema, facts, entity)
    for entity in facts.entities:
        for action in entity.actions:
            _action(schema, facts, action, entity)
    for action in facts.actions:
        _action(schema, facts, action, None)
    container = element(schema, "EntityContainer", Name="Resources")
    for entity in facts.entities:
        _set(container, facts, entity)
    for action in facts.actions:
        element(container, "ActionImport", Name=action.name, Action=f"{NAMESPACE}.{action.name}")
    vocabulary = element(services, "Schema", Namespace=_AX)
    node = element(vocabulary, "EnumType", Name="AXType")
    for value, name in enumerate(_AX_NUMBERS):
        element(node, "Member", Name=name, Value=value)
    return render(root)


def edm_type(facts: Facts, kind: str) -> str:
    """The EDM or qualified name behind a short name. An enumeration goes before an entity type of the same name."""
    if kind in _EDM:
        return _EDM[kind]
    if facts.enum(kind) is None:
        facts.entity(kind)
    return f"{NAMESPACE}.{kind}"


def constraint_pairs(facts: Facts, entity: Entity, navigation: Navigation) -> tuple[tuple[str, str], ...]:
    """All (own, target) pairs of a relation, the company included where both ends have one."""
    if not navigation.pairs:
        return ()
    bound = entity.company_bound and facts.entity(navigation.target).company_bound
    return navigation.pairs + ((("dataAreaId", "dataAreaId"),) if bound else ())


def _enum(schema: etree._Element, enum: Enum) -> None:
    node = element(schema, "EnumType", Name=enum.name)
    for name, value in enum.members:
        _label(element(node, "Member", Name=name, Value=value), name)
    _label(node, enum.name)


def _entity(schema: etree._Element, facts: Facts, entity: Entity) -> None:
    node = element(schema, "EntityType", Name=entity.name)
    key = element(node, "Key")
    for part in entity.key:
        element(key, "PropertyRef", Name=part)
    for column in entity.columns:
        _column(node, facts, entity, column)
    for navigation in entity.navigation:
        _navigation(node, facts, entity, navigation)
    _label(node, entity.name)
    if not entity.writes:
        annotate(node, f"{_AX}.IsReadOnly", Bool=True)
    lookup = element(annotate(node, f"{_AX}.LookupGroup"), "Collection")
    for part in entity.key:
        if part != "dataAreaId":
            element(lookup, "String").text = part


def _column(node: etree._Element, facts: Facts, entity: Entity, column: Column) -> None:
    in_key = column.name in entity.key
    strict = column.type in _NOT_NULL or (in_key and column.type == "str")
    kind = edm_type(facts, column.type)
    child = element(node, "Property", Name=column.name, Type=kind, Nullable=False if strict else None)
    _label(child, column.name)
    if column.has("off"):
        annotate(child, f"{_AX}.ConfigurationKeyEnabled", Bool=False)
    if column.has("once") or column.has("ro"):
        annotate(child, f"{_AX}.AllowEdit", Bool=False)
    if column.has("ro"):
        annotate(child, f"{_AX}.AllowEditOnCreate", Bool=False)
    if column.required:
        annotate(child, f"{_AX}.IsRequired", Bool=True)
    if column.has("dim"):
        annotate(child, f"{_AX}.IsDimension", Bool=True)
        annotate(child, f"{_AX}.DimensionRelation", String="DimensionSet")
    ax = element(annotate(child, f"{_AX}.AXType"), "EnumMember")
    ax.text = f"{_AX}.AXType/{AX_TYPES.get(column.type, 'Enum')}"


def _navigation(node: etree._Element, facts: Facts, entity: Entity, navigation: Navigation) -> None:
    kind = f"{NAMESPACE}.{navigation.target}"
    child = element(
        node,
        "NavigationProperty",
        Name=navigation.name,
        Type=f"Collection({kind})" if navigation.many else kind,
        Nullable=None if navigation.many else False,
        Partner=navigation.partner,
    )
    if not navigation.hidden:
        for own, target in constraint_pairs(facts, entity, navigation):
            element(child, "ReferentialConstraint", Property=own, ReferencedProperty=target)


def _action(schema: etree._Element, facts: Facts, action: Action, entity: Entity | None) -> None:
    node = element(schema, "Action", Name=action.name, IsBound=True if entity else None)
    if entity is not None:
        kind = f"{NAMESPACE}.{entity.name}"
        many = action.binding == "BoundToEntitySet"
        element(node, "Parameter", Name=entity.set, Type=f"Collection({kind})" if many else kind)
    for parameter in action.parameters:
        strict = parameter.type in _NOT_NULL and not parameter.collection
        kind = _parameter_type(facts, parameter)
        element(node, "Parameter", Name=parameter.name, Type=kind, Nullable=False if strict else None)
    if action.returns is not None:
        strict = action.returns.type in _NOT_NULL
        kind = _parameter_type(facts, action.returns)
        element(node, "ReturnType", Type=kind, Nullable=False if strict else None)


def _parameter_type(facts: Facts, parameter: Parameter) -> str:
    kind = edm_type(facts, parameter.type)
    return f"Collection({kind})" if parameter.collection else kind


def _set(container: etree._Element, facts: Facts, entity: Entity) -> None:
    node = element(container, "EntitySet", Name=entity.set, EntityType=f"{NAMESPACE}.{entity.name}")
    for navigation in entity.navigation:
        target = facts.entity(navigation.target).set
        element(node, "NavigationPropertyBinding", Path=navigation.name, Target=target)


def _label(node: etree._Element, name: str) -> None:
    annotate(node, f"{_AX}.LabelId", String=label_id(name))
