"""Bound actions of API v2.0 (erp.md OB-55 to OB-60): what they do to rows, and where the caller finds the result."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vegraph.emulator.bc import ledgers
from vegraph.emulator.bc.choices import BcChoices
from vegraph.emulator.bc.lines import DOCUMENTS
from vegraph.emulator.bc.problems import dialog, field_error
from vegraph.emulator.bc.series import next_number
from vegraph.emulator.engine.dialect import ActionAnswer, ActionCall
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["run"]

_LINES = {document: line for line, (document, _) in DOCUMENTS.items()}


@dataclass(frozen=True, slots=True)
class _Act:
    """What an action works with."""

    tx: Transaction
    call: ActionCall
    choices: BcChoices
    now: str
    table: Table
    row: Row

    @property
    def company(self) -> int | None:
        """Number of the company."""
        return self.row.company

    def lines(self) -> list[Row]:
        """Lines of the document."""
        return self.tx.find(_LINES[self.table.name], self.company, {"documentId": self.row["id"]}, order="sequence")


def run(tx: Transaction, call: ActionCall, choices: BcChoices, now: str) -> ActionAnswer:
    """Carry out a bound action. `Problem` where a business rule stands against it."""
    if call.table is None or call.row is None:
        raise Problem(404, "not_found", f"The action '{call.operation.short_name}' is bound to a row.")
    body = _ACTIONS.get(call.operation.short_name)
    if body is None:
        raise Problem(501, "not_implemented", f"The action '{call.operation.short_name}' does nothing here.")
    return body(_Act(tx, call, choices, now, call.table, call.row))


def _post(act: _Act) -> ActionAnswer:
    if act.table.name == "journals":
        ledgers.post_journal(act.tx, act.company, act.row, act.now)
        return ActionAnswer()
    if act.row["status"] != "Draft":
        raise field_error(f"Status must be equal to 'Draft' in {act.table.type.short_name}: No.={act.row['number']}.")
    posted = _converted(act, act.table.name, {
        "number": next_number(act.tx, f"posted:{act.table.name}", act.company),
        "status": "Open",
    })  # fmt: skip
    ledgers.post_document(act.tx, act.table.name, posted, act.now)
    return _answer(act, act.table.name, posted)


def _ship_and_invoice(act: _Act) -> ActionAnswer:
    target = "salesInvoices" if act.table.name == "salesOrders" else "purchaseInvoices"
    posted = _converted(act, target, {
        "number": next_number(act.tx, f"posted:{target}", act.company),
        "status": "Open",
        "orderNumber": act.row["number"],
        "orderId": act.row["id"],
        "invoiceDate": act.row["orderDate"],
        "dueDate": act.row["postingDate"],
    })  # fmt: skip
    ledgers.post_document(act.tx, target, posted, act.now)
    return _answer(act, target, posted)


def _make(target: str) -> Callable[[_Act], ActionAnswer]:
    def make(act: _Act) -> ActionAnswer:
        if act.row["status"] == "Accepted":
            raise dialog(f"The quote {act.row['number']} has already been accepted.")
        made = _converted(act, target, {
            "number": next_number(act.tx, target, act.company),
            "status": "Draft",
            "orderDate": act.row["documentDate"],
            "invoiceDate": act.row["documentDate"],
        })  # fmt: skip
        return _answer(act, target, made)

    return make


def _cancel(act: _Act) -> ActionAnswer:
    if act.row["status"] not in ("Open", "Paid"):
        raise dialog(f"You cannot cancel {act.row['number']} because it is not posted.")
    credit = {"salesInvoices": "salesCreditMemos", "purchaseInvoices": "purchaseCreditMemos"}.get(act.table.name)
    if credit:
        _copied(act, credit, {
            "id": str(uuid.uuid4()),
            "number": next_number(act.tx, f"posted:{credit}", act.company),
            "status": "Corrective",
            "invoiceId": act.row["id"],
            "invoiceNumber": act.row["number"],
            "creditMemoDate": act.now[:10],
        })  # fmt: skip
    changes = {"status": "Canceled", "remainingAmount": Decimal(0), "lastModifiedDateTime": act.now}
    act.tx.update(act.table.name, act.row, {k: v for k, v in changes.items() if k in act.table.columns})
    ledgers.adjust_balance(act.tx, act.table.name, act.row, -1)
    return ActionAnswer()


def _corrective(act: _Act) -> ActionAnswer:
    if act.row["status"] not in ("Open", "Paid"):
        raise dialog(f"You cannot correct {act.row['number']} because it is not posted.")
    made = _copied(act, "salesCreditMemos", {
        "id": str(uuid.uuid4()),
        "number": next_number(act.tx, "salesCreditMemos", act.company),
        "status": "Draft",
        "invoiceId": act.row["id"],
        "invoiceNumber": act.row["number"],
        "creditMemoDate": act.now[:10],
    })  # fmt: skip
    return _answer(act, "salesCreditMemos", made)


def _send(act: _Act) -> ActionAnswer:
    if not act.row.get("email") and act.table.name != "salesQuotes":
        raise dialog(f"The document {act.row['number']} has no email address to send it to.")
    changes: dict[str, Any] = {"lastModifiedDateTime": act.now}
    if act.table.name == "salesQuotes":
        changes |= {"status": "Sent", "sentDate": act.now}
    act.tx.update(act.table.name, act.row, changes)
    return ActionAnswer()


def _then_send(first: Callable[[_Act], ActionAnswer]) -> Callable[[_Act], ActionAnswer]:
    def both(act: _Act) -> ActionAnswer:
        if not act.row.get("email"):
            raise dialog(f"The document {act.row['number']} has no email address to send it to.")
        return first(act)

    return both


def _restart(act: _Act) -> ActionAnswer:
    act.tx.update(act.table.name, act.row, {"status": "Ready", "lastModifiedDateTime": act.now, "errorMessage": ""})
    return ActionAnswer()


def _activate(act: _Act) -> ActionAnswer:
    act.tx.update(act.table.name, act.row, {"enabled": "All Users"})
    return ActionAnswer()


def _deactivate(act: _Act) -> ActionAnswer:
    act.tx.update(act.table.name, act.row, {"enabled": "None"})
    return ActionAnswer()


def _converted(act: _Act, target: str, values: dict[str, Any]) -> Row:
    """The document as one of another kind; the old one goes."""
    if not act.lines():
        raise dialog("There is nothing to post.")
    same = act.choices.posted_id == "same"
    rows = act.lines()
    act.tx.delete(act.table.name, act.row)
    for line in rows:
        act.tx.delete(_LINES[act.table.name], line)
    return _copied(act, target, {"id": act.row["id"] if same else str(uuid.uuid4()), **values}, rows)


def _copied(act: _Act, target: str, values: dict[str, Any], rows: list[Row] | None = None) -> Row:
    columns = act.tx.store.table(target).columns
    rows = act.lines() if rows is None else rows
    found = {k: v for k, v in {**act.row, **values, "lastModifiedDateTime": act.now}.items() if k in columns}
    total = act.row["totalAmountIncludingTax"]
    if "remainingAmount" in columns:
        found["remainingAmount"] = total if values.get("status") == "Open" else Decimal(0)
    made = act.tx.insert(target, act.company, found)
    line_set = _LINES[target]
    line_columns = act.tx.store.table(line_set).columns
    price, other = DOCUMENTS[line_set][1], DOCUMENTS[_LINES[act.table.name]][1]
    for line in rows:
        copy = {k: v for k, v in {**line, price: line.get(other)}.items() if k in line_columns}
        act.tx.insert(line_set, act.company, {**copy, "id": str(uuid.uuid4()), "documentId": made["id"]})
    return made


def _answer(act: _Act, target: str, row: Row) -> ActionAnswer:
    scope = act.call.scope
    return ActionAnswer(location=f"{scope.root}/{scope.company_path}{target}({row['id']})")


_ACTIONS: dict[str, Callable[[_Act], ActionAnswer]] = {
    "post": _post,
    "postAndSend": _then_send(_post),
    "send": _send,
    "cancel": _cancel,
    "cancelAndSend": _then_send(_cancel),
    "makeCorrectiveCreditMemo": _corrective,
    "shipAndInvoice": _ship_and_invoice,
    "receiveAndInvoice": _ship_and_invoice,
    "makeInvoice": _make("salesInvoices"),
    "makeOrder": _make("salesOrders"),
    "restart": _restart,
    "activate": _activate,
    "deactivate": _deactivate,
}
