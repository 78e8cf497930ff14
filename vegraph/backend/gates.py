"""How many calls run at once: a gate for each principal of a source, and the bulkhead of the source (identity.md §7.2).

The gate narrows to half when the source says 429, widens by one for each full round that went well, and stays closed
until `Retry-After`. Who has to wait stands in a queue of its caller; the callers take turns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from vegraph.backend.clock import SYSTEM, Clock
from vegraph.errors import BackendRateLimited, BackendTimeout

__all__ = ["Bulkhead", "Gate"]


class Gate:
    """Places of one principal at one source."""

    def __init__(self, source: str, *, most: int, queue: int = 20, clock: Clock = SYSTEM) -> None:
        self.source = source
        self.most = most
        self.limit = float(most)
        """Places now, between 1 and `most`."""
        self.active = 0
        self.refusals = 0
        """429 answers in a row."""
        self._queue = queue
        self._clock = clock
        self._closed_until = 0.0
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._opening: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Nobody is inside or waits, and nothing is to be remembered."""
        return not (self.active or self._waiting or self._closed_until > self._clock.now()) and self.limit >= self.most

    def try_enter(self) -> bool:
        """Takes a place if one is free and nobody waits for it."""
        if self._waiting or self.active >= int(self.limit) or self._closed_until > self._clock.now():
            return False
        self.active += 1
        return True

    async def enter(self, caller: str, deadline: float) -> None:
        """Takes a place, waiting for it until the deadline at most.

        Raises BackendRateLimited where the queue is full or the gate stays closed for longer than that, and
        BackendTimeout where no place came free."""
        if self.try_enter():
            return
        now = self._clock.now()
        if self._closed_until >= deadline:
            raise self._closed(self._closed_until - now)
        if sum(map(len, self._waiting.values())) >= self._queue:
            raise BackendRateLimited(
                f"{self.source} has too many requests of this user waiting. Try again later.",
                source=self.source,
                retry_after=max(1.0, self._closed_until - now),
            )
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(place)
        self._wake_later()
        try:
            async with asyncio.timeout(max(0.0, deadline - now)):
                await place
        except TimeoutError:
            raise BackendTimeout(
                f"{self.source} is busy with this user's other requests. Try again later.", source=self.source
            ) from None
        finally:
            if not place.done() or place.cancelled():
                self._forget(caller, place)
            elif place.exception() is None and _interrupted():
                self.leave()

    def leave(self) -> None:
        """Gives the place back."""
        self.active -= 1
        self._admit()

    def went_well(self) -> None:
        """An answer that was no 429."""
        self.refusals = 0
        if self.limit < self.most:
            self.limit = min(self.most, self.limit + 1 / self.limit)

    def refused(self, seconds: float | None) -> float:
        """A 429: the gate closes for `seconds` (default: 1, doubling) and narrows. Gives the seconds."""
        self.refusals += 1
        wait = seconds if seconds is not None else min(2.0 ** (self.refusals - 1), 30.0)
        self.limit = max(1.0, self.limit / 2)
        self._closed_until = max(self._closed_until, self._clock.now() + wait)
        return wait

    def _closed(self, seconds: float) -> BackendRateLimited:
        return BackendRateLimited(
            f"{self.source} takes no more requests of this user for now. Try again later.",
            source=self.source,
            status=429,
            retry_after=seconds,
        )

    def _admit(self) -> None:
        while self._waiting and self.active < int(self.limit) and self._closed_until <= self._clock.now():
            caller, queue = next(iter(self._waiting.items()))
            place = queue.popleft()
            del self._waiting[caller]
            if queue:
                self._waiting[caller] = queue  # to the end: the callers take turns
            if not place.done():
                self.active += 1
                place.set_result(None)
        self._wake_later()

    def _wake_later(self) -> None:
        """While the gate is closed nobody leaves it, so someone must open it."""
        wait = self._closed_until - self._clock.now()
        if not self._waiting or wait <= 0 or (self._opening is not None and not self._opening.done()):
            return
        self._opening = asyncio.create_task(self._open_after(wait))

    async def _open_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._opening = None
        self._admit()

    def _forget(self, caller: str, place: asyncio.Future[None]) -> None:
        queue = self._waiting.get(caller)
        if queue is not None and place in queue:
            queue.remove(place)
            if not queue:
                del self._waiting[caller]


def _interrupted() -> bool:
    """Whether this task is being cancelled, so that a place it was just given is not used."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Bulkhead:
    """Places of one source for everybody, so that a slow source cannot take the others' connections."""

    def __init__(self, source: str, most: int = 64, now: Callable[[], float] = SYSTEM.now) -> None:
        self.source = source
        self.most = most
        self.active = 0
        self._now = now
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self, deadline: float) -> None:
        """Takes a place, first come first served. Raises BackendTimeout at the deadline."""
        if self.active < self.most and not self._waiting:
            self.active += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(max(0.0, deadline - self._now())):
                await place
        except TimeoutError:
            raise BackendTimeout(
                f"{self.source} is busy with other requests. Try again later.", source=self.source
            ) from None
        finally:
            if place in self._waiting:
                self._waiting.remove(place)
            elif place.done() and not place.cancelled() and _interrupted():
                self.leave()

    def leave(self) -> None:
        """Gives the place back."""
        self.active -= 1
        while self._waiting and self.active < self.most:
            place = self._waiting.popleft()
            if not place.done():
                self.active += 1
                place.set_result(None)
