"""Business Central API v2.0's `$metadata`, written from the facts (erp.md §4.2.2, rows OB-20…29)."""

from __future__ import annotations

from lxml import etree

from vegraph.emulator.documents.model import Column, Entity, Facts, Navigation
from vegraph.emulator.documents.notation import read
from vegraph.emulator.documents.write import EDM_TYPES, annotate, document, element, render

__all__ = ["NAMESPACE", "bc_metadata", "partner_of"]

NAMESPACE = "Microsoft.NAV"

_TENANT_SETS = frozenset(
    {
        "entityDefinitions",
        "companies",
        "subscriptions",
        "externaleventsubscriptions",
        "externalbusinesseventdefinitions",
        "apicategoryroutes",
    }
)
"""Sets beside the companies, not in them."""

_UNSORTABLE = frozenset(
    {"subscriptions", "externaleventsubscriptions", "apicategoryroutes", "customerSales", "vendorPurchases"}
)
"""OB-24."""

_LANGUAGE_DEPENDENT = (
    "externaleventsubscriptions/subscriptionType",
    "externaleventsubscriptions/subscriptionState",
    "account/consolidationTranslationMethod",
    "jobQueueLogEntry/objectTypeToRun",
    "jobQueueLogEntry/status",
    "jobQueueEntry/objectTypeToRun",
    "jobQueueEntry/status",
)
"""OB-25: texts whose value depends on the language of the request."""

_ALTERNATE_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "company": (("businessProfileId",), ("name",)),
    "externalbusinesseventdefinitions": (("appId", "name"),),
}

_COMPLEX: dict[str, tuple[str, ...]] = {
    "entityMetadataLabel": ("languageCode:Edm.Int32!", "caption:Edm.String!"),
    "entityMetadataField": ("name:Edm.String!", "captions:Label"),
    "entityMetadataAction": ("name:Edm.String!", "captions:Label"),
    "entityMetadataEnumMember": ("name:Edm.String!", "value:Edm.Int32!", "captions:Label"),
}
"""OB-31…34."""

_CHILDREN = frozenset(
    {"agedAccountsPayable", "agedAccountsReceivable", "customerFinancialDetail", "pdfDocument", "picture"}
)
"""Of two types that point at each other one to one, these are the child, …"""

_CHILD_NAVIGATION = frozenset({"account/trialBalance", "contact/contactInformation"})
"""… and these navigation properties lead to the parent."""


def bc_metadata() -> bytes:
    """The document as bytes."""
    facts = read("bc")
    root, services = document()
    schema = element(services, "Schema", Namespace=NAMESPACE)
    for enum in facts.enums:
        node = element(schema, "EnumType", Name=enum.name)
        for member, value in enum.members:
            element(node, "Member", Name=member, Value=value)
    for name, members in _COMPLEX.items():
        _complex(schema, name, members)
    for entity in facts.entities:
        _entity(schema, facts, entity)
    for entity in facts.entities:
        for action in entity.actions:
            node = element(schema, "Action", Name=action.name, IsBound=True)
            element(node, "Parameter", Name="bindingParameter", Type=f"{NAMESPACE}.{entity.name}")
    container = element(schema, "EntityContainer", Name="NAV")
    for entity in facts.entities:
        _set(container, entity)
    _outer_annotations(schema, facts)
    return render(root)


def _complex(schema: etree._Element, name: str, members: tuple[str, ...]) -> None:
    node = element(schema, "ComplexType", Name=name)
    for member in members:
        label, _, kind = member.partition(":")
        if kind == "Label":
            element(node, "Property", Name=label, Type=f"Collection({NAMESPACE}.entityMetadataLabel)")
        else:
            element(node, "Property", Name=label, Type=kind.rstrip("!"), Nullable=False)


