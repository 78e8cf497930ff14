"""Business Central's rules on the engine (erp.md §4.2)."""

from __future__ import annotations

import base64
import uuid
from dataclasses import replace
from typing import Any

from vegraph.emulator.bc import actions, defaults, extras, problems, rewrite
from vegraph.emulator.bc.choices import BcChoices
from vegraph.emulator.bc.routes import STANDARD, Address, address, company_header, company_option
from vegraph.emulator.bc.webhooks import Webhooks
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.dialect import ActionAnswer, ActionCall, Dialect, Located, form_of
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import EMPTY_VALUES, Limits, Profile
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.service import Service
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.syntax import Expression, QueryOptions
from vegraph.emulator.engine.transaction import Row, Transaction
from vegraph.emulator.engine.translate import Predicate
from vegraph.emulator.users import User

__all__ = ["LIMITS", "SHARED_SETS", "BcDialect", "bc_profile"]

SHARED_SETS = frozenset(
    {"companies", "subscriptions", "externaleventsubscriptions", "externalbusinesseventdefinitions",
     "apicategoryroutes", "entityDefinitions", "apiRoutes", "webhookSupportedResources"}
)  # fmt: skip
"""Sets outside any company."""

_NO_ETAG = (SHARED_SETS - {"subscriptions", "externaleventsubscriptions"}) | {"customerSales", "vendorPurchases"}

LIMITS = Limits(
    concurrent=5,
    queued=95,
    queue_wait_s=480.0,
    window_requests=6000,
    window_s=300.0,
    operation_s=480.0,
    body_bytes=350 * 1024 * 1024,
    query_chars=8099,
)
"""OB-150 to OB-157."""


def bc_profile(choices: BcChoices | None = None, *, limits: Limits | None = None, page_size: int = 20_000) -> Profile:
    """The rules that are data. `limits=Limits()` switches throttling off."""
    choices = choices or BcChoices()
    found = limits if limits is not None else LIMITS
    return Profile(
        name="business-central",
        namespace="Microsoft.NAV",
        company_hidden=True,
        shared_sets=SHARED_SETS,
        nulls=False,
        empty={**EMPTY_VALUES, "Edm.Date": choices.empty_date, "Edm.DateTimeOffset": f"{choices.empty_date}T00:00:00Z"},
        functions=frozenset({"startswith", "endswith", "contains", "substring", "tolower", "toupper"}),
        operators=frozenset(["eq", "ne", "gt", "ge", "lt", "le", "and", "or", "in"])
        | ({"not"} if choices.not_operator == "evaluated" else set()),
        or_rule="one property",
        lambdas="ignore",
        wildcards=choices.wildcards,
        property_comparison=False,
        boolean_literals=choices.boolean_literal == "evaluated",
        navigation_filter=False,
        enum_literals="quoted",
        escaped_enums=True,
        decoded_enums=choices.enum_text == "decoded",
        naive_datetimes=True,
        select_ignores_case=True,
        page_size=page_size,
        if_match="required",
        stale_status=choices.stale_status,
        patch_answer="row",
        batch_format="json",
        batch_max=100,
        batch_stops=choices.batch_after_failure == "stops",
        limits=replace(found, retry_after_s=found.retry_after_s or choices.retry_after_429_s),
        indexes={
            "customers": (("number",), ("displayName",)),
            "items": (("number",),),
            "salesOrders": (("number",), ("customerId",), ("customerNumber",), ("orderDate",)),
            "salesInvoices": (("number",), ("customerId",), ("customerNumber",)),
            "salesOrderLines": (("itemId",),),
        },
    )


