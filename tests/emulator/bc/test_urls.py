"""Endpoints and URL shapes (erp.md 4.2.1). A test's id begins with its row."""

import pytest

from tests.emulator.bc import books
from vegraph.emulator.server import BC_ROOT

TENANT = "/v2.0/7e610000-0000-4eed-a000-00000000aad0/production/api/v2.0"
CUSTOM = b"""<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="car"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.Guid" Nullable="false"/>
  <Property Name="model" Type="Edm.String" MaxLength="20"/></EntityType>
 <EntityContainer Name="NAV"><EntitySet Name="cars" EntityType="Microsoft.NAV.car"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


@pytest.mark.parametrize(
    ("root", "path"),
    [
        pytest.param(BC_ROOT, "items", id="OB-1 environment"),
        pytest.param(TENANT, "items", id="OB-1 tenant and environment"),
        pytest.param(BC_ROOT, "items", id="OB-2 standard route"),
        pytest.param(BC_ROOT, f"companies({books.MAIN})/items", id="OB-5 company in the path"),
        pytest.param(BC_ROOT, f"items?company={books.MAIN}", id="OB-6 company as an option, by id"),
        pytest.param(BC_ROOT, "items?company=CRONUS%20USA%2C%20Inc.", id="OB-6 company as an option, by name"),
        pytest.param("/BC/api/v2.0".replace("BC", "production"), "items", id="OB-17 on-premises"),
        pytest.param(BC_ROOT, "items?$schemaversion=2.1", id="OB-18 schema version"),
        pytest.param(BC_ROOT, "items", id="OB-19 default company"),
    ],
)
async def test_the_items_of_the_main_company_are_there(erp, root, path):
    assert await erp.numbers(path, root=root) == ["1001", "1002", "1003", "1004"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/v2.0/nowhere/api/v2.0/items", 404, "BadRequest_NotFound", id="OB-1 unknown environment"),
        pytest.param("/v2.0/production/api/v9.9/items", 404, "BadRequest_NotFound", id="OB-2 unknown route"),
        pytest.param(f"{BC_ROOT}/nothing", 404, "BadRequest_ResourceNotFound", id="OB-4 unknown set"),
        pytest.param(
            f"{BC_ROOT}/companies({books.guid(1, 9)})/items",
            404,
            "Internal_CompanyNotFound",
            id="OB-5 unknown company in the path",
        ),
        pytest.param(
            f"{BC_ROOT}/companies('{books.MAIN}')/items", 400, "Application_InvalidGUID", id="OB-5 quoted company"
        ),
        pytest.param(f"{BC_ROOT}/items?company=Nobody", 404, "Internal_CompanyNotFound", id="OB-6 unknown company"),
        pytest.param(f"{BC_ROOT}/items('{books.item(1)}')", 400, "Application_InvalidGUID", id="OB-8 quoted GUID"),
        pytest.param(f"{BC_ROOT}/items({books.item(99)})", 404, "Internal_RecordNotFound", id="OB-8 no such row"),
        pytest.param(
            f"{BC_ROOT}/salesOrders({books.order(1)})/nothing",
            404,
            "BadRequest_ResourceNotFound",
            id="OB-9 unknown sub-page",
        ),
    ],
)
async def test_what_is_not_there_is_refused(erp, path, status, code):
    assert (await erp.refused("GET", path, root=""))[:2] == (status, code)


async def test_ob_4_the_route_root_is_a_service_document(erp):
    found = await erp.get("")
    assert {"name": "customers", "kind": "EntitySet", "url": "customers"} in found["value"]
    assert found["@odata.context"] == f"http://erp.test{BC_ROOT}/$metadata"


async def test_ob_3_a_custom_route_serves_its_own_document(make):
    erp = make(routes={"contoso/fleet/v1.0": CUSTOM})
    root = "/v2.0/production/api/contoso/fleet/v1.0"
    made = await erp.send("POST", "cars", root=root, json={"model": "Elva"})
    assert made.status_code == 201
    assert made.headers["location"].startswith(f"http://erp.test{root}/companies({books.MAIN})/cars(")
    assert [car["model"] for car in await erp.rows("cars", root=root)] == ["Elva"]
    assert await erp.rows("cars", root=root, headers={"company": books.OTHER_NAME.encode()}) == []
    assert (await erp.refused("GET", "cars"))[1] == "BadRequest_ResourceNotFound"


async def test_ob_7_a_batch_part_names_its_company_in_a_header(erp):
    answer = await erp.send(
        "POST",
        "$batch",
        json={
            "requests": [
                {"id": "1", "method": "GET", "url": "customers", "headers": {"Company": books.OTHER_NAME}},
                {"id": "2", "method": "GET", "url": "customers", "headers": {"Company": books.OTHER}},
            ]
        },
    )
    for part in answer.json()["responses"]:
        assert [row["displayName"] for row in part["body"]["value"]] == ["Elsewhere A/S"]


async def test_ob_8_a_row_is_addressed_by_its_bare_guid(erp):
    assert (await erp.get(f"items({books.item(2)})"))["number"] == "1002"
    assert (await erp.get(f"items(id={books.item(2)})"))["number"] == "1002"


async def test_ob_9_sub_pages_are_navigated_to_any_depth(erp):
    lines = await erp.rows(f"salesOrders({books.order(1)})/salesOrderLines")
    assert [line["sequence"] for line in lines] == [10000, 20000, 30000]
    line = await erp.get(f"salesOrders({books.order(1)})/salesOrderLines({lines[1]['id']})")
    assert line["sequence"] == 20000
    item = await erp.get(f"salesOrders({books.order(1)})/salesOrderLines({lines[1]['id']})/item")
    assert item["number"] == "1002"
    assert (await erp.get(f"salesOrders({books.order(1)})/customer"))["number"] == "C1"


async def test_ob_10_the_metadata_document_is_xml(erp):
    answer = await erp.send("GET", "$metadata")
    assert answer.headers["content-type"].startswith("application/xml")
    assert b'EntityType Name="salesOrder"' in answer.content


async def test_ob_11_localised_metadata_is_a_set(erp):
    names = {row["entityName"] for row in await erp.rows("entityDefinitions")}
    assert {"customer", "salesOrder"} <= names


async def test_ob_12_routes_are_listed(make):
    erp = make(routes={"contoso/fleet/v1.0": CUSTOM})
    rows = await erp.rows("apicategoryroutes")
    assert [row["route"] for row in rows] == ["v2.0", "contoso/fleet/v1.0"]
    assert (rows[1]["publisher"], rows[1]["group"], rows[1]["version"]) == ("contoso", "fleet", "v1.0")
    assert (await erp.refused("POST", "apicategoryroutes", json={"route": "x"}))[0] == 405
    assert (await erp.refused("GET", "apicategoryroutes?$orderby=route"))[0] == 501
    runtime = "/v2.0/production/api/microsoft/runtime/beta"
    assert {"route": "beta"} in await erp.rows("apiRoutes", root=runtime)
    assert (await erp.refused("POST", "apiRoutes", root=runtime, json={}))[0] == 405


async def test_ob_13_environments_are_listed(make):
    erp = make(environments=("production", "sandbox"))
    found = await erp.rows("/environments/v1.2", root="")
    assert [(row["name"], row["type"]) for row in found] == [("production", "Production"), ("sandbox", "Sandbox")]
    assert set(found[0]) == {
        "aadTenantId",
        "applicationFamily",
        "type",
        "name",
        "countryCode",
        "webServiceUrl",
        "webClientLoginUrl",
        "ringName",
    }


async def test_ob_14_companies_are_read_only_and_have_no_etag(erp):
    rows = await erp.rows("companies")
    assert [row["name"] for row in rows] == [books.MAIN_NAME, books.OTHER_NAME]
    assert "@odata.etag" not in rows[0]
    assert {"systemVersion", "timestamp", "displayName", "businessProfileId", "systemCreatedAt"} <= set(rows[0])
    assert (await erp.refused("POST", "companies", json={"name": "New"}))[:2] == (405, "BadRequest_MethodNotAllowed")
    assert (await erp.get("companies(name='O''Hara %26 S%C3%B8n')"))["id"] == books.OTHER


async def test_ob_15_published_pages_are_served_under_odatav4(erp):
    erp.emulator.service.dialect.extras.services["Item_Card"] = "items"
    root = "/v2.0/production/ODataV4"
    assert await erp.numbers("Company('CRONUS USA, Inc.')/Item_Card", root=root) == ["1001", "1002", "1003", "1004"]
    row = await erp.get(f"Company('CRONUS USA, Inc.')/Item_Card({books.item(1)})", root=root)
    assert row["number"] == "1001"
    assert (await erp.refused("GET", "Company('CRONUS USA, Inc.')/Vendor_Card", root=root))[0] == 404


async def test_ob_16_an_apostrophe_in_a_company_name_is_doubled_then_encoded(erp):
    erp.emulator.service.dialect.extras.services["Customer_Card"] = "customers"
    path = "Company('O%27%27Hara%20%26%20S%C3%B8n')/Customer_Card"
    rows = await erp.rows(path, root="/v2.0/production/ODataV4")
    assert [row["displayName"] for row in rows] == ["Elsewhere A/S"]


async def test_ob_19_without_any_company_to_fall_back_on_there_is_an_error(make):
    erp = make(default_company=None)
    assert (await erp.refused("GET", "items"))[:2] == (400, "Internal_CompanyNotFound")
    assert await erp.numbers(f"companies({books.MAIN})/items") == ["1001", "1002", "1003", "1004"]