def _entity(schema: etree._Element, facts: Facts, entity: Entity) -> None:
    node = element(schema, "EntityType", Name=entity.name)
    key = element(node, "Key")
    for part in entity.key:
        element(key, "PropertyRef", Name=part)
    for column in entity.columns:
        _column(node, facts, column)
    for navigation in _navigation_of(facts, entity):
        kind = f"{NAMESPACE}.{navigation.target}"
        child = element(
            node,
            "NavigationProperty",
            Name=navigation.name,
            Type=f"Collection({kind})" if navigation.many else kind,
            Partner=partner_of(facts, entity, navigation),
            ContainsTarget=True,
        )
        for own, target in navigation.pairs:
            element(child, "ReferentialConstraint", Property=own, ReferencedProperty=target)
    if keys := _ALTERNATE_KEYS.get(entity.name):
        _alternate_keys(node, keys)


def _column(node: etree._Element, facts: Facts, column: Column) -> None:
    kind = EDM_TYPES.get(column.type) or ("Edm.Date" if column.type == "date" else f"{NAMESPACE}.{column.type}")
    element(
        node,
        "Property",
        Name=column.name,
        Type=f"Collection({kind})" if column.collection else kind,
        Nullable=False if column.required else None,
        MaxLength=column.length,
        Scale="Variable" if column.type == "dec" else None,
    )


def _navigation_of(facts: Facts, entity: Entity) -> tuple[Navigation, ...]:
    if entity.name != "company":
        return entity.navigation
    return tuple(Navigation(e.set, e.name, many=True) for e in facts.entities if e.set not in _TENANT_SETS)


def partner_of(facts: Facts, entity: Entity, navigation: Navigation) -> str | None:
    """The one navigation property of the target that leads back, if there is just one."""
    back = [n.name for n in facts.entity(navigation.target).navigation if n.target == entity.name]
    return back[0] if len(back) == 1 else None


def _alternate_keys(node: etree._Element, keys: tuple[tuple[str, ...], ...]) -> None:
    vocabulary = "OData.Community.Keys.V1"
    rows = element(annotate(node, f"{vocabulary}.AlternateKeys"), "Collection")
    for key in keys:
        record = element(rows, "Record", Type=f"{vocabulary}.AlternateKey")
        parts = element(element(record, "PropertyValue", Property="Key"), "Collection")
        for part in key:
            ref = element(parts, "Record", Type=f"{vocabulary}.PropertyRef")
            element(ref, "PropertyValue", Property="Alias", String=part)
            element(ref, "PropertyValue", Property="Name", PropertyPath=part)


def _set(container: etree._Element, entity: Entity) -> None:
    node = element(container, "EntitySet", Name=entity.set, EntityType=f"{NAMESPACE}.{entity.name}")
    if entity.set == "entityDefinitions":
        return
    for term, member, value in (
        ("ChangeTracking", "Supported", False),
        ("DeleteRestrictions", "Deletable", "D" in entity.writes),
        ("InsertRestrictions", "Insertable", "C" in entity.writes),
        ("UpdateRestrictions", "Updatable", "U" in entity.writes),
        ("SortRestrictions", "Sortable", entity.set not in _UNSORTABLE),
    ):
        record = element(annotate(node, f"Org.OData.Capabilities.V1.{term}"), "Record")
        element(record, "PropertyValue", Property=member, Bool=value)


def _outer_annotations(schema: etree._Element, facts: Facts) -> None:
    for place in _LANGUAGE_DEPENDENT:
        node = element(schema, "Annotations", Target=f"{NAMESPACE}.{place}")
        annotate(node, "Org.OData.Core.V1.IsLanguageDependent", Bool=True)
    for entity in facts.entities:
        for navigation in entity.navigation:
            if not navigation.many and partner_of(facts, entity, navigation) and _is_child(facts, entity, navigation):
                node = element(schema, "Annotations", Target=f"{NAMESPACE}.{entity.name}/{navigation.name}")
                annotate(node, f"{NAMESPACE}.IsBidirectionalPartnerNavigation", Bool=True)


def _is_child(facts: Facts, entity: Entity, navigation: Navigation) -> bool:
    back = next(n for n in facts.entity(navigation.target).navigation if n.target == entity.name)
    place = f"{entity.name}/{navigation.name}"
    return back.many or entity.name in _CHILDREN or place in _CHILD_NAVIGATION
