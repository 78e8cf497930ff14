"""A dictionary that forgets what was used least recently, bounded in items and in weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Bounded"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """At most `items` entries of at most `weight` together; what alone weighs more is not kept at all."""

    def __init__(self, *, items: int, weight: int) -> None:
        self._items = items
        self._weight = weight
        self._held = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, which thereby becomes the most recently used one."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keeps the value, at the cost of others where there is no room."""
        self.drop(key)
        if weight > self._weight:
            return
        self._entries[key] = value, weight
        self._held += weight
        while len(self._entries) > self._items or self._held > self._weight:
            self.drop(next(iter(self._entries)))

    def drop(self, key: K) -> None:
        """Forgets the key, where it is held."""
        if (entry := self._entries.pop(key, None)) is not None:
            self._held -= entry[1]

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries
