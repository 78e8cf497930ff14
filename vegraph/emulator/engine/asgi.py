"""The thin ASGI edge: reads a request, passes the gate, answers, and lets faults happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from vegraph.emulator.engine.faults import Fault, Faults, changed
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.journal import Entry, Journal
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.service import Service

__all__ = ["App"]

_TOO_LONG = "The operation has taken too long and was cancelled."

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class App:
    """An emulator as an ASGI application."""

    def __init__(self, service: Service, *, journal: Journal | None = None, faults: Faults | None = None) -> None:
        self.service = service
        self.journal = journal or Journal()
        self.faults = faults or Faults()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = await self._request(scope, receive)
        if request is None:
            return
        began = time.perf_counter()
        entry = Entry(request, self.service.clock.text())
        try:
            fault, response = await self._answer(request, entry, send)
        finally:
            entry.ms = (time.perf_counter() - began) * 1000
            self.journal.add(entry)
        if response is not None:
            await _send(send, response, fault, request)

    async def _request(self, scope: Scope, receive: Receive) -> Request | None:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        body = b""
        if scope["method"] != "GET":
            body_parts, size, limit = [], 0, self.service.dialect.profile.limits.body_bytes
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                size += len(message.get("body", b""))
                if size <= limit + 1:
                    body_parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    break
            body = b"".join(body_parts) if size <= limit else b"\0" * (limit + 1)
        raw = scope.get("raw_path") or scope["path"].encode()
        return Request(
            scope["method"],
            raw.decode("latin-1").partition("?")[0],
            scope["query_string"].decode("latin-1"),
            headers,
            body,
            f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
        )

    async def _answer(self, request: Request, entry: Entry, send: Send) -> tuple[Fault | None, Response | None]:
        service = self.service
        try:
            user = await service.user(request)
        except Problem as problem:
            fault = self.faults.find(request, None)
            refusal = self._faulted(fault, service.dialect.problem(problem, request), request, entry)
            return fault, entry.answered(refusal)
        entry.user = user.id
        fault = self.faults.find(request, user.id)
        if fault is not None:
            entry.fault = f"rule {fault.id}"
        try:
            async with service.gate.admitted(user.id):
                async with asyncio.timeout(service.gate.limits.operation_s):
                    if fault is not None:
                        await self._before(fault, send)
                        if fault.reset == "before":
                            return fault, None
                        if fault.status is not None:
                            return fault, entry.answered(self._made_up(fault, request))
                    response = await service.answer(request, user)
        except TimeoutError:
            response = service.dialect.problem(Problem(408, "operation_timeout", _TOO_LONG), request)
        except Problem as problem:
            response = service.dialect.problem(problem, request)
        response = self._faulted(fault, response, request, entry)
        if fault is not None and fault.reset == "after":
            _reset(send)
            return fault, None
        return fault, entry.answered(response)

    async def _before(self, fault: Fault, send: Send) -> None:
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.reset == "before":
            _reset(send)

    def _made_up(self, fault: Fault, request: Request) -> Response:
        status = fault.status or 500
        headers = dict(fault.headers)
        if fault.retry_after is not None:
            headers["retry-after"] = str(fault.retry_after)
        if fault.body is not None:
            kind = fault.content_type or "application/json"
            return Response(status, fault.body.encode(), {"content-type": kind, **headers})
        if status < 400:
            return Response(status, b"", headers)
        return self.service.dialect.problem(Problem(status, "injected", "Injected fault.", headers=headers), request)

    def _faulted(self, fault: Fault | None, response: Response, request: Request, entry: Entry) -> Response:
        if fault is None:
            return response
        entry.fault = f"rule {fault.id}"
        return changed(fault, response, request)


def _reset(send: Send) -> None:
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is not None:
        transport.abort()


async def _send(send: Send, response: Response, fault: Fault | None, request: Request) -> None:
    body = b"" if request.method == "HEAD" else response.body
    headers = [(b"odata-version", b"4.0")] if response.status < 600 else []
    headers += [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.headers.items()]
    if response.status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if fault is not None and fault.delay_body_ms:
        await asyncio.sleep(fault.delay_body_ms / 1000)
    if fault is not None and fault.cut_after is not None and fault.cut_after < len(body):
        await send({"type": "http.response.body", "body": body[: fault.cut_after], "more_body": True})
        await asyncio.sleep(0.02)
        _reset(send)
        return
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
