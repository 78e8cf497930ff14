"""A client that costs next to nothing, so that the server is what is measured: one HTTP/1.1 connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import orjson

__all__ = ["Connection", "Request", "get", "graphql", "post"]

Request = tuple[str, int, bytes]
"""Host, port, and the whole request as it goes over the wire."""


def _made(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Request:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return parts.hostname or "127.0.0.1", parts.port or 80, head + body


def get(url: str, token: str | None = None) -> Request:
    """A GET; `url` is percent-encoded already."""
    headers = {"Accept": "application/json"}
    return _made("GET", url, headers | ({"Authorization": f"Bearer {token}"} if token else {}), b"")


def post(url: str, payload: object, token: str | None = None) -> Request:
    """A POST of JSON."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return _made("POST", url, headers | ({"Authorization": f"Bearer {token}"} if token else {}), orjson.dumps(payload))


def graphql(url: str, query: str, token: str | None = None, variables: Mapping[str, object] | None = None) -> Request:
    """A GraphQL request."""
    return post(url, {"query": query, **({"variables": dict(variables)} if variables else {})}, token)


class Connection(asyncio.Protocol):
    """One kept-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None
        self._body_at = self._size = -1
        self._status = 0

    @classmethod
    async def open(cls, request: Request) -> Connection:
        """A connection to where this request goes."""
        host, port, _ = request
        _, made = await asyncio.get_running_loop().create_connection(cls, host, port)
        return made

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body. ConnectionError when the server closes before its answer is whole.

        Where it closed while nothing was asked, the connection is made anew.
        """
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, *request[:2])
        assert self._transport is not None
        self._waiting = loop.create_future()
        self._transport.write(request[2])
        return await self._waiting

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._body_at < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._read_head(bytes(self._buffer[:end]).lower(), end + 4)
        body = self._whole_body()
        if body is None:
            return
        status, waiting = self._status, self._waiting
        self._buffer.clear()
        self._body_at = self._size = -1
        self._waiting = None
        if waiting is not None and not waiting.done():
            waiting.set_result((status, body))

    def _read_head(self, head: bytes, body_at: int) -> None:
        self._status = int(head[9:12])
        self._body_at = body_at
        if b"transfer-encoding: chunked" in head:
            self._size = -2
            return
        _, found, rest = head.partition(b"\r\ncontent-length:")
        self._size = int(rest.partition(b"\r\n")[0]) if found else 0

    def _whole_body(self) -> bytes | None:
        if self._size >= 0:
            end = self._body_at + self._size
            return bytes(self._buffer[self._body_at : end]) if len(self._buffer) >= end else None
        if not self._buffer.endswith(b"0\r\n\r\n"):
            return None
        parts, at = [], self._body_at
        while True:
            line = self._buffer.index(b"\r\n", at)
            size = int(self._buffer[at:line], 16)
            if size == 0:
                return b"".join(parts)
            parts.append(bytes(self._buffer[line + 2 : line + 2 + size]))
            at = line + 2 + size + 2
