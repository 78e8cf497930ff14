"""The whole read path in one process: both emulators over real HTTP on loopback, backend, planner, graph.

A `Stack` runs in a thread with an event loop of its own, so that tests ask it plainly: `stack.ask(query, variables,
person=CLERK)` gives the response as a client reads it, `stack.wire()` the requests the ERPs have seen since the last
look. `small()` has few rows and starts in a second; `demo()` has the demo's.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from graphql import GraphQLError, parse, validate

from tests.shared import SHARED
from vegraph.app.faults import error_objects
from vegraph.backend.backend import Backend
from vegraph.backend.explain import Recorder
from vegraph.backend.runner import RequestInfo
from vegraph.backend.source import SourceSettings
from vegraph.catalog import csdl
from vegraph.catalog.declare import declare, with_declared
from vegraph.emulator.data.bc import bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.data.people import MANAGER, Person, bc_users, fo_users
from vegraph.emulator.data.seed import Batch
from vegraph.emulator.documents.fo import fo_metadata
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.faults import Fault
from vegraph.emulator.engine.profile import Limits as NoLimits
from vegraph.emulator.fo.profile import Options
from vegraph.emulator.fo.server import create_fo
from vegraph.emulator.running import running
from vegraph.emulator.server import BC_ROOT, bc_document, create_bc
from vegraph.errors import VegraphError
from vegraph.plan import engine
from vegraph.plan.explain import explain
from vegraph.plan.operation import Planner, VariableErrors
from vegraph.plan.paging import Limits
from vegraph.plan.passes import Scene
from vegraph.plan.selection import find_operation
from vegraph.schema.binding import SourceBinding
from vegraph.schema.build import SourceInput, build

__all__ = ["RELATIONSHIPS", "Declared", "Seen", "Stack", "demo", "kept", "small"]

BC_COMPANY, FO_COMPANY = "CRONUS USA, Inc.", "USMF"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One `[[relationships]]` entry."""

    from_: str
    to: str
    name: str
    on: Mapping[str, str]
    inverse: str | None = None
    many: bool = False


RELATIONSHIPS = (
    Declared(
        from_="fo.SalesOrderHeadersV2",
        to="bc.customers",
        name="bcCustomer",
        on={"InvoiceCustomerAccountNumber": "number"},
        inverse="foSalesOrders",
    ),
    Declared(
        from_="bc.items", to="fo.ReleasedProductsV2", name="foProduct", on={"number": "ItemNumber"}, inverse="bcItems"
    ),
)
"""Across the two ERPs; the first is the demo's."""


@dataclass(frozen=True)
class Seen:
    """One request that an ERP saw."""

    source: str
    method: str
    url: str
    """Path below the service root and query, as sent."""
    parts: tuple[tuple[str, str], ...] = ()
    """Of a batch: method and URL of each part."""
    user: str | None = None
    status: int | None = None
    rows: int = 0

    @property
    def urls(self) -> tuple[str, ...]:
        """What was asked: the URL, or those of the parts."""
        return tuple(url for _, url in self.parts) or (self.url,)

    def shown(self) -> str:
        """For reading: decoded, without the root, one line per part."""
        lines = [f"{self.source}: {self.method} {_readable(self.url)}"]
        lines += [f"    {method} {_readable(url)}" for method, url in self.parts]
        return "\n".join(lines)


class _Made(NamedTuple):
    name: str
    kind: Any
    prefix: str
    company: str | None
    url: str
    catalog: Any


@dataclass
class _Delegated:
    principal: str
    auth: httpx.Auth
    caller: str = ""
    source: str = ""
    description: str = ""


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self._header
        yield request


