"""Documents take over their customer's or vendor's data, dates and status."""

from __future__ import annotations

from typing import Any

from vegraph.emulator.bc.problems import dialog
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import ZERO_GUID
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["POSTED", "STATUSES", "fill"]

STATUSES = frozenset(
    {"salesOrders", "salesInvoices", "salesQuotes", "salesCreditMemos", "purchaseInvoices", "purchaseOrders",
     "purchaseCreditMemos"}
)  # fmt: skip
"""Sets of documents with a status that only actions change."""

_POSTED = frozenset({"Open", "Paid", "Canceled", "Corrective"})
POSTED = {
    "salesInvoices": _POSTED,
    "salesCreditMemos": _POSTED,
    "purchaseInvoices": _POSTED,
    "purchaseCreditMemos": _POSTED,
}
"""Statuses in which a document is posted and stays as it is."""

_DATES = {
    "salesOrders": ("orderDate", "postingDate"),
    "salesInvoices": ("invoiceDate", "postingDate", "dueDate"),
    "salesQuotes": ("documentDate", "postingDate", "dueDate"),
    "salesCreditMemos": ("creditMemoDate", "postingDate", "dueDate"),
    "purchaseInvoices": ("invoiceDate", "postingDate", "dueDate"),
    "purchaseOrders": ("orderDate", "postingDate"),
    "purchaseCreditMemos": ("creditMemoDate", "postingDate", "dueDate"),
}
_ADDRESS = {"AddressLine1": "addressLine1", "AddressLine2": "addressLine2", "City": "city", "Country": "country",
            "State": "state", "PostCode": "postalCode"}  # fmt: skip
_TERMS = ("currencyId", "currencyCode", "paymentTermsId", "shipmentMethodId")


def fill(
    tx: Transaction, company: int | None, name: str, values: dict[str, Any], now: str, *, row: Row | None = None
) -> None:
    """Fill in what a document inherits; of what is given nothing is overwritten."""
    if name not in STATUSES:
        return
    known = tx.store.table(name).columns
    vendor = name.startswith("purchase")
    kind, party_set = ("vendor", "vendors") if vendor else ("customer", "customers")
    party = _party(tx, company, party_set, kind, values)
    found: dict[str, Any] = {}
    if party is not None:
        _check_blocked(party, kind)
        found |= {f"{kind}Id": party["id"], f"{kind}Number": party["number"], f"{kind}Name": party["displayName"]}
        pay = "payTo" if vendor else "billTo"
        noun = "Vendor" if vendor else "Customer"
        found |= {
            f"{pay}Name": party["displayName"],
            f"{pay}{noun}Id": party["id"],
            f"{pay}{noun}Number": party["number"],
        }
        found |= {
            "shipToName": party["displayName"],
            "phoneNumber": party.get("phoneNumber"),
            "email": party.get("email"),
        }
        for prefix in ("buyFrom" if vendor else "sellTo", pay, "shipTo"):
            found |= {prefix + own: party.get(theirs, "") for own, theirs in _ADDRESS.items()}
        found |= {term: party.get(term) for term in _TERMS if party.get(term) is not None}
    if row is None:
        found |= dict.fromkeys(_DATES[name], now[:10])
        found["status"] = "Draft"
    for member, value in found.items():
        if member in known and values.get(member) in (None, ""):
            values[member] = value


def _party(tx: Transaction, company: int | None, party_set: str, kind: str, values: dict[str, Any]) -> Row | None:
    given, number = values.get(f"{kind}Id"), values.get(f"{kind}Number")
    found: Row | None = None
    if given not in (None, "", ZERO_GUID):
        found = tx.get(party_set, company, given)
    elif number:
        matches = tx.find(party_set, company, {"number": number}, limit=1)
        found = matches[0] if matches else None
    else:
        return None
    if found is None:
        raise Problem(
            400,
            "Internal_InvalidTableRelation",
            f"The field {kind}{'Id' if given else 'Number'} contains a value ({given or number}) that cannot be found "
            f"in the related table ({kind.title()}).",
            target=f"{kind}Id" if given else f"{kind}Number",
        )
    if given and number and found["number"] != number:
        raise dialog(f"The {kind} values do not match to the same {kind.title()}.")
    return found


def _check_blocked(party: Row, kind: str) -> None:
    blocked = party.get("blocked")
    if blocked in ("All", "Invoice") or (kind == "vendor" and blocked == "Payment"):
        raise dialog(
            f"You cannot create this type of document when {kind.title()} {party['number']} is blocked with type "
            f"{blocked}"
        )
