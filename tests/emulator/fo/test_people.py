"""Human Resources, and what each of the demo's people sees: erp.md §3.1, §1.15."""

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.data.people import (
    ADMINISTRATOR,
    ANONYMOUS,
    CLERK,
    MANAGER,
    PORTAL_CONTACT,
    PORTAL_CUSTOMER,
    PORTAL_ROLE,
    READER,
    Person,
)

LEAVE = (
    "/data/MyLeaveRequests(RequestId='LR00004',LeaveType='Vacation',LeaveDate=2026-12-05T12:00:00Z,dataAreaId='USMF')"
)
SUBMIT = f"{LEAVE}/Microsoft.Dynamics.DataEntities.submit?cross-company=true"


async def test_hr_15_a_leave_request_is_submitted(own: Erp):
    assert (await own.ask("POST", SUBMIT)).status_code == 204
    assert (await own.get(LEAVE))["Status"] == "Submitted"
    status, text = await own.infolog("POST", SUBMIT)
    assert (status, "is Submitted" in text) == (500, True)
    assert (await own.ask("POST", SUBMIT, who=PORTAL_CONTACT)).status_code == 403


async def test_a_manager_and_the_people_who_report(erp: Erp):
    worker = await erp.get("/data/Workers('000004')?$expand=Manager,DirectReports,Positions,Employments")
    assert worker["Manager"]["PersonnelNumber"] == "000001"
    assert [w["PersonnelNumber"] for w in worker["DirectReports"]] == ["000016", "000017", "000018", "000019"]
    assert worker["Positions"][0]["WorkerPersonnelNumber"] == "000004"
    assert worker["Employments"][0]["EmploymentEndDate"] == "2154-12-31T23:59:59Z"


async def test_a_worker_leaves(own: Erp):
    url = "/data/Workers('000004')/Microsoft.Dynamics.DataEntities.terminate"
    response = await own.ask("POST", url, {"_terminationDate": "2026-12-31T16:00:00Z", "_reasonCode": ""})
    assert response.json()["PersonnelNumber"] == "000004"
    employment = (await own.get("/data/Employments?$filter=PersonnelNumber eq '000004'"))["value"][0]
    assert (employment["EmploymentEndDate"], employment["ActionType"]) == ("2026-12-31T16:00:00Z", "Termination")


@pytest.mark.parametrize(
    ("who", "entity_set", "status"),
    [
        (MANAGER, "CustomersV3", 200),
        (MANAGER, "Workers", 200),
        (CLERK, "ReleasedProductsV2", 200),
        (CLERK, "CustomersV3", 403),
        (PORTAL_CONTACT, "SalesOrderHeadersV2", 200),
        (PORTAL_CONTACT, "Workers", 403),
        (ANONYMOUS, "ReleasedProductsV2", 200),
        (ANONYMOUS, "SalesOrderHeadersV2", 403),
        (ADMINISTRATOR, "SystemUsers", 200),
    ],
    ids=lambda v: v.name if isinstance(v, Person) else str(v),
)
async def test_who_may_read_what(erp: Erp, who: Person, entity_set: str, status: int):
    assert (await erp.ask("GET", f"/data/{entity_set}?$top=1", who=who)).status_code == status


async def test_a_portal_contact_sees_the_own_company_and_nothing_else(erp: Erp):
    who = PORTAL_CONTACT
    orders = (await erp.get("/data/SalesOrderHeadersV2?$expand=SalesOrderLines", who=who))["value"]
    assert {o["OrderingCustomerAccountNumber"] for o in orders} == {PORTAL_CUSTOMER}
    lines = await erp.get("/data/SalesOrderLines/$count", who=who)
    assert int(lines) == sum(len(o["SalesOrderLines"]) for o in orders) > 0
    assert (await erp.get("/data/CustomersV3", who=who))["value"][0]["CustomerAccount"] == PORTAL_CUSTOMER
    other = "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO000001')"
    assert (await erp.ask("GET", other, who=who)).status_code == 404


async def test_roles_are_read_from_the_erp(erp: Erp):
    url = f"/data/SecurityUserRoleAssociations?$filter=UserId eq '{PORTAL_CONTACT.fo.id}'"
    assert [r["SecurityRoleName"] for r in (await erp.get(url))["value"]] == [PORTAL_ROLE]
    admin = await erp.get("/data/SystemUsers('Admin')?$expand=SecurityRoleAssociations")
    assert [r["SecurityRoleName"] for r in admin["SecurityRoleAssociations"]] == ["SystemAdministrator"]
    assert (await erp.get("/data/SystemUsers('dmitri')"))["Enabled"] == "No"


async def test_my_leave_requests_are_mine(own: Erp):
    body = {"LeaveType": "Vacation", "LeaveDate": "2026-12-24T12:00:00Z"}
    made = await own.ask("POST", "/data/MyLeaveRequests", body, who=CLERK)
    assert made.json()["PersonnelNumber"] == "000002"
    mine = await own.get("/data/MyLeaveRequests?cross-company=true", who=CLERK)
    assert {r["PersonnelNumber"] for r in mine["value"]} == {"000002"}
    for change in ({"PersonnelNumber": "000001", **body, "LeaveDate": "2026-12-27T12:00:00Z"}, None):
        method, url = ("POST", "/data/MyLeaveRequests") if change else ("PATCH", made.headers["location"])
        response = await own.ask(method, url, change or {"PersonnelNumber": "000001"}, who=CLERK)
        assert response.status_code == 403, "no row may be written out of one's own sight"


async def test_roles_have_a_reader_that_reads_nothing_else(erp: Erp):
    assert not READER.may("CustomersV3", "read")
    assert READER.may("SecurityUserRoleAssociations", "read")
    assert not READER.may("SecurityUserRoleAssociations", "create")
    assert (await erp.get("/data/SystemUsers('vegraph-reader')"))["Enabled"] == "Yes"
