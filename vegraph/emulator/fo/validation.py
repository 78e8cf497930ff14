"""What a write must satisfy (validateField, validateWrite, validateDelete), in the words of the infolog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vegraph.emulator.documents.fo import constraint_pairs
from vegraph.emulator.documents.labels import label_id, label_text
from vegraph.emulator.documents.model import Column, Entity, Facts
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.transaction import Row, Transaction

__all__ = ["label", "validate_delete", "validate_fields", "validate_write"]

_EMPTY: tuple[Any, ...] = (None, "", "1900-01-01T12:00:00Z", "1900-01-01T00:00:00Z")

_RESTRICTED: Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]] = {
    "CustomerV3": (
        ("SalesOrderHeadersV2", {"OrderingCustomerAccountNumber": "CustomerAccount"}),
        ("SalesOrderHeadersV2", {"InvoiceCustomerAccountNumber": "CustomerAccount"}),
    ),
    "CustomerGroup": (("CustomersV3", {"CustomerGroupId": "CustomerGroupId"}),),
    "ReleasedProductV2": (("SalesOrderLines", {"ItemNumber": "ItemNumber"}),),
    "VendorV2": (("PurchaseOrderHeadersV2", {"OrderVendorAccountNumber": "VendorAccountNumber"}),),
    "OperationalSite": (("Warehouses", {"OperationalSiteId": "SiteId"}),),
    "ProductV2": (("ReleasedProductsV2", {"ProductNumber": "ProductNumber"}),),
    "Worker": (("Employments", {"PersonnelNumber": "PersonnelNumber"}),),
}
"""Rows of those sets keep this one from being deleted (restricted delete actions)."""

_CASCADED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "SalesOrderHeaderV2": (
        ("SalesOrderLines", "SalesOrderNumber"),
        ("SalesOrderHeaderDocumentAttachments", "SalesOrderNumber"),
    ),
    "PurchaseOrderHeaderV2": (("PurchaseOrderLinesV2", "PurchaseOrderNumber"),),
}
"""Rows that go with this one (cascading delete actions): set and shared property."""


def label(name: str) -> str:
    """The English label of a property or entity."""
    return label_text(label_id(name), "en-US") or name


def validate_fields(entity: Entity, values: Mapping[str, Any]) -> None:
    """Lengths of texts; `Problem` names the field."""
    for name, value in values.items():
        column = entity.column(name)
        if column is not None and column.length and isinstance(value, str) and len(value) > column.length:
            raise _invalid(column, f"The value in field {label(name)} is longer than {column.length} characters")


def validate_write(tx: Transaction, facts: Facts, entity: Entity, values: Mapping[str, Any]) -> None:
    """Mandatory fields, and values that must exist in related tables."""
    for column in entity.columns:
        if column.required and values.get(column.name) in _EMPTY and column.name in values:
            raise _invalid(column, f"Field '{label(column.name)}' must be filled in")
        if column.required and column.name not in values:
            raise _invalid(column, f"Field '{label(column.name)}' must be filled in")
    for navigation in entity.navigation:
        if navigation.many or navigation.hidden:
            continue
        pairs = constraint_pairs(facts, entity, navigation)
        own, _ = navigation.pairs[0]
        if values.get(own) in _EMPTY:
            continue
        target = facts.entity(navigation.target)
        wanted = {other: values.get(mine) for mine, other in pairs}
        if not tx.find(target.set, None, wanted, limit=1):
            where = f"in field '{label(own)}' is not found in the related table '{label(target.name)}'"
            raise Problem(400, "invalid", f"The value '{values[own]}' {where}", target=own)


def validate_delete(tx: Transaction, entity: Entity, row: Row) -> None:
    """Restricted deletes refuse; cascading ones take their rows along."""
    for entity_set, pairs in _RESTRICTED.get(entity.name, ()):
        wanted = {theirs: row[mine] for theirs, mine in pairs.items()}
        if entity.company_bound:
            wanted["dataAreaId"] = row["dataAreaId"]
        if tx.find(entity_set, None, wanted, limit=1):
            key = entity.key[-1]
            text = (
                f"Cannot delete a record in {label(entity.name)} ({entity.options['physical']}). "
                f"{label(key)}: {row[key]}. Transactions exist in {entity_set}"
            )
            raise Problem(400, "restricted", text)
    for entity_set, name in _CASCADED.get(entity.name, ()):
        for child in tx.find(entity_set, None, {"dataAreaId": row["dataAreaId"], name: row[name]}):
            tx.delete(entity_set, child)


def _invalid(column: Column, text: str) -> Problem:
    return Problem(400, "invalid", text, target=column.name)
