"""Writes of one row and what hangs on it: create (deep too), update, delete, with the dialect's hooks around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.transaction import Row, Transaction

if TYPE_CHECKING:
    from vegraph.emulator.engine.dialect import Dialect
    from vegraph.emulator.engine.scope import Scope

__all__ = ["Writer"]

_DEEPEST = 10
"""Levels of nested rows in one body."""


class Writer:
    """Writes in one scope and one transaction."""

    def __init__(self, tx: Transaction, dialect: Dialect, scope: Scope) -> None:
        self.tx = tx
        self.dialect = dialect
        self.scope = scope
        self.shape = tx.store.shape

    def create(self, table: Table, body: Mapping[str, Any], fixed: Mapping[str, Any], depth: int = 0) -> Row:
        """A new row with the rows nested in its body; `fixed` are members the parent decides."""
        if depth > _DEEPEST:
            raise Problem(400, "bad_body", "The body is nested too deeply.")
        self.scope.demand(self.shape, table, "create")
        values, nested = self._split(table, body, creating=True)
        values.update(fixed)
        values = self._company(table, values)
        try:
            values = self.dialect.prepare_create(self.tx, self.scope, table, values)
            row = self.tx.insert(table.name, self._number(table), values)
        except Problem as problem:
            raise self.dialect.write_failure(problem, table) from None
        for name, children in nested.items():
            link = table.links[name]
            inherited = {p.target: row[p.own] for p in link.pairs}
            for child in children:
                self.create(self.shape.tables[link.target], child, inherited, depth + 1)
        self.dialect.after_write(self.tx, self.scope, table, row, "created")
        return self.tx.by_number(table.name, row.number) or row

    def update(self, table: Table, row: Row, body: Mapping[str, Any], *, replace: bool = False) -> Row:
        """Change the members given; with `replace` the rest goes back to its defaults."""
        self.scope.demand(self.shape, table, "update")
        changes, nested = self._split(table, body, creating=False)
        if nested:
            raise Problem(400, "deep_update", f"'{next(iter(nested))}' cannot be changed together with its parent.")
        for name in table.key:
            if name in changes and changes[name] != row[name]:
                raise Problem(400, "read_only", f"The key property '{name}' cannot be changed.", target=name)
            changes.pop(name, None)
        if replace:
            kept = {*table.key, table.company_property or ""}
            changes = {c.name: changes.get(c.name) for c in table.stored if c.name not in kept}
        try:
            changes = self.dialect.prepare_update(self.tx, self.scope, table, row, changes)
            after = self.tx.update(table.name, row, changes)
        except Problem as problem:
            raise self.dialect.write_failure(problem, table) from None
        self.dialect.after_write(self.tx, self.scope, table, after, "updated")
        return self.tx.by_number(table.name, row.number) or after

    def delete(self, table: Table, row: Row) -> None:
        """Remove the row."""
        self.scope.demand(self.shape, table, "delete")
        try:
            self.dialect.before_delete(self.tx, self.scope, table, row)
        except Problem as problem:
            raise self.dialect.write_failure(problem, table) from None
        self.tx.delete(table.name, row)
        self.dialect.after_write(self.tx, self.scope, table, row, "deleted")

    def _split(
        self, table: Table, body: Mapping[str, Any], *, creating: bool
    ) -> tuple[dict[str, Any], dict[str, list[Mapping[str, Any]]]]:
        values: dict[str, Any] = {}
        nested: dict[str, list[Mapping[str, Any]]] = {}
        for name, value in body.items():
            if "@" in name:
                continue
            if name in table.columns:
                values[name] = self._writable(table, name, value, creating=creating)
            elif name in table.links:
                nested[name] = self._nested(table, name, value)
            else:
                raise Problem(
                    400,
                    "unknown_property",
                    f"The property '{name}' does not exist on type '{table.type.name}'. Make sure to only use property "
                    "names that are defined by the type.",
                    target=name,
                )
        return values, nested

    def _writable(self, table: Table, name: str, value: Any, *, creating: bool) -> Any:
        column = table.columns[name]
        prop = column.declared
        allowed = prop.insertable if creating else prop.updatable
        if prop.computed or (not allowed and name not in table.key):
            raise Problem(400, "read_only", f"The property '{name}' is read-only.", target=name)
        try:
            column.encode(value)
        except ValueError as problem:
            raise Problem(400, "bad_value", f"{problem}.", target=name) from None
        if value is None and not column.nullable and name in table.key and creating:
            raise Problem(400, "bad_value", f"The key property '{name}' cannot be null.", target=name)
        return value

    def _nested(self, table: Table, name: str, value: Any) -> list[Mapping[str, Any]]:
        link = table.links[name]
        if not self.dialect.profile.deep_insert or not link.pairs:
            raise Problem(400, "deep_insert", f"'{name}' cannot be written together with its parent.", target=name)
        if not link.many or not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise Problem(400, "deep_insert", f"'{name}' takes a list of rows.", target=name)
        return value

    def _company(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        name = table.company_property
        if name is None:
            return values
        code = str(values.get(name) or self.scope.write_code or "").lower()
        allowed = self.scope.user.companies
        if not code or (allowed is not None and code not in {c.lower() for c in allowed}):
            raise Problem(403, "forbidden", f"The user {self.scope.user.id} has no access to company '{code}'.")
        return {**values, name: code}

    def _number(self, table: Table) -> int | None:
        return self.scope.company if table.company == "hidden" else None
