"""Reading a body under a limit, inflated or not: 587 bytes can become 256 MB (T32)."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

__all__ = ["Garbled", "TooLarge", "read_limited"]


class TooLarge(Exception):
    """The body is larger than allowed once inflated."""


class Garbled(Exception):
    """The body is not what its Content-Encoding says, or ends too early."""


async def read_limited(chunks: AsyncIterable[bytes], encoding: str, limit: int) -> bytes:
    """The whole body. Raises TooLarge above `limit` bytes, Garbled for what cannot be inflated."""
    if encoding in ("", "identity"):
        return await _plain(chunks, limit)
    if encoding in ("gzip", "x-gzip"):
        return await _gzip(chunks, limit)
    raise Garbled


async def _plain(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _gzip(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    inflater = zlib.decompressobj(31)
    parts: list[bytes] = []
    left = limit + 1
    try:
        async for chunk in chunks:
            part = inflater.decompress(chunk, left)
            left -= len(part)
            if left <= 0 or inflater.unconsumed_tail:
                raise TooLarge
            parts.append(part)
    except zlib.error:
        raise Garbled from None
    if not inflater.eof:
        raise Garbled
    return b"".join(parts)
