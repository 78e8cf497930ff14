"""The people of the demo, and what each may do in each ERP."""

from __future__ import annotations

from dataclasses import dataclass

from vegraph.emulator.users import EVERYTHING, READ_ONLY, SYSTEM_ADMINISTRATOR, Right, RowRule, User, Verb

__all__ = [
    "ADMINISTRATOR",
    "ANONYMOUS",
    "BC_APPLICATION",
    "CLERK",
    "DISABLED",
    "FO_COMPANIES",
    "MANAGER",
    "PEOPLE",
    "PORTAL_CONTACT",
    "PORTAL_CUSTOMER",
    "PORTAL_ROLE",
    "READER",
    "Person",
    "bc_users",
    "fo_users",
]

PORTAL_ROLE = "CDSVirtualEntityAuthorizedPortalUser"
PORTAL_CUSTOMER = "C00042"
"""Number of the portal contact's company, in both ERPs."""

FO_COMPANIES = ("USMF", "DEMF", "USRT")
_READ_WRITE: frozenset[Verb] = frozenset({"read", "create", "update", "delete", "action"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may ask, and the accounts they have. None: no account in that ERP."""

    name: str
    about: str
    object_id: str
    """`oid` claim of an employee; contact id of a portal contact; client id of the anonymous principal."""
    upn: str
    door: str
    """employee, portal or anonymous."""
    bc: User | None
    fo: User | None
    customer: str | None = None
    """Number of the customer a portal contact speaks for."""


def _reads(*sets: str) -> tuple[Right, ...]:
    return tuple(Right(sets=name) for name in sets)


def _account(number: int) -> str:
    return f"0a000000-0000-4000-8000-{number:012d}"


MANAGER = Person(
    name="Sofia Marchetti",
    about="sales manager: sees and changes everything, in every company",
    object_id="5a1e5000-0000-4000-8000-000000000001",
    upn="sofia@contoso.example",
    door="employee",
    bc=User(
        id="SOFIA",
        security_id=_account(1),
        principals=("5a1e5000-0000-4000-8000-000000000001", "sofia@contoso.example"),
        roles=("D365 BUS FULL ACCESS",),
        rights=EVERYTHING,
        default_company="CRONUS USA, Inc.",
    ),
    fo=User(
        id="sofia",
        security_id=_account(1),
        principals=("5a1e5000-0000-4000-8000-000000000001", "sofia@contoso.example"),
        roles=("SalesManager", "HcmHumanResourceManager"),
        rights=EVERYTHING,
        default_company="USMF",
    ),
)

CLERK = Person(
    name="Noah Berg",
    about="warehouse clerk: reads items and orders, not customers",
    object_id="c1e4c000-0000-4000-8000-000000000002",
    upn="noah@contoso.example",
    door="employee",
    bc=User(
        id="NOAH",
        security_id=_account(2),
        principals=("c1e4c000-0000-4000-8000-000000000002", "noah@contoso.example"),
        roles=("D365 WAREHOUSE",),
        rights=_reads("companies", "items", "item*", "unitsOfMeasure", "locations", "salesOrders", "salesOrderLines"),
        companies=("CRONUS USA, Inc.",),
        default_company="CRONUS USA, Inc.",
    ),
    fo=User(
        id="noah",
        security_id=_account(2),
        principals=("c1e4c000-0000-4000-8000-000000000002", "noah@contoso.example"),
        roles=("InventWarehouseWorker",),
        rights=(
            *_reads("ReleasedProductsV2", "ProductsV2", "Warehouses", "OperationalSitesV2", "UnitsOfMeasure"),
            *_reads("SalesOrderHeadersV2", "SalesOrderLines", "LegalEntities", "Currencies"),
            Right(sets="MyLeaveRequests", verbs=_READ_WRITE),
        ),
        rows=(RowRule(sets="MyLeaveRequests", property="PersonnelNumber", values=("000002",)),),
        companies=("USMF", "DEMF"),
        default_company="USMF",
    ),
)

PORTAL_CONTACT = Person(
    name="Aoife O'Neil",
    about="portal contact of O'Neil's Pub Supplies: sees her own company's orders",
    object_id="c0a7ac70-0000-4000-8000-000000000042",
    upn="aoife@oneil.example",
    door="portal",
    customer=PORTAL_CUSTOMER,
    bc=User(
        id="EXT-C00042",
        security_id=_account(3),
        principals=("c0a7ac70-0000-4000-8000-000000000042",),
        roles=("EXTERNAL",),
        rights=_reads(
            "companies", "items", "itemCategories", "customers", "salesOrders", "salesOrderLines", "salesInvoices"
        ),
        rows=(
            RowRule(sets="customers", property="number", values=(PORTAL_CUSTOMER,)),
            RowRule(sets="salesOrders", property="customerNumber", values=(PORTAL_CUSTOMER,)),
            RowRule(sets="salesInvoices", property="customerNumber", values=(PORTAL_CUSTOMER,)),
            RowRule(sets="salesOrderLines", property="documentId", in_set="salesOrders", in_property="id"),
        ),
        companies=("CRONUS USA, Inc.",),
        default_company="CRONUS USA, Inc.",
    ),
    fo=User(
        id="portal-oneil",
        security_id=_account(3),
        principals=("c0a7ac70-0000-4000-8000-000000000042", "portal-oneil"),
        roles=(PORTAL_ROLE,),
        rights=_reads("CustomersV3", "SalesOrderHeadersV2", "SalesOrderLines", "ReleasedProductsV2", "Currencies"),
        rows=(
            RowRule(sets="CustomersV3", property="CustomerAccount", values=(PORTAL_CUSTOMER,)),
            RowRule(sets="SalesOrderHeadersV2", property="OrderingCustomerAccountNumber", values=(PORTAL_CUSTOMER,)),
            RowRule(
                sets="SalesOrderLines",
                property="SalesOrderNumber",
                in_set="SalesOrderHeadersV2",
                in_property="SalesOrderNumber",
            ),
        ),
        companies=("USMF",),
        default_company="USMF",
    ),
)

ANONYMOUS = Person(
    name="Visitor",
    about="anonymous visitor of the portal: sees items only",
    object_id="a0000000-0000-4000-8000-000000000000",
    upn="",
    door="anonymous",
    bc=User(
        id="EXT-ANON",
        security_id=_account(4),
        principals=("a0000000-0000-4000-8000-000000000000",),
        roles=("EXTERNAL",),
        rights=_reads("companies", "items", "itemCategories"),
        companies=("CRONUS USA, Inc.",),
        default_company="CRONUS USA, Inc.",
    ),
    fo=User(
        id="portal-visitor",
        security_id=_account(4),
        principals=("a0000000-0000-4000-8000-000000000000", "portal-visitor"),
        roles=(PORTAL_ROLE,),
        rights=_reads("ReleasedProductsV2", "ProductsV2"),
        companies=("USMF",),
        default_company="USMF",
    ),
)

ADMINISTRATOR = Person(
    name="Ingrid Sørensen",
    about="administrator: everything, users and roles too, and the graph's catalog; may not come in by a portal",
    object_id="ad000000-0000-4000-8000-000000000005",
    upn="ingrid@contoso.example",
    door="employee",
    bc=User(
        id="INGRID",
        security_id=_account(5),
        principals=("ad000000-0000-4000-8000-000000000005", "ingrid@contoso.example"),
        roles=("SUPER",),
        rights=EVERYTHING,
        default_company="CRONUS USA, Inc.",
    ),
    fo=User(
        id="Admin",
        security_id=_account(5),
        principals=("ad000000-0000-4000-8000-000000000005", "ingrid@contoso.example"),
        roles=(SYSTEM_ADMINISTRATOR,),
        rights=EVERYTHING,
        default_company="USMF",
    ),
)

DISABLED = Person(
    name="Dmitri Volkov",
    about="left the firm: the accounts are disabled",
    object_id="dead0000-0000-4000-8000-000000000006",
    upn="dmitri@contoso.example",
    door="employee",
    bc=User(
        id="DMITRI",
        security_id=_account(6),
        principals=("dead0000-0000-4000-8000-000000000006", "dmitri@contoso.example"),
        rights=READ_ONLY,
        enabled=False,
    ),
    fo=User(
        id="dmitri",
        security_id=_account(6),
        principals=("dead0000-0000-4000-8000-000000000006", "dmitri@contoso.example"),
        rights=READ_ONLY,
        enabled=False,
        default_company="USMF",
    ),
)

PEOPLE = (MANAGER, CLERK, PORTAL_CONTACT, ANONYMOUS, ADMINISTRATOR, DISABLED)

BC_APPLICATION = User(
    id="VEGRAPH-EXT",
    security_id=_account(7),
    principals=("e7000000-0000-4000-8000-000000000007",),
    roles=("EXTERNAL",),
    rights=_reads(
        "companies", "items", "itemCategories", "customers", "salesOrders", "salesOrderLines", "salesInvoices"
    ),
    companies=("CRONUS USA, Inc.",),
    default_company="CRONUS USA, Inc.",
)
"""BC's application user for authenticated external users: no row rule of its own, the caller adds the contact's."""

READER = User(
    id="vegraph-reader",
    security_id=_account(8),
    principals=("e7000000-0000-4000-8000-000000000008", "vegraph-reader"),
    roles=("SystemUser",),
    rights=_reads("SecurityUserRoleAssociations", "SecurityRoles", "SystemUsers"),
    companies=("USMF",),
    default_company="USMF",
)
"""F&O's application user that reads who has which role (identity.md I6), and nothing else."""


def bc_users() -> tuple[User, ...]:
    """The accounts of Business Central."""
    return (*(p.bc for p in PEOPLE if p.bc), BC_APPLICATION)


def fo_users() -> tuple[User, ...]:
    """The accounts of finance and operations."""
    return (*(p.fo for p in PEOPLE if p.fo), READER)