class BcDialect(Dialect):
    """Business Central."""

    def __init__(
        self,
        profile: Profile,
        *,
        choices: BcChoices | None = None,
        clock: Clock | None = None,
        environments: frozenset[str] = frozenset({"production"}),
        default_company: str | None = None,
        route: str = STANDARD,
    ) -> None:
        super().__init__(profile)
        self.choices = choices or BcChoices()
        self.clock = clock or Clock()
        self.environments = environments
        self.default_company = default_company
        self.route = route
        self.others: dict[str, Service] = {}
        """Services of the other routes, by `publisher/group/version`."""

        self.webhooks: Webhooks | None = None
        self.extras = extras.Extras(self)

    # where a request goes

    def locate(self, service: Service, request: Request, user: User) -> Located:
        """Environment, route and company of a request."""
        found = address(request.path, self.environments)
        if found.route.lower() != self.route.lower():
            raise Problem(404, "not_found", f"There is no route '{found.route}'.")
        self._check_intent(request)
        company = self._company(service, request, user, found)
        path = f"companies({company[1]})/" if company else ""
        scope = Scope(
            user=user,
            root=request.origin + found.root,
            company=company[0] if company else None,
            company_id=company[1] if company else "",
            company_path=path,
            schema_version=_schema_version(request.query),
            **form_of(request),
        )
        return Located(scope, found.path, request.query)

    def _check_intent(self, request: Request) -> None:
        writes = request.method != "GET" and not request.path.endswith("/$batch")
        if writes and request.headers.get("data-access-intent", "").lower() == "readonly":
            raise Problem(400, "read_only", "The request cannot write: Data-Access-Intent is ReadOnly.")

    def _company(self, service: Service, request: Request, user: User, found: Address) -> tuple[int, str] | None:
        first = found.path.partition("/")[0].partition("(")[0].partition("?")[0]
        if not first or first.startswith("$") or first in SHARED_SETS:
            return None
        store = service.store
        wanted = found.company or company_option(request.query) or company_header(request.headers)
        given = wanted is not None
        wanted = wanted or user.default_company or self.default_company
        known = store.company_list
        if wanted is None:
            if len(known) != 1:
                raise Problem(400, "unknown_company", "The default company cannot be found.")
            wanted = known[0][1]
        for number, company_id, name in known:
            if wanted.lower() in (company_id.lower(), name.lower()):
                if user.companies is not None and not {company_id.lower(), name.lower()} & {
                    c.lower() for c in user.companies
                }:
                    raise Problem(403, "forbidden", f"The user {user.id} has no access to the company {name}.")
                return number, company_id
        raise Problem(404 if given else 400, "unknown_company", f"The company '{wanted}' cannot be found.")

    async def extra(self, service: Service, request: Request, user: User | None) -> Response | None:
        """Environments, other routes, and sets that are no tables."""
        return await self.extras.answer(service, request, user)

    # how it speaks

    def problem(self, problem: Problem, request: Request) -> Response:
        """The error body."""
        if problem.code in _WRITES_REFUSED and self.choices.missing_write_right == 405:
            problem = Problem(405, "method_not_allowed", problem.message, headers=problem.headers)
        return problems.response(problem, request)

    def has_etag(self, table: Table) -> bool:
        """Rows of companies, definitions and queries carry none (OB-104)."""
        return table.name not in _NO_ETAG

    def etag(self, version: int, number: int) -> str:
        """Three parts: a small number, a long one, `00` (OB-100)."""
        text = f"'19;{10**19 + version * 1_000_003 + number % 1_000_003};00;'"
        return f'W/"{base64.b64encode(text.encode()).decode()}"'

    # what it refuses of a read

    def check_filter(self, shape: Shape, table: Table, expression: Expression, scope: Scope) -> Expression:
        """The filter as it takes effect: by schema version, FlowFilters and lambdas set aside."""
        return rewrite.effective(self.profile, self.choices, shape, table, expression, scope.schema_version)

    def check_options(self, table: Table, options: QueryOptions, depth: int, scope: Scope) -> None:
        """Also refuses a format not written in lower case (OB-90)."""
        super().check_options(table, options, depth, scope)
        if options.format is not None and options.format.split(";")[0] not in ("json", "application/json"):
            raise Problem(415, "media_type", f"The format '{options.format}' is not supported.")

    # what happens on a write

    def prepare_create(self, tx: Transaction, scope: Scope, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """Number series, defaults from related rows, amounts."""
        if table.name == "subscriptions" and self.webhooks is not None:
            return self.webhooks.prepared(values, scope.user.security_id)
        fresh = {"id": str(uuid.uuid4())} if "id" in table.columns else {}
        return defaults.created(tx, scope, table, {**fresh, **values}, self.clock.text())

    def prepare_update(
        self, tx: Transaction, scope: Scope, table: Table, row: Row, changes: dict[str, Any]
    ) -> dict[str, Any]:
        """The same for changes; a subscription is renewed."""
        if table.name == "subscriptions" and self.webhooks is not None:
            return {**changes, **self.webhooks.renewed()}
        return defaults.updated(tx, scope, table, row, changes, self.clock.text())

    def before_delete(self, tx: Transaction, scope: Scope, table: Table, row: Row) -> None:
        """Posted documents stay; lines go with their document."""
        defaults.deleted(tx, scope, table, row)

    def after_write(self, tx: Transaction, scope: Scope, table: Table, row: Row, kind: str) -> None:
        """A line's change goes into its document's totals; nobody writes what they could not see (security filters)."""
        if kind != "deleted" and scope.user.rules_for(table.name):
            where = scope.visible(tx.store.shape, table, "t") & Predicate('t."_n" = ?', (row.number,))
            sql = f"SELECT 1 FROM {table.sql} AS t WHERE {where.sql}"
            if tx.store.connection.execute(sql, where.params).fetchone() is None:
                raise Problem(403, "forbidden", "The record is outside the security filters of the user.")
        defaults.settled(tx, table, row, kind, self.clock.text())

    def media_written(
        self, tx: Transaction, scope: Scope, table: Table, row: Row, content_type: str, content: bytes
    ) -> None:
        """Size and type of the content go into the row."""
        defaults.media(tx, table, row, content_type, content, self.clock.text())

    def write_failure(self, problem: Problem, table: Table) -> Problem:
        """A duplicate names the table."""
        return problem

    def act(self, tx: Transaction, call: ActionCall) -> ActionAnswer:
        """Bound actions do what they say to the rows."""
        return actions.run(tx, call, self.choices, self.clock.text())


_WRITES_REFUSED = frozenset({"forbidden_create", "forbidden_update", "forbidden_delete"})


def _schema_version(query: str) -> str:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in ("$schemaversion", "%24schemaversion"):
            return value
    return "2.0"
