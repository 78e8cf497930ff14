"""Actions on customers, orders and stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from vegraph.emulator.engine.dialect import ActionAnswer
from vegraph.emulator.engine.transaction import Row
from vegraph.emulator.fo.actions import Action, ActionRefused, Deed, rows_of, value

__all__ = ["ACTIONS"]


def _confirm(deed: Deed) -> ActionAnswer:
    row = deed.row
    if row["SalesOrderStatus"] != "Backorder":
        raise ActionRefused(
            f"Sales order {row['SalesOrderNumber']} is {row['SalesOrderStatus']} and cannot be confirmed"
        )
    number = f"{row['SalesOrderNumber']}-{deed.tx.next_number('confirmation.' + row['SalesOrderNumber'], None)}"
    day = deed.given("_confirmationDate", deed.now)
    changes = {
        "ConfirmationNumber": number[:20],
        "SalesOrderProcessingStatus": "Confirmed",
        "ConfirmedShippingDate": day,
    }
    deed.tx.update("SalesOrderHeadersV2", row, changes)
    return value(number)


def _invoice(deed: Deed) -> ActionAnswer:
    row, tx = deed.row, deed.tx
    if row["SalesOrderStatus"] in ("Invoiced", "Canceled"):
        raise ActionRefused(f"Sales order {row['SalesOrderNumber']} is {row['SalesOrderStatus']}")
    lines = _lines(deed)
    if not lines:
        raise ActionRefused(f"Sales order {row['SalesOrderNumber']} has no lines to invoice")
    number = (
        deed.given("_invoiceNumber") or f"INV-{tx.next_number('invoice.' + row['dataAreaId'], None, first=900_001)}"
    )
    for line in lines:
        tx.update("SalesOrderLines", line, {"SalesOrderLineStatus": "Invoiced"})
    changes = {"SalesOrderStatus": "Invoiced", "SalesOrderProcessingStatus": "Completed", "InvoiceNumber": number}
    after = tx.update("SalesOrderHeadersV2", row, changes)
    return ActionAnswer(table=deed.table("SalesOrderHeadersV2"), rows=(after,))


def _cancel(deed: Deed) -> ActionAnswer:
    row, tx = deed.row, deed.tx
    if row["SalesOrderStatus"] == "Invoiced":
        raise ActionRefused(f"Sales order {row['SalesOrderNumber']} is invoiced and cannot be canceled")
    for line in _lines(deed):
        tx.update("SalesOrderLines", line, {"SalesOrderLineStatus": "Canceled"})
    tx.update("SalesOrderHeadersV2", row, {"SalesOrderStatus": "Canceled"})
    return ActionAnswer()


def _calculate_total(deed: Deed) -> ActionAnswer:
    return value(sum((line["LineAmount"] for line in _lines(deed)), Decimal(0)))


def _lines(deed: Deed) -> list[Row]:
    row = deed.row
    wanted = {"dataAreaId": row["dataAreaId"], "SalesOrderNumber": row["SalesOrderNumber"]}
    return deed.tx.find("SalesOrderLines", None, wanted)


def _overdue(deed: Deed) -> ActionAnswer:
    today = str(deed.given("_asOf", deed.now))[:10]
    found = deed.tx.find("SalesOrderHeadersV2", None, {"dataAreaId": deed.company, "SalesOrderStatus": "Backorder"})
    late = [r for r in found if "1900-01-02" < r["RequestedShippingDate"][:10] < today]
    most = int(deed.given("_maxRows", 0)) or len(late)
    return rows_of(deed.table("SalesOrderHeadersV2"), late[:most])


def _count_by_status(deed: Deed) -> ActionAnswer:
    wanted = {"dataAreaId": deed.company, "SalesOrderStatus": deed.given("_status", "None")}
    return value(len(deed.tx.find("SalesOrderHeadersV2", None, wanted)))


def _set_on_hold(deed: Deed) -> ActionAnswer:
    deed.tx.update("CustomersV3", deed.row, {"OnHoldStatus": deed.given("_status", "All")})
    return ActionAnswer()


def _balance(deed: Deed) -> ActionAnswer:
    row = deed.row
    currency = deed.given("_currency") or row["SalesCurrencyCode"]
    if currency != row["SalesCurrencyCode"]:
        raise ActionRefused(f"Exchange rate from {row['SalesCurrencyCode']} to {currency} does not exist")
    wanted = {"dataAreaId": row["dataAreaId"], "InvoiceCustomerAccountNumber": row["CustomerAccount"]}
    orders = deed.tx.find("SalesOrderHeadersV2", None, wanted)
    return value(sum((o["OrderTotalAmount"] for o in orders if o["SalesOrderStatus"] == "Invoiced"), Decimal(0)))


def _find_by_email(deed: Deed) -> ActionAnswer:
    wanted = {"dataAreaId": deed.company, "PrimaryContactEmail": deed.given("_email", "")}
    return rows_of(deed.table("CustomersV3"), deed.tx.find("CustomersV3", None, wanted))


def _count_on_hand(deed: Deed) -> ActionAnswer:
    row = deed.row
    key = {"dataAreaId": row["dataAreaId"], "ItemNumber": deed.given("_itemNumber", "")}
    item = deed.tx.get("ReleasedProductsV2", None, key)
    if item is None:
        raise ActionRefused(f"Item number {key['ItemNumber']} does not exist")
    return value(item["OnHandQuantity"])


def _low_stock(deed: Deed) -> ActionAnswer:
    limit = Decimal(str(deed.given("_threshold", 0)))
    found = deed.tx.find("ReleasedProductsV2", None, {"dataAreaId": deed.company, "ProductType": "Item"})
    return rows_of(deed.table("ReleasedProductsV2"), [r for r in found if r["OnHandQuantity"] < limit])


def _confirm_purchase(deed: Deed) -> ActionAnswer:
    row = deed.row
    if row["DocumentApprovalStatus"] == "Draft":
        raise ActionRefused(f"Purchase order {row['PurchaseOrderNumber']} is not approved")
    day = deed.given("_confirmationDate", deed.now)
    changes = {"DocumentApprovalStatus": "Confirmed", "ConfirmedDeliveryDate": day}
    deed.tx.update("PurchaseOrderHeadersV2", row, changes)
    return ActionAnswer()


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("CustomerV3", "calculateBalance"): _balance,
    ("CustomerV3", "findByEmail"): _find_by_email,
    ("CustomerV3", "setOnHold"): _set_on_hold,
    ("PurchaseOrderHeaderV2", "confirm"): _confirm_purchase,
    ("ReleasedProductV2", "getLowStock"): _low_stock,
    ("SalesOrderHeaderV2", "calculateTotal"): _calculate_total,
    ("SalesOrderHeaderV2", "cancelOrder"): _cancel,
    ("SalesOrderHeaderV2", "confirm"): _confirm,
    ("SalesOrderHeaderV2", "countByStatus"): _count_by_status,
    ("SalesOrderHeaderV2", "getOverdueOrders"): _overdue,
    ("SalesOrderHeaderV2", "invoice"): _invoice,
    ("Warehouse", "countOnHand"): _count_on_hand,
}
