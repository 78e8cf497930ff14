"""What posting leaves behind: ledger entries, stock, balances."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from vegraph.emulator.bc.lines import DOCUMENTS
from vegraph.emulator.bc.problems import dialog
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["adjust_balance", "post_document", "post_journal"]

_SIGNS = {"salesInvoices": -1, "salesCreditMemos": 1, "purchaseInvoices": 1, "purchaseCreditMemos": -1}
"""What a document does to stock."""


def post_document(tx: Transaction, entity_set: str, document: Row, now: str) -> None:
    """Item entries and stock of a posted document, and its party's balance."""
    line_set = next(line for line, (parent, _) in DOCUMENTS.items() if parent == entity_set)
    sign = _SIGNS[entity_set]
    for line in tx.find(line_set, document.company, {"documentId": document["id"]}):
        item = tx.get("items", document.company, line["itemId"]) if line["lineType"] == "Item" else None
        if item is None:
            continue
        quantity = sign * Decimal(line["quantity"])
        tx.update("items", item, {"inventory": Decimal(item["inventory"]) + quantity, "lastModifiedDateTime": now})
        if "itemLedgerEntries" in tx.store.shape.tables:
            tx.insert("itemLedgerEntries", document.company, _item_entry(tx, entity_set, document, line, quantity, now))
    adjust_balance(tx, entity_set, document, 1)


def _item_entry(
    tx: Transaction, entity_set: str, document: Row, line: Row, quantity: Decimal, now: str
) -> dict[str, Any]:
    sales = entity_set.startswith("sales")
    return {
        "id": str(uuid.uuid4()),
        "entryNumber": tx.next_number("itemLedgerEntries", document.company, first=1_000_000),
        "itemNumber": line["lineObjectNumber"],
        "postingDate": document["postingDate"],
        "entryType": "Sale" if sales else "Purchase",
        "documentNumber": document["number"],
        "sourceNumber": document["customerNumber" if sales else "vendorNumber"],
        "sourceType": "Customer" if sales else "Vendor",
        "description": line["description"],
        "quantity": quantity,
        "salesAmountActual": line["amountExcludingTax"] if sales else Decimal(0),
        "lastModifiedDateTime": now,
    }


def adjust_balance(tx: Transaction, entity_set: str, document: Row, sign: int) -> None:
    """The customer's balance grows with invoices and shrinks with credit memos."""
    if not entity_set.startswith("sales") or "customerFinancialDetails" not in tx.store.shape.tables:
        return
    details = tx.get("customerFinancialDetails", document.company, document["customerId"])
    if details is not None:
        amount = sign * Decimal(document["totalAmountIncludingTax"]) * (1 if entity_set == "salesInvoices" else -1)
        tx.update("customerFinancialDetails", details, {"balance": Decimal(details["balance"]) + amount})


def post_journal(tx: Transaction, company: int | None, journal: Row, now: str) -> None:
    """Lines become general ledger entries and leave the journal."""
    lines = tx.find("journalLines", company, {"journalId": journal["id"]})
    if not lines:
        raise dialog("There is nothing to post.")
    for line in lines:
        amount = Decimal(line["amount"])
        tx.insert("generalLedgerEntries", company, {
            "id": str(uuid.uuid4()),
            "entryNumber": tx.next_number("generalLedgerEntries", company, first=1_000_000),
            "postingDate": line["postingDate"],
            "documentNumber": line["documentNumber"],
            "accountId": line["accountId"],
            "accountNumber": line["accountNumber"],
            "description": line["description"],
            "debitAmount": max(amount, Decimal(0)),
            "creditAmount": max(-amount, Decimal(0)),
            "lastModifiedDateTime": now,
        })  # fmt: skip
        tx.delete("journalLines", line)
