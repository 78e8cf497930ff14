"""The metadata services of finance and operations (`/metadata/…`): their own document, and their rows from the facts.

erp.md OF-150…162. The service is itself OData, so it has a CSDL document of its own and is served as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from vegraph.emulator.documents.fo import AX_TYPES, constraint_pairs, edm_type
from vegraph.emulator.documents.labels import LANGUAGES, label_id, label_ids, label_text
from vegraph.emulator.documents.model import Action, Column, Entity, Facts, Navigation, Parameter
from vegraph.emulator.documents.notation import read
from vegraph.emulator.documents.write import document, element, render

__all__ = ["NAMESPACE", "services_metadata", "services_rows"]

NAMESPACE = "Microsoft.Dynamics.Metadata"

_CATEGORIES = ("Parameters", "Reference", "Master", "Document", "Transaction", "Configuration")
_FLAG, _TEXT, _LIST = "Edm.Boolean", "Edm.String", "Collection(Edm.Untyped)"
_SETS: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "DataEntities": (
        "DataEntity",
        ("Name",),
        {
            "Name": _TEXT,
            "PublicEntityName": _TEXT,
            "PublicCollectionName": _TEXT,
            "LabelId": _TEXT,
            "DataServiceEnabled": _FLAG,
            "DataManagementEnabled": _FLAG,
            "EntityCategory": f"{NAMESPACE}.EntityCategory",
            "IsReadOnly": _FLAG,
        },
    ),
    "PublicEntities": (
        "PublicEntity",
        ("Name",),
        {
            "Name": _TEXT,
            "EntitySetName": _TEXT,
            "LabelId": _TEXT,
            "IsReadOnly": _FLAG,
            "ConfigurationEnabled": _FLAG,
            "Properties": _LIST,
            "NavigationProperties": _LIST,
            "PropertyGroups": _LIST,
            "Actions": _LIST,
        },
    ),
    "PublicEnumerations": ("PublicEnumeration", ("Name",), {"Name": _TEXT, "LabelId": _TEXT, "Members": _LIST}),
    "Labels": ("Label", ("Id", "Language"), {"Id": _TEXT, "Language": _TEXT, "Value": _TEXT}),
}


def services_metadata() -> bytes:
    """The services' own `$metadata`."""
    root, services = document()
    schema = element(services, "Schema", Namespace=NAMESPACE)
    enum = element(schema, "EnumType", Name="EntityCategory")
    for value, name in enumerate(_CATEGORIES):
        element(enum, "Member", Name=name, Value=value)
    container = element(schema, "EntityContainer", Name="Metadata")
    for entity_set, (name, key, members) in _SETS.items():
        _type(schema, name, key, members)
        element(container, "EntitySet", Name=entity_set, EntityType=f"{NAMESPACE}.{name}")
    return render(root)


