"""Finance and operations' documents: sales and purchase orders with lines, attachments. Totals are the lines' sums."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from vegraph.emulator.data import kinds
from vegraph.emulator.data.business import TODAY, Business, Customer, Item, Line, Order, guid, mix, money
from vegraph.emulator.data.fo_codes import AREAS, CURRENCIES, TERMS, account, lot, order_number

__all__ = ["documents"]

Rows = Iterator[dict[str, Any]]

_STATUS = ("Backorder", "Delivered", "Invoiced", "Backorder", "Backorder", "Invoiced", "Canceled")


def documents(business: Business, division: int) -> Iterator[tuple[str, Rows]]:
    """Set and rows of one company."""
    customers, items = business.all_customers(division), business.all_items(division)
    accounts = [account(business, division, c.n) for c in customers]

    def orders() -> Iterable[Order]:
        return business.all_orders(division)

    yield "SalesOrderHeadersV2", (_header(o, customers[o.customer - 1], accounts) for o in orders())
    yield "SalesOrderLines", (_line(o, line, items) for o in orders() for line in o.lines)
    yield "SalesOrderHeaderDocumentAttachments", (_attachment(o) for o in orders() if o.n % 200 == 1)
    yield "PurchaseOrderHeadersV2", (_purchase(division, n, items) for n in range(1, 101))
    yield "PurchaseOrderLinesV2", (row for n in range(1, 101) for row in _purchase_lines(division, n, items))


def _status(o: Order) -> str:
    return _STATUS[o.n % 7]


def _header(o: Order, c: Customer, accounts: list[str]) -> dict[str, Any]:
    ordering = accounts[o.customer - 1]
    status = _status(o)
    return {
        "dataAreaId": AREAS[o.division],
        "SalesOrderNumber": order_number(o.n),
        "OrderingCustomerAccountNumber": ordering,
        "InvoiceCustomerAccountNumber": accounts[0] if o.customer % 30 == 0 else ordering,
        "SalesOrderName": c.name,
        "SalesOrderStatus": status,
        "SalesOrderProcessingStatus": "Completed" if status == "Invoiced" else "Active",
        "CurrencyCode": CURRENCIES[o.division],
        "CustomersOrderReference": f"PO {o.n}/{c.n}" if o.n % 4 else "",
        "OrderCreationDateTime": f"{o.day.isoformat()}T{o.n % 24:02d}:{o.n % 60:02d}:07Z",
        "RequestedShippingDate": (o.day + timedelta(days=14)).isoformat() if o.n % 3 else "1900-01-01",
        "RequestedReceiptDate": (o.day + timedelta(days=16)).isoformat() if o.n % 3 else "1900-01-01",
        "PaymentTermsName": TERMS[c.terms][0],
        "DeliveryModeCode": ("10", "20", "")[o.n % 3],
        "LanguageId": {"DK": "da", "DE": "de"}.get(c.country, "en-US"),
        "DefaultShippingSiteId": str(1 + o.n % 3),
        "DefaultShippingWarehouseId": f"{1 + o.n % 3}{1 + o.n % 2}",
        "DeliveryAddressName": c.name,
        "DeliveryAddressStreet": c.street,
        "DeliveryAddressCity": c.city,
        "DeliveryAddressZipCode": c.zip,
        "Email": c.email,
        "IsSalesProcessingStopped": "Yes" if o.n % 33 == 0 else "No",
        "FormattedDeliveryAddress": f"{c.street}\n{c.zip} {c.city}",
        "OrderTotalAmount": money(o.net + o.tax),
        "OrderTotalTaxAmount": money(o.tax),
        "InvoiceNumber": f"INV-{o.n:06d}" if status == "Invoiced" else "",
        "OrderTakerPersonnelNumber": f"{1 + o.n % 40:06d}",
        "OrderResponsiblePersonnelNumber": f"{1 + o.n % 7:06d}" if o.n % 2 else "",
        "BaseDocumentId": guid(kinds.DOCUMENT, o.division, o.n) if o.n % 4 == 0 else None,
        "SalesOrderRecordId": 68_719_480_000 + o.division * 2_000_000 + o.n,
    }


def _line(o: Order, line: Line, items: list[Item]) -> dict[str, Any]:
    day = o.day.isoformat()
    row = {
        "dataAreaId": AREAS[o.division],
        "InventoryLotId": lot(o.n, line.n),
        "SalesOrderNumber": order_number(o.n),
        "LineNumber": line.n,
        "CurrencyCode": CURRENCIES[o.division],
        "SalesOrderLineStatus": _status(o),
        "RequestedShippingDate": day,
        "ShippingSiteId": str(1 + o.n % 3),
        "ShippingWarehouseId": f"{1 + o.n % 3}{1 + o.n % 2}",
        "LineCreationSequenceNumber": line.n,
        "DeliveryTime": 8 * 3600 + o.n % 36 * 900,
    }
    if not line.item:
        return row | {
            "LineDescription": "Thank you for your order – «Tak!»",
            "SalesUnitSymbol": "",
            "OrderedSalesQuantity": 0,
        }
    item = items[line.item - 1]
    return row | {
        "ItemNumber": item.number,
        "ProductName": item.name,
        "LineDescription": item.name,
        "OrderedSalesQuantity": line.quantity,
        "SalesUnitSymbol": "h" if item.service else "ea",
        "SalesPrice": money(line.price),
        "SalesPriceQuantity": 1,
        "LineDiscountAmount": money(line.discount),
        "LineDiscountPercentage": 10 if line.discount else 0,
        "LineAmount": money(line.net),
        "MarginContributionRatio": money((line.price - item.cost) * 100 // max(line.price, 1)),
    }


def _attachment(o: Order) -> dict[str, Any]:
    text = f"Order {order_number(o.n)}: «Lieferung bitte ans Tor 3» 📦\n".encode()
    return {
        "dataAreaId": AREAS[o.division],
        "SalesOrderNumber": order_number(o.n),
        "DocumentId": guid(kinds.ATTACHMENT, o.division, o.n),
        "TypeId": "File",
        "AttachmentDescription": "Note from the customer",
        "FileName": f"note {o.n}.txt",
        "FileType": "txt",
        "FileContents": base64.b64encode(text).decode(),
        "AttachedByUserId": "sofia",
        "AttachedDateTime": f"{o.day.isoformat()}T09:00:00Z",
    }


def _bought(division: int, n: int, items: list[Item]) -> list[tuple[Item, int]]:
    return [(items[mix(21, division, n, i) % len(items)], 5 + i) for i in range(1 + n % 4)]


def _purchase(division: int, n: int, items: list[Item]) -> dict[str, Any]:
    vendor = f"V{1 + n % 50:05d}"
    day = TODAY - timedelta(days=n * 3)
    return {
        "dataAreaId": AREAS[division],
        "PurchaseOrderNumber": f"{n:08d}",
        "OrderVendorAccountNumber": vendor,
        "InvoiceVendorAccountNumber": vendor,
        "PurchaseOrderStatus": ("Backorder", "Received", "Invoiced")[n % 3],
        "DocumentApprovalStatus": ("Approved", "Confirmed", "Draft", "Finalized")[n % 4],
        "CurrencyCode": CURRENCIES[division],
        "AccountingDate": day.isoformat(),
        "RequestedDeliveryDate": (day + timedelta(days=21)).isoformat(),
        "DefaultReceivingSiteId": "1",
        "OrdererPersonnelNumber": f"{1 + n % 40:06d}",
        "OrderTotalAmount": money(sum(q * i.cost for i, q in _bought(division, n, items))),
        "CreatedOrderDateTime": f"{day.isoformat()}T07:45:00Z",
    }


def _purchase_lines(division: int, n: int, items: list[Item]) -> Rows:
    for place, (item, quantity) in enumerate(_bought(division, n, items), 1):
        yield {
            "dataAreaId": AREAS[division],
            "PurchaseOrderNumber": f"{n:08d}",
            "LineNumber": place,
            "ItemNumber": item.number,
            "LineDescription": item.name,
            "OrderedPurchaseQuantity": quantity,
            "PurchaseUnitSymbol": "ea",
            "PurchasePrice": money(item.cost),
            "LineAmount": money(item.cost * quantity),
            "PurchaseOrderLineStatus": ("Backorder", "Received", "Invoiced")[(n + place) % 3],
            "PurchaseLineType": "Purchase",
            "ReceivingSiteId": "1",
            "ReceivingWarehouseId": "11",
        }
