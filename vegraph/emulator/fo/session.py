"""What follows from who is signed in: values of new rows, and rows that would leave a user's sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vegraph.emulator.documents.model import Entity
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.transaction import Transaction
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, User

__all__ = ["demand_row", "of_session"]


def of_session(tx: Transaction, entity: Entity, values: Mapping[str, Any], user: User) -> dict[str, Any]:
    """The values with those that name the user: one's own leave requests, one's own attachments."""
    found = dict(values)
    if entity.name == "SalesOrderHeaderDocumentAttachment":
        found["AttachedByUserId"] = user.id
    if entity.name == "MyLeaveRequest" and not found.get("PersonnelNumber"):
        account = tx.get("SystemUsers", None, user.id)
        found["PersonnelNumber"] = account["PersonnelNumber"] if account else ""
    return found


def demand_row(user: User, entity_set: str, values: Mapping[str, Any]) -> None:
    """`Problem` 403 where a written row would be none the user may see (row security, erp.md CF-19)."""
    if SYSTEM_ADMINISTRATOR in user.roles:
        return
    for rule in user.rules_for(entity_set):
        if rule.in_set is None and values.get(rule.property) not in rule.values:
            text = f"The user {user.id} has no access to records of {entity_set} with this {rule.property}."
            raise Problem(403, "forbidden", text, target=rule.property)
