"""What Business Central fills in and refuses when a row is written (OnNewRecord, OnInsert, OnModify, OnDelete)."""

from __future__ import annotations

from typing import Any

from vegraph.emulator.bc import lines, parties
from vegraph.emulator.bc.problems import dialog
from vegraph.emulator.bc.series import PREFIXES, next_number
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import ZERO_GUID
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["created", "deleted", "media", "settled", "updated"]

READ_ONLY = frozenset(
    [
        "lastModifiedDateTime",
        "systemCreatedAt",
        "systemCreatedBy",
        "systemModifiedAt",
        "systemModifiedBy",
        "totalAmountExcludingTax",
        "totalTaxAmount",
        "totalAmountIncludingTax",
        "remainingAmount",
        "fullyShipped",
        "fullyReceived",
        "amountExcludingTax",
        "amountIncludingTax",
        "netAmount",
        "netTaxAmount",
        "netAmountIncludingTax",
        "balanceDue",
        "byteSize",
        "shippedQuantity",
        "invoicedQuantity",
        "receivedQuantity",
        "orderId",
        "orderNumber",
    ]
)
"""Calculated members no caller may write."""

_MASTER_CODES = {
    "currencyId": ("currencies", "code", "currencyCode"),
    "itemCategoryId": ("itemCategories", "code", "itemCategoryCode"),
    "baseUnitOfMeasureId": ("unitsOfMeasure", "code", "baseUnitOfMeasureCode"),
    "taxGroupId": ("taxGroups", "code", "taxGroupCode"),
    "generalProductPostingGroupId": ("generalProductPostingGroups", "code", "generalProductPostingGroupCode"),
    "inventoryPostingGroupId": ("inventoryPostingGroups", "code", "inventoryPostingGroupCode"),
    "unitOfMeasureId": ("unitsOfMeasure", "code", "unitOfMeasureCode"),
    "dimensionId": ("dimensions", "code", "dimensionCode"),
    "dimensionValueId": ("dimensionValues", "code", "dimensionValueCode"),
    "fixedAssetLocationId": ("fixedAssetLocations", "code", "fixedAssetLocationCode"),
    "accountId": ("accounts", "number", "accountNumber"),
    "balancingAccountId": ("accounts", "number", "balancingAccountNumber"),
    "employeeId": ("employees", "number", "employeeNumber"),
}
"""GUID member → (set, its code, the code's member on this row): giving one fills the other."""

_NAMED_BY_CODE = frozenset(
    [
        "countriesRegions",
        "currencies",
        "dimensions",
        "itemCategories",
        "locations",
        "paymentMethods",
        "paymentTerms",
        "shipmentMethods",
        "taxAreas",
        "taxGroups",
        "unitsOfMeasure",
    ]
)
"""Sets whose table has `Code` as its primary key; where there is a number series it is `No.`."""


def created(tx: Transaction, scope: Scope, table: Table, values: dict[str, Any], now: str) -> dict[str, Any]:
    """A new row's values."""
    _refuse_calculated(table, values)
    values = {k: v for k, v in values.items() if k in table.columns}
    _match_codes(tx, scope.company, table, values)
    parties.fill(tx, scope.company, table.name, values, now)
    if table.name in lines.DOCUMENTS:
        lines.fill(tx, scope.company, table.name, values, None)
    if "number" in table.columns and not values.get("number") and table.name in PREFIXES:
        values["number"] = next_number(tx, table.name, scope.company)
    _check_relations(tx, scope.company, table, values)
    _check_required(table, values)
    _check_free(tx, scope.company, table, values)
    _stamp(table, values, now, scope, new=True)
    return values


def updated(tx: Transaction, scope: Scope, table: Table, row: Row, changes: dict[str, Any], now: str) -> dict[str, Any]:
    """Changes to a row, with what follows from them."""
    _refuse_calculated(table, changes, row)
    _refuse_posted(tx, table, row)
    _match_codes(tx, scope.company, table, changes)
    parties.fill(tx, scope.company, table.name, changes, now, row=row)
    if table.name in lines.DOCUMENTS:
        changes = lines.fill(tx, scope.company, table.name, changes, row)
    _check_relations(tx, scope.company, table, changes)
    _check_required(table, {**row, **changes})
    _check_free(tx, scope.company, table, changes, row)
    _stamp(table, changes, now, scope, new=False)
    return changes


def deleted(tx: Transaction, scope: Scope, table: Table, row: Row) -> None:
    """Checks, and the rows that go along."""
    _refuse_posted(tx, table, row)
    if table.name == "customers" and tx.find("salesOrders", scope.company, {"customerId": row["id"]}, limit=1):
        raise dialog(
            f"You cannot delete Customer {row['number']} because there is at least one outstanding Sales Order for "
            "this customer."
        )
    for line_set, (parent_set, _) in lines.DOCUMENTS.items():
        if parent_set == table.name and line_set in tx.store.shape.tables:
            for line in tx.find(line_set, scope.company, {"documentId": row["id"]}):
                tx.delete(line_set, line)


