"""A backend that answers at once: what an emulator answered before, byte for byte, from memory.

Benchmarks are of servers, not of the ERPs behind them. The first GET of a URL as a person goes to the emulator; its
answer is kept, and served from then on. Everything else is passed through. `/replay/requests` tells how many came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from benching.processes import Served, serve, start

__all__ = ["started"]

_KEPT = {b"content-type", b"odata-version", b"etag", b"preference-applied"}
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def started(upstream: Mapping[str, str]) -> Served:
    """Serves `/NAME/…` for each name's origin."""
    return start(_serve, dict(upstream))


def _serve(line: Any, upstream: dict[str, str]) -> None:
    async def make() -> ASGIApp:
        return _Replay(upstream)

    serve(line, make)


class _Replay:
    def __init__(self, upstream: dict[str, str]) -> None:
        self._upstream = upstream
        self._known: dict[tuple[bytes, bytes, bytes], Answer] = {}
        self._session: aiohttp.ClientSession | None = None
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["path"] == "/replay/requests":
            await _send(send, (200, [], orjson.dumps({"total": self._requests})))
            return
        self._requests += 1
        who = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
        key = (scope["raw_path"], scope["query_string"], who)
        found = self._known.get(key)
        if found is None:
            found = await self._fetched(scope, receive)
            if scope["method"] == "GET" and found[0] == 200:
                self._known[key] = found
        await _send(send, found)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown" and self._session is not None:
                await self._session.close()
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return

    async def _fetched(self, scope: Scope, receive: Receive) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(auto_decompress=False)
        host = next((v for k, v in scope["headers"] if k == b"host"), b"").decode()
        _, name, rest = scope["raw_path"].decode().split("/", 2)
        origin = self._upstream[name]
        query = scope["query_string"].decode()
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        body = body.replace(f"http://{host}/{name}".encode(), origin.encode())
        headers = {
            k.decode(): v.decode() for k, v in scope["headers"] if k not in {b"host", b"content-length", b"connection"}
        }
        url = URL(f"{origin}/{rest}{'?' if query else ''}{query}", encoded=True)
        async with self._session.request(scope["method"], url, headers=headers, data=body or None) as answer:
            content = await answer.read()
            kept = [(k.lower(), v) for k, v in answer.raw_headers if k.lower() in _KEPT]
        content = content.replace(origin.encode(), f"http://{host}/{name}".encode())
        return answer.status, kept, content


async def _send(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
