"""A read-only mapping whose values are decoded from a buffer when first looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

import msgspec

from vegraph.errors import CatalogError

__all__ = ["LazyMapping"]

_T = TypeVar("_T")


class LazyMapping(Mapping[str, _T], Generic[_T]):
    """Name → value; `spans` gives offset and length in `buffer` of each value's msgpack."""

    __slots__ = ("_buffer", "_decoder", "_found", "_spans")

    def __init__(
        self,
        buffer: memoryview,
        spans: Mapping[str, tuple[int, int]],
        decoder: msgspec.msgpack.Decoder[_T],
    ) -> None:
        self._buffer = buffer
        self._spans = spans
        self._decoder = decoder
        self._found: dict[str, _T] = {}

    def __getitem__(self, name: str) -> _T:
        found = self._found.get(name)
        if found is None:
            start, length = self._spans[name]
            try:
                found = self._decoder.decode(self._buffer[start : start + length])
            except msgspec.DecodeError as error:
                raise CatalogError(
                    f"'{name}' in the compiled catalog cannot be decoded ({error}). Delete the cache; it is made anew."
                ) from None
            self._found[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._spans

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __repr__(self) -> str:
        return f"<LazyMapping of {len(self._spans)}, {len(self._found)} decoded>"