def settled(tx: Transaction, table: Table, row: Row, kind: str, now: str) -> None:
    """A document's totals after one of its lines was written."""
    del kind
    if table.name in lines.DOCUMENTS:
        lines.total(tx, table.name, row, now)


def media(tx: Transaction, table: Table, row: Row, content_type: str, content: bytes, now: str) -> None:
    """Type and size of a stream's content on its row."""
    changes: dict[str, Any] = {}
    if "contentType" in table.columns:
        changes["contentType"] = content_type.split(";")[0] if content else ""
    if "byteSize" in table.columns:
        changes["byteSize"] = len(content)
    if "lastModifiedDateTime" in table.columns:
        changes["lastModifiedDateTime"] = now
    tx.update(table.name, row, changes)


def _refuse_calculated(table: Table, values: dict[str, Any], row: Row | None = None) -> None:
    for name in values:
        same = row is not None and values[name] == row.get(name)
        if name in READ_ONLY and name in table.columns and not same:
            raise Problem(400, "read_only", f"The control '{name}' is read-only.", target=name)
    for name in ("status",):
        given = values.get(name)
        if name in values and table.name in parties.STATUSES and given not in (None, "Draft") and row is None:
            raise Problem(400, "read_only", f"The control '{name}' is read-only.", target=name)
        if row is not None and table.name in parties.STATUSES and name in values and given != row[name]:
            raise Problem(400, "read_only", f"The control '{name}' is read-only.", target=name)


def _refuse_posted(tx: Transaction, table: Table, row: Row) -> None:
    document, name = row, table.name
    if table.name in lines.DOCUMENTS:
        name = lines.DOCUMENTS[table.name][0]
        document = tx.get(name, row.company, row["documentId"]) or row
    if name in parties.POSTED and document.get("status") in parties.POSTED[name]:
        raise dialog(f"The document {document.get('number')} has been posted and cannot be changed.")


def _match_codes(tx: Transaction, company: int | None, table: Table, values: dict[str, Any]) -> None:
    for id_name, (entity_set, code, code_name) in _MASTER_CODES.items():
        if id_name not in table.columns or code_name not in table.columns or entity_set not in tx.store.shape.tables:
            continue
        given_id, given_code = values.get(id_name), values.get(code_name)
        if given_id not in (None, "", ZERO_GUID):
            found = tx.get(entity_set, company, given_id)
            if found is not None and not given_code:
                values[code_name] = found[code]
        elif given_code:
            matches = tx.find(entity_set, company, {code: given_code}, limit=1)
            if not matches:
                raise _unrelated(table, code_name, given_code, entity_set)
            values[id_name] = matches[0]["id"]
        elif given_id == ZERO_GUID or (id_name in values and given_id is None):
            values.setdefault(code_name, "")
        elif given_code == "":
            values[id_name] = ZERO_GUID


def _check_relations(tx: Transaction, company: int | None, table: Table, values: dict[str, Any]) -> None:
    owners: dict[str, list[str]] = {}
    for link in table.links.values():
        if not link.many and len(link.pairs) == 1 and link.pairs[0].target == "id":
            owners.setdefault(link.pairs[0].own, []).append(link.target)
    for name, targets in owners.items():
        value = values.get(name)
        if name == "id" or len(targets) != 1 or value in (None, "", ZERO_GUID):
            continue
        if tx.get(targets[0], company, value) is None:
            raise _unrelated(table, name, value, targets[0])


def _unrelated(table: Table, name: str, value: Any, target: str) -> Problem:
    return Problem(
        400,
        "Internal_InvalidTableRelation",
        f"The field {name} of table {table.type.short_name} contains a value ({value}) that cannot be found in the "
        f"related table ({target}).",
        target=name,
    )


def _check_required(table: Table, values: dict[str, Any]) -> None:
    for column in table.stored:
        name = column.name
        wanted = column.kind == "text" and not column.declared.nullable and name not in table.key
        if wanted and not values.get(name):
            raise Problem(400, "required", f"The field '{name}' must not be blank or empty.", target=name)


def _stamp(table: Table, values: dict[str, Any], now: str, scope: Scope, *, new: bool) -> None:
    names = {"lastModifiedDateTime": now, "systemModifiedAt": now, "systemModifiedBy": scope.user.security_id}
    if new:
        names |= {"systemCreatedAt": now, "systemCreatedBy": scope.user.security_id}
    values.update({name: value for name, value in names.items() if name in table.columns})


def _check_free(
    tx: Transaction, company: int | None, table: Table, values: dict[str, Any], row: Row | None = None
) -> None:
    """The table's own primary key, beside the id of the API page (erp.md, Internal_EntityWithSameKeyExists)."""
    name = "code" if table.name in _NAMED_BY_CODE else "number" if table.name in PREFIXES else None
    if name is None or not values.get(name):
        return
    taken = tx.find(table.name, company, {name: values[name]}, limit=1)
    if taken and (row is None or taken[0].number != row.number):
        raise Problem(
            409,
            "duplicate",
            f"The record in table {table.type.short_name} already exists. Identification fields and values: "
            f"{name}='{values[name]}'",
            target=name,
        )
