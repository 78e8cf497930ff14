"""Answers kept for seconds: mapping and role decisions, where a stale one must not live long (I6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from vegraph.identity.clock import Clock
from vegraph.identity.flights import Flights

__all__ = ["Remembered"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Results by key, each for as long as `life_s` says of it; made once however many ask. Errors are not kept."""

    def __init__(self, clock: Clock, life_s: Callable[[V], float], *, max_entries: int = 10_000) -> None:
        self._clock = clock
        self._life_s = life_s
        self._max = max_entries
        self._held: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._flights: Flights[K, V] = Flights()

    async def get(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result for that key, fresh enough."""
        held = self._held.get(key)
        if held is not None and self._clock() < held[1]:
            return held[0]
        return await self._flights.share(key, lambda: self._make(key, make))

    async def _make(self, key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        asked = self._clock()  # the age counts from the question: the answer may be old when it comes
        value = await make()
        self._held[key] = (value, asked + self._life_s(value))
        self._held.move_to_end(key)
        while len(self._held) > self._max:
            self._held.popitem(last=False)
        return value
