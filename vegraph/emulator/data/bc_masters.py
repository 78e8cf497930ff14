"""BC's master data: companies, customers, items and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vegraph.emulator.data import kinds
from vegraph.emulator.data.balances import open_balances
from vegraph.emulator.data.bc_codes import CODES, CURRENCY, code_id
from vegraph.emulator.data.business import TODAY, Business, Customer, Item, guid, mix, money
from vegraph.emulator.data.words import FIRST_NAMES, LAST_NAMES

__all__ = ["STAMP", "companies", "masters"]

Rows = Iterator[dict[str, Any]]

STAMP = "2026-11-20T16:30:15.087Z"
"""`lastModifiedDateTime` of seed rows."""

_NAME_OF = {
    "generalProductPostingGroups": "description",
    "inventoryPostingGroups": "description",
    "customerReturnReasons": "description",
}
_NO_STAMP = frozenset({"disputeStatus"})
_EXTRA: Mapping[str, dict[str, Any]] = {
    "journals": {"templateDisplayName": "GENERAL"},
    "unitsOfMeasure": {"internationalStandardCode": "EA"},
    "currencies": {"amountDecimalPlaces": "2:2"},
}


def companies(names: Sequence[str], ids: Sequence[str]) -> Rows:
    """The companies themselves."""
    for n, (name, key) in enumerate(zip(names, ids, strict=True)):
        yield {
            "id": key,
            "systemVersion": "27.1.41698.0",
            "timestamp": 70_000 + n,
            "name": name,
            "displayName": name,
            "businessProfileId": f"PROFILE{n + 1}",
            "systemCreatedAt": "2024-01-02T09:00:00Z",
            "systemCreatedBy": "00000000-0000-0000-0000-000000000001",
            "systemModifiedAt": STAMP,
            "systemModifiedBy": "00000000-0000-0000-0000-000000000001",
        }


def masters(business: Business, division: int, company: str) -> Iterator[tuple[str, Rows]]:
    """Set and rows, for each set of master data."""
    for name in CODES:
        yield name, _coded(name, division)
    yield "companyInformation", iter((_company_information(division, company),))
    yield "generalLedgerSetup", iter(({"id": guid(kinds.SETUP, division, 1), "localCurrencyCode": CURRENCY[division],
                                       "allowPostingFrom": "2024-01-01", "lastModifiedDateTime": STAMP},))  # fmt: skip
    yield "dimensionValues", _dimension_values(division)
    yield "accounts", _accounts(division)
    yield "accountingPeriods", _periods(division)
    yield "currencyExchangeRates", _rates(division)
    yield "salespeoplePurchasers", _salespeople(division)
    yield "employees", _employees(division)
    customers, items = business.all_customers(division), business.all_items(division)
    balances = open_balances(business, division)
    yield "customers", (_customer(c, balances.get(c.n, 0)) for c in customers)
    yield "contacts", (_contact(c) for c in customers)
    yield "contactsInformation", (_contact_information(c) for c in customers)
    yield "items", (_item(i) for i in items)
    yield "itemVariants", (row for i in items if i.n % 10 == 0 for row in _variants(i))
    yield "pictures", (_picture(i) for i in items)
    yield "vendors", _vendors(division)
    yield (
        "projects",
        iter(({"id": guid(kinds.PROJECT, division, 1), "number": "JOB00010", "displayName": "Deerfield, 8 WP"},)),
    )
    yield "defaultDimensions", (row for c in customers[:100] for row in _default_dimension(c))


def _coded(name: str, division: int) -> Rows:
    kind, rows = CODES[name]
    shown = _NAME_OF.get(name, "displayName")
    stamp = {} if name in _NO_STAMP else {"lastModifiedDateTime": STAMP}
    for n, (code, text) in enumerate(rows, 1):
        yield {"id": guid(kind, division, n), "code": code, shown: text, **stamp, **_EXTRA.get(name, {})}


def _company_information(division: int, company: str) -> dict[str, Any]:
    return {
        "id": guid(kinds.INFORMATION, division, 1),
        "displayName": company,
        "addressLine1": "7122 South Ashford Street",
        "city": ("Atlanta", "København", "London")[division],
        "country": ("US", "DK", "GB")[division],
        "currencyCode": CURRENCY[division],
        "currentFiscalYearStartDate": "2026-01-01",
        "lastModifiedDateTime": STAMP,
    }


def _dimension_values(division: int) -> Rows:
    for d, values in enumerate((("ADM", "PROD", "SALES"), ("LARGE", "MEDIUM", "SMALL", "ADM")), 1):
        for n, code in enumerate(values, 1):
            yield {
                "id": guid(kinds.DIMENSION_VALUE, division, d * 100 + n),
                "code": code,
                "dimensionId": guid(kinds.DIMENSION, division, d),
                "displayName": code.capitalize(),
                "lastModifiedDateTime": STAMP,
            }


def _default_dimension(c: Customer) -> Rows:
    value = 1 + c.n % 3
    yield {
        "id": guid(kinds.DEFAULT_DIMENSION, c.division, c.n),
        "parentType": "Customer",
        "parentId": guid(kinds.CUSTOMER, c.division, c.n),
        "dimensionId": guid(kinds.DIMENSION, c.division, 2),
        "dimensionCode": "CUSTOMERGROUP",
        "dimensionValueId": guid(kinds.DIMENSION_VALUE, c.division, 200 + value),
        "dimensionValueCode": ("LARGE", "MEDIUM", "SMALL")[value - 1],
        "postingValidation": "Code_x0020_Mandatory" if c.n % 2 else "_x0020_",
        "lastModifiedDateTime": STAMP,
    }


def _accounts(division: int) -> Rows:
    for n, (number, text, category) in enumerate(
        (
            ("10100", "Checking account", "Assets"),
            ("10400", "Accounts Receivable", "Assets"),
            ("20100", "Accounts Payable", "Liabilities"),
            ("40100", "Income, Products", "Income"),
            ("50100", "Cost of Goods Sold", "Cost_x0020_of_x0020_Goods_x0020_Sold"),
            ("99999", "Suspense", "_x0020_"),
        ),
        1,
    ):
        yield {
            "id": guid(kinds.ACCOUNT, division, n),
            "number": number,
            "displayName": text,
            "category": category,
            "accountType": "Posting",
            "directPosting": True,
            "lastModifiedDateTime": STAMP,
        }


def _periods(division: int) -> Rows:
    for n in range(24):
        first = TODAY.replace(year=2025 + n // 12, month=n % 12 + 1, day=1)
        yield {
            "id": guid(kinds.PERIOD, division, n + 1),
            "startingDate": first.isoformat(),
            "name": first.strftime("%B"),
            "newFiscalYear": n % 12 == 0,
            "closed": n < 12,
            "lastModifiedDateTime": STAMP,
        }


def _rates(division: int) -> Rows:
    for n, (code, rate) in enumerate((("EUR", 108_213_456), ("DKK", 14_509_871), ("GBP", 129_911_002)), 1):
        yield {
            "id": guid(kinds.RATE, division, n),
            "currencyCode": code,
            "startingDate": "2026-01-01",
            "exchangeRateAmount": 100,
            "relationalExchangeRateAmount": money(rate).scaleb(-4),
            "lastModifiedDateTime": STAMP,
        }


def _salespeople(division: int) -> Rows:
    for n, code in enumerate(("JO", "MH", "OF", "TL"), 1):
        yield {
            "id": guid(kinds.SALESPERSON, division, n),
            "code": code,
            "displayName": f"{FIRST_NAMES[n * 3]} {LAST_NAMES[n]}",
            "email": f"{code.lower()}@contoso.example",
            "lastModifiedDateTime": STAMP,
        }


def _employees(division: int) -> Rows:
    for n in range(1, 26):
        first, last = FIRST_NAMES[n % len(FIRST_NAMES)], LAST_NAMES[(n * 7) % len(LAST_NAMES)]
        yield {
            "id": guid(kinds.EMPLOYEE, division, n),
            "number": f"E{n:04d}",
            "displayName": f"{first} {last}",
            "givenName": first,
            "surname": last,
            "jobTitle": ("Clerk", "Sales manager", "Technician")[n % 3],
            "employmentDate": f"20{10 + n % 15}-0{1 + n % 9}-01",
            "birthDate": f"19{60 + n}-1{n % 3}-15" if n % 5 else "0001-01-01",
            "status": ("Active", "Active", "Inactive", "Terminated")[n % 4],
            "lastModifiedDateTime": STAMP,
        }


def _customer(c: Customer, owed: int) -> dict[str, Any]:
    d = c.division
    currency = {"DE": "EUR", "GB": "GBP", "DK": "DKK"}.get(c.country, "")
    currency = "" if currency == CURRENCY[d] else currency
    terms = CODES["paymentTerms"][1][c.terms][0]
    return {
        "id": guid(kinds.CUSTOMER, d, c.n),
        "number": c.number,
        "displayName": c.name,
        "type": "Person" if c.person else "Company",
        "addressLine1": c.street,
        "city": c.city,
        "state": c.state,
        "country": c.country,
        "postalCode": c.zip,
        "phoneNumber": c.phone,
        "email": c.email,
        "salespersonCode": ("JO", "MH", "OF", "")[c.n % 4],
        "balanceDue": money(owed),
        "creditLimit": c.credit_limit,
        "taxLiable": c.country == "US",
        "taxAreaId": code_id("taxAreas", d, "ATLANTA, GA") if c.state == "GA" else code_id("taxAreas", d, ""),
        "taxRegistrationNumber": f"{c.country}{mix(9, d, c.n) % 10**8:08d}" if c.n % 3 else "",
        "currencyId": code_id("currencies", d, currency),
        "currencyCode": currency or CURRENCY[d],
        "paymentTermsId": code_id("paymentTerms", d, terms),
        "shipmentMethodId": guid(kinds.SHIPMENT, d, 1 + c.n % 3),
        "paymentMethodId": guid(kinds.METHOD, d, 1 + c.n % 3),
        "blocked": ("_x0020_", "Ship", "Invoice", "All")[c.blocked],
        "lastModifiedDateTime": STAMP,
    }


def _contact(c: Customer) -> dict[str, Any]:
    return {
        "id": guid(kinds.CONTACT, c.division, c.n),
        "number": f"CT{c.n:06d}",
        "type": "Person",
        "displayName": "Aoife O'Neil" if c.n == 42 else f"{c.contact_first} {c.contact_last}",
        "jobTitle": ("", "Purchaser", "Owner")[c.n % 3],
        "companyNumber": c.number,
        "companyName": c.name,
        "contactBusinessRelation": "Customer",
        "city": c.city,
        "country": c.country,
        "postalCode": c.zip,
        "email": "aoife@oneil.example" if c.n == 42 else c.email,
        "lastModifiedDateTime": STAMP,
    }


def _contact_information(c: Customer) -> dict[str, Any]:
    return {
        "contactId": guid(kinds.CONTACT, c.division, c.n),
        "contactNumber": f"CT{c.n:06d}",
        "contactName": f"{c.contact_first} {c.contact_last}",
        "contactType": "Person",
        "relatedId": guid(kinds.CUSTOMER, c.division, c.n),
        "relatedType": "Customer",
    }


def _item(i: Item) -> dict[str, Any]:
    d, stir = i.division, mix(6, i.division, i.n)
    group = "SERVICES" if i.service else "RETAIL"
    return {
        "id": guid(kinds.ITEM, d, i.n),
        "number": i.number,
        "displayName": i.name,
        "type": "Service" if i.service else ("Non_x002D_Inventory" if i.n % 33 == 0 else "Inventory"),
        "itemCategoryId": code_id("itemCategories", d, i.category),
        "itemCategoryCode": i.category,
        "blocked": i.n % 50 == 49,
        "gtin": f"{5_700_000_000_000 + i.n:013d}" if i.n % 4 else "",
        "inventory": 0 if i.service else stir % 400,
        "unitPrice": money(i.price),
        "unitCost": money(i.cost) if i.n % 70 else money(1).scaleb(-18),
        "taxGroupId": code_id("taxGroups", d, "FURNITURE"),
        "taxGroupCode": "FURNITURE",
        "baseUnitOfMeasureId": code_id("unitsOfMeasure", d, "HOUR" if i.service else "PCS"),
        "baseUnitOfMeasureCode": "HOUR" if i.service else "PCS",
        "generalProductPostingGroupId": code_id("generalProductPostingGroups", d, group),
        "generalProductPostingGroupCode": group,
        "inventoryPostingGroupId": code_id("inventoryPostingGroups", d, "" if i.service else "RESALE"),
        "inventoryPostingGroupCode": "" if i.service else "RESALE",
        "lastModifiedDateTime": STAMP,
    }


def _variants(i: Item) -> Rows:
    for n, code in enumerate(("RED", "GRØN", "BLUE"), 1):
        yield {
            "id": guid(kinds.VARIANT, i.division, i.n * 10 + n),
            "itemId": guid(kinds.ITEM, i.division, i.n),
            "itemNumber": i.number,
            "code": code,
            "description": f"{i.name}, {code.lower()}",
            "lastModifiedDateTime": STAMP,
        }


def _picture(i: Item) -> dict[str, Any]:
    return {"id": guid(kinds.ITEM, i.division, i.n), "parentType": "Item", "width": 0, "height": 0}


def _vendors(division: int) -> Rows:
    for n in range(1, 51):
        yield {
            "id": guid(kinds.VENDOR, division, n),
            "number": f"V{n:05d}",
            "displayName": f"{LAST_NAMES[n % len(LAST_NAMES)]} & Søn, Wholesale" if n % 2 else f"Wholesale No. {n}",
            "city": "Odense",
            "country": "DK",
            "currencyCode": "DKK",
            "currencyId": code_id("currencies", division, "DKK"),
            "paymentTermsId": guid(kinds.TERMS, division, 1 + n % 4),
            "blocked": ("_x0020_", "Payment", "All")[n % 3] if n % 20 == 0 else "_x0020_",
            "lastModifiedDateTime": STAMP,
        }
