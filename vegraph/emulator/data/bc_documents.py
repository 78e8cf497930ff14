"""BC's documents and entries: orders, invoices, quotes, purchases, ledgers. Totals are the sums of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from vegraph.emulator.data import kinds
from vegraph.emulator.data.balances import invoice_status, open_balances
from vegraph.emulator.data.bc_codes import CODES, CURRENCY
from vegraph.emulator.data.bc_masters import STAMP
from vegraph.emulator.data.business import TODAY, Business, Customer, Item, Line, Order, guid, mix, money

__all__ = ["documents"]

Rows = Iterator[dict[str, Any]]

_ZERO = "00000000-0000-0000-0000-000000000000"
_ORDER_STATUS = ("Draft", "In_x0020_Review", "Open")


def documents(business: Business, division: int) -> Iterator[tuple[str, Rows]]:
    """Set and rows, for each set of documents and entries of a division."""
    customers, items = business.all_customers(division), business.all_items(division)

    def orders() -> Iterable[Order]:
        return business.all_orders(division)

    def invoiced() -> Iterator[Order]:
        return (o for o in orders() if o.n % 7 == 0)

    def posted() -> Iterator[Order]:
        return (o for o in invoiced() if invoice_status(o) in ("Open", "Paid"))

    balances = open_balances(business, division)
    yield "customerFinancialDetails", (_financial(c, balances.get(c.n, 0)) for c in customers)
    yield "agedAccountsReceivables", (_aged(c, balances[c.n]) for c in customers if c.n in balances)
    yield "salesOrders", (_order(o, customers[o.customer - 1]) for o in orders())
    yield "salesOrderLines", (_order_line(o, line, items) for o in orders() for line in o.lines)
    yield "salesInvoices", (_invoice(o, customers[o.customer - 1]) for o in invoiced())
    yield "salesInvoiceLines", (_invoice_line(o, line, items) for o in invoiced() for line in o.lines)
    yield "salesQuotes", (_quote(o, customers[o.customer - 1]) for o in orders() if o.n % 50 == 0)
    yield "salesQuoteLines", (_quote_line(o, line, items) for o in orders() if o.n % 50 == 0 for line in o.lines)
    yield "purchaseOrders", (_purchase(division, n, items) for n in range(1, 101))
    yield "purchaseOrderLines", (row for n in range(1, 101) for row in _purchase_lines(division, n, items))
    yield "generalLedgerEntries", _ledger(division, posted())
    yield "itemLedgerEntries", _item_ledger(division, posted(), items)
    yield "dimensionSetLines", (row for o in orders() if o.n % 40 == 0 for row in _dimensions(o))
    yield "journalLines", iter(_journal_line(division, n) for n in range(1, 6))


def _party(o: Order, c: Customer) -> dict[str, Any]:
    customer = guid(kinds.CUSTOMER, c.division, c.n)
    return {
        "customerId": customer,
        "customerNumber": c.number,
        "customerName": c.name,
        "billToName": c.name,
        "billToCustomerId": customer,
        "billToCustomerNumber": c.number,
        "shipToName": c.name,
        "sellToAddressLine1": c.street,
        "sellToCity": c.city,
        "sellToCountry": c.country,
        "sellToState": c.state,
        "sellToPostCode": c.zip,
        "billToCity": c.city,
        "billToCountry": c.country,
        "shipToCity": c.city,
        "shipToCountry": c.country,
        "currencyId": _ZERO,
        "currencyCode": CURRENCY[c.division],
        "paymentTermsId": guid(kinds.TERMS, c.division, c.terms + 1),
        "shipmentMethodId": guid(kinds.SHIPMENT, c.division, 1 + c.n % 3),
        "salesperson": ("JO", "MH", "OF", "")[c.n % 4],
        "totalAmountExcludingTax": money(o.net),
        "totalTaxAmount": money(o.tax),
        "totalAmountIncludingTax": money(o.net + o.tax),
        "discountAmount": 0,
        "email": c.email,
        "phoneNumber": c.phone,
        "lastModifiedDateTime": f"{o.day.isoformat()}T14:{o.n % 60:02d}:07.{o.n % 1000:03d}Z",
    }


def _order(o: Order, c: Customer) -> dict[str, Any]:
    day = o.day.isoformat()
    wanted = (o.day + timedelta(days=14)).isoformat() if o.n % 3 else "0001-01-01"
    return {
        "id": guid(kinds.ORDER, o.division, o.n),
        "number": f"S-ORD{100_000 + o.n}",
        "externalDocumentNumber": f"PO {o.n}/{c.n}" if o.n % 4 else "",
        "orderDate": day,
        "postingDate": day,
        "requestedDeliveryDate": wanted,
        "status": _ORDER_STATUS[o.status],
        "partialShipping": o.n % 5 == 0,
        "discountAppliedBeforeTax": True,
        "fullyShipped": o.n % 6 == 0,
        **_party(o, c),
    }


def _goods(division: int, line: Line, items: list[Item]) -> dict[str, Any]:
    if not line.item:
        return {"lineType": "Comment", "description": "Thank you for your order – «Tak!»", "itemId": _ZERO}
    item = items[line.item - 1]
    return {
        "lineType": "Item",
        "itemId": guid(kinds.ITEM, division, line.item),
        "lineObjectNumber": item.number,
        "description": item.name,
        "unitOfMeasureId": guid(kinds.UNIT, division, 3 if item.service else 1),
        "unitOfMeasureCode": "HOUR" if item.service else "PCS",
        "quantity": line.quantity,
        "unitPrice": money(line.price),
        "discountAmount": money(line.discount),
        "discountPercent": 10 if line.discount else 0,
        "discountAppliedBeforeTax": True,
        "amountExcludingTax": money(line.net),
        "taxCode": "FURNITURE",
        "taxPercent": 6,
        "totalTaxAmount": money(line.tax),
        "amountIncludingTax": money(line.net + line.tax),
        "netAmount": money(line.net),
        "netTaxAmount": money(line.tax),
        "netAmountIncludingTax": money(line.net + line.tax),
        "locationId": guid(kinds.LOCATION, division, 1 + line.item % 3),
    }


def _order_line(o: Order, line: Line, items: list[Item]) -> dict[str, Any]:
    shipped = line.quantity if o.n % 6 == 0 else 0
    return {
        "id": guid(kinds.ORDER_LINE, o.division, o.n * 10 + line.n),
        "documentId": guid(kinds.ORDER, o.division, o.n),
        "sequence": line.n * 10_000,
        "shipmentDate": o.day.isoformat() if line.item else "0001-01-01",
        "shippedQuantity": shipped,
        "shipQuantity": line.quantity - shipped,
        **_goods(o.division, line, items),
    }


def _invoice(o: Order, c: Customer) -> dict[str, Any]:
    status = invoice_status(o)
    return {
        "id": guid(kinds.INVOICE, o.division, o.n),
        "number": f"S-INV{100_000 + o.n}",
        "orderId": guid(kinds.ORDER, o.division, o.n),
        "orderNumber": f"S-ORD{100_000 + o.n}",
        "externalDocumentNumber": f"PO {o.n}/{c.n}" if o.n % 4 else "",
        "invoiceDate": o.day.isoformat(),
        "postingDate": o.day.isoformat(),
        "dueDate": (o.day + timedelta(days=30)).isoformat(),
        "status": status,
        "remainingAmount": money(o.net + o.tax) if status == "Open" else 0,
        **_party(o, c),
    }


def _invoice_line(o: Order, line: Line, items: list[Item]) -> dict[str, Any]:
    return {
        "id": guid(kinds.INVOICE_LINE, o.division, o.n * 10 + line.n),
        "documentId": guid(kinds.INVOICE, o.division, o.n),
        "sequence": line.n * 10_000,
        **_goods(o.division, line, items),
    }


def _quote(o: Order, c: Customer) -> dict[str, Any]:
    return {
        "id": guid(kinds.QUOTE, o.division, o.n),
        "number": f"S-QUO{1_000 + o.n}",
        "documentDate": o.day.isoformat(),
        "validUntilDate": (o.day + timedelta(days=60)).isoformat(),
        "status": ("Draft", "Sent", "Accepted", "Expired_x0020_")[o.n // 50 % 4],
        **_party(o, c),
    }


def _quote_line(o: Order, line: Line, items: list[Item]) -> dict[str, Any]:
    return {
        "id": guid(kinds.QUOTE_LINE, o.division, o.n * 10 + line.n),
        "documentId": guid(kinds.QUOTE, o.division, o.n),
        "sequence": line.n * 10_000,
        **_goods(o.division, line, items),
    }


def _purchase(division: int, n: int, items: list[Item]) -> dict[str, Any]:
    vendor = 1 + n % 50
    net = sum(q * items[i - 1].cost for i, q in _bought(division, n, items))
    return {
        "id": guid(kinds.PURCHASE, division, n),
        "number": f"P-ORD{106_000 + n}",
        "orderDate": (TODAY - timedelta(days=n * 3)).isoformat(),
        "postingDate": (TODAY - timedelta(days=n * 3)).isoformat(),
        "vendorId": guid(kinds.VENDOR, division, vendor),
        "vendorNumber": f"V{vendor:05d}",
        "payToVendorId": guid(kinds.VENDOR, division, vendor),
        "payToVendorNumber": f"V{vendor:05d}",
        "currencyCode": CURRENCY[division],
        "status": ("Draft", "Open", "Open")[n % 3],
        "totalAmountExcludingTax": money(net),
        "totalAmountIncludingTax": money(net),
        "lastModifiedDateTime": STAMP,
    }


def _bought(division: int, n: int, items: list[Item]) -> list[tuple[int, int]]:
    return [(1 + mix(21, division, n, i) % len(items), 5 + i) for i in range(1 + n % 4)]


def _purchase_lines(division: int, n: int, items: list[Item]) -> Rows:
    for place, (number, quantity) in enumerate(_bought(division, n, items), 1):
        item = items[number - 1]
        yield {
            "id": guid(kinds.PURCHASE_LINE, division, n * 10 + place),
            "documentId": guid(kinds.PURCHASE, division, n),
            "sequence": place * 10_000,
            "lineType": "Item",
            "itemId": guid(kinds.ITEM, division, number),
            "lineObjectNumber": item.number,
            "description": item.name,
            "quantity": quantity,
            "directUnitCost": money(item.cost),
            "amountExcludingTax": money(item.cost * quantity),
            "amountIncludingTax": money(item.cost * quantity),
            "netAmount": money(item.cost * quantity),
            "netAmountIncludingTax": money(item.cost * quantity),
        }


def _financial(c: Customer, cents: int) -> dict[str, Any]:
    return {
        "id": guid(kinds.CUSTOMER, c.division, c.n),
        "number": c.number,
        "balance": money(cents),
        "overdueAmount": money(cents // 2),
        "lastModifiedDateTime": STAMP,
    }


def _aged(c: Customer, cents: int) -> dict[str, Any]:
    return {
        "customerId": guid(kinds.CUSTOMER, c.division, c.n),
        "customerNumber": c.number,
        "name": c.name,
        "currencyCode": CURRENCY[c.division],
        "balanceDue": money(cents),
        "currentAmount": money(cents - cents // 2),
        "period1Label": "1 - 30 days",
        "period1Amount": money(cents // 2),
        "agedAsOfDate": TODAY.isoformat(),
        "periodLengthFilter": "30D",
    }


def _ledger(division: int, posted: Iterable[Order]) -> Rows:
    for n, o in enumerate(posted):
        for side, (account, debit, credit) in enumerate((("10400", o.net, 0), ("40100", 0, o.net))):
            yield {
                "id": guid(kinds.LEDGER_ENTRY, division, n * 2 + side + 1),
                "entryNumber": n * 2 + side + 1,
                "postingDate": o.day.isoformat(),
                "documentNumber": f"S-INV{100_000 + o.n}",
                "documentType": "Invoice",
                "accountId": guid(kinds.ACCOUNT, division, 2 if side == 0 else 4),
                "accountNumber": account,
                "description": f"Order S-ORD{100_000 + o.n}",
                "debitAmount": money(debit),
                "creditAmount": money(credit),
                "lastModifiedDateTime": STAMP,
            }


def _item_ledger(division: int, posted: Iterable[Order], items: list[Item]) -> Rows:
    entry = 0
    for o in posted:
        for line in o.lines:
            if line.item:
                entry += 1
                yield {
                    "id": guid(kinds.ITEM_ENTRY, division, entry),
                    "entryNumber": entry,
                    "itemNumber": items[line.item - 1].number,
                    "postingDate": o.day.isoformat(),
                    "entryType": "Sale",
                    "sourceType": "Customer",
                    "sourceNumber": f"{'CDI'[division]}{o.customer:05d}",
                    "documentNumber": f"S-INV{100_000 + o.n}",
                    "documentType": "Sales_x0020_Invoice",
                    "quantity": -line.quantity,
                    "salesAmountActual": money(line.net),
                    "lastModifiedDateTime": STAMP,
                }


def _dimensions(o: Order) -> Rows:
    for n, code in enumerate(("DEPARTMENT", "CUSTOMERGROUP"), 1):
        value = 1 + o.n % 3
        names = ("ADM", "PROD", "SALES") if n == 1 else ("LARGE", "MEDIUM", "SMALL")
        yield {
            "id": guid(kinds.DIMENSION_LINE, o.division, o.n * 10 + n),
            "code": code,
            "parentId": guid(kinds.ORDER, o.division, o.n),
            "parentType": "Sales_x0020_Order",
            "displayName": CODES["dimensions"][1][n - 1][1],
            "valueId": guid(kinds.DIMENSION_VALUE, o.division, n * 100 + value),
            "valueCode": names[value - 1],
            "valueDisplayName": names[value - 1].capitalize(),
        }


def _journal_line(division: int, n: int) -> dict[str, Any]:
    return {
        "id": guid(kinds.JOURNAL_LINE, division, n),
        "journalId": guid(kinds.JOURNAL, division, 1),
        "journalDisplayName": "DEFAULT",
        "lineNumber": n * 10_000,
        "accountType": "G_x002F_L_x0020_Account",
        "accountId": guid(kinds.ACCOUNT, division, 1 + n % 5),
        "accountNumber": ("10100", "10400", "20100", "40100", "50100")[n % 5],
        "postingDate": TODAY.isoformat(),
        "documentNumber": f"G0{n:04d}",
        "amount": money(n * 12_345 * (-1) ** n),
        "description": "Opening entry",
        "lastModifiedDateTime": STAMP,
    }
