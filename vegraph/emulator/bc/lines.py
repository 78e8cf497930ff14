"""Document lines: price and text from the item, amounts from quantity and price, totals on the document."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from vegraph.emulator.bc.problems import dialog
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import ZERO_GUID
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["DOCUMENTS", "fill", "total"]

DOCUMENTS: dict[str, tuple[str, str]] = {
    "salesOrderLines": ("salesOrders", "unitPrice"),
    "salesInvoiceLines": ("salesInvoices", "unitPrice"),
    "salesQuoteLines": ("salesQuotes", "unitPrice"),
    "salesCreditMemoLines": ("salesCreditMemos", "unitPrice"),
    "purchaseOrderLines": ("purchaseOrders", "directUnitCost"),
    "purchaseInvoiceLines": ("purchaseInvoices", "unitCost"),
    "purchaseCreditMemoLines": ("purchaseCreditMemos", "unitCost"),
}
"""Line set → (document set, the member that holds the price)."""

_CENT = Decimal("0.01")
_PRICED_BY = ("itemId", "lineObjectNumber", "quantity", "unitPrice", "unitCost", "directUnitCost", "discountAmount",
              "discountPercent", "taxPercent")  # fmt: skip


def fill(tx: Transaction, company: int | None, name: str, values: dict[str, Any], row: Row | None) -> dict[str, Any]:
    """Complete a line's values in place (and give them back): item, sequence, amounts."""
    document_set, price = DOCUMENTS[name]
    columns = tx.store.table(name).columns
    if row is None:
        _place(tx, company, name, document_set, values)
    item = _item(tx, company, values)
    if item is not None:
        cost = price if price in columns else "unitCost"
        found = {
            "itemId": item["id"], "lineObjectNumber": item["number"], "description": item["displayName"],
            "description2": item.get("displayName2", ""), "unitOfMeasureId": item.get("baseUnitOfMeasureId"),
            "unitOfMeasureCode": item.get("baseUnitOfMeasureCode"), "lineType": "Item",
            "taxCode": item.get("taxGroupCode", ""),
            cost: item["unitPrice"] if cost == "unitPrice" else item["unitCost"],
        }  # fmt: skip
        for member, value in found.items():
            if member in columns and value is not None and values.get(member) in (None, "", ZERO_GUID):
                values[member] = value
    if row is None or any(member in values for member in _PRICED_BY):
        values.update(_amounts({**(row or {}), **values}, columns, price, values))
    return values


def _place(tx: Transaction, company: int | None, name: str, document_set: str, values: dict[str, Any]) -> None:
    document = values.get("documentId")
    if document in (None, "", ZERO_GUID):
        raise Problem(400, "required", "The field 'documentId' must not be blank or empty.", target="documentId")
    parent = tx.get(document_set, company, document)
    if parent is None:
        raise Problem(
            404,
            "row_not_found",
            f"The document of '{name}' does not exist. Identification fields and values: {document}",
        )
    if parent.get("status") not in ("Draft", "Open", "Sent", "In_x0020_Review") or (
        parent.get("status") == "Open" and document_set not in ("salesOrders", "purchaseOrders")
    ):
        raise dialog(f"The document {parent.get('number')} has been posted and cannot be changed.")
    if not values.get("sequence"):
        last = tx.find(name, company, {"documentId": document})
        values["sequence"] = max((line["sequence"] for line in last), default=0) + 10_000


def _item(tx: Transaction, company: int | None, values: dict[str, Any]) -> Row | None:
    given, number = values.get("itemId"), values.get("lineObjectNumber")
    if values.get("lineType") not in (None, "", "Item"):
        return None
    if given not in (None, "", ZERO_GUID):
        item = tx.get("items", company, given)
    elif number:
        matches = tx.find("items", company, {"number": number}, limit=1)
        item = matches[0] if matches else None
    else:
        return None
    if item is None:
        raise Problem(
            400,
            "Internal_InvalidTableRelation",
            f"The field itemId contains a value ({given or number}) that cannot be found in the related table (Item).",
            target="itemId" if given else "lineObjectNumber",
        )
    if item.get("blocked"):
        raise dialog(
            f"You cannot sell Item {item['number']} because the Blocked check box is selected on the Item card."
        )
    return item


def _amounts(line: dict[str, Any], columns: Any, price: str, given: dict[str, Any]) -> dict[str, Any]:
    quantity, unit = Decimal(line.get("quantity") or 0), Decimal(line.get(price) or 0)
    gross = quantity * unit
    percent = Decimal(line.get("discountPercent") or 0)
    discount = Decimal(line.get("discountAmount") or 0)
    if given.get("discountAmount") is not None and gross:
        percent = (discount / gross * 100).quantize(Decimal("0.00001"))
    elif percent:
        discount = _rounded(gross * percent / 100)
    net = _rounded(gross - discount)
    tax = _rounded(net * Decimal(line.get("taxPercent") or 0) / 100)
    found = {
        "discountAmount": discount, "discountPercent": percent, "amountExcludingTax": net, "totalTaxAmount": tax,
        "amountIncludingTax": net + tax, "netAmount": net, "netTaxAmount": tax, "netAmountIncludingTax": net + tax,
        "shipQuantity": quantity, "invoiceQuantity": quantity, "receiveQuantity": quantity,
    }  # fmt: skip
    return {k: v for k, v in found.items() if k in columns}


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def total(tx: Transaction, name: str, line: Row, now: str) -> None:
    """Add a document's lines up."""
    document_set, _ = DOCUMENTS[name]
    document = tx.get(document_set, line.company, line["documentId"])
    if document is None:
        return
    rows = tx.find(name, line.company, {"documentId": line["documentId"]})
    net = sum((Decimal(r["amountExcludingTax"]) for r in rows), Decimal(0))
    tax = sum((Decimal(r["totalTaxAmount"]) for r in rows), Decimal(0))
    changes: dict[str, Any] = {
        "totalAmountExcludingTax": net,
        "totalTaxAmount": tax,
        "totalAmountIncludingTax": net + tax,
        "lastModifiedDateTime": now,
    }
    columns = tx.store.table(document_set).columns
    tx.update(document_set, document, {k: v for k, v in changes.items() if k in columns})
