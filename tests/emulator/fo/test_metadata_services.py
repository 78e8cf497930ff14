"""The metadata services: erp.md §4.1.12."""

import pytest

from tests.emulator.fo.conftest import Erp

CATEGORY = "Microsoft.Dynamics.Metadata.EntityCategory"


async def test_of_150_of_164_data_entities_name_the_physical_and_the_public(erp: Erp):
    rows = (await erp.get("/metadata/DataEntities"))["value"]
    customer = next(r for r in rows if r["PublicEntityName"] == "CustomerV3")
    assert customer == {
        "Name": "CustCustomerV3Entity",
        "PublicEntityName": "CustomerV3",
        "PublicCollectionName": "CustomersV3",
        "LabelId": "@ERP:CustomerV3",
        "DataServiceEnabled": True,
        "DataManagementEnabled": True,
        "EntityCategory": "Master",
        "IsReadOnly": False,
    }
    assert {r["PublicCollectionName"] for r in rows} == set(erp.service.catalog.entity_sets)


async def test_of_151_an_entity_with_all_its_parts(erp: Erp):
    found = await erp.get("/metadata/PublicEntities('SalesOrderHeaderV2')")
    assert {"Properties", "NavigationProperties", "PropertyGroups", "Actions", "EntitySetName"} <= set(found)
    assert found["EntitySetName"] == "SalesOrderHeadersV2"


async def test_of_152_of_153_of_154_properties_agree_with_the_document(erp: Erp):
    kinds = set()
    for entity in (await erp.get("/metadata/PublicEntities"))["value"]:
        declared = erp.service.catalog.entity_types[f"Microsoft.Dynamics.DataEntities.{entity['Name']}"]
        assert [p["Name"] for p in entity["Properties"]] == [p.name for p in declared.properties]
        for given, known in zip(entity["Properties"], declared.properties, strict=True):
            kinds.add(given["DataType"])
            assert given["TypeName"] == known.type.name
            assert given["DataType"] == known.ax_type
            assert given["IsKey"] == (known.name in declared.key)
            assert given["IsMandatory"] == bool(known.required)
            assert given["AllowEditOnCreate"] == known.insertable
            assert given["AllowEdit"] == known.updatable
    assert kinds == {"String", "Int32", "Int64", "Real", "Date", "UtcDateTime", "Time", "Enum", "Guid", "Container"}


async def test_of_155_of_156_relations_with_each_kind_of_constraint(erp: Erp):
    found = await erp.get("/metadata/PublicEntities('PurchaseOrderHeaderV2')")
    relations = {n["Name"]: n for n in found["NavigationProperties"]}
    lines = relations["PurchaseOrderLines"]
    assert (lines["RelatedEntity"], lines["RelatedRelationName"]) == ("PurchaseOrderLineV2", "PurchaseOrderHeader")
    assert lines["Cardinality"] == "Multiple"
    assert relations["OrderVendor"]["Cardinality"] == "Single"
    kinds = [c["@odata.type"].rpartition(".")[2] for c in relations["ReceivedLines"]["Constraints"]]
    assert kinds == ["ReferentialConstraint", "ReferentialConstraint", "RelatedFixedConstraint"]
    fixed = relations["ReceivedLines"]["Constraints"][-1]
    assert (fixed["RelatedProperty"], fixed["Value"]) == ("PurchaseOrderLineStatus", 2)


async def test_of_156_the_fixed_part_holds_although_the_document_cannot_say_it(erp: Erp):
    order = "/data/PurchaseOrderHeadersV2(dataAreaId='usmf',PurchaseOrderNumber='00000003')"
    found = await erp.get(f"{order}?$expand=PurchaseOrderLines,ReceivedLines")
    received = [line for line in found["PurchaseOrderLines"] if line["PurchaseOrderLineStatus"] == "Received"]
    assert found["ReceivedLines"] == received
    assert 0 < len(received) < len(found["PurchaseOrderLines"])
    assert (await erp.get(f"{order}/ReceivedLines"))["value"] == received


