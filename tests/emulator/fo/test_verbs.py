"""Verbs and the X++ call order: erp.md §4.1.3."""

import pytest

from tests.emulator.fo.conftest import Erp

NEW = {"OrganizationName": "Åse's Café ☕", "CustomerGroupId": "10"}


async def test_of_30_a_create_answers_the_whole_row_and_where_it_is(own: Erp):
    response = await own.ask("POST", "/data/CustomersV3", NEW)
    assert response.status_code == 201
    row = response.json()
    assert row["CustomerAccount"].startswith("C9"), "the number comes from a sequence"
    assert (row["SalesCurrencyCode"], row["LanguageId"], row["PartyType"]) == ("USD", "en-US", "PartyOrganization")
    again = await own.get(response.headers["location"])
    assert again["OrganizationName"] == "Åse's Café ☕"


async def test_of_31_a_patch_changes_what_it_names_and_answers_nothing(own: Erp):
    url = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')"
    before = await own.get(url)
    response = await own.ask("PATCH", url, {"CreditLimit": 77.5})
    assert (response.status_code, response.content) == (204, b"")
    after = await own.get(url)
    assert after.pop("CreditLimit") == 77.5
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"@odata.etag"}


async def test_of_32_a_put_sets_what_it_leaves_out_to_the_beginning(own: Erp):
    url = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')"
    before = await own.get(url)
    response = await own.ask(
        "PUT", url, {"OrganizationName": "New", "CustomerGroupId": "20", "SalesCurrencyCode": "EUR"}
    )
    assert response.status_code == 204
    after = await own.get(url)
    assert (after["OrganizationName"], after["AddressCity"], after["CreditLimit"]) == ("New", "", 0)
    assert after["PartyNumber"] == before["PartyNumber"], "what is never edited stays"


async def test_of_33_a_deleted_row_is_gone(own: Erp):
    url = (await own.ask("POST", "/data/CustomersV3", NEW)).headers["location"]
    assert (await own.ask("DELETE", url)).status_code == 204
    assert (await own.ask("GET", url)).status_code == 404


@pytest.mark.parametrize(
    ("row", "url"),
    [
        ("OF-34 no such row", "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='NOBODY')"),
        ("OF-34 a row of another company", "/data/CustomersV3(dataAreaId='demf',CustomerAccount='D00001')"),
    ],
    ids=lambda v: v if v.startswith("OF-") else "",
)
async def test_missing_rows(erp: Erp, row: str, url: str):
    assert (await erp.ask("GET", url)).status_code == 404


ORDER = "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO000007')"
LEAVE = (
    "/data/MyLeaveRequests(dataAreaId='usmf',RequestId='LR00004',LeaveType='Vacation',LeaveDate=2026-12-05T12:00:00Z)"
)


@pytest.mark.parametrize(
    ("row", "url", "body", "status", "found"),
    [
        (
            "OF-35 a value",
            f"{ORDER}/Microsoft.Dynamics.DataEntities.confirm",
            {"_confirmationDate": "2026-11-25T12:00:00Z"},
            200,
            '"value":"SO000007-1"',
        ),
        (
            "OF-35 an entity",
            f"{ORDER}/Microsoft.Dynamics.DataEntities.invoice",
            {"_postingDate": "2026-11-25T12:00:00Z"},
            200,
            '"SalesOrderStatus":"Invoiced"',
        ),
        (
            "OF-35 a collection",
            "/data/CustomersV3/Microsoft.Dynamics.DataEntities.findByEmail",
            {"_email": "c00042@example.com"},
            200,
            '"value":[{',
        ),
        ("OF-35 nothing", f"{LEAVE}/Microsoft.Dynamics.DataEntities.submit", None, 204, ""),
        ("OF-36 an unknown parameter", "/data/Microsoft.Dynamics.DataEntities.ping", {"loud": True}, 400, "loud"),
        (
            "OF-36 names with their underscore",
            "/data/CustomersV3/Microsoft.Dynamics.DataEntities.findByEmail",
            {"email": "x"},
            400,
            "email",
        ),
        ("OF-36 a missing parameter", f"{ORDER}/Microsoft.Dynamics.DataEntities.invoice", {}, 400, "_postingDate"),
        (
            "OF-36 a collection parameter",
            "/data/ReleasedProductsV2/Microsoft.Dynamics.DataEntities.getLowStock",
            {"_threshold": 50, "_siteIds": ["1"]},
            200,
            '"ItemNumber"',
        ),
        ("OF-36 an empty object", "/data/Microsoft.Dynamics.DataEntities.ping", {}, 200, "sofia@usmf"),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_actions_answer_by_what_they_return(own: Erp, row: str, url: str, body: object, status: int, found: str):
    response = await own.ask("POST", url, body)
    assert response.status_code == status, response.text
    assert found in response.text


async def test_actions_do_what_they_say_to_the_rows(own: Erp):
    await own.ask("POST", f"{ORDER}/Microsoft.Dynamics.DataEntities.invoice", {"_postingDate": "2026-11-25T12:00:00Z"})
    order = await own.get(f"{ORDER}?$expand=SalesOrderLines")
    assert order["InvoiceNumber"]
    assert {line["SalesOrderLineStatus"] for line in order["SalesOrderLines"]} == {"Invoiced"}
    await own.ask("POST", f"{LEAVE}/Microsoft.Dynamics.DataEntities.submit")
    request = await own.get(LEAVE)
    assert request["Status"] == "Submitted"
    assert request["SubmittedDateTime"] > "2026"


async def test_defaults_follow_from_other_rows_and_totals_from_lines(own: Erp):
    order = (await own.ask("POST", "/data/SalesOrderHeadersV2", {"OrderingCustomerAccountNumber": "C00042"})).json()
    assert (order["SalesOrderName"], order["SalesOrderStatus"]) == ("O'Neil's Pub Supplies", "Backorder")
    assert order["InvoiceCustomerAccountNumber"] == "C00042"
    line = {"SalesOrderNumber": order["SalesOrderNumber"], "ItemNumber": "1002", "OrderedSalesQuantity": 3}
    made = (await own.ask("POST", "/data/SalesOrderLines", line)).json()
    assert made["LineAmount"] == pytest.approx(3 * made["SalesPrice"])
    key = f"dataAreaId='usmf',SalesOrderNumber='{order['SalesOrderNumber']}'"
    total = (await own.get(f"/data/SalesOrderHeadersV2({key})"))["OrderTotalAmount"]
    assert total == pytest.approx(made["LineAmount"] * 1.06, abs=0.01)


async def test_what_refers_to_a_row_keeps_it_and_what_belongs_to_it_goes_along(own: Erp):
    status, text = await own.infolog("DELETE", "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')")
    assert status == 400
    assert "Cannot delete a record in Customers" in text
    assert (await own.ask("DELETE", ORDER)).status_code == 204
    assert await own.count("/data/SalesOrderLines/$count?$filter=SalesOrderNumber eq 'SO000007'") == 0
    assert await own.count("/data/SalesOrderLines/$count?$filter=SalesOrderNumber eq 'SO000007'&cross-company=true") > 0
