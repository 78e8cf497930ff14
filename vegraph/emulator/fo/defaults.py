"""What a new row gets by itself: initial values, numbers from sequences, and values that follow from others.

The order is X++'s (erp.md §4.1.3): initValue, the fields supplied, defaultRow.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from vegraph.emulator.documents.model import Column, Entity
from vegraph.emulator.engine.transaction import Transaction

__all__ = ["SERIES", "default_row", "initial", "line_amount", "numbered"]

Values = dict[str, Any]

SERIES: Mapping[str, tuple[str, int]] = {
    "CustomerAccount": ("C9{:05d}", 1),
    "PartyNumber": ("{:09d}", 900_000_001),
    "ContactPersonId": ("CP{:06d}", 900_001),
    "SalesOrderNumber": ("SO{:06d}", 900_001),
    "InventoryLotId": ("{:010d}", 9_000_000_001),
    "ProductNumber": ("P{:06d}", 900_001),
    "VendorAccountNumber": ("V9{:04d}", 1),
    "VendorPartyNumber": ("{:09d}", 990_000_001),
    "PurchaseOrderNumber": ("{:08d}", 900_001),
    "LineNumber": ("{:d}", 1_001),
    "PersonnelNumber": ("{:06d}", 900_001),
    "PositionId": ("{:06d}", 900_001),
    "DepartmentNumber": ("{:03d}", 901),
    "RequestId": ("LR{:05d}", 90_001),
}
"""Number sequences: format and first number, beyond what seed rows use."""


def initial(entity: Entity, values: Mapping[str, Any]) -> Values:
    """The values with the entity's initial ones where none is given."""
    found = {c.name: _typed(c) for c in entity.columns if c.default is not None and values.get(c.name) is None}
    return {**values, **found}


def _typed(column: Column) -> Any:
    text = column.default or ""
    if column.type in ("i32", "i64", "time"):
        return int(text)
    return Decimal(text) if column.type == "dec" else text


def numbered(tx: Transaction, entity: Entity, values: Values, company: str) -> Values:
    """The values with numbers from the sequences where the caller gave none."""
    found = dict(values)
    for column in entity.columns:
        if not column.has("auto") or values.get(column.name):
            continue
        if column.type == "guid":
            number = tx.next_number(f"{entity.set}.guid", None)
            found[column.name] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{entity.set}/{number}"))
            continue
        shape, first = SERIES[column.name]
        text = shape.format(tx.next_number(f"{column.name}.{company}", None, first=first))
        found[column.name] = int(text) if column.type == "i64" else text
    return found


def default_row(tx: Transaction, entity: Entity, values: Values, now: str) -> Values:
    """The values with those that follow from others."""
    rule = _RULES.get(entity.name)
    return {**rule(tx, values, now), **{k: v for k, v in values.items() if v not in (None, "")}} if rule else values


def _sales_order(tx: Transaction, values: Values, now: str) -> Values:
    area = values["dataAreaId"]
    account = values.get("OrderingCustomerAccountNumber")
    customer = tx.get("CustomersV3", None, {"dataAreaId": area, "CustomerAccount": account}) if account else None
    found = dict(values) | {"OrderCreationDateTime": now}
    if customer is None:
        return found
    return found | {
        "InvoiceCustomerAccountNumber": customer["InvoiceAccount"] or customer["CustomerAccount"],
        "SalesOrderName": customer["OrganizationName"] or customer["NameAlias"],
        "CurrencyCode": customer["SalesCurrencyCode"],
        "PaymentTermsName": customer["PaymentTerms"],
        "LanguageId": customer["LanguageId"],
        "DeliveryAddressName": customer["AddressDescription"],
        "DeliveryAddressStreet": customer["AddressStreet"],
        "DeliveryAddressCity": customer["AddressCity"],
        "DeliveryAddressZipCode": customer["AddressZipCode"],
        "Email": customer["PrimaryContactEmail"],
    }


def _sales_line(tx: Transaction, values: Values, now: str) -> Values:
    del now
    area = values["dataAreaId"]
    order = {"dataAreaId": area, "SalesOrderNumber": values.get("SalesOrderNumber")}
    header = tx.get("SalesOrderHeadersV2", None, order)
    item = tx.get("ReleasedProductsV2", None, {"dataAreaId": area, "ItemNumber": values.get("ItemNumber")})
    found = dict(values)
    if header is not None:
        lines = tx.find("SalesOrderLines", None, order)
        found |= {
            "CurrencyCode": header["CurrencyCode"],
            "LineNumber": max((row["LineNumber"] for row in lines), default=Decimal(0)) + 1,
            "LineCreationSequenceNumber": len(lines) + 1,
            "ShippingSiteId": header["DefaultShippingSiteId"],
            "ShippingWarehouseId": header["DefaultShippingWarehouseId"],
        }
    if item is not None:
        found |= {
            "ProductName": item["ProductName"],
            "LineDescription": item["ProductName"],
            "SalesPrice": item["SalesPrice"],
            "SalesUnitSymbol": item["SalesUnitSymbol"],
        }
    return found | {"LineAmount": line_amount({**found, **{k: v for k, v in values.items() if v is not None}})}


def line_amount(values: Mapping[str, Any]) -> Decimal:
    """Net amount of a sales line: quantity times price a unit, less the discounts, in hundredths."""
    quantity = Decimal(values.get("OrderedSalesQuantity") or 0)
    gross = quantity * Decimal(values.get("SalesPrice") or 0) / Decimal(values.get("SalesPriceQuantity") or 1)
    percent = Decimal(values.get("LineDiscountPercentage") or 0)
    net = gross - Decimal(values.get("LineDiscountAmount") or 0) if not percent else gross * (100 - percent) / 100
    return net.quantize(Decimal("0.01"))


def _purchase_line(tx: Transaction, values: Values, now: str) -> Values:
    del tx, now
    amount = Decimal(values.get("OrderedPurchaseQuantity") or 0) * Decimal(values.get("PurchasePrice") or 0)
    return dict(values) | {"LineAmount": amount.quantize(Decimal("0.01"))}


def _purchase_order(tx: Transaction, values: Values, now: str) -> Values:
    del tx
    vendor = values.get("OrderVendorAccountNumber")
    return dict(values) | {"InvoiceVendorAccountNumber": vendor, "CreatedOrderDateTime": now}


def _released(tx: Transaction, values: Values, now: str) -> Values:
    product = tx.get("ProductsV2", None, values.get("ProductNumber") or "")
    name = {"ProductName": product["ProductName"]} if product else {}
    return dict(values) | name | {"CreatedProductDateTime": now}


def _worker(tx: Transaction, values: Values, now: str) -> Values:
    del tx, now
    return dict(values) | {"Name": " ".join(filter(None, (values.get("FirstName"), values.get("LastName"))))}


def _customer(tx: Transaction, values: Values, now: str) -> Values:
    del tx
    return dict(values) | {"CreatedDateTime1": now, "NameAlias": str(values.get("OrganizationName") or "")[:20]}


def _attachment(tx: Transaction, values: Values, now: str) -> Values:
    del tx
    return dict(values) | {"AttachedDateTime": now}


_RULES: Mapping[str, Callable[[Transaction, Values, str], Values]] = {
    "CustomerV3": _customer,
    "PurchaseOrderHeaderV2": _purchase_order,
    "PurchaseOrderLineV2": _purchase_line,
    "ReleasedProductV2": _released,
    "SalesOrderHeaderDocumentAttachment": _attachment,
    "SalesOrderHeaderV2": _sales_order,
    "SalesOrderLine": _sales_line,
    "Worker": _worker,
}
