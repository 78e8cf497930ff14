"""The books the tests of the Business Central emulator work with: small, and every figure known."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vegraph.emulator.server import Rows

MAIN, OTHER = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"
MAIN_NAME, OTHER_NAME = "CRONUS USA, Inc.", "O'Hara & Søn"


def guid(kind: int, number: int) -> str:
    """`kind` 1 customers, 2 items, 3 orders, 4 order lines, 5 invoices, 6 invoice lines, …"""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def customer(number: int) -> str:
    return guid(1, number)


def item(number: int) -> str:
    return guid(2, number)


def order(number: int) -> str:
    return guid(3, number)


def invoice(number: int) -> str:
    return guid(5, number)


QUOTE, CREDIT_MEMO, VENDOR, JOURNAL, ACCOUNT, PURCHASE = (guid(n, 1) for n in (7, 8, 9, 10, 11, 12))
CURRENCY, PICTURE_ITEM, JOB, CATEGORY = guid(13, 1), item(1), guid(14, 1), guid(15, 1)
ENUMS = ("_x0020_", "Ship", "Invoice", "All")


def batches() -> Iterator[Rows]:
    """All rows, companies first."""
    yield Rows(
        "companies",
        None,
        [
            {"id": MAIN, "name": MAIN_NAME, "displayName": MAIN_NAME, "businessProfileId": "PROFILE1"},
            {"id": OTHER, "name": OTHER_NAME, "displayName": OTHER_NAME, "businessProfileId": "PROFILE2"},
        ],
    )
    yield from _main()
    yield Rows(
        "customers", OTHER, [{"id": customer(1), "number": "C1", "displayName": "Elsewhere A/S", "city": "Odense"}]
    )


def _main() -> Iterator[Rows]:
    yield Rows("currencies", MAIN, [{"id": CURRENCY, "code": "DKK", "displayName": "Danish crown"}])
    yield Rows("itemCategories", MAIN, [{"id": CATEGORY, "code": "CHAIR", "displayName": "Chairs"}])
    yield Rows("customers", MAIN, [_customer(n) for n in range(1, 8)])
    yield Rows(
        "customerFinancialDetails",
        MAIN,
        [{"id": customer(n), "number": f"C{n}", "balance": Decimal("100.00")} for n in range(1, 8)],
    )
    yield Rows("items", MAIN, [_item(n) for n in range(1, 5)])
    yield Rows("salesOrders", MAIN, [_order(n) for n in range(1, 5)])
    yield Rows("salesOrderLines", MAIN, [_line(4, o, n, order(o)) for o in range(1, 5) for n in range(1, 4)])
    yield Rows("salesInvoices", MAIN, [_invoice(1, "Draft"), _invoice(2, "Open"), _invoice(3, "Draft")])
    yield Rows("salesInvoiceLines", MAIN, [_line(6, i, n, invoice(i)) for i in (1, 2) for n in (1, 2)])
    yield Rows(
        "salesQuotes",
        MAIN,
        [
            {
                **_party(1),
                "id": QUOTE,
                "number": "Q1",
                "status": "Draft",
                "documentDate": "2026-01-15",
                "email": "a@b.c",
                "totalAmountIncludingTax": Decimal("25.00"),
            }
        ],
    )
    yield Rows("salesQuoteLines", MAIN, [_line(16, 1, 1, QUOTE)])
    yield Rows("salesCreditMemos", MAIN, [{**_party(1), "id": CREDIT_MEMO, "number": "CM1", "status": "Draft"}])
    yield Rows("salesCreditMemoLines", MAIN, [_line(17, 1, 1, CREDIT_MEMO)])
    yield Rows("vendors", MAIN, [{"id": VENDOR, "number": "V1", "displayName": "Supplies Ltd."}])
    yield Rows(
        "purchaseOrders",
        MAIN,
        [
            {
                "id": PURCHASE,
                "number": "PO1",
                "vendorId": VENDOR,
                "vendorNumber": "V1",
                "payToVendorNumber": "V1",
                "orderDate": "2026-01-15",
            }
        ],
    )
    yield Rows(
        "purchaseOrderLines",
        MAIN,
        [
            {
                "id": guid(18, 1),
                "documentId": PURCHASE,
                "sequence": 10000,
                "itemId": item(1),
                "lineType": "Item",
                "lineObjectNumber": "1001",
                "quantity": 4,
                "directUnitCost": Decimal("5.00"),
            }
        ],
    )
    yield Rows("accounts", MAIN, [{"id": ACCOUNT, "number": "6110", "displayName": "Sales"}])
    yield Rows(
        "journals",
        MAIN,
        [{"id": JOURNAL, "code": "DEFAULT", "displayName": "Default", "templateDisplayName": "GENERAL"}],
    )
    yield Rows(
        "journalLines",
        MAIN,
        [
            {
                "id": guid(19, n),
                "journalId": JOURNAL,
                "lineNumber": n * 10000,
                "accountId": ACCOUNT,
                "accountNumber": "6110",
                "postingDate": "2026-02-01",
                "documentNumber": "G1",
                "amount": amount,
                "description": "a line",
            }
            for n, amount in ((1, Decimal("12.50")), (2, Decimal("-12.50")))
        ],
    )
    yield Rows("jobQueueEntries", MAIN, [{"id": JOB, "jobQueueEntryId": JOB, "status": "Error", "errorMessage": "x"}])
    yield Rows("pictures", MAIN, [{"id": PICTURE_ITEM, "parentType": "Item", "width": 1, "height": 1}])


def _customer(n: int) -> dict[str, Any]:
    return {
        "id": customer(n),
        "number": f"C{n}",
        "displayName": ("O'Neil's", "Ægir & Søn", "100% Wool_Co", "Adatum", "adatum east", "[Brackets]", "Blocked")[
            n - 1
        ],
        "city": ("Odense", "København", "Odense", "Paris", "", "Odense", "Rome")[n - 1],
        "type": "Person" if n == 4 else "Company",
        "blocked": ENUMS[3] if n == 7 else ENUMS[0],
        "currencyId": CURRENCY if n == 1 else None,
        "currencyCode": "DKK" if n == 1 else "",
        "balanceDue": Decimal("12345678901234567890.12") if n == 2 else Decimal(n).scaleb(-1),
        "creditLimit": Decimal("1000.00"),
        "email": f"c{n}@example.com",
        "lastModifiedDateTime": f"2026-01-0{n}T10:00:00Z",
    }


def _item(n: int) -> dict[str, Any]:
    return {
        "id": item(n),
        "number": f"100{n}",
        "displayName": f"Chair {n}",
        "type": "Non_x002D_Inventory" if n == 3 else "Inventory",
        "itemCategoryId": CATEGORY if n < 3 else None,
        "itemCategoryCode": "CHAIR" if n < 3 else "",
        "unitPrice": Decimal("10.50") * n,
        "unitCost": Decimal("5.00"),
        "inventory": Decimal("100.00"),
        "blocked": n == 4,
    }


def _party(n: int) -> dict[str, Any]:
    return {
        "customerId": customer(n),
        "customerNumber": f"C{n}",
        "customerName": _customer(n)["displayName"],
        "billToCustomerId": customer(n),
        "billToCustomerNumber": f"C{n}",
        "email": f"c{n}@example.com",
    }


def _order(n: int) -> dict[str, Any]:
    return {
        **_party((n - 1) // 2 + 1),
        "id": order(n),
        "number": f"S-ORD10{n}",
        "orderDate": f"2026-01-1{n}",
        "postingDate": f"2026-01-1{n}",
        "status": ("Draft", "In_x0020_Review", "Open", "Draft")[n - 1],
        "totalAmountExcludingTax": Decimal("60.00"),
        "totalAmountIncludingTax": Decimal("75.00"),
        "totalTaxAmount": Decimal("15.00"),
    }


def _invoice(n: int, status: str) -> dict[str, Any]:
    return {
        **_party(1),
        "id": invoice(n),
        "number": f"S-INV20{n}",
        "invoiceDate": "2026-01-15",
        "postingDate": "2026-01-15",
        "dueDate": "0001-01-01" if n == 3 else "2026-02-15",
        "status": status,
        "totalAmountExcludingTax": Decimal("40.00"),
        "totalTaxAmount": Decimal("10.00"),
        "totalAmountIncludingTax": Decimal("50.00"),
        "remainingAmount": Decimal("50.00") if status == "Open" else Decimal(0),
    }


def _line(kind: int, document: int, n: int, parent: str) -> dict[str, Any]:
    return {
        "id": guid(kind, document * 100 + n),
        "documentId": parent,
        "sequence": n * 10_000,
        "itemId": item((n - 1) % 2 + 1),
        "lineType": "Item",
        "lineObjectNumber": f"100{(n - 1) % 2 + 1}",
        "description": f"Chair {(n - 1) % 2 + 1}",
        "quantity": 2,
        "unitPrice": Decimal("10.00"),
        "taxPercent": 25,
        "amountExcludingTax": Decimal("20.00"),
        "totalTaxAmount": Decimal("5.00"),
        "amountIncludingTax": Decimal("25.00"),
    }
