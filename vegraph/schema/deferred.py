"""A mapping that is made when first looked into: for members of types that may hold themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

__all__ = ["Deferred"]

_Value = TypeVar("_Value")


class Deferred(Mapping[str, _Value]):
    """What `make` gives. Threads that look at once may make it twice; the first one kept is everybody's."""

    def __init__(self, make: Callable[[], Mapping[str, _Value]]) -> None:
        self._make = make
        self._kept: dict[None, Mapping[str, _Value]] = {}

    @property
    def _made(self) -> Mapping[str, _Value]:
        return self._kept.get(None) or self._kept.setdefault(None, self._make())

    def __getitem__(self, name: str) -> _Value:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
