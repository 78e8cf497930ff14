"""One source for one request: as whom it is called, what of it is in flight, and several requests in one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vegraph.backend.batches import Batch, batch_request, split
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import fault
from vegraph.backend.headers import language as checked_language
from vegraph.backend.headers import request_id as checked_id
from vegraph.backend.retries import Kind
from vegraph.backend.source import Bounds, Source
from vegraph.backend.transport import Delegated
from vegraph.errors import BackendError, BackendRateLimited, BackendUnauthenticated, NotSupported, VegraphError

__all__ = ["Delegate", "RequestInfo", "SourceRunner"]

Delegate: TypeAlias = Callable[[str, str | None], Awaitable[Delegated]]
"""(source, claims or None) → as whom to call it. Claims: the source asked for them, so a new token is needed."""


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
