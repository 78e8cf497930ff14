"""How one ERP deviates, as code: a dialect is subclassed, the engine asks it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson

from vegraph.catalog.model import Operation
from vegraph.emulator.engine import rules
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.syntax import Expression, OrderTerm, QueryOptions
from vegraph.emulator.engine.transaction import Row, Transaction
from vegraph.emulator.users import User

if TYPE_CHECKING:
    from vegraph.emulator.engine.service import Service

__all__ = ["ActionAnswer", "ActionCall", "Dialect", "Located"]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a request goes: its scope, the path relative to the service root, and the query, both still raw."""

    scope: Scope
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class ActionCall:
    """An action or function as called."""

    operation: Operation
    parameters: Mapping[str, Any]
    scope: Scope
    table: Table | None = None
    """Set it is bound to; None for unbound ones."""

    row: Row | None = None
    """Instance it is bound to."""


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """What an action gives: nothing (204), a value, or rows of a set."""

    value: Any = None
    has_value: bool = False
    table: Table | None = None
    rows: tuple[Row, ...] = ()
    many: bool = False
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect:
    """The rules of a plain OData v4 service; ERPs override what they do otherwise."""

    prefix = ""
    """Path of the service root (`/data`)."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    # where a request goes

    def locate(self, service: Service, request: Request, user: User) -> Located:
        """Scope and relative path; `Problem` 404 for a path outside the service."""
        del service
        if not (request.path + "/").startswith(self.prefix + "/"):
            raise Problem(404, "not_found", f"There is no resource at {unquote(request.path)}.")
        scope = Scope(user=user, root=request.origin + self.prefix, **form_of(request))
        return Located(scope, request.path[len(self.prefix) :].lstrip("/"), request.query)

    async def extra(self, service: Service, request: Request, user: User | None) -> Response | None:
        """Answers routes outside OData; None: not mine."""
        del service, request, user
        return None

    # how it speaks

    def problem(self, problem: Problem, request: Request) -> Response:
        """The error body."""
        del request
        error: dict[str, Any] = {"code": problem.code, "message": problem.message}
        if problem.target:
            error["target"] = problem.target
        body = orjson.dumps({"error": {**error, **problem.extra}})
        return Response(problem.status, body, {"content-type": "application/json", **problem.headers})

    def has_etag(self, table: Table) -> bool:
        """Whether rows of that set carry an ETag."""
        del table
        return True

    def etag(self, version: int, number: int) -> str:
        """The tag as it stands in headers: `W/"…"`."""
        text = base64.b64encode(f"'{version},{number}'".encode()).decode()
        return f'W/"{text}"'

    # what it refuses of a read

    def check_filter(self, shape: Shape, table: Table, expression: Expression, scope: Scope) -> Expression:
        """The filter as it takes effect; `Problem` for one the dialect does not take."""
        del scope
        rules.check(self.profile, shape, table, expression)
        return expression

    def check_order(self, table: Table, terms: tuple[OrderTerm, ...], scope: Scope) -> None:
        """`Problem` for an order the dialect does not take."""
        del scope
        if terms and table.entity_set and table.entity_set.capabilities.sortable is False:
            raise Problem(501, "not_sortable", f"The set '{table.name}' cannot be sorted.")

    def check_options(self, table: Table, options: QueryOptions, depth: int, scope: Scope) -> None:
        """`Problem` for options the dialect does not take; `depth` is 1 for the request's own."""
        del table, depth, scope
        for name in ("apply", "compute", "deltatoken", "levels"):
            if getattr(options, name) is not None:
                raise Problem(501, "not_implemented", f"The query option '${name}' is not supported.")

    # what happens on a write

    def prepare_create(self, tx: Transaction, scope: Scope, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """Values as stored: defaults filled in, rules checked."""
        del tx, scope, table
        return values

    def prepare_update(
        self, tx: Transaction, scope: Scope, table: Table, row: Row, changes: dict[str, Any]
    ) -> dict[str, Any]:
        """Changes as stored."""
        del tx, scope, table, row
        return changes

    def before_delete(self, tx: Transaction, scope: Scope, table: Table, row: Row) -> None:
        """Rules, and rows that go along."""

    def after_write(self, tx: Transaction, scope: Scope, table: Table, row: Row, kind: str) -> None:
        """What a write (`created`, `updated`, `deleted`) changes elsewhere."""

    def media_written(
        self, tx: Transaction, scope: Scope, table: Table, row: Row, content_type: str, content: bytes
    ) -> None:
        """A stream's content was set (or removed: no content); the row gets a new version."""
        del scope, content_type, content
        tx.touch(table.name, row)

    def write_failure(self, problem: Problem, table: Table) -> Problem:
        """A refused write in the dialect's words."""
        del table
        return problem

    def act(self, tx: Transaction, call: ActionCall) -> ActionAnswer:
        """Carry out an action or function."""
        del tx
        raise Problem(501, "not_implemented", f"{call.operation.short_name} does nothing here.")


def form_of(request: Request) -> dict[str, Any]:
    """Members of `Scope` that `Accept` and `Accept-Language` decide."""
    accept = request.headers.get("accept", "").lower().replace(" ", "")
    level = "minimal"
    for wanted in ("none", "full", "minimal"):
        if f"odata.metadata={wanted}" in accept:
            level = wanted
    language = request.headers.get("accept-language", "en-US").split(",")[0].split(";")[0].strip()
    return {
        "metadata": level,
        "strings_for_numbers": "ieee754compatible=true" in accept,
        "language": language or "en-US",
        "request_id": request.headers.get("x-ms-client-request-id", ""),
    }
