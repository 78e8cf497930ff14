"""Human Resources and users of finance and operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vegraph.emulator.data import kinds
from vegraph.emulator.data.business import guid, mix
from vegraph.emulator.data.fo_codes import AREAS, CURRENCIES
from vegraph.emulator.data.people import ADMINISTRATOR, CLERK, MANAGER, PEOPLE, PORTAL_ROLE, READER, fo_users
from vegraph.emulator.data.words import FIRST_NAMES, LAST_NAMES
from vegraph.emulator.users import SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, User

__all__ = ["WORKERS", "people", "role_identifier"]

Rows = Iterator[dict[str, Any]]

WORKERS = 120
_KNOWN = {1: MANAGER.name, 2: CLERK.name, 3: ADMINISTRATOR.name}
_FUNCTIONS = ("Sales", "Logistics", "Finance", "Service", "Management")
_ROLES = (
    (SYSTEM_ADMINISTRATOR, "System administrator"),
    (SECURITY_ADMINISTRATOR, "Security administrator"),
    (PORTAL_ROLE, "CDS virtual entity authorized portal user"),
    ("SalesManager", "Sales manager"),
    ("InventWarehouseWorker", "Warehouse worker"),
    ("HcmHumanResourceManager", "Human resource manager"),
    ("SystemUser", "System user"),
)


def people() -> Iterator[tuple[str, Rows]]:
    """Set and rows."""
    yield "Workers", (_worker(n) for n in range(1, WORKERS + 1))
    yield "Employments", (_employment(n) for n in range(1, WORKERS + 1))
    yield "JobFunctions", _job_functions()
    yield "Jobs", _jobs()
    yield "Departments", _departments()
    yield "OperatingUnits", _operating_units()
    yield "PositionsV2", (_position(n) for n in range(1, WORKERS + 11))
    yield "LeaveTypes", _leave_types()
    yield "MyLeaveRequests", (row for n in range(1, 41) for row in _leave_requests(n))
    yield "CompensationFixedPlans", _plans()
    yield "SecurityRoles", _roles()
    yield "SystemUsers", _users()
    yield "SecurityUserRoleAssociations", _associations()


def role_identifier(name: str) -> str:
    """Identifier of a role in the role tables: the name itself, upper case."""
    return name.upper()


def _name(n: int) -> tuple[str, str]:
    if n in _KNOWN:
        first, _, last = _KNOWN[n].partition(" ")
        return first, last
    return FIRST_NAMES[n % len(FIRST_NAMES)], LAST_NAMES[mix(41, n) % len(LAST_NAMES)]


def _worker(n: int) -> dict[str, Any]:
    first, last = _name(n)
    return {
        "PersonnelNumber": f"{n:06d}",
        "Name": f"{first} {last}",
        "FirstName": first,
        "LastName": last,
        "NameAlias": first,
        "WorkerType": "Contractor" if n % 12 == 0 else "Employee",
        "Gender": ("None", "Female", "Male", "NonSpecific")[n % 4],
        "BirthDate": f"{1960 + n % 45}-0{1 + n % 9}-{10 + n % 18}" if n % 6 else "1900-01-01",
        "PrimaryContactEmail": f"w{n:06d}@contoso.example",
        "Title": ("Clerk", "Sales manager", "Technician")[n % 3],
        "SeniorityDate": f"{2005 + n % 20}-01-01",
        "OriginalHireDate": f"{2005 + n % 20}-01-01",
        "WorkerTimezone": "GMTPLUS0100_COPENHAGEN_MADRID_PARIS" if n % 2 else "GMT_COORDINATEDUNIVERSALTIME",
        "ManagerPersonnelNumber": f"{n // 4:06d}" if n >= 4 else "",
        "AddressCity": ("Atlanta", "København", "München")[n % 3],
        "DailyStartTime": 8 * 3600 + n % 4 * 900,
        "PersonGlobalId": guid(kinds.WORKER, 0, n),
        "WorkerRecordId": 52_565_430_000 + n,
    }


def _employment(n: int) -> dict[str, Any]:
    gone = n % 25 == 0
    return {
        "PersonnelNumber": f"{n:06d}",
        "LegalEntityId": AREAS[n % 3].upper(),
        "EmploymentStartDate": f"{2005 + n % 20}-01-01T08:00:00Z",
        "EmploymentEndDate": "2026-06-30T15:59:59Z" if gone else "2154-12-31T23:59:59Z",
        "WorkerType": "Contractor" if n % 12 == 0 else "Employee",
        "LastDateWorked": "2026-06-30" if gone else "1900-01-01",
        "ActionType": "Termination" if gone else "Hire",
    }


def _job_functions() -> Rows:
    for n, function in enumerate(_FUNCTIONS):
        yield {
            "JobFunctionId": f"F{n + 1}",
            "Description": f"{function} work",
            "IsManagement": "Yes" if function == "Management" else "No",
        }


def _jobs() -> Rows:
    for n, title in enumerate(("Clerk", "Sales manager", "Technician", "Accountant", "Director"), 1):
        yield {
            "JobId": f"J{n:03d}",
            "Description": title,
            "TitleId": title,
            "JobFunctionId": f"F{n}",
            "MaximumNumberOfPositions": 0 if n < 5 else 2,
            "AllowUnlimitedPositions": "Yes" if n < 5 else "No",
        }


def _departments() -> Rows:
    for n, name in enumerate(("Company", "Sales & Marketing", "Operations", "Finance", "Lager og forsendelse"), 1):
        yield {
            "DepartmentNumber": f"{n:03d}",
            "DepartmentName": name,
            "ManagerPersonnelNumber": f"{n:06d}",
            "ParentDepartmentNumber": "001" if n > 1 else "",
        }


def _operating_units() -> Rows:
    for n, kind in enumerate(("Department", "CostCenter", "BusinessUnit", "ValueStream", "RetailChannel"), 1):
        yield {
            "OperatingUnitType": kind,
            "OperatingUnitNumber": f"{n:03d}",
            "Name": f"{kind} {n}",
            "ManagerPersonnelNumber": f"{n:06d}",
            "PartyNumber": f"80000{n:04d}",
        }


def _position(n: int) -> dict[str, Any]:
    return {
        "PositionId": f"{n:06d}",
        "Description": ("Clerk", "Sales manager", "Technician", "Accountant", "Director")[n % 5],
        "JobId": f"J{1 + n % 5:03d}",
        "DepartmentNumber": f"{1 + n % 5:03d}",
        "FullTimeEquivalent": 1,
        "AvailableForAssignment": "2024-01-01T00:00:00Z",
        "WorkerPersonnelNumber": f"{n:06d}" if n <= WORKERS else "",
        "ReportsToPositionId": f"{n // 4:06d}" if n >= 4 else "",
        "AnnualRegularHours": 2080,
    }


def _leave_types() -> Rows:
    for area in AREAS:
        for n, (code, text) in enumerate(
            (("Vacation", "Paid vacation"), ("Sick", "Sick leave"), ("Parental", "Forældreorlov"))
        ):
            yield {
                "dataAreaId": area,
                "LeaveTypeId": code,
                "Description": text,
                "AccrualDaysPerYear": (25, 0, 120)[n],
                "HalfDayAllowed": "No" if code == "Parental" else "Yes",
                "LeaveGlobalId": guid(kinds.LEAVE, AREAS.index(area), n + 1),
            }


def _leave_requests(n: int) -> Rows:
    for day in range(1 + n % 3):
        draft = n % 4 == 0
        yield {
            "dataAreaId": AREAS[n % 2],
            "RequestId": f"LR{n:05d}",
            "LeaveType": ("Vacation", "Sick")[n % 2],
            "LeaveDate": f"2026-12-{1 + n % 20 + day:02d}",
            "Amount": 1,
            "Comment": "Jul 🎄" if n % 5 == 0 else "",
            "Status": "Draft" if draft else ("Submitted", "Approved", "Denied")[n % 3],
            "PersonnelNumber": f"{1 + n % 12:06d}",
            "SubmittedDateTime": "1900-01-01T00:00:00Z" if draft else "2026-11-02T09:12:00Z",
        }


def _plans() -> Rows:
    for division, area in enumerate(AREAS):
        for n, kind in enumerate(("Grade", "Band", "Step"), 1):
            yield {
                "dataAreaId": area,
                "PlanId": f"{kind.upper()}{n}",
                "Description": f"{kind} plan",
                "PlanType": kind,
                "CurrencyCode": CURRENCIES[division],
                "EffectiveDate": "2026-01-01",
                "ExpirationDate": "2154-12-31",
                "MinimumAmount": 30_000,
                "MaximumAmount": 120_000,
                "RecommendationDay": "Monday" if n == 1 else "None",
            }


def _roles() -> Rows:
    for name, text in _ROLES:
        yield {
            "SecurityRoleIdentifier": role_identifier(name),
            "SecurityRoleName": name,
            "Description": text,
            "UserLicenseType": "None" if name == PORTAL_ROLE else "Operations",
        }


def _users() -> Rows:
    for n, person in enumerate(PEOPLE):
        if person.fo is not None:
            number = next((f"{k:06d}" for k, name in _KNOWN.items() if name == person.name), "")
            yield _user(n, person.fo, person.name, person.upn, number) | {
                "ExternalUser": "Yes" if person.door != "employee" else "No",
                "EntraObjectId": person.object_id,
            }
    yield _user(len(PEOPLE), READER, "vegraph role reader", "", "") | {"EntraObjectId": READER.principals[0]}


def _user(n: int, user: User, name: str, mail: str, number: str) -> dict[str, Any]:
    return {
        "UserID": user.id,
        "UserName": name,
        "Email": mail,
        "Alias": mail,
        "Enabled": "Yes" if user.enabled else "No",
        "Company": (user.default_company or "USMF").lower(),
        "NetworkDomain": "https://sts.windows.net/",
        "PersonName": name,
        "PersonnelNumber": number,
        "CreatedUserDateTime": "2025-03-01T08:00:00Z",
        "UserRecordId": 1_000 + n,
    }


def _associations() -> Rows:
    for user in fo_users():
        for role in user.roles:
            yield {
                "UserId": user.id,
                "SecurityRoleIdentifier": role_identifier(role),
                "SecurityRoleName": role,
                "AssignmentStatus": "Enabled",
                "AssignmentMode": "Manual",
            }
