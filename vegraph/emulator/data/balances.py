"""What customers still owe: the invoices BC shows as open."""

from __future__ import annotations

from vegraph.emulator.data.business import Business, Order

__all__ = ["invoice_status", "open_balances"]


def open_balances(business: Business, division: int) -> dict[int, int]:
    """Cents still to be paid, by customer number."""
    found: dict[int, int] = {}
    for order in business.all_orders(division):
        if order.n % 7 == 0 and invoice_status(order) == "Open":
            found[order.customer] = found.get(order.customer, 0) + order.net + order.tax
    return found


def invoice_status(order: Order) -> str:
    """Status of the invoice of that order, wire form."""
    return ("Paid", "Open", "Draft", "Paid", "Paid", "Canceled", "In_x0020_Review")[order.n // 7 % 7]
