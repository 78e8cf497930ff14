"""Endpoints and URL shapes: erp.md §4.1.1."""

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.data.people import CLERK, MANAGER

KEY = "dataAreaId='usmf',CustomerAccount='C00042'"
ORDER = "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO000007')"


@pytest.mark.parametrize(
    ("row", "url", "status", "found"),
    [
        ("OF-1 the root lists the sets", "/data", 200, '"name":"CustomersV3"'),
        ("OF-2 the document", "/data/$metadata", 200, 'Namespace="Microsoft.Dynamics.DataEntities"'),
        ("OF-3 a collection", "/data/CustomersV3?$top=1", 200, '"CustomerAccount":"C00001"'),
        ("OF-3 set names have their case", "/data/customersv3", 404, "customersv3"),
        ("OF-4 one row by all key fields", f"/data/CustomersV3({KEY})", 200, "O'Neil's Pub Supplies"),
        ("OF-4 a part of the key is not enough", "/data/CustomersV3(CustomerAccount='C00042')", 400, "dataAreaId"),
        ("OF-5 the short form of a key of one part", "/data/Workers('000002')", 200, "Noah Berg"),
        ("OF-5 no short form of two", "/data/CustomersV3('C00042')", 400, "2 parts"),
        ("OF-6 navigation to one", f"/data/CustomersV3({KEY})/CustomerGroup", 200, '"CustomerGroupId":"30"'),
        ("OF-6 navigation to many", f"/data/CustomersV3({KEY})/SalesOrders?$top=1", 200, '"value":[{'),
        (
            "OF-6 where only the server knows the join",
            "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00001')/DimensionSet",
            200,
            '"DepartmentValue"',
        ),
        ("OF-7 one property", f"/data/CustomersV3({KEY})/OrganizationName", 200, '"value":"O\'Neil\'s Pub Supplies"'),
        ("OF-9 the format said", "/data/Currencies?$format=json&$top=1", 200, '"value"'),
        ("OF-15 a custom service", "/api/services/Nothing/Here/do", 404, "No HTTP resource"),
        ("OF-17 the physical name is no set", "/data/CustCustomerV3Entity", 404, "CustCustomerV3Entity"),
        ("OF-14 metadata services", "/metadata/DataEntities?$top=1", 200, '"PublicCollectionName"'),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_url_shapes(erp: Erp, row: str, url: str, status: int, found: str):
    response = await erp.ask("GET", url)
    assert response.status_code == status, response.text
    assert found in response.text


async def test_of_8_count_is_plain_text_or_beside_the_rows(erp: Erp):
    text = await erp.ask("GET", "/data/CustomersV3/$count")
    assert text.headers["content-type"].startswith("text/plain")
    rows = await erp.get("/data/CustomersV3?$count=true&$top=1")
    assert int(text.text) == rows["@odata.count"] == 240
    assert await erp.count("/data/CustomersV3/$count?$filter=CustomerGroupId eq '10'") == 60


async def test_of_10_a_batch_is_posted(erp: Erp):
    assert (await erp.ask("GET", "/data/$batch")).status_code == 405


async def test_of_11_of_12_of_13_an_action_is_bound_to_a_row_a_set_or_nothing(own: Erp):
    action = "Microsoft.Dynamics.DataEntities"
    row = await own.ask("POST", f"{ORDER}/{action}.calculateTotal")
    of_set = await own.ask("POST", f"/data/SalesOrderHeadersV2/{action}.countByStatus", {"_status": "Invoiced"})
    unbound = await own.ask("POST", f"/data/{action}.ping", {})
    assert [r.status_code for r in (row, of_set, unbound)] == [200, 200, 200]
    assert unbound.json()["value"] == "sofia@usmf"
    where = f"SalesOrderStatus eq {action}.SalesStatus'Invoiced'"
    assert of_set.json()["value"] == await own.count(f"/data/SalesOrderHeadersV2/$count?$filter={where}")


async def test_of_12_a_set_action_is_not_found_on_a_row(own: Erp):
    url = f"{ORDER}/Microsoft.Dynamics.DataEntities.countByStatus"
    assert (await own.ask("POST", url, {"_status": "None"})).status_code == 404


@pytest.mark.parametrize(("who", "name"), [(MANAGER, "sofia"), (CLERK, "noah")], ids=["OF-15 manager", "OF-15 clerk"])
async def test_a_custom_service_tells_who_one_is(erp: Erp, who, name):
    url = "/api/services/UserSessionService/AifUserSessionService/GetUserSessionInfo"
    response = await erp.ask("POST", url, {}, who=who)
    assert response.json()["UserId"] == name
    assert (await erp.ask("GET", url, who=who)).status_code == 405
