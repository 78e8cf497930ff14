"""Finance and operations' rules as code (erp.md §4.1)."""

from __future__ import annotations

import base64
from typing import Any

from vegraph.emulator.documents.model import Entity, Facts
from vegraph.emulator.documents.notation import read
from vegraph.emulator.engine import rules
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.dialect import ActionAnswer, ActionCall, Dialect, Located, form_of
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.service import Service
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.syntax import Call, Expression, Literal
from vegraph.emulator.engine.transaction import Row, Transaction
from vegraph.emulator.fo import companies, errors
from vegraph.emulator.fo.actions import perform
from vegraph.emulator.fo.custom_services import answer as custom_service
from vegraph.emulator.fo.defaults import default_row, initial, line_amount, numbered
from vegraph.emulator.fo.metadata_services import MetadataServices
from vegraph.emulator.fo.profile import Options, profile
from vegraph.emulator.fo.session import demand_row, of_session
from vegraph.emulator.fo.totals import total_sales_order
from vegraph.emulator.fo.validation import validate_delete, validate_fields, validate_write
from vegraph.emulator.users import User

__all__ = ["FinanceDialect"]

_REFUSED_VALUES = frozenset({"bad_value", "duplicate", "invalid", "read_only_entity", "restricted"})
_FIRST_RECORD = 5_637_144_576
"""Record ids begin here (0x150000000)."""


class FinanceDialect(Dialect):
    """The OData endpoint of finance and operations."""

    prefix = "/data"

    def __init__(self, options: Options | None = None, clock: Clock | None = None) -> None:
        self.options = options or Options()
        super().__init__(profile(self.options))
        self.clock = clock or Clock()
        self.facts: Facts = read("fo")
        self.metadata_services = MetadataServices()

    # where a request goes

    def locate(self, service: Service, request: Request, user: User) -> Located:
        """`/data/…`, and the companies the request sees."""
        path = request.path[len(self.prefix) :].lstrip("/")
        if not (request.path + "/").startswith(self.prefix + "/"):
            raise Problem(404, "not_found", f"No HTTP resource was found that matches the request URI '{request.url}'.")
        scope = Scope(
            user=user,
            root=request.origin + self.prefix,
            codes=companies.seen(request, path, user, unfiltered=self.options.unfiltered_company),
            write_code=companies.writes_in(user),
            **form_of(request),
        )
        return Located(scope, path, request.query)

    async def extra(self, service: Service, request: Request, user: User | None) -> Response | None:
        """The metadata services (OF-14) and one custom service (OF-15)."""
        if request.path == "/metadata" or request.path.startswith("/metadata/"):
            return await self.metadata_services.answer(request, self)
        if request.path.startswith("/api/services/"):
            return custom_service(request, user)
        return None

    # how it speaks

    def problem(self, problem: Problem, request: Request) -> Response:
        """`innererror` holds the useful text (OF-110)."""
        return errors.body(problem, request)

    def etag(self, version: int, number: int) -> str:
        """Pairs of record version and record id, one per data source, quoted (OF-90)."""
        record = _FIRST_RECORD + number
        text = f"'{version},{record};1,{record + 1_000_000}'"
        return f'W/"{base64.b64encode(text.encode()).decode()}"'

    # what it refuses of a read

    def check_filter(self, shape: Shape, table: Table, expression: Expression, scope: Scope) -> Expression:
        """The profile's rules, virtual fields (OF-45), and what `contains` chokes on (OF-42)."""
        checked = super().check_filter(shape, table, expression, scope)
        entity = self.facts.by_set(table.name)
        for name in rules.members(expression):
            column = entity.column(name) if entity else None
            if column is not None and column.has("virtual"):
                text = f"The field '{name}' is a virtual field and cannot be used in a filter."
                raise Problem(400, "bad_filter", text, target=name)
        for part in rules.parts(expression):
            if isinstance(part, Call) and part.name == "contains":
                self._check_contains(part)
        return checked

    def _check_contains(self, call: Call) -> None:
        texts = [a.text for a in call.arguments if isinstance(a, Literal)]
        for character in self.options.contains_refuses:
            if any(character in text for text in texts):
                raise Problem(400, "bad_filter", f"Syntax error: the character '{character}' inside contains().")

    # what happens on a write

    def prepare_create(self, tx: Transaction, scope: Scope, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """initValue, the fields supplied, validateField, defaultRow, validateWrite."""
        entity = self._written(table, "C")
        company = str(values.get("dataAreaId") or scope.write_code)
        validate_fields(entity, values)
        found = numbered(tx, entity, of_session(tx, entity, values, scope.user), company)
        found = default_row(tx, entity, found, self.clock.text())
        found = initial(entity, found)
        validate_write(tx, self.facts, entity, found)
        demand_row(scope.user, table.name, found)
        return found

    def prepare_update(
        self, tx: Transaction, scope: Scope, table: Table, row: Row, changes: dict[str, Any]
    ) -> dict[str, Any]:
        """The fields supplied, validateField, defaultRow, validateWrite."""
        entity = self._written(table, "U")
        fixed = {c.name for c in entity.columns if c.has("ro") or c.has("once")}
        kept = (
            initial(entity, {k: v for k, v in changes.items() if k not in fixed}) if fixed & changes.keys() else changes
        )
        kept = {k: v for k, v in kept.items() if k in changes and k not in fixed}
        validate_fields(entity, kept)
        validate_write(tx, self.facts, entity, {**row, **kept})
        if entity.name == "SalesOrderLine":
            kept = kept | {"LineAmount": line_amount({**row, **kept})}
        demand_row(scope.user, table.name, {**row, **kept})
        return kept

    def before_delete(self, tx: Transaction, scope: Scope, table: Table, row: Row) -> None:
        """checkRestrictedDeleteActions and validateDelete."""
        del scope
        validate_delete(tx, self._written(table, "D"), row)

    def after_write(self, tx: Transaction, scope: Scope, table: Table, row: Row, kind: str) -> None:
        """Totals of a sales order follow its lines."""
        del scope, kind
        if table.name == "SalesOrderLines":
            total_sales_order(tx, row["dataAreaId"], row["SalesOrderNumber"])

    def write_failure(self, problem: Problem, table: Table) -> Problem:
        """The infolog (OF-111)."""
        if problem.code not in _REFUSED_VALUES:
            return problem
        entity = self.facts.by_set(table.name)
        if entity is None:
            return problem
        return errors.refused_write(entity, problem, self.options.validation_status)

    def act(self, tx: Transaction, call: ActionCall) -> ActionAnswer:
        """Carry out an action; what it refuses is a 500 (OF-112)."""
        return perform(tx, call, self.facts, self.clock)

    def _written(self, table: Table, verb: str) -> Entity:
        entity = self.facts.by_set(table.name)
        if entity is None:
            raise Problem(404, "not_found", f"There is no entity behind '{table.name}'.")
        if verb not in entity.writes:
            done = {"C": "created", "U": "updated", "D": "deleted"}[verb]
            raise Problem(400, "read_only_entity", f"Records of the data entity {entity.name} cannot be {done}")
        return entity


def _replaced(entity: Entity, changes: dict[str, Any]) -> dict[str, Any]:
    """Changes without what never changes. A PUT names every property: those it left out get their initial values."""
    fixed = {c.name for c in entity.columns if c.has("ro") or c.has("once")}
    if not fixed & changes.keys():
        return changes
    kept = {name: value for name, value in changes.items() if name not in fixed}
    return {name: value for name, value in initial(entity, kept).items() if name in kept}
