"""`$metadata` and `entityDefinitions` (erp.md 4.2.2 and 4.2.3)."""

import pytest
from lxml import etree

from vegraph.emulator.server import bc_document

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
DOCUMENT = etree.fromstring(bc_document())
TYPES = {node.get("Name"): node for node in DOCUMENT.iter(f"{EDM}EntityType")}
SETS = {node.get("Name"): node for node in DOCUMENT.iter(f"{EDM}EntitySet")}


def _keys() -> dict[str, list[str]]:
    return {name: [ref.get("Name") for ref in node.iter(f"{EDM}PropertyRef")] for name, node in TYPES.items()}


def test_ob_20_namespace_and_container_are_named():
    assert {node.get("Namespace") for node in DOCUMENT.iter(f"{EDM}Schema")} >= {"Microsoft.NAV"}
    assert [node.get("Name") for node in DOCUMENT.iter(f"{EDM}EntityContainer")] == ["NAV"]


def test_ob_21_only_these_types_are_used():
    own = {f"Microsoft.NAV.{node.get('Name')}" for node in DOCUMENT.iter(f"{EDM}EnumType", f"{EDM}ComplexType")}
    seen = {p.get("Type") for node in TYPES.values() for p in node.findall(f"{EDM}Property")}
    plain = {t for t in seen if not t.startswith("Collection(")} - own
    assert plain == {
        f"Edm.{n}"
        for n in ("Guid", "String", "Decimal", "Date", "DateTimeOffset", "Boolean", "Int32", "Int64", "Stream")
    }
    holders = {
        n
        for n, node in TYPES.items()
        if any(p.get("Type").startswith("Collection(") for p in node.findall(f"{EDM}Property"))
    }
    assert holders == {"entityMetadata"}


def test_ob_22_ob_23_navigation_is_contained_and_constrained():
    navigation = [n for node in TYPES.values() for n in node.findall(f"{EDM}NavigationProperty")]
    assert all(n.get("ContainsTarget") == "true" for n in navigation)
    variant = next(
        n for n in TYPES["salesOrderLine"].findall(f"{EDM}NavigationProperty") if n.get("Name") == "itemVariant"
    )
    pairs = [(c.get("Property"), c.get("ReferencedProperty")) for c in variant.findall(f"{EDM}ReferentialConstraint")]
    assert pairs == [("itemVariantId", "id"), ("lineObjectNumber", "itemNumber")]
    lines = next(
        n for n in TYPES["salesOrder"].findall(f"{EDM}NavigationProperty") if n.get("Name") == "salesOrderLines"
    )
    assert lines.get("Type") == "Collection(Microsoft.NAV.salesOrderLine)"
    targets = {n.get("Name") for n in TYPES["salesOrderLine"].findall(f"{EDM}NavigationProperty")}
    assert {"salesOrder", "item", "account", "unitOfMeasure"} <= targets


@pytest.mark.parametrize(
    ("entity_set", "restriction", "allowed"),
    [
        pytest.param("customers", "InsertRestrictions", "true", id="OB-24 writes allowed"),
        pytest.param("generalLedgerEntries", "DeleteRestrictions", "false", id="OB-24 read only"),
        pytest.param("companyInformation", "InsertRestrictions", "false", id="OB-24 update only, insert"),
        pytest.param("companyInformation", "UpdateRestrictions", "true", id="OB-24 update only, update"),
        pytest.param("customerSales", "SortRestrictions", "false", id="OB-24 not sortable"),
        pytest.param("customers", "ChangeTracking", "false", id="OB-24 no change tracking"),
    ],
)
def test_capabilities_are_stated(entity_set, restriction, allowed):
    terms = {a.get("Term").rpartition(".")[2]: a for a in SETS[entity_set].iter(f"{EDM}Annotation")}
    assert {v.get("Bool") for v in terms[restriction].iter(f"{EDM}PropertyValue")} == {allowed}


def test_ob_25_other_annotations_are_there():
    terms = {a.get("Term") for a in DOCUMENT.iter(f"{EDM}Annotation")}
    assert {"OData.Community.Keys.V1.AlternateKeys", "Org.OData.Core.V1.IsLanguageDependent"} <= terms


def test_ob_26_keys_are_the_id_but_for_a_few():
    others = {name: key for name, key in _keys().items() if key != ["id"]}
    assert others["entityMetadata"] == ["entityName"]
    assert others["subscriptions"] == ["subscriptionId"]
    assert others["apicategoryroutes"] == ["route"]
    assert others["customerSale"] == ["customerId", "customerNumber", "name"]
    assert len(others) <= 12


def test_ob_27_queries_have_filter_only_properties():
    names = {p.get("Name") for p in TYPES["customerSale"].findall(f"{EDM}Property")}
    assert "dateFilter_FilterOnly" in names


def test_ob_28_actions_are_bound_lower_camel_and_overloaded():
    posts = [a for a in DOCUMENT.iter(f"{EDM}Action") if a.get("Name") == "post"]
    assert len(posts) > 1
    for action in posts:
        assert action.get("IsBound") == "true"
        assert action.find(f"{EDM}Parameter").get("Name") == "bindingParameter"


def test_ob_29_entities_share_an_enum_type():
    used = [
        p.get("Type")
        for t in ("customer", "contact")
        for p in TYPES[t].findall(f"{EDM}Property")
        if p.get("Name") == "type"
    ]
    assert used == ["Microsoft.NAV.contactType"] * 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(("entitySetName",), "salesOrders", id="OB-30 set name"),
        pytest.param(("entityCaptions", 1), {"languageCode": 1030, "caption": "Salgsordre"}, id="OB-31 Danish caption"),
        pytest.param(
            ("entityCaptions", 2), {"languageCode": 1031, "caption": "Verkaufsauftrag"}, id="OB-31 German caption"
        ),
        pytest.param(
            ("entitySetCaptions", 0), {"languageCode": 1033, "caption": "Sales orders"}, id="OB-31 set caption"
        ),
        pytest.param(("properties", 1, "name"), "number", id="OB-32 property name"),
        pytest.param(
            ("properties", 1, "captions", 2), {"languageCode": 1031, "caption": "Nr."}, id="OB-32 property caption"
        ),
        pytest.param(("actions", 0, "name"), "shipAndInvoice", id="OB-33 action"),
    ],
)
async def test_definitions_of_an_entity(erp, path, expected):
    found = await erp.get("entityDefinitions('salesOrder')")
    for step in path:
        found = found[step]
    assert found == expected


async def test_ob_34_enums_have_rows_with_their_members(erp):
    found = await erp.get("entityDefinitions('invoiceEntityAggregateStatus')")
    assert found["enumMembers"][2] == {
        "name": "In_x0020_Review",
        "value": 2,
        "captions": [{"languageCode": 1033, "caption": "In Review"}],
    }
    assert found["enumMembers"][3]["captions"][2] == {"languageCode": 1031, "caption": "Offen"}
