"""Number series: the next number of a document or master, behind what is already there."""

from __future__ import annotations

import re

from vegraph.emulator.engine.transaction import Transaction

__all__ = ["PREFIXES", "next_number"]

PREFIXES: dict[str, tuple[str, int]] = {
    "customers": ("C", 10_000),
    "vendors": ("V", 10_000),
    "items": ("1", 1_000),
    "contacts": ("CT", 100_000),
    "employees": ("E", 1_000),
    "projects": ("JOB", 10_000),
    "opportunities": ("OP", 100_000),
    "fixedAssets": ("FA", 100_000),
    "accounts": ("A", 10_000),
    "salesOrders": ("S-ORD", 101_000),
    "salesInvoices": ("S-INV", 102_000),
    "salesQuotes": ("S-QUO", 1_000),
    "salesCreditMemos": ("S-CR", 1_000),
    "purchaseInvoices": ("P-INV", 107_000),
    "purchaseOrders": ("P-ORD", 106_000),
    "purchaseCreditMemos": ("P-CR", 1_000),
    "posted:salesInvoices": ("PS-INV", 103_000),
    "posted:salesCreditMemos": ("PS-CR", 104_000),
    "posted:purchaseInvoices": ("PP-INV", 108_000),
    "posted:purchaseCreditMemos": ("PP-CR", 109_000),
}
"""Prefix and first number of each series."""


def next_number(tx: Transaction, series: str, company: int | None) -> str:
    """The next free number of a series in a company."""
    prefix, first = PREFIXES[series]
    entity_set = series.removeprefix("posted:")
    known = tx.store.connection.execute(
        'SELECT 1 FROM "_series" WHERE name = ? AND company = ?', (series, company or 0)
    ).fetchone()
    if known is None:
        first = max(first, _last(tx, entity_set, prefix, company)) + 1
    while True:
        number = f"{prefix}{tx.next_number(series, company, first=first)}"
        if not tx.find(entity_set, company, {"number": number}, limit=1):
            return number


def _last(tx: Transaction, entity_set: str, prefix: str, company: int | None) -> int:
    table = tx.store.table(entity_set)
    last = tx.store.connection.execute(
        f"SELECT number FROM {table.sql} WHERE _c = ? AND number GLOB ? "
        "ORDER BY length(number) DESC, number DESC LIMIT 1",
        (company, prefix + "[0-9]*"),
    ).fetchone()
    match = re.fullmatch(re.escape(prefix) + r"(\d{1,15})", last[0]) if last else None
    return int(match[1]) if match else 0
