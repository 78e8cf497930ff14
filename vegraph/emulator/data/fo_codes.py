"""Codes of finance and operations' seed data, and how its numbers follow from the shared business."""

from __future__ import annotations

from vegraph.emulator.data.business import Business

__all__ = ["AREAS", "CURRENCIES", "TERMS", "account", "lot", "order_number"]

AREAS = ("usmf", "demf", "usrt")
"""Company by division."""

CURRENCIES = ("USD", "EUR", "USD")
"""Accounting currency by division."""

TERMS = (("Net30", 30, 0), ("Net14", 14, 0), ("M1", 0, 1), ("COD", 0, 0))
"""Name, days, months."""


def account(business: Business, division: int, n: int) -> str:
    """A customer's account: for three of four the number BC has too, for the rest a number of its own."""
    known = business.share(business.customers, division) * 3 // 4
    return f"{'CDI'[division]}{n:05d}" if n <= known else f"{AREAS[division][:2].upper()}-{n:05d}"


def order_number(n: int) -> str:
    """Number of an order; every company counts from one."""
    return f"SO{n:06d}"


def lot(n: int, line: int) -> str:
    """Lot id of an order's line."""
    return f"{n * 10 + line:010d}"