async def test_of_157_of_163_actions_and_their_binding(erp: Erp):
    found = await erp.get("/metadata/PublicEntities('SalesOrderHeaderV2')")
    actions = {a["Name"]: a for a in found["Actions"]}
    assert actions["confirm"]["BindingKind"] == "BoundToEntityInstance"
    assert actions["countByStatus"]["BindingKind"] == "BoundToEntitySet"
    assert actions["getOverdueOrders"]["ReturnType"] == {
        "TypeName": "Microsoft.Dynamics.DataEntities.SalesOrderHeaderV2",
        "IsCollection": True,
    }
    assert actions["cancelOrder"]["ReturnType"] is None
    operation = next(o for o in erp.service.catalog.operations if o.short_name == "confirm" and o.binding)
    assert operation.bound


async def test_of_158_property_groups(erp: Erp):
    groups = (await erp.get("/metadata/PublicEntities('CustomerV3')"))["PropertyGroups"]
    assert {g["Name"] for g in groups} == {"AutoLookup", "AutoReport"}


async def test_of_159_enumerations_with_their_members(erp: Erp):
    found = await erp.get("/metadata/PublicEnumerations('NoYes')")
    assert [(m["Name"], m["Value"]) for m in found["Members"]] == [("No", 0), ("Yes", 1)]
    assert len((await erp.get("/metadata/PublicEnumerations"))["value"]) == 30


@pytest.mark.parametrize(
    ("identifier", "language", "text"),
    [
        ("@SYS13342", "en-us", "Company"),
        ("@SYS13342", "da", "Firma"),
        ("@SYS13342", "DE", "Unternehmen"),
        ("@ERP:CustomerAccount", "de", "Debitorenkonto"),
        ("@ERP:CreditRating", "da", "Credit rating"),
    ],
    ids=["OF-160 en-us", "OF-160 da", "OF-160 case of the language", "OF-160 de", "OF-160 not translated"],
)
async def test_labels(erp: Erp, identifier: str, language: str, text: str):
    found = await erp.get(f"/metadata/Labels(Id='{identifier}',Language='{language}')")
    assert found["Value"] == text


async def test_of_160_an_unknown_label_is_not_found(erp: Erp):
    assert (await erp.ask("GET", "/metadata/Labels(Id='@SYS0',Language='da')")).status_code == 404


@pytest.mark.parametrize(
    ("row", "url", "names"),
    [
        ("OF-161 eq", "DataEntities?$filter=PublicEntityName eq 'Currency'&$select=Name", ["CurrencyEntity"]),
        (
            "OF-161 contains of tolower",
            "DataEntities?$filter=contains(tolower(Name),'custc')&$select=Name",
            ["CustCustomerGroupEntity", "CustCustomerV3Entity"],
        ),
        (
            "OF-161 an enum",
            f"DataEntities?$filter=EntityCategory eq {CATEGORY}'Document'&$select=Name",
            ["SalesOrderHeaderDocumentAttachmentEntity"],
        ),
        ("OF-161 top and skip", "PublicEnumerations?$top=1&$skip=1&$select=Name", ["ABCClass"]),
        (
            "OF-162 contains",
            "PublicEntities?$filter=contains(tolower(Name),'leave')&$select=Name",
            ["LeaveType", "MyLeaveRequest"],
        ),
        (
            "OF-162 read-only",
            "PublicEntities?$filter=IsReadOnly eq true&$select=Name",
            ["DimensionSet", "SecurityRole"],
        ),
        ("OF-162 enabled", "PublicEntities?$filter=ConfigurationEnabled eq false&$select=Name", []),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_filters(erp: Erp, row: str, url: str, names: list[str]):
    assert [r["Name"] for r in (await erp.get(f"/metadata/{url}"))["value"]] == names
