"""Batches of seed rows, and how they get into a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

__all__ = ["Batch", "Progress", "RowStore", "counted", "load"]

Row = Mapping[str, Any]
Progress = Callable[[str, int], None]
"""Called with an entity set and how many of its rows came in since the last call."""

_STRIDE = 5_000


class Batch(NamedTuple):
    """Rows of one set, of one company where companies stand outside the rows (BC)."""

    set: str
    company: str | None
    rows: Iterable[Row]


class RowStore(Protocol):
    """What a store must do to take seeds."""

    def load(self, set_name: str, rows: Iterable[Row], company: str | None = None) -> int:
        """Insert seed rows; gives how many."""
        ...


def load(store: RowStore, batches: Iterable[Batch], progress: Progress | None = None) -> int:
    """Put all batches into the store, one transaction each; gives the number of rows."""
    total = 0
    for batch in batches:
        rows = counted(batch.set, batch.rows, progress) if progress else batch.rows
        total += store.load(batch.set, rows, batch.company)
    return total


def counted(name: str, rows: Iterable[Row], progress: Progress) -> Iterator[Row]:
    """The same rows, with a word on the way every few thousand."""
    waiting = 0
    for row in rows:
        yield row
        waiting += 1
        if waiting == _STRIDE:
            progress(name, waiting)
            waiting = 0
    progress(name, waiting)