def services_rows() -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Set and rows."""
    facts = read("fo")
    yield "DataEntities", (_data_entity(e) for e in facts.entities)
    yield "PublicEntities", (_public_entity(facts, e) for e in facts.entities)
    yield "PublicEnumerations", _enumerations(facts)
    yield "Labels", _labels()


def _type(schema: etree._Element, name: str, key: tuple[str, ...], members: dict[str, str]) -> None:
    node = element(schema, "EntityType", Name=name)
    parts = element(node, "Key")
    for part in key:
        element(parts, "PropertyRef", Name=part)
    for member, kind in members.items():
        element(node, "Property", Name=member, Type=kind, Nullable=False if member in key else None)


def _data_entity(entity: Entity) -> dict[str, Any]:
    return {
        "Name": entity.options["physical"],
        "PublicEntityName": entity.name,
        "PublicCollectionName": entity.set,
        "LabelId": label_id(entity.name),
        "DataServiceEnabled": True,
        "DataManagementEnabled": True,
        "EntityCategory": entity.options["category"],
        "IsReadOnly": not entity.writes,
    }


def _public_entity(facts: Facts, entity: Entity) -> dict[str, Any]:
    return {
        "Name": entity.name,
        "EntitySetName": entity.set,
        "LabelId": label_id(entity.name),
        "IsReadOnly": not entity.writes,
        "ConfigurationEnabled": True,
        "Properties": [_property(facts, entity, c) for c in entity.columns],
        "NavigationProperties": [_navigation(facts, entity, n) for n in entity.navigation],
        "PropertyGroups": [
            {"Name": "AutoLookup", "Properties": list(entity.key)},
            {"Name": "AutoReport", "Properties": [c.name for c in entity.columns[:8]]},
        ],
        "Actions": [_action(facts, entity, a) for a in entity.actions],
    }


def _property(facts: Facts, entity: Entity, column: Column) -> dict[str, Any]:
    read_only = column.has("ro")
    return {
        "Name": column.name,
        "TypeName": edm_type(facts, column.type),
        "DataType": AX_TYPES.get(column.type, "Enum"),
        "LabelId": label_id(column.name),
        "IsKey": column.name in entity.key,
        "IsMandatory": column.required,
        "ConfigurationEnabled": not column.has("off"),
        "AllowEdit": not (read_only or column.has("once")),
        "AllowEditOnCreate": not read_only,
        "IsDimension": column.has("dim"),
        "DimensionRelation": "DimensionSet" if column.has("dim") else None,
        "IsDynamicDimension": column.has("dim"),
        "DimensionLegalEntityProperty": "dataAreaId" if column.has("dim") and entity.company_bound else None,
        "DimensionTypeProperty": None,
    }


def _navigation(facts: Facts, entity: Entity, navigation: Navigation) -> dict[str, Any]:
    constraints = [
        _constraint("Referential", Property=own, ReferencedProperty=target)
        for own, target in constraint_pairs(facts, entity, navigation)
    ]
    for own, member in navigation.fixed:
        value, text = _fixed(facts, entity, own, member)
        constraints.append(_constraint("Fixed", Property=own, Value=value, ValueStr=text))
    for other, member in navigation.related_fixed:
        value, text = _fixed(facts, facts.entity(navigation.target), other, member)
        constraints.append(_constraint("RelatedFixed", RelatedProperty=other, Value=value, ValueStr=text))
    return {
        "Name": navigation.name,
        "RelatedEntity": navigation.target,
        "RelatedRelationName": navigation.partner,
        "Cardinality": "Multiple" if navigation.many else "Single",
        "Constraints": constraints,
    }


def _constraint(kind: str, **members: Any) -> dict[str, Any]:
    return {"@odata.type": f"#{NAMESPACE}.{kind}Constraint", **members}


def _fixed(facts: Facts, entity: Entity, name: str, member: str) -> tuple[int, str]:
    column = entity.column(name)
    enum = facts.enum(column.type) if column else None
    number = dict(enum.members)[member] if enum else int(member)
    return number, f"{NAMESPACE.replace('Metadata', 'DataEntities')}.{enum.name}'{member}'" if enum else member


def _action(facts: Facts, entity: Entity, action: Action) -> dict[str, Any]:
    bound = {"TypeName": edm_type(facts, entity.name), "IsCollection": action.binding == "BoundToEntitySet"}
    return {
        "Name": action.name,
        "BindingKind": action.binding,
        "Parameters": [
            {"Name": entity.set, "Type": bound},
            *({"Name": p.name, "Type": _type_of(facts, p)} for p in action.parameters),
        ],
        "ReturnType": _type_of(facts, action.returns) if action.returns else None,
        "FieldLookup": None,
    }


def _type_of(facts: Facts, parameter: Parameter) -> dict[str, Any]:
    return {"TypeName": edm_type(facts, parameter.type), "IsCollection": parameter.collection}


def _enumerations(facts: Facts) -> Iterator[dict[str, Any]]:
    for enum in facts.enums:
        yield {
            "Name": enum.name,
            "LabelId": label_id(enum.name),
            "Members": [
                {"Name": name, "Value": value, "LabelId": label_id(name), "ConfigurationEnabled": True}
                for name, value in enum.members
            ],
        }


def _labels() -> Iterator[dict[str, Any]]:
    for name in label_ids().values():
        for language in LANGUAGES:
            yield {"Id": label_id(name), "Language": language, "Value": label_text(label_id(name), language)}
