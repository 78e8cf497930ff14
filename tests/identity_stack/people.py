"""Everybody who may ask in these tests, and the accounts they have at the two ERPs.

Employee and contact number n see the customer `C0000n` and its orders, and nobody else's: an answer or a token that
went to somebody else would show.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from vegraph.emulator.data.people import PORTAL_ROLE
from vegraph.emulator.data.seed import Batch
from vegraph.emulator.users import EVERYTHING, SYSTEM_ADMINISTRATOR, Right, RowRule, User

__all__ = [
    "CONTACTS", "DISABLED", "EMPLOYEES", "MISMAPPED", "READER", "SHARED", "VISITOR", "Contact", "Employee", "bc_users",
    "customer_of", "fo_users", "role_rows",
]  # fmt: skip

EMPLOYEES = 64
CONTACTS = 8

SHARED = "EXT"
"""BC's one user for all contacts: sees every customer, so vegraph's row rule is all that stands between them."""
VISITOR = "visitor"
READER = "role-reader"

MISMAPPED = {21: "plain", 22: "boss", 23: "gone", 24: READER, 25: "portal-unknown"}
"""Contact → an F&O user that no portal may run as."""
DISABLED = 26
"""A contact whose mapping is switched off; 27 and above have none."""


def customer_of(number: int) -> str:
    """The customer whose rows are theirs."""
    return f"C{number:05d}"


@dataclass(frozen=True)
class Employee:
    """Signs in at the provider. Number 1 may do everything; no account: number 0."""

    number: int

    @property
    def oid(self) -> str:
        return f"e0000000-0000-4000-8000-{self.number:012d}"

    @property
    def name(self) -> str:
        return f"Employee {self.number}"

    def user(self, source: str) -> str:
        """The ERP's user that calls must run as."""
        return f"{'E' if source == 'bc' else 'e'}{self.number:02d}"


@dataclass(frozen=True)
class Contact:
    """Signs in at a portal."""

    number: int

    @property
    def id(self) -> str:
        return f"c0000000-0000-4000-8000-{self.number:012d}"

    def user(self, source: str) -> str:
        """The ERP's user that calls must run as: one for all at BC, a mapped one each at F&O."""
        return SHARED if source == "bc" else MISMAPPED.get(self.number, f"portal-{self.number}")


_BC_READS = ("companies", "customers", "items", "itemCategories", "salesOrders", "salesOrderLines", "pictures")
_FO_READS = ("CustomersV3", "SalesOrderHeadersV2", "SalesOrderLines", "ReleasedProductsV2", "Currencies")


def _reads(*sets: str) -> tuple[Right, ...]:
    return tuple(Right(sets=name) for name in sets)


def bc_users() -> Iterator[User]:
    """Accounts of Business Central."""
    for n in range(1, EMPLOYEES + 1):
        employee, everything = Employee(n), n == 1
        yield User(
            id=employee.user("bc"),
            principals=(employee.oid,),
            rights=EVERYTHING if everything else _reads(*_BC_READS),
            rows=() if everything else _bc_rows(customer_of(n)),
            companies=("CRONUS USA, Inc.",),
            default_company="CRONUS USA, Inc.",
        )
    writes = Right(sets="customers", verbs=frozenset({"create", "update", "delete"}))
    yield User(id=SHARED, principals=("app-ext",), rights=(*_reads(*_BC_READS), writes, Right(sets="companies")))
    yield User(id="VISITOR", principals=("app-visitor",), rights=_reads("companies", "items", "customers"))


def _bc_rows(customer: str) -> tuple[RowRule, ...]:
    return (
        RowRule(sets="customers", property="number", values=(customer,)),
        RowRule(sets="salesOrders", property="customerNumber", values=(customer,)),
        RowRule(sets="salesOrderLines", property="documentId", in_set="salesOrders", in_property="id"),
    )


def fo_users() -> Iterator[User]:
    """Accounts of finance and operations."""
    for n in range(1, EMPLOYEES + 1):
        employee = Employee(n)
        yield _fo_user(employee.user("fo"), employee.oid, customer_of(n), everything=n == 1)
    for n in range(1, CONTACTS + 1):
        yield _fo_user(f"portal-{n}", f"app-portal-{n}", customer_of(n), roles=(PORTAL_ROLE,))
    yield _fo_user("plain", "app-plain", customer_of(1))
    yield _fo_user("boss", "app-boss", "", everything=True, roles=(PORTAL_ROLE, SYSTEM_ADMINISTRATOR))
    yield _fo_user("gone", "app-gone", customer_of(1), roles=(PORTAL_ROLE,), enabled=False)
    yield User(
        id=VISITOR, principals=("app-visitor",), roles=(PORTAL_ROLE,), rights=_reads("ReleasedProductsV2"),
        default_company="USMF",
    )  # fmt: skip
    yield User(
        id=READER, principals=("app-reader",), rights=_reads("SecurityUserRoleAssociations"), default_company="USMF"
    )


def _fo_user(
    id_: str,
    principal: str,
    customer: str,
    *,
    everything: bool = False,
    roles: tuple[str, ...] = (),
    enabled: bool = True,
) -> User:
    rows = (
        RowRule(sets="CustomersV3", property="CustomerAccount", values=(customer,)),
        RowRule(sets="SalesOrderHeadersV2", property="OrderingCustomerAccountNumber", values=(customer,)),
        RowRule(
            sets="SalesOrderLines", property="SalesOrderNumber", in_set="SalesOrderHeadersV2",
            in_property="SalesOrderNumber",
        ),
    )  # fmt: skip
    return User(
        id=id_,
        principals=(principal,),
        roles=roles,
        rights=EVERYTHING if everything else _reads(*_FO_READS),
        rows=() if everything else rows,
        enabled=enabled,
        default_company="USMF",
    )


def role_rows() -> Batch:
    """What F&O says of who holds which role."""
    rows = [
        {
            "UserId": user.id,
            "SecurityRoleIdentifier": role.upper(),
            "SecurityRoleName": role,
            "AssignmentStatus": "Enabled",
            "AssignmentMode": "Manual",
        }
        for user in fo_users()
        for role in user.roles
    ]
    return Batch("SecurityUserRoleAssociations", None, rows)