@dataclass(kw_only=True)
class Stack:
    """Start with `with Stack() as stack`, or take `small()` and `demo()`, which live as long as the tests."""

    business: Business = field(default_factory=lambda: Business(orders=240, customers=200, items=60))
    bc_rows: Iterable[Batch] | None = None
    """Instead of the business's rows."""
    fo_rows: Iterable[Batch] | None = None
    relationships: Iterable[Declared] = RELATIONSHIPS
    limits: Limits = field(default_factory=Limits)
    odata: tuple[Any, bytes] | None = None
    """Instead of the two ERPs: an application that is an OData service, and its document."""
    scope: dict[str, Any] = field(default_factory=dict)
    """What else each request's `Scope` gets: `allows`, `wrote`."""
    bc_page: int = 20_000
    fo_page: int = 10_000

    def __post_init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._tokens: dict[str, _Bearer] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._close = AsyncExitStack()
        self._looked: dict[str, int] = {}
        self._prepared: dict[str, tuple[Any, dict[Any, Any]]] = {}
        self.fast = False
        """The last answer came from the compiled path."""
        self.checked: Callable[[Seen], None] | None = _check_grammar()
        """Called with each request that `wire` hands out."""

    def __enter__(self) -> Stack:
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._close.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def run(self, job: Coroutine[Any, Any, Any]) -> Any:
        """Runs in the stack's own loop."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(timeout=100)

    async def _start(self) -> None:
        made = await self._erps() if self.odata is None else await self._service(*self.odata)
        self._put_together(made)
        self._close.push_async_callback(self.backend.aclose)
        self.planner = self.planner_for(lambda _: False)

    async def _service(self, app: Any, document: bytes) -> list[_Made]:
        self.apps = {}
        url = await self._close.enter_async_context(running(app))
        return [_Made("odata", "odata", "", None, url, csdl.read(document, name="odata"))]

    async def _erps(self) -> list[_Made]:
        tokens = Tokens(issuers=("https://sign-in.test",), audiences=("erp",), keys=(self._key.public_key(),))
        self.bc = create_bc(
            tokens=tokens,
            users=bc_users(),
            rows=bc_seed(self.business) if self.bc_rows is None else self.bc_rows,
            limits=NoLimits(),
            page_size=self.bc_page,
        )
        self.fo = create_fo(
            tokens=tokens,
            users=fo_users(),
            rows=fo_seed(self.business) if self.fo_rows is None else self.fo_rows,
            options=Options(page_size=self.fo_page),
        )
        self.apps = {"bc": self.bc.app, "fo": self.fo.app}
        bc_url = await self._close.enter_async_context(running(self.apps["bc"])) + BC_ROOT
        fo_url = await self._close.enter_async_context(running(self.apps["fo"])) + "/data"
        catalogs = {"bc": csdl.read(bc_document(), name="bc"), "fo": csdl.read(fo_metadata(), name="fo")}
        declared = declare(catalogs, self.relationships)
        assert not declared.problems, declared.problems
        found = {name: with_declared(c, declared.relationships.get(name, ())) for name, c in catalogs.items()}
        return [
            _Made("bc", "business-central", "Bc", BC_COMPANY, bc_url, found["bc"]),
            _Made("fo", "finance-operations", "Fo", FO_COMPANY, fo_url, found["fo"]),
        ]

    def _put_together(self, made: Sequence[_Made]) -> None:
        self.graph = build(
            [
                SourceInput(
                    binding=SourceBinding(
                        name=m.name, kind=m.kind, prefix=m.prefix, catalog=m.catalog, company=m.company
                    ),
                    visible=frozenset(m.catalog.entity_sets),
                )
                for m in made
            ]
        )
        self.backend = Backend(
            [SourceSettings(name=m.name, kind=m.kind, url=m.url, catalog=m.catalog, company=m.company) for m in made]
        )

    def planner_for(self, restricted: Callable[[Any], bool]) -> Planner:
        """A planner over the graph; `restricted` says which entities stand under a row rule."""
        return Planner(self.graph, Scene(lambda name: self.backend.sources[name].dialect, restricted))

    # Asking

    def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        person: Person = MANAGER,
        exact: bool = False,
        limits: Limits | None = None,
        rule: Callable[[Any], Any] = engine.no_rule,
        planner: Planner | None = None,
        operation: str | None = None,
    ) -> dict[str, Any]:
        """The response, as JSON read back. `exact`: completed by graphql-core."""
        document, memo = self._document(query)
        if isinstance(document, list):
            return {"errors": _errors(document, "GRAPHQL_VALIDATION_FAILED")}
        job = self._ask(document, memo, operation, variables or {}, person, exact, limits, rule, planner)
        return self.run(job)

    def data(self, query: str, variables: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """`data` of an answer that must have no errors."""
        found = self.ask(query, variables, **more)
        assert "errors" not in found, found["errors"]
        return found["data"]

    def both(self, query: str, variables: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """The response, which both completions must give alike."""
        found = self.ask(query, variables, **more)
        fast = self.fast
        assert found == self.ask(query, variables, exact=True, **more)
        self.fast = fast
        return found

    def _document(self, query: str) -> tuple[Any, dict[Any, Any]]:
        known = self._prepared.get(query)
        if known is None:
            document = parse(query)
            wrong = validate(self.graph.schema, document)
            if len(self._prepared) > 500:
                self._prepared.clear()
            known = self._prepared[query] = (wrong or document, {})
        return known

    async def _ask(
        self,
        document: Any,
        memo: dict[Any, Any],
        name: str | None,
        variables: Mapping[str, Any],
        person: Person,
        exact: bool,
        limits: Limits | None,
        rule: Callable[[Any], Any],
        planner: Planner | None,
    ) -> dict[str, Any]:
        runner = self.backend.runner(self._delegate(person), RequestInfo(deadline=time.monotonic() + 60))
        scope = engine.Scope(runner=runner, limits=limits or self.limits, rule=rule, **self.scope)
        operation = find_operation(document, name)
        assert operation is not None
        try:
            answer = await (planner or self.planner).execute(document, operation, variables, scope, memo, exact=exact)
        except VariableErrors as problem:
            return {"errors": _errors(problem.errors, "BAD_USER_INPUT")}
        except VegraphError as problem:
            return {"errors": _errors([GraphQLError(str(problem), original_error=problem)], problem.code)}
        self.fast = isinstance(answer, bytes)
        if isinstance(answer, bytes):
            return json.loads(answer)
        body: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            body["errors"] = _errors(answer.errors, "INTERNAL_SERVER_ERROR")
        return json.loads(json.dumps(body))

    def _delegate(self, person: Person) -> Any:
        async def delegate(source: str, _claims: str | None) -> _Delegated:
            return _Delegated(f"{source}:{person.object_id}", self._auth(person), source=source)

        return delegate

    def _auth(self, person: Person) -> _Bearer:
        found = self._tokens.get(person.object_id)
        if found is None:
            claims = {"iss": "https://sign-in.test", "aud": "erp", "oid": person.object_id, "exp": time.time() + 7200}
            found = self._tokens[person.object_id] = _Bearer(jwt.encode(claims, self._key, algorithm="RS256"))
        return found

    # Looking

    def plan(self, query: str, variables: Mapping[str, Any] | None = None) -> str:
        """The plan as `vegraph explain` draws it."""
        document, _ = self._document(query)
        operation = find_operation(document, None)
        assert operation is not None
        recorder = Recorder({name: source.dialect for name, source in self.backend.sources.items()})
        try:
            explained = self.run(explain(self.planner, recorder, document, operation, variables or {}, self.limits))
        except VegraphError as problem:
            return str(problem)
        return "\n".join(explained.plan)

    def wire(self) -> list[Seen]:
        """The requests the ERPs have seen since the last call, in order per ERP; companies by name are left out."""
        found: list[Seen] = []
        for name, app in self.apps.items():
            new = app.journal.total - self._looked.get(name, 0)
            self._looked[name] = app.journal.total
            entries = list(itertools.islice(reversed(app.journal.entries), new))[::-1]
            found += [_seen(name, entry.shown()) for entry in entries]
        found = [s for s in found if not s.url.endswith("/companies?$select=id,name")]
        for seen in found:
            if self.checked is not None:
                self.checked(seen)
        return found

    def fault(self, source: str, **rule: Any) -> None:
        """A fault from now on, until `heal`."""
        self.apps[source].faults.rules.append(Fault.read(rule))

    def heal(self) -> None:
        """No faults any more."""
        for app in self.apps.values():
            app.faults.rules.clear()
        self.settle()

    def settle(self) -> None:
        """What the backend learned from faults is forgotten."""
        for source in self.backend.sources.values():
            source.breaker.__init__(source.name, source.clock)
            source._gates.clear()


def _errors(errors: Iterable[GraphQLError], code: str) -> list[dict[str, Any]]:
    found = error_objects(list(errors), code, "r")
    for error in found:
        del error["extensions"]["requestId"]
    return found


def _seen(source: str, entry: Mapping[str, Any]) -> Seen:
    parts: tuple[tuple[str, str], ...] = ()
    if entry["url"].endswith("$batch"):
        parts = _json_parts(entry["body"]) if entry["body"].lstrip().startswith("{") else _parts(entry["body"])
    return Seen(source, entry["method"], entry["url"], parts, entry["user"], entry["status"], entry["rows"])


def _json_parts(body: str) -> tuple[tuple[str, str], ...]:
    return tuple((r["method"], r["url"]) for r in json.loads(body)["requests"])


def _parts(body: str) -> tuple[tuple[str, str], ...]:
    return tuple(re.findall(r"^(GET|POST|PATCH|DELETE) (\S+) HTTP/1.1\r?$", body, re.MULTILINE))


_TEXT = re.compile("'[^']*'")
_VALUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")
"""After the first hundred URLs, one of each shape is held to the grammar."""
_BRACES = re.compile("%7[BCD]")
"""The published grammar forgets the 7 in `pct-encoded-no-SQUOTE`, so that braces could not stand in a text."""
_ROOT = re.compile(rf"^(https?://[^/]+)?({re.escape(BC_ROOT)}|/data)/")


def _readable(url: str) -> str:
    return unquote(_ROOT.sub("", url)).replace("\n", "\\n").replace("\r", "\\r")


def _check_grammar() -> Callable[[Seen], None] | None:
    """Holds the relative URLs of reads to the OASIS grammar, where that is at hand."""
    if not (SHARED / "metadata" / "odata-abnf-construction-rules.txt").exists():
        return None
    from tests.abnf import check_url

    done: set[str] = set()

    def check(seen: Seen) -> None:
        for url in seen.urls:
            shape = _VALUE.sub("0", _TEXT.sub("''", url)) if len(done) > 100 else url
            if url.endswith("$batch") or "skiptoken" in url or shape in done or len(url) > 400:
                continue  # next links are the service's own; long chains of values would take the matcher minutes
            done.add(shape)
            check_url(_BRACES.sub("%60", _ROOT.sub("", url)))

    return check


@cache
def small() -> Stack:
    """Few rows, one for all tests of the process."""
    return kept(Stack())


@cache
def demo() -> Stack:
    """The demo's rows."""
    return kept(Stack(business=Business()))


def kept(stack: Stack) -> Stack:
    """Started, and stopped when the process ends."""
    stack.__enter__()
    atexit.register(stack.__exit__)
    return stack
