"""Sends writes: each once, in order, and says of each what became of it (identity.md §7.1, threats T38)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from vegraph.backend import companies, requests, rows, urls, writes
from vegraph.backend.batches import batch_request
from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import malformed
from vegraph.backend.headers import idempotency_key as checked_key
from vegraph.backend.retries import Kind, backoff, verdict
from vegraph.backend.source import unknown
from vegraph.errors import (
    BackendConflict,
    BackendError,
    BackendNotFound,
    BackendRateLimited,
    NotSupported,
    OutcomeUnknown,
    VegraphError,
)
from vegraph.plan.steps import Call, Create, Delete, ReadOne, Update, Write, Written

if TYPE_CHECKING:
    from vegraph.backend.source_runner import SourceRunner

__all__ = ["Writer"]


Wrote: TypeAlias = Callable[[int, Written], None]
"""Hears of each step what became of it."""


def _unheard(_index: int, _written: Written) -> None:
    pass


class Writer:
    """Writes of one source for one request."""

    def __init__(self, runner: SourceRunner, idempotency_key: str | None = None, wrote: Wrote | None = None) -> None:
        self.runner = runner
        self._wrote: Wrote = wrote or _unheard
        self.dialect = runner.dialect
        self.stopped = False
        """The client has left: what is under way ends, nothing more is sent."""
        self._wire: Wire | None = None
        self._key = checked_key(idempotency_key) if idempotency_key is not None else None
        if self._key is not None and not self.dialect.idempotent_header:
            raise NotSupported(f"{runner.name} has no repeatability headers, so @idempotent can promise nothing there.")

    async def each(self, steps: Sequence[Write], read_back: Sequence[ReadOne | None]) -> list[Written]:
        """One after the other; a failed one does not keep the next from being sent."""
        found = []
        for index, (step, back) in enumerate(zip(steps, read_back, strict=True)):
            if self.stopped:
                break
            found.append(await self._one(step, back, index))
            self._wrote(index, found[-1])
        return found

    @property
    def under_way(self) -> bool:
        """Something went out, so it is not to be broken off."""
        return self._wire is not None and self._wire.sent

    # One write

    async def _one(self, step: Write, back: ReadOne | None, index: int) -> Written:
        try:
            step = await companies.with_id(self.runner, step)
            back = await companies.with_id(self.runner, back) if back is not None else None
            wire = self._repeatable(writes.wire(step, self.dialect), index)
            if self._goes_along(step, back):
                assert back is not None  # noqa: S101  # _goes_along looked
                return await self._with_read(step, wire, back)
            try:
                written = self._written(await self._send(wire, writes.kind_of(step)))
            except BackendError as failure:
                written = await self._settled(step, wire, failure)
            return await self._read_back(step, written, back)
        except VegraphError as error:
            return Written(status=getattr(error, "status", None) or 0, error=error)

    async def _send(self, wire: Wire, kind: Kind) -> Answer:
        self._wire = wire
        return await self.runner.send(wire, "read" if self._key is not None else kind)

    def _repeatable(self, wire: Wire, index: int) -> Wire:
        if self._key is None or wire.method == "GET":
            return wire
        wire.headers = {
            **wire.headers,
            "Repeatability-Request-ID": str(uuid5(NAMESPACE_URL, f"{self._key}#{index}")),
            "Repeatability-First-Sent": format_datetime(datetime.now(UTC), usegmt=True),
        }
        return wire

    def _written(self, answer: Answer) -> Written:
        location = answer.headers.get("location") or answer.headers.get("odata-entityid")
        return Written(
            status=answer.status,
            body=answer.body or None,
            location=self.runner.source.key_of(location) if location else None,
            etag=answer.headers.get("etag") or rows.etag_of(answer.body),
        )

    # Failed, and it is not plain what that means

    async def _settled(self, step: Write, wire: Wire, failure: BackendError, *, again: bool = True) -> Written:
        """What became of a guarded write that failed: the row tells whether it ran."""
        what = verdict(writes.kind_of(step), failure)
        if not isinstance(step, Update | Delete) or what not in ("check", "check only", "wait"):
            raise failure
        if isinstance(failure, BackendRateLimited):
            raise failure  # refused before any work, and waited for long enough
        if what == "wait" and again:
            await self._wait(failure)
        else:
            ran = await self._ran(step, failure)
            if ran is not None:
                return ran
        if what == "check only" or not again or not self.runner.source.budget.take():
            raise failure
        if what == "check":
            await self.runner.source.clock.sleep(backoff(1, self.runner.source.clock))
        try:
            return self._written(await self._send(wire, writes.kind_of(step)))
        except (BackendConflict, BackendNotFound) as conflict:
            # It may be the first try's own work that stands against the second.
            return await self._ran(step, failure) or self._raise(conflict)
        except BackendError as second:
            return await self._settled(step, wire, second, again=False)

    def _raise(self, error: BackendError) -> Written:
        raise error

    async def _wait(self, failure: BackendError) -> None:
        wait = failure.retry_after or 0.0
        if self.runner.source.clock.now() + wait >= self.runner.bounds.deadline:
            raise failure
        await self.runner.source.clock.sleep(wait)

    async def _ran(self, step: Update | Delete, failure: BackendError) -> Written | None:
        """None: the row is as it was, so the write did not run. Raises OutcomeUnknown where the row cannot tell, and
        BackendConflict where it shows that the write did not run and never will."""
        try:
            answer = await self.runner.send(self._whole_row(step))
        except BackendNotFound:
            if isinstance(step, Delete):
                return Written(status=204)
            raise unknown(self.runner.name, failure) from None
        except VegraphError:
            raise unknown(self.runner.name, failure) from None
        tag = rows.etag_of(answer.body) or answer.headers.get("etag")
        if tag == step.if_match:
            return None
        if isinstance(step, Delete):  # it is still there, and no longer as it was to be deleted
            raise BackendConflict(f"{self.runner.name}: the row has changed.", source=self.runner.name)
        if rows.holds(answer.body, step.values):
            return Written(status=200, body=answer.body, etag=tag)
        raise unknown(self.runner.name, failure)

    def _whole_row(self, step: Update | Delete) -> Wire:
        select = tuple(step.values) if isinstance(step, Update) else tuple(m.wire for m in step.key.members)
        known = tuple(wire for wire in select if wire in step.entity.by_wire)
        keys = tuple(m.wire for m in step.key.members)
        return requests.read_one(
            ReadOne(
                source=step.source, set=step.set, entity=step.entity, key=step.key, company=step.company,
                select=tuple(dict.fromkeys((*keys, *known))),
            ),
            self.dialect,
        )  # fmt: skip

    # Reading back

    def _goes_along(self, step: Write, back: ReadOne | None) -> bool:
        """The read can stand in the same batch: its key is known, and the answer will not carry the row anyhow."""
        if back is None or back.key is None or self._key is not None or not self.dialect.read_back_in_batch:
            return False
        if self.dialect.batch_format is None or isinstance(step, Create | Delete):
            return False
        return isinstance(step, Call) or bool(back.expand) or not self.dialect.patch_gives_row

    async def _with_read(self, step: Write, wire: Wire, back: ReadOne) -> Written:
        kind: Kind = writes.kind_of(step)
        batch = batch_request(
            [wire, requests.read_one(back, self.dialect)], self.runner.source, language=self.runner.language
        )
        try:
            sent = await self._send(batch.wire, kind)
            first, second = self._pair(batch.answers(self.runner.name, sent, partial=True), sent)
        except OutcomeUnknown:
            raise
        except BackendError as failure:
            if verdict(kind, failure) == "unknown":
                raise unknown(self.runner.name, failure) from None
            written = await self._settled(step, wire, failure)
            return await self._read_back(step, written, back)
        judged = self.runner.judged(first)
        if isinstance(judged, BackendError):
            if verdict(kind, judged) == "unknown":
                raise unknown(self.runner.name, judged)
            return await self._read_back(step, await self._settled(step, wire, judged), back)
        written = self._written(judged)
        if second is None:
            return await self._read_back(step, written, back)
        row = self.runner.judged(second)
        if isinstance(row, BackendNotFound) and isinstance(step, Call) and self._moved_within(back, judged):
            # The action moved the row: it stands under the key its Location names (OB-56).
            return await self._read_back(step, written, replace(back, key=None))
        return self._with_row(written, row)

    def _moved_within(self, back: ReadOne, answer: Answer) -> bool:
        """The Location names another row of the same set (an order that became an invoice is in another one)."""
        location = answer.headers.get("location")
        if not location:
            return False
        segment = self.runner.source.link(location).partition("?")[0].rpartition("/")[2]
        return segment.partition("(")[0] == urls.name(back.set.segment)

    def _pair(self, answers: Sequence[Answer | None], sent: Answer) -> tuple[Answer, Answer | None]:
        if answers[0] is None:
            raise malformed(self.runner.name, "a batch answer in which the write is missing")
        return answers[0], answers[1]

    async def _read_back(self, step: Write, written: Written, back: ReadOne | None) -> Written:
        if back is None or isinstance(step, Delete):
            return written
        if written.body is not None and not back.expand and not isinstance(step, Call):
            return replace(written, read_back=written.body)
        try:
            return self._with_row(written, await self.runner.send(self._back(step, written, back)))
        except VegraphError as error:
            return replace(written, read_back_error=error)

    def _back(self, step: Write, written: Written, back: ReadOne) -> Wire:
        key = back.key or (rows.key_in(written.body, back.entity) if written.body else None)
        if key is None and written.location is None:
            raise malformed(self.runner.name, "a new row without saying where it is")
        if key is not None:
            return requests.read_one(replace(back, key=key, company=back.company or step.company), self.dialect)
        back = replace(back, key=None, company=back.company or step.company)
        wire = requests.read_one(back, self.dialect)
        path, _ = requests.row_path(back.set, None, back.company, self.dialect)
        wire.path = f"{path}({written.location}){requests.cast(back.set, back.entity)}"
        return wire

    def _with_row(self, written: Written, answer: Answer | BackendError) -> Written:
        if isinstance(answer, BackendError):
            return replace(written, read_back_error=answer)
        tag = rows.etag_of(answer.body) or answer.headers.get("etag")
        return replace(written, read_back=answer.body or None, etag=tag or written.etag)
