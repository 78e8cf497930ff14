"""Runs steps as the delegated user of one request: `plan.steps.Runner` over the sources of `backend.Backend`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vegraph.backend import companies, filters, requests, writes
from vegraph.backend.batches import Batch, batch_request, split
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import fault, malformed
from vegraph.backend.headers import language as checked_language
from vegraph.backend.headers import request_id as checked_id
from vegraph.backend.retries import Kind
from vegraph.backend.source import Bounds, Source
from vegraph.backend.transport import Delegated
from vegraph.backend.writing import Writer
from vegraph.errors import (
    BackendError,
    BackendNotFound,
    BackendRateLimited,
    BackendUnauthenticated,
    NotSupported,
    VegraphError,
)
from vegraph.plan.steps import Aggregate, Call, Company, Lookup, Read, ReadOne, Write, Written

__all__ = ["Delegate", "RequestInfo", "SourceRunner"]

Delegate: TypeAlias = Callable[[str, str | None], Awaitable[Delegated]]
"""(source, claims or None) → as whom to call it. Claims: the source asked for them, so a new token is needed."""

NOTHING = b'{"value":[]}'
"""A collection of no rows, where nothing need be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """What the calls of one request share."""

    deadline: float
    """On `time.monotonic`: when the answer must be there."""
    request_id: str = ""
    """Sent to the ERP too, so that both logs can be matched (T43)."""
    language: str | None = None
    """Accept-Language, for the ERP's messages."""


