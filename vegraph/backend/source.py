"""One source for the whole process: its dialect, its connections, and who may call it how often."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from vegraph.backend.breaker import Breaker
from vegraph.backend.clock import SYSTEM, Clock
from vegraph.backend.control_names import long_names
from vegraph.backend.dialects import BaseDialect, dialect_for
from vegraph.backend.exchange import Answer, Lost, Malformed, Unsent, Wire
from vegraph.backend.faults import fault, malformed
from vegraph.backend.gates import Bulkhead, Gate
from vegraph.backend.paging import checked_link, key_of
from vegraph.backend.retries import MOST_RETRIES, Budget, Kind, backoff, verdict
from vegraph.backend.transport import Delegated, Headers, Noted, Patience, Streamed, Transport
from vegraph.catalog.model import Catalog
from vegraph.errors import (
    BackendConflict,
    BackendError,
    BackendInvalid,
    BackendRateLimited,
    BackendTimeout,
    OutcomeUnknown,
)
from vegraph.plan.steps import Company

_raw = msgspec.json.Decoder(msgspec.Raw)
log = logging.getLogger("vegraph.backend")

__all__ = ["Bounds", "Source", "SourceSettings", "unknown"]

MOST_GATES = 10_000
"""Principals whose gates are remembered; idle ones are forgotten above that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """A source as it is configured."""

    name: str
    kind: str
    url: str
    catalog: Catalog
    company: str | None = None
    """Default company, name or id."""
    max_query: int | None = None
    """Characters of a query string; None: the dialect's own figure."""
    at_once: int | None = None
    """Requests of one principal at once; None: the dialect's own figure."""
    bulkhead: int = 64
    """Requests of all principals at once."""
    patience: Patience | None = None


@dataclass(slots=True, kw_only=True)
class Bounds:
    """What one request may take: everything of it shares the deadline."""

    deadline: float
    """On the clock of the source."""
    headers: Headers


