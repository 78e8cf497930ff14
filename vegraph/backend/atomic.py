"""Writes that happen all or not at all: one change set (F&O, the specification) or snapshot (BC) in one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from vegraph.backend import companies, requests, writes
from vegraph.backend.batches import batch_request
from vegraph.backend.exchange import Answer
from vegraph.backend.faults import malformed
from vegraph.backend.retries import verdict
from vegraph.backend.source import unknown
from vegraph.backend.writing import Writer
from vegraph.errors import BackendError, BackendInvalid, NotSupported, OutcomeUnknown, VegraphError
from vegraph.plan.steps import ReadOne, Write, Written

__all__ = ["AtomicWriter"]


class AtomicWriter(Writer):
    """Writes of one source in one group."""

    async def together(self, steps: Sequence[Write], read_back: Sequence[ReadOne | None]) -> list[Written]:
        """One change set or snapshot. Where one fails, nothing happened to any."""
        try:
            found = await self._together(steps, read_back)
        except VegraphError as error:
            for index in range(len(steps)):
                self._wrote(index, Written(status=getattr(error, "status", None) or 0, error=error))
            raise
        for index, written in enumerate(found):
            self._wrote(index, written)
        return found

    async def _together(self, steps: Sequence[Write], read_back: Sequence[ReadOne | None]) -> list[Written]:
        ready = [await companies.with_id(self.runner, step) for step in steps]
        backs = [await companies.with_id(self.runner, b) if b is not None else None for b in read_back]
        self._check_atomic(ready)
        wires = [self._repeatable(writes.wire(step, self.dialect), i) for i, step in enumerate(ready)]
        along = [i for i, back in enumerate(backs) if back is not None and back.key is not None]
        reads = [requests.read_one(back, self.dialect) for i in along if (back := backs[i]) is not None]
        batch = batch_request([*wires, *reads], self.runner.source, atomic=True, language=self.runner.language)
        try:
            sent = await self._send(batch.wire, "once")
            answers = batch.answers(self.runner.name, sent, partial=True)
        except OutcomeUnknown:
            raise
        except BackendError as failure:
            if verdict("once", failure) == "unknown":
                raise unknown(self.runner.name, failure) from None
            raise
        written = self._all_or_none(answers[: len(wires)])
        found: dict[int, Answer] = {i: a for i, a in zip(along, answers[len(wires) :], strict=True) if a is not None}
        return list(
            await asyncio.gather(
                *(self._after(ready[i], w, backs[i], found.get(i)) for i, w in enumerate(written))
            )
        )  # fmt: skip

    def _check_atomic(self, steps: Sequence[Write]) -> None:
        if self.dialect.atomic is None or self.dialect.batch_format is None:
            raise NotSupported(f"{self.runner.name} cannot promise all or nothing, so @atomic is refused there.")
        if len({self.dialect.route(step.set) for step in steps}) > 1:
            raise NotSupported(f"{self.runner.name}: rows of several API routes cannot be written all or nothing.")
        if len(steps) * 2 > max(self.dialect.batch_size, 2):
            raise NotSupported(f"{self.runner.name} takes at most {self.dialect.batch_size} requests in one batch.")

    def _all_or_none(self, answers: Sequence[Answer | None]) -> list[Written]:
        judged = [None if a is None else self.runner.judged(a) for a in answers]
        failures = [j for j in judged if isinstance(j, BackendError)]
        if not failures:
            if None in judged:
                raise unknown(self.runner.name, malformed(self.runner.name, "half a batch answer"))
            return [self._written(answer) for answer in judged if isinstance(answer, Answer)]
        cause = next((f for f in failures if f.status != 424), failures[0])
        if len({id(answer) for answer in answers}) == 1 and len(answers) > 1:
            return [Written(status=cause.status or 0, error=_rolled_back(self.runner.name, cause)) for _ in judged]
        return [
            Written(status=j.status or 0, error=j)
            if isinstance(j, BackendError) and j.status != 424
            else Written(error=_rolled_back(self.runner.name, cause))
            for j in judged
        ]

    async def _after(self, step: Write, written: Written, back: ReadOne | None, read: Answer | None) -> Written:
        if written.error is not None:
            return written
        if read is not None:
            return self._with_row(written, self.runner.judged(read))
        return await self._read_back(step, written, back)


def _rolled_back(source: str, cause: BackendError) -> BackendInvalid:
    return BackendInvalid(
        f"{source} carried none of the group out, because another part of it was refused: {cause}",
        source=source, status=cause.status, erp_code="ROLLED_BACK",
    )  # fmt: skip
