"""Actions by entity and name (erp.md OF-11…13, OF-35, OF-112): what they say, they do to the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vegraph.emulator.documents.model import Facts
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.dialect import ActionAnswer, ActionCall
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.transaction import Row, Transaction
from vegraph.emulator.fo.errors import action_failed

__all__ = ["ActionRefused", "Deed", "perform", "rows_of", "value"]


class ActionRefused(Exception):
    """The action does not do what was asked; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an action works with."""

    tx: Transaction
    call: ActionCall
    now: str
    """The clock's time as the wire shows it."""

    @property
    def row(self) -> Row:
        """The row it is bound to."""
        if self.call.row is None:
            raise ActionRefused("no record is selected")
        return self.call.row

    @property
    def company(self) -> str:
        """Code of the session's company."""
        return self.call.scope.write_code or ""

    def given(self, name: str, default: Any = None) -> Any:
        """A parameter's value."""
        found = self.call.parameters.get(name)
        return default if found is None else found

    def table(self, entity_set: str) -> Table:
        """The table of a set."""
        return self.tx.store.table(entity_set)


Action = Callable[[Deed], ActionAnswer]


def value(found: Any) -> ActionAnswer:
    """A single value as the answer."""
    return ActionAnswer(value=found, has_value=True)


def rows_of(table: Table, rows: list[Row]) -> ActionAnswer:
    """Rows as the answer."""
    return ActionAnswer(table=table, rows=tuple(rows), many=True)


def perform(tx: Transaction, call: ActionCall, facts: Facts, clock: Clock) -> ActionAnswer:
    """Run the action; `Problem` 500 with the text of what went wrong."""
    entity = facts.by_set(call.table.name) if call.table is not None else None
    name = call.operation.short_name
    action = _actions().get((entity.name if entity else "", name))
    if action is None:
        raise Problem(501, "not_implemented", f"The action {name} does nothing here.")
    try:
        return action(Deed(tx, call, clock.text()))
    except ActionRefused as refused:
        raise action_failed(name, entity.name if entity else "Global", str(refused)) from None


def _actions() -> Mapping[tuple[str, str], Action]:
    from vegraph.emulator.fo.actions_people import ACTIONS as PEOPLE
    from vegraph.emulator.fo.actions_sales import ACTIONS as SALES
    from vegraph.emulator.fo.actions_system import ACTIONS as SYSTEM

    return {**PEOPLE, **SALES, **SYSTEM}