class SourceRunner:
    """One source, for one request and its one delegated user."""

    def __init__(self, source: Source, delegate: Delegate, request: RequestInfo) -> None:
        self.source = source
        self.name = source.name
        self.dialect: BaseDialect = source.dialect
        self.language = checked_language(request.language)
        extra = {"x-ms-client-request-id": checked_id(request.request_id) or ""}
        if self.language:
            extra["Accept-Language"] = self.language
        self.bounds = Bounds(
            deadline=request.deadline, headers=source.transport.headers({k: v for k, v in extra.items() if v})
        )
        self._delegate = delegate
        self._who: asyncio.Future[Delegated] | None = None
        self._flying: dict[tuple[str, str], asyncio.Future[Answer | None]] = {}
        self._places = asyncio.Semaphore(source.at_once)
        """Calls of this request that stand at the gate at once: the rest waits here, not in the queue of all."""

    # Sending

    async def who(self) -> Delegated:
        """As whom calls run: asked once."""
        if self._who is None:
            self._who = asyncio.get_running_loop().create_future()
            try:
                found = await self._delegate(self.name, None)
            except BaseException as error:
                who, self._who = self._who, None
                who.cancel() if isinstance(error, asyncio.CancelledError) else who.set_exception(error)
                who.cancelled() or who.exception()  # seen, should nobody else wait for it
                raise
            self._who.set_result(found)
            return found
        if self._who.done():
            return self._who.result()
        return await asyncio.shield(self._who)

    async def send(self, wire: Wire, kind: Kind = "read") -> Answer:
        """An answer below 400. A claims challenge is met once with a new token (identity.md §7.1)."""
        who = await self.who()
        async with self._places:
            try:
                return await self.source.exchange(wire, who, self.bounds, kind)
            except BackendUnauthenticated as refused:
                if refused.challenge is None:
                    raise
                who = await self._delegate(self.name, refused.challenge)
                self._who = asyncio.get_running_loop().create_future()
                self._who.set_result(who)
                return await self.source.exchange(wire, who, self.bounds, kind)

    async def get(self, wire: Wire) -> Answer:
        """The answer to a read; the same request in flight already is not sent again."""
        if wire.absolute is None and len(wire.query) > self.dialect.max_query and self.dialect.batch_format:
            answer = (await self.batch([wire]))[0]
            if isinstance(answer, VegraphError):
                raise answer
            return answer
        key = (wire.absolute or f"{wire.route}|{wire.target}", wire.headers.get("Prefer", ""))
        flying = self._flying.get(key)
        while flying is not None:
            answer_or_none = await asyncio.shield(flying)
            if answer_or_none is not None:
                return answer_or_none
            flying = self._flying.get(key)  # who asked was cancelled: somebody else asks
        mine = self._flying[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self.send(wire)
        except VegraphError as error:
            mine.set_exception(error)
            mine.exception()
            raise
        except BaseException:
            mine.set_result(None)
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            del self._flying[key]

    # Batches

    async def batch(self, parts: Sequence[Wire]) -> list[Answer | VegraphError]:
        """Answers to reads, in order; in as few batch requests as the source allows, or side by side."""
        found: list[Answer | VegraphError] = [NotSupported("not sent")] * len(parts)
        groups = split(parts, self.dialect)
        sent = await asyncio.gather(*(self._group([parts[i] for i in group]) for group in groups))
        for group, answers in zip(groups, sent, strict=True):
            for index, answer in zip(group, answers, strict=True):
                found[index] = answer
        return found

    async def _group(self, parts: Sequence[Wire]) -> list[Answer | VegraphError]:
        if self.dialect.batch_format is None or (
            len(parts) == 1 and len(parts[0].query) <= self.dialect.max_query
        ):  # fmt: skip
            return list(await asyncio.gather(*map(self._alone, parts)))
        batch = batch_request(parts, self.source, language=self.language)
        try:
            answers = batch.answers(self.name, await self.send(batch.wire))
        except BackendError as error:
            if not self._learns_no_batch(error):
                raise
            return list(await asyncio.gather(*map(self._alone, parts)))
        return await self._refused_again(batch, [self.judged(answer) for answer in answers if answer is not None])

    def _learns_no_batch(self, error: BackendError) -> bool:
        """A service that has no `$batch` says so with 404 or 501; it is not asked again."""
        if self.dialect.faults != "generic" or error.status not in (404, 405, 415, 501):
            return False
        other = {"multipart": "json", "json": None}[self.dialect.batch_format or "json"]
        self.dialect.batch_format = None if error.status != 415 else other  # type: ignore[assignment]
        return True

    async def _refused_again(
        self, batch: Batch, answers: list[Answer | VegraphError]
    ) -> list[Answer | VegraphError]:  # fmt: skip
        """Parts that were refused with 429 are asked once more, after the longest wait named (OF-105)."""
        late = [i for i, answer in enumerate(answers) if isinstance(answer, BackendRateLimited)]
        if not late or not self.source.budget.take():
            return answers
        waits = [w for i in late if (w := getattr(answers[i], "retry_after", None)) is not None]
        wait = self.source.gate((await self.who()).principal).refused(max(waits) if waits else None)
        if self.source.clock.now() + wait >= self.bounds.deadline:
            return answers
        again = batch_request([batch.parts[i] for i in late], self.source, language=self.language)
        for i, answer in zip(late, again.answers(self.name, await self.send(again.wire)), strict=True):
            if answer is not None:
                answers[i] = self.judged(answer)
        return answers

    async def _alone(self, part: Wire) -> Answer | VegraphError:
        try:
            return await self.send(part)
        except VegraphError as error:
            return error

    def judged(self, answer: Answer) -> Answer | BackendError:
        """A batch part's answer, or its error."""
        if answer.status >= 300:
            return fault(self.name, answer.status, answer.headers, answer.body, self.dialect.faults)
        return answer


class Runner:
    """`plan.steps.Runner` for one request."""

    def __init__(self, sources: Mapping[str, Source], delegate: Delegate, request: RequestInfo) -> None:
        self._sources = sources
        self._delegate = delegate
        self._request = request
        self._runners: dict[str, SourceRunner] = {}

    def of(self, source: str) -> SourceRunner:
        """The source's part of this runner."""
        runner = self._runners.get(source)
        if runner is None:
            runner = self._runners[source] = SourceRunner(self._sources[source], self._delegate, self._request)
        return runner

    def dialect(self, source: str) -> BaseDialect:
        """What that source can do."""
        return self._sources[source].dialect

    async def companies(self, source: str, given: Sequence[str] | None) -> tuple[Company, ...]:
        """The companies meant, resolved as the delegated user."""
        return await companies.resolve(self.of(source), given)

    async def read(self, step: Read, link: str | None = None) -> bytes:
        """One page."""
        runner = self.of(step.source)
        if link is not None:
            return await self._link(runner, link, step)
        if filters.never(step.filter, runner.dialect.rules):
            return NOTHING
        if step.company is not None:
            step = await companies.with_id(runner, step)
        try:
            answer = await runner.get(requests.read(step, runner.dialect))
        except BackendNotFound:
            if step.single:
                return NOTHING
            raise
        return answer.body or NOTHING

    async def read_link(self, source: str, company: Company | None, link: str) -> bytes:
        """One further page."""
        return await self._link(self.of(source), link, None)

    async def _link(self, runner: SourceRunner, link: str, step: Read | None) -> bytes:
        route = runner.dialect.route(step.set) if step is not None else ""
        wire = Wire(
            method="GET",
            path="",
            absolute=runner.source.link(link, route),
            template=f"{step.set.name if step is not None else ''}?next",
            headers={"Prefer": f"odata.maxpagesize={step.page_size:d}"} if step is not None and step.page_size else {},
        )
        return (await runner.get(wire)).body or NOTHING

    async def read_one(self, step: ReadOne) -> bytes | None:
        """The row's body, or None where there is none."""
        runner = self.of(step.source)
        if step.company is not None:
            step = await companies.with_id(runner, step)
        try:
            return (await runner.get(requests.read_one(step, runner.dialect))).body or None
        except BackendNotFound:
            return None

    async def lookup(self, step: Lookup) -> list[bytes]:
        """Bodies of all chunks, in one batch where there are several and the source takes batches."""
        runner = self.of(step.source)
        if not step.values or filters.never(step.filter, runner.dialect.rules):
            return []
        if step.company is not None:
            step = await companies.with_id(runner, step)
        wires = requests.lookup(step, runner.dialect)
        if len(wires) == 1:
            return [(await runner.get(wires[0])).body or NOTHING]
        found: list[bytes] = []
        for answer in await runner.batch(wires):
            if isinstance(answer, VegraphError):
                raise answer
            found.append(answer.body or NOTHING)
        return found

    async def batch(self, steps: Sequence[Read | ReadOne]) -> list[bytes | VegraphError | None]:
        """All reads of one source together. A row that is not there is None."""
        if not steps:
            return []
        runner = self.of(steps[0].source)
        ready = [await _with_id(runner, s) for s in steps]
        wires = [
            requests.read(s, runner.dialect) if isinstance(s, Read) else requests.read_one(s, runner.dialect)
            for s in ready
        ]
        distinct = list({(w.route, w.target, w.headers.get("Prefer")): w for w in wires}.values())
        places = {(w.route, w.target, w.headers.get("Prefer")): i for i, w in enumerate(distinct)}
        answers = await runner.batch(distinct)
        return [
            _row_or_error(step, answers[places[w.route, w.target, w.headers.get("Prefer")]])
            for step, w in zip(ready, wires, strict=True)
        ]

    async def count(self, step: Read) -> int:
        """The number alone."""
        runner = self.of(step.source)
        if filters.never(step.filter, runner.dialect.rules):
            return 0
        if step.company is not None:
            step = await companies.with_id(runner, step)
        answer = await runner.get(requests.count(step, runner.dialect))
        number = answer.body
        if not runner.dialect.count_segment:
            number = companies.counted(runner.name, number)
        text = number.decode("utf-8-sig", "replace").strip()
        if not (text.isascii() and text.isdigit()):
            raise malformed(runner.name, "something else in place of a count")
        return int(text)

    async def aggregate(self, step: Aggregate) -> bytes:
        """The `$apply` answer."""
        runner = self.of(step.source)
        if filters.never(step.filter, runner.dialect.rules):
            return NOTHING
        if step.company is not None:
            step = await companies.with_id(runner, step)
        return (await runner.get(requests.aggregate(step, runner.dialect))).body or NOTHING

    async def call(self, step: Call) -> bytes | None:
        """A function's answer; None for 204."""
        runner = self.of(step.source)
        step = await companies.with_id(runner, step)
        wire = writes.wire(step, runner.dialect)
        answer = await (runner.get(wire) if wire.method == "GET" else runner.send(wire, "once"))
        return answer.body or None

    async def write(
        self,
        steps: Sequence[Write],
        *,
        atomic: bool,
        read_back: Sequence[ReadOne | None] = (),
        idempotency_key: str | None = None,
        wrote: Callable[[int, Written], None] | None = None,
    ) -> list[Written]:
        """Writes of one source in order, each sent once. What was sent when the client left is left to finish."""
        if not steps:
            return []
        backs = list(read_back) or [None] * len(steps)
        runner = self.of(steps[0].source)
        writer = Writer(runner, idempotency_key, wrote)
        job = asyncio.create_task(writer.together(steps, backs) if atomic else writer.each(steps, backs))
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            writer.stopped = True
            runner.source.finish(job) if writer.under_way else job.cancel()
            raise


async def _with_id(runner: SourceRunner, step: Read | ReadOne) -> Read | ReadOne:
    return await companies.with_id(runner, step) if step.company is not None else step


def _row_or_error(step: Read | ReadOne, answer: Answer | VegraphError) -> bytes | VegraphError | None:
    if isinstance(answer, BackendNotFound):
        return None if isinstance(step, ReadOne) or step.single else answer
    if isinstance(answer, VegraphError):
        return answer
    return answer.body or None
