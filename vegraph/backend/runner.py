"""Runs steps as the delegated user of one request: `plan.steps.Runner` over the sources of `backend.Backend`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from vegraph.backend import companies, filters, requests, writes
from vegraph.backend.atomic import AtomicWriter
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import malformed
from vegraph.backend.source import Source
from vegraph.backend.source_runner import Delegate, RequestInfo, SourceRunner
from vegraph.errors import BackendNotFound, VegraphError
from vegraph.plan.steps import NOTHING, Aggregate, Call, Company, Lookup, Read, ReadOne, Write, Written

__all__ = ["Delegate", "RequestInfo", "Runner", "SourceRunner"]


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
        if not answer.body and not step.single:
            raise malformed(step.source, "nothing in place of a page")
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
        silent = [isinstance(s, Read) and filters.never(s.filter, runner.dialect.rules) for s in steps]
        if any(silent):
            rest = iter(await self.batch([s for s, nothing in zip(steps, silent, strict=True) if not nothing]))
            return [NOTHING if nothing else next(rest) for nothing in silent]
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
        writer = AtomicWriter(runner, idempotency_key, wrote)
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
