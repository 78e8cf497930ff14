"""Errors: erp.md §4.1.9."""

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.data.people import CLERK

ORDER = "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO000002')"


async def test_of_110_the_useful_text_stands_inside(erp: Erp):
    response = await erp.ask("GET", "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='NOBODY')")
    error = response.json()["error"]
    assert set(error) == {"code", "message", "innererror"}
    assert (error["code"], error["message"]) == ("", "An error has occurred.")
    assert set(error["innererror"]) == {"message", "type", "stacktrace"}


@pytest.mark.parametrize(
    ("row", "body", "text"),
    [
        ("OF-111 a mandatory field", {"OrganizationName": "X"}, "Field 'Customer group' must be filled in"),
        ("OF-111 a value that is nowhere", {"CustomerGroupId": "99"}, "'99' in field 'Customer group' is not found"),
        ("OF-111 too long a text", {"CustomerGroupId": "10", "NameAlias": "x" * 21}, "longer than 20 characters"),
        (
            "OF-114 the key is taken",
            {"CustomerGroupId": "10", "CustomerAccount": "C00042"},
            "The record already exists.",
        ),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_a_refused_write_says_why_in_the_infolog(own: Erp, row: str, body: object, text: str):
    response = await own.ask("POST", "/data/CustomersV3", body)
    inner = response.json()["error"]["innererror"]
    assert response.status_code == 400
    assert inner["message"].startswith("Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Error: ")
    assert text in inner["message"]
    assert inner["type"] == "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"


async def test_of_113_the_status_of_a_refused_write_is_a_reading(make):
    erp = make(validation_status=500)
    assert (await erp.ask("POST", "/data/CustomersV3", {"CustomerGroupId": "99"})).status_code == 500


async def test_of_112_a_failed_action_is_a_500_and_leaves_no_trace(own: Erp):
    before = await own.get(ORDER)
    url = f"{ORDER}/Microsoft.Dynamics.DataEntities.cancelOrder"
    response = await own.ask("POST", url, {"_reason": "x"})
    inner = response.json()["error"]["innererror"]
    assert response.status_code == 500
    assert inner["message"].startswith(
        "Exception occurred while executing action cancelOrder on Entity SalesOrderHeaderV2: "
    )
    assert inner["type"] == "System.InvalidOperationException"
    assert await own.get(ORDER) == before


@pytest.mark.parametrize(
    ("row", "method", "url", "who", "status"),
    [
        ("OF-114 unknown set", "GET", "/data/Nothing", None, 404),
        ("OF-114 no entry point", "GET", "/data/CustomersV3", CLERK, 403),
        ("OF-114 no entry point to write", "POST", "/data/ReleasedProductsV2", CLERK, 403),
        (
            "OF-114 no entry point behind an expand",
            "GET",
            "/data/SalesOrderHeadersV2?$expand=InvoiceCustomer",
            CLERK,
            403,
        ),
        ("OF-114 no entry point behind a path", "GET", f"{ORDER}/InvoiceCustomer", CLERK, 403),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_unknown_and_forbidden(erp: Erp, row: str, method: str, url: str, who, status: int):
    response = await erp.ask(method, url, {} if method == "POST" else None, **({"who": who} if who else {}))
    assert response.status_code == status, response.text


async def test_of_115_the_failure_comes_in_the_same_answer(own: Erp):
    status, text = await own.infolog(
        "PATCH", "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')", {"PaymentTerms": "Never"}
    )
    assert (status, "'Never' in field 'Terms of payment' is not found" in text) == (400, True)


async def test_of_116_the_request_id_comes_back(erp: Erp):
    response = await erp.ask("GET", "/data/Nothing", x_ms_client_request_id="abc")
    assert response.headers["x-ms-client-request-id"] == "abc"


@pytest.mark.parametrize("name", ["SalesOrderStatus", "OrderTotalAmount"], ids=["status", "total"])
async def test_what_may_not_be_edited_is_refused(own: Erp, name: str):
    status, text = await own.infolog("PATCH", ORDER, {name: "Canceled" if name == "SalesOrderStatus" else 1})
    assert (status, name in text) == (400, True)


async def test_read_only_entities_take_no_writes(own: Erp):
    assert (await own.ask("POST", "/data/SecurityRoles", {"SecurityRoleIdentifier": "X"})).status_code == 405
    status, text = await own.infolog("DELETE", "/data/LegalEntities('USMF')")
    assert (status, "LegalEntity cannot be deleted" in text) == (400, True)
