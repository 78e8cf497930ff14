"""Totals of a sales order: the sums of its lines."""

from __future__ import annotations

from decimal import Decimal

from vegraph.emulator.engine.transaction import Transaction

__all__ = ["TAX_RATE", "total_sales_order"]

TAX_RATE = Decimal("0.06")


def total_sales_order(tx: Transaction, company: str, number: str) -> None:
    """Write the totals anew; nothing when the order is gone."""
    header = tx.get("SalesOrderHeadersV2", None, {"dataAreaId": company, "SalesOrderNumber": number})
    if header is None:
        return
    lines = tx.find("SalesOrderLines", None, {"dataAreaId": company, "SalesOrderNumber": number})
    net = sum((line["LineAmount"] for line in lines), Decimal(0))
    tax = sum(((line["LineAmount"] * TAX_RATE).quantize(Decimal("0.01")) for line in lines), Decimal(0))
    tx.update("SalesOrderHeadersV2", header, {"OrderTotalAmount": net + tax, "OrderTotalTaxAmount": tax})
