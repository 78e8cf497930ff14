"""Equal work asked for at the same time is done once, and nobody's leaving harms the others.

The naive form, where the first caller does the work, fails all who wait when that caller leaves (identity.md §3). Here
the work is a task of its own: waiters are shielded from each other, it is cancelled when the last one leaves, and
neither results nor errors are kept once it is done.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

__all__ = ["Flights"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Flight(Generic[V]):
    __slots__ = ("task", "waiters")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiters = 0


class Flights(Generic[K, V]):
    """Work that is under way, by key. For one event loop."""

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    async def share(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result of the work under way for that key, started here if there is none."""
        flight = self._flights.get(key)
        if flight is None:
            # A fresh context: the work is for all who wait, so it carries nobody's request id or locale.
            task = asyncio.create_task(work(), context=contextvars.Context())
            flight = self._flights[key] = _Flight(task)
            task.add_done_callback(lambda _: self._land(key, flight))
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()

    def _land(self, key: K, flight: _Flight[V] | None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
