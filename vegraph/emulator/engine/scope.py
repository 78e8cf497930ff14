"""In whose name, in which company and in which form a request runs, and what of each table that lets be seen."""

from __future__ import annotations

from dataclasses import dataclass

from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.translate import Predicate
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, RowRule, User, Verb

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One request's user, company and form of answer."""

    user: User
    root: str
    """Absolute URL of the service root, without a slash at its end."""

    company: int | None = None
    """Number of the hidden company (BC)."""

    company_id: str = ""
    company_path: str = ""
    """What stands between root and set in links: `companies(…)/`, or nothing."""

    codes: tuple[str, ...] | None = None
    """Company codes whose rows are seen where the company is a property (F&O), in lower case. None: all."""

    write_code: str | None = None
    """Company a new row gets where its company property is not given."""

    metadata: str = "minimal"
    """`none`, `minimal` or `full`."""

    strings_for_numbers: bool = False
    """`IEEE754Compatible=true`: Int64 and Decimal are strings."""

    language: str = "en-US"
    schema_version: str = ""
    request_id: str = ""

    def number(self, value: int) -> str:
        """An Int64 beside the rows (a count) as JSON text (JSON format 4.01, section 3.2)."""
        return f'"{value}"' if self.strings_for_numbers else str(value)

    def demand(self, shape: Shape, table: Table, verb: Verb) -> None:
        """403 unless the user has that right on the set."""
        del shape
        if not self.user.may(table.name.lstrip(":"), verb):
            text = f"The user {self.user.id} has no permission to {verb} {table.name}."
            raise Problem(403, f"forbidden_{verb}", text, target=table.name)

    def visible(self, shape: Shape, table: Table, alias: str) -> Predicate:
        """What must hold for a row of that table to exist for this user."""
        found = Predicate()
        if table.company == "hidden":
            found = Predicate(f'{alias}."_c" = ?', (self.company,))
        elif table.company_property is not None and self.codes is not None:
            column = table.columns[table.company_property]
            marks = ", ".join("?" * len(self.codes))
            sign = f"= {marks}" if len(self.codes) == 1 else f"IN ({marks})"
            found = Predicate(f"{alias}.{column.sql} {sign}", self.codes)
        if (
            shape.profile.company_hidden
            and table.name == shape.profile.companies_set
            and self.user.companies is not None
        ):
            marks = ", ".join("?" * len(self.user.companies))
            allowed = f"({alias}.id IN ({marks}) OR {alias}.name IN ({marks}))"
            found = found & Predicate(allowed, self.user.companies * 2)
        if SYSTEM_ADMINISTRATOR in self.user.roles:
            return found
        for rule in self.user.rules_for(table.name):
            found = found & self._rule(shape, table, alias, rule)
        return found

    def _rule(self, shape: Shape, table: Table, alias: str, rule: RowRule) -> Predicate:
        column = table.columns.get(rule.property)
        if column is None:
            return Predicate("0")
        if rule.in_set is None:
            stored = tuple(column.sort_key(column.encode(value)) for value in rule.values)
            return Predicate(f"{alias}.{column.key_sql} IN ({', '.join('?' * len(stored))})", stored)
        target, name = shape.tables[rule.in_set], alias + "r"
        on = f"{name}.{target.columns[rule.in_property].key_sql} = {alias}.{column.key_sql}"
        inner = Predicate(on) & self.visible(shape, target, name)
        return Predicate(f"EXISTS (SELECT 1 FROM {target.sql} AS {name} WHERE {inner.sql})", inner.params)