class Source:
    """Sends single requests under all limits, and says what became of them."""

    def __init__(
        self, settings: SourceSettings, *, clock: Clock = SYSTEM, note: Callable[[Noted], None] | None = None
    ) -> None:
        self.name = settings.name
        self.settings = settings
        self.clock = clock
        self.dialect: BaseDialect = dialect_for(settings.kind, settings.catalog)
        if settings.max_query is not None:
            self.dialect.max_query = settings.max_query
        self.at_once = settings.at_once or self.dialect.gate
        self.transport = Transport(
            settings.name,
            settings.url,
            headers=self.dialect.headers(),
            most=settings.bulkhead,
            patience=settings.patience,
            note=note,
        )
        self.breaker = Breaker(settings.name, clock)
        self.budget = Budget(clock)
        self.bulkhead = Bulkhead(settings.name, settings.bulkhead, clock.now)
        self.companies: dict[str, tuple[float, tuple[Company, ...]]] = {}
        """By principal: until when, and the companies that principal may see."""
        self._leaving: set[asyncio.Task[Any]] = set()
        self.finding: dict[str, asyncio.Lock] = {}
        self._gates: dict[str, Gate] = {}
        routes = {set_.api.strip("/") for set_ in settings.catalog.entity_sets.values()} | {""}
        self._prefixes = tuple(sorted(self.transport.route(route) for route in routes))

    def gate(self, principal: str) -> Gate:
        """The gate of one principal."""
        gate = self._gates.get(principal)
        if gate is None:
            if len(self._gates) >= MOST_GATES:
                self._gates = {name: g for name, g in self._gates.items() if not g.idle}
            gate = self._gates[principal] = Gate(self.name, most=self.at_once, clock=self.clock)
        return gate

    def link(self, link: str, route: str = "") -> str:
        """A link of the service, absolute and checked to stay where this source is (T30)."""
        root = self.transport.origin + self.transport.route(route)
        return checked_link(self.name, link, root=root, prefixes=self._prefixes)

    def key_of(self, location: str) -> str | None:
        """The key predicate at the end of a `Location`, percent-encoded, if it lies here; None where it has none."""
        return key_of(self.link(location))

    async def exchange(self, wire: Wire, who: Delegated, bounds: Bounds, kind: Kind = "read") -> Answer:
        """An answer below 300, sent again as the table allows. Raises a BackendError, OutcomeUnknown among them; of a
        guarded write everything that is not plain comes as it is, for the caller reads the row."""
        self.budget.called()
        attempt = 0
        while True:
            try:
                return self._judged(
                    await self._once(wire, who, bounds, kind, again=attempt > 0), wire, whole=kind != "read"
                )
            except BackendError as failure:
                wait = self._again(failure, kind, attempt, who, bounds)
                if wait is None:
                    raise self._final(failure, kind) from None
            attempt += 1
            if wait:
                await self.clock.sleep(wait)

    def _again(self, failure: BackendError, kind: Kind, attempt: int, who: Delegated, bounds: Bounds) -> float | None:
        """Seconds until the next try; None: there is none."""
        what = verdict(kind, failure)
        if what == "unknown":
            raise unknown(self.name, failure) from None
        if kind == "guarded" and not isinstance(failure, Unsent | BackendRateLimited):
            return None  # it may have run: who sent it looks at the row first
        if what not in ("retry", "wait") or attempt >= MOST_RETRIES:
            return None
        wait = backoff(attempt + 1, self.clock)
        if isinstance(failure, BackendRateLimited):
            wait = 0.0  # the gate is closed for as long as it takes
        elif what == "wait" and failure.retry_after is not None:
            wait = max(wait, failure.retry_after)
        if self.clock.now() + wait >= bounds.deadline or not self.budget.take():
            return None
        return wait

    @asynccontextmanager
    async def streamed(
        self,
        wire: Wire,
        who: Delegated,
        bounds: Bounds,
        *,
        upload: AsyncIterator[bytes] | None = None,
        kind: Kind = "read",
    ) -> AsyncIterator[Streamed]:
        """An answer whose body is read by the caller, who keeps the place at the gate for as long."""
        gate = self.gate(who.principal)
        await gate.enter(who.caller, bounds.deadline)
        try:
            self.breaker.refuse()
            async with self.transport.stream(wire, who.auth, bounds.headers, upload) as answer:
                yield answer
        except (Lost, Malformed) as failure:
            if kind == "once":
                raise unknown(self.name, failure) from None
            raise
        finally:
            gate.leave()

    async def _once(self, wire: Wire, who: Delegated, bounds: Bounds, kind: Kind, *, again: bool) -> Answer:
        gate = self.gate(who.principal)
        if not gate.try_enter():
            await gate.enter(who.caller, bounds.deadline)
        try:
            await self.bulkhead.enter(bounds.deadline)
            try:
                answer = await self._counted(wire, who, bounds, kind, again=again)
            finally:
                self.bulkhead.leave()
            if answer.status == 429:
                self._refused(gate, answer)
            else:
                gate.went_well()
            return answer
        finally:
            gate.leave()

    async def _counted(self, wire: Wire, who: Delegated, bounds: Bounds, kind: Kind, *, again: bool) -> Answer:
        probe = self.breaker.enter()
        worked: bool | None = None
        try:
            left = bounds.deadline - self.clock.now()
            wire.sent = True
            async with asyncio.timeout(left) as limit:
                answer = await self.transport.send(wire, who.auth, bounds.headers)
            worked = self._answers(answer)
            return answer
        except TimeoutError:
            if not limit.expired():
                raise
            worked = False
            raise self._late(kind) from None
        except (Lost, Unsent):
            worked = False
            raise
        finally:
            self.breaker.left(probe, worked, again=again)

    def _answers(self, answer: Answer) -> bool:
        """The source is there and works: a business refusal says so too, even as a 500 (OF-112)."""
        if answer.status < 500:
            return answer.status != 408
        problem = fault(self.name, answer.status, answer.headers, answer.body, self.dialect.faults)
        return isinstance(problem, BackendInvalid | BackendConflict)

    def _late(self, kind: Kind) -> BackendError:
        text = f"{self.name} did not answer within the time this request has. Ask for less, or try again later."
        return (
            BackendTimeout(text, source=self.name) if kind == "read" else Lost(text, source=self.name, timed_out=True)
        )

    def _final(self, failure: BackendError, kind: Kind) -> BackendError:
        slow = kind == "read" and isinstance(failure, Lost) and failure.timed_out
        return BackendTimeout(str(failure), source=self.name) if slow else failure

    def _refused(self, gate: Gate, answer: Answer) -> None:
        told = fault(self.name, 429, answer.headers, b"")
        default = self.dialect.retry_after_default
        told.retry_after = gate.refused(told.retry_after if told.retry_after is not None else default)
        raise told

    def _judged(self, answer: Answer, wire: Wire, *, whole: bool) -> Answer:
        status = answer.status
        if status >= 300:
            raise fault(self.name, status, answer.headers, answer.body, self.dialect.faults)
        if status != 204 and answer.body:
            self._check_body(answer, wire, whole)
            if self.dialect.odata_version != "4.0" and wire.accepts != "text":
                answer.body = long_names(answer.body)
        elif wire.method == "GET" and status == 200:
            raise malformed(self.name, "nothing at all")
        return answer

    def _check_body(self, answer: Answer, wire: Wire, whole: bool) -> None:
        """What can be told for little; that a page is JSON to its end is found where it is decoded."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if wire.accepts == "json" or (wire.accepts == "batch" and kind == "application/json"):
            if kind != "application/json" and not kind.endswith("+json"):
                raise malformed(self.name, f"{_shown(kind)} in place of JSON")
            if answer.body.rstrip()[-1:] not in (b"}", b"]") or (whole and not _is_json(answer.body)):
                raise malformed(self.name, "half a JSON document")
        elif wire.accepts == "batch" and kind != "multipart/mixed":
            raise malformed(self.name, f"{_shown(kind)} in place of a batch answer")

    def finish(self, job: asyncio.Task[Any]) -> None:
        """Lets a write end whose client has gone: at the deadline at the latest, like any call."""
        self._leaving.add(job)
        job.add_done_callback(self._left)

    def _left(self, job: asyncio.Task[Any]) -> None:
        self._leaving.discard(job)
        if not job.cancelled() and (error := job.exception()) is not None:
            log.warning("%s: a write whose client had left failed: %s", self.name, type(error).__name__)

    async def aclose(self) -> None:
        """Let writes that are under way end, then close the connections."""
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=10.0)
        await self.transport.aclose()


def unknown(source: str, failure: BackendError) -> OutcomeUnknown:
    """What is said of a write that may have run."""
    return OutcomeUnknown(
        f"{source} may or may not have carried this out: {_clause(failure)} Read the row before trying again.",
        source=source,
        status=failure.status,
    )


def _clause(failure: BackendError) -> str:
    if isinstance(failure, Malformed):
        return "its answer was not whole."
    if isinstance(failure, Lost):
        return "no answer came." if failure.timed_out else "the connection broke before its answer came."
    return f"it answered {failure.status}."


def _is_json(body: bytes) -> bool:
    try:
        _raw.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _shown(kind: str) -> str:
    return kind if kind and len(kind) < 60 and kind.isascii() and kind.isprintable() else "something"
