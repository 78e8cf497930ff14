"""Company semantics: erp.md §4.1.5."""

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.data.people import CLERK, PORTAL_CONTACT

DEMF = "/data/CustomersV3(dataAreaId='demf',CustomerAccount='D00001')"


@pytest.mark.parametrize(
    ("row", "url", "companies"),
    [
        ("OF-60 the default company only", "/data/CustomersV3", {"usmf"}),
        ("OF-61 all companies", "/data/CustomersV3?cross-company=true", {"usmf", "demf", "usrt"}),
        ("OF-61 said to be false", "/data/CustomersV3?cross-company=false", {"usmf"}),
        ("OF-62 one other company", "/data/CustomersV3?$filter=dataAreaId eq 'usrt'&cross-company=true", {"usrt"}),
        ("OF-62 one other company without the option", "/data/CustomersV3?$filter=dataAreaId eq 'usrt'", set()),
        ("OF-67 upper case in a filter", "/data/CustomersV3?$filter=dataAreaId eq 'USRT'&cross-company=true", {"usrt"}),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_which_companies_are_read(erp: Erp, row: str, url: str, companies: set[str]):
    assert {c["dataAreaId"] for c in (await erp.get(url))["value"]} == companies


async def test_of_60_the_older_reading_is_unfiltered(make):
    erp = make(unfiltered_company=True)
    assert {c["dataAreaId"] for c in (await erp.get("/data/CustomersV3"))["value"]} == {"usmf", "demf", "usrt"}


async def test_of_61_only_companies_the_user_may_access(erp: Erp):
    url = "/data/SalesOrderHeadersV2?$select=dataAreaId&cross-company=true"
    clerk = (await erp.get(url, who=CLERK))["value"]
    portal = (await erp.get(url, who=PORTAL_CONTACT))["value"]
    assert {o["dataAreaId"] for o in clerk} == {"usmf", "demf"}
    assert {o["dataAreaId"] for o in portal} == {"usmf"}


@pytest.mark.parametrize(
    ("row", "method", "body"),
    [
        ("OF-63 read", "GET", None),
        ("OF-63 update", "PATCH", {"CreditLimit": 1}),
        ("OF-63 delete", "DELETE", None),
        ("OF-63 action", "POST", {"_reason": "x", "_status": "All"}),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_a_row_of_another_company_needs_the_option(own: Erp, row: str, method: str, body: object):
    url = DEMF + ("/Microsoft.Dynamics.DataEntities.setOnHold" if method == "POST" else "")
    assert (await own.ask(method, url, body)).status_code == 404
    crossed = await own.ask(method, f"{url}?cross-company=true", body)
    assert crossed.status_code in (200, 204, 400), crossed.text
    assert (crossed.status_code == 400) == (method == "DELETE"), "only restricted deletion stands in the way"


async def test_of_64_a_set_action_runs_in_the_session_company(own: Erp):
    url = "/data/SalesOrderHeadersV2/Microsoft.Dynamics.DataEntities.getOverdueOrders"
    rows = (await own.ask("POST", url, {"_asOf": "2026-11-25T12:00:00Z", "_maxRows": 0})).json()["value"]
    assert {r["dataAreaId"] for r in rows} == {"usmf"}
    assert (await own.ask("POST", "/data/Microsoft.Dynamics.DataEntities.ping", {}, who=CLERK)).status_code == 403


@pytest.mark.parametrize(
    ("given", "company"),
    [({"dataAreaId": "usrt"}, "usrt"), ({"dataAreaId": "DEMF"}, "demf"), ({}, "usmf")],
    ids=["OF-65 from the body", "OF-65 OF-67 in upper case", "OF-65 the default"],
)
async def test_the_company_of_a_new_row(own: Erp, given: dict[str, str], company: str):
    response = await own.ask("POST", "/data/CustomersV3", {"CustomerGroupId": "10", **given})
    assert response.status_code == 201
    assert response.json()["dataAreaId"] == company


async def test_of_65_not_in_a_company_out_of_reach(own: Erp):
    body = {"dataAreaId": "usrt", "LeaveType": "Sick", "LeaveDate": "2026-12-24T12:00:00Z"}
    assert (await own.ask("POST", "/data/MyLeaveRequests", body, who=CLERK)).status_code == 403


async def test_of_66_shared_entities_have_no_company(erp: Erp):
    currencies = (await erp.get("/data/Currencies"))["value"]
    assert len(currencies) == 6
    assert "dataAreaId" not in currencies[0]
    assert await erp.get("/data/Currencies?cross-company=true")


async def test_of_68_a_global_entity_shows_its_company_as_a_field(erp: Erp):
    rows = (await erp.get("/data/Employments?$select=LegalEntityId"))["value"]
    assert {r["LegalEntityId"] for r in rows} == {"USMF", "DEMF", "USRT"}
    one = (await erp.get("/data/Employments?$filter=LegalEntityId eq 'DEMF'&$select=LegalEntityId"))["value"]
    assert {r["LegalEntityId"] for r in one} == {"DEMF"}


async def test_of_69_the_company_of_a_bound_entity_stands_in_its_key(erp: Erp):
    catalog = erp.service.catalog
    bound = [t for t in catalog.entity_types.values() if t.property("dataAreaId")]
    assert bound
    assert all(t.key[0] == "dataAreaId" for t in bound)
