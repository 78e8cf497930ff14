"""Throttling of one user's requests: at once, waiting, and over a sliding window."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Limits

__all__ = ["Gate"]


@dataclass(slots=True)
class _Budget:
    """What one user has under way and has used."""

    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    started: deque[float] = field(default_factory=deque)
    executed: deque[tuple[float, float]] = field(default_factory=deque)


class Gate:
    """Lets requests through as the limits have it. The limits may be exchanged while it runs."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self.clock = clock
        self._budgets: dict[str, _Budget] = {}

    @asynccontextmanager
    async def admitted(self, who: str) -> AsyncIterator[None]:
        """Inside, the request is being processed. `Problem` 429 or 503 instead."""
        limits = self.limits
        if limits.concurrent is None and limits.window_requests is None and limits.window_execution_s is None:
            yield
            return
        budget = self._budgets.setdefault(who, _Budget())
        self._check_window(budget)
        await self._place(budget)
        began = self.clock.seconds()
        try:
            yield
        finally:
            budget.executed.append((self.clock.seconds(), self.clock.seconds() - began))
            self._leave(budget)

    def _check_window(self, budget: _Budget) -> None:
        limits, now = self.limits, self.clock.seconds()
        edge = now - limits.window_s
        while budget.started and budget.started[0] <= edge:
            budget.started.popleft()
        while budget.executed and budget.executed[0][0] <= edge:
            budget.executed.popleft()
        if limits.window_requests is not None and len(budget.started) >= limits.window_requests:
            raise self.refused(
                "rate",
                f"Number of requests exceeded the limit of {limits.window_requests} "
                f"over the time window of {limits.window_s:g} seconds.",
            )
        spent = sum(seconds for _, seconds in budget.executed)
        if limits.window_execution_s is not None and spent > limits.window_execution_s:
            raise self.refused(
                "time",
                "Combined execution time of incoming requests exceeded limit of "
                f"{limits.window_execution_s:g} seconds over time window of {limits.window_s:g} seconds.",
            )
        budget.started.append(now)

    async def _place(self, budget: _Budget) -> None:
        limits = self.limits
        if limits.concurrent is None or (budget.running < limits.concurrent and not budget.waiting):
            budget.running += 1
            return
        if len(budget.waiting) >= (limits.queued or 0):
            raise self.refused(
                "concurrency", f"Number of concurrent requests exceeded the limit of {limits.concurrent}."
            )
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        budget.waiting.append(turn)
        try:
            async with asyncio.timeout(limits.queue_wait_s):
                await turn
        except TimeoutError:
            if turn in budget.waiting:
                budget.waiting.remove(turn)
            wait = {"retry-after": str(self.limits.retry_after_503_s)}
            raise Problem(503, "queue_timeout", "The request waited too long in the queue.", headers=wait) from None

    def _leave(self, budget: _Budget) -> None:
        while budget.waiting:
            turn = budget.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        budget.running -= 1

    def refused(self, which: str, message: str) -> Problem:
        """429, with `Retry-After` where the dialect sends it."""
        wait = self.limits.retry_after_s
        return Problem(429, f"throttled_{which}", message, headers={"retry-after": str(wait)} if wait else {})
