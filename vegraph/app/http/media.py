"""`/media/<global id>/<field>`: pictures and documents, streamed as the caller; GET, HEAD, and PUT with `If-Match`.

Nothing is held whole in memory, stored, or cached on the way. What comes back was uploaded by somebody: it is sent
under a policy that lets it run nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from vegraph.app.http import answer
from vegraph.app.http.negotiation import JSON
from vegraph.app.http.patience import Pace
from vegraph.app.http.refusals import Refusal, wrong_method
from vegraph.app.http.request_id import HEADER, request_id
from vegraph.app.http.serving import Asked, Serving
from vegraph.app.http.view import Admit, language
from vegraph.app.metrics import Metrics
from vegraph.backend.media import ContentTooLarge, ContentTooSlow
from vegraph.errors import BackendConflict, BackendError, BadUserInput, Forbidden, OutcomeUnknown, VegraphError
from vegraph.identity import audit

__all__ = ["Media"]

logger = logging.getLogger("vegraph")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
}


class Served(Protocol):
    """Who holds the graph that is served at the moment: the endpoint's view."""

    serving: Serving


class Media:
    """The media of one endpoint."""

    def __init__(self, served: Served, *, name: str, admit: Admit, metrics: Metrics) -> None:
        self._served = served
        self._name = name
        self._admit = admit
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        id_ = request_id(request.headers.get(HEADER))
        token, started = audit.request_id.set(id_), perf_counter()
        outcome = "failed"
        try:
            outcome = await self._answer(request, send, id_)
        finally:
            audit.request_id.reset(token)
            seconds = perf_counter() - started
            self._metrics.requests.labels(self._name, "media", outcome).inc()
            self._metrics.seconds.labels(self._name, "media").observe(seconds)
            logger.info("%s media %s %.1f ms [request %s]", self._name, outcome, seconds * 1000, id_)

    async def _answer(self, request: Request, send: Send, id_: str) -> str:
        began = _Began(send, Pace(self._served.serving.limits.deadline_s))
        try:
            async with AsyncExitStack() as stack:
                response = await self._respond(request, stack, id_)
                response.headers[HEADER] = id_
                await response(request.scope, request.receive, began)
            return "ok"
        except (ClientDisconnect, asyncio.CancelledError):
            return "gone"
        except Exception as problem:
            if began:
                logger.warning("a stream broke off: %s [request %s]", type(problem).__name__, id_)
                return "failed"  # the connection ends without the rest, which says so
            failed = _failure(problem, id_)
            refusal = failed.response()
            refusal.headers[HEADER] = id_
            await refusal(request.scope, request.receive, send)
            return failed.outcome

    async def _respond(self, request: Request, stack: AsyncExitStack, id_: str) -> Response:
        if request.method not in ("GET", "HEAD", "PUT"):
            allowed = "GET, HEAD, PUT"
            raise wrong_method(f"Ask with {allowed}.", allowed)
        serving = self._served.serving
        asked = Asked(
            caller=await self._admit(request.headers.getlist("authorization")),
            request_id=id_,
            deadline=asyncio.get_running_loop().time() + serving.limits.deadline_s,
            language=language(request.headers.get("accept-language")),
        )
        media = await stack.enter_async_context(serving.graph.media(asked))
        id_of_row, field = request.path_params["id"], request.path_params["field"]
        if request.method == "PUT":
            await media.replaced(
                id_of_row,
                field,
                _uploaded(request, Pace(serving.limits.deadline_s)),
                content_type=request.headers.get("content-type", ""),
                length=_length(request.headers),
                if_match=request.headers.get("if-match"),
            )
            return Response(status_code=204, headers=_HEADERS)
        found = await media.opened(id_of_row, field, range_=request.headers.get("range"))
        content = await stack.enter_async_context(found)
        headers = {**content.headers, **_HEADERS}
        if request.method == "HEAD" or content.status == 204:
            return Response(status_code=content.status, headers=headers)
        return StreamingResponse(content.chunks, status_code=content.status, headers=headers)


class _Began:
    """`send` that remembers whether an answer has begun, and does not wait for ever for who reads it."""

    def __init__(self, send: Send, pace: Pace) -> None:
        self._send = send
        self._pace = pace
        self._begun = False

    async def __call__(self, message: Mapping[str, Any]) -> None:
        self._begun = True
        async with self._pace.limit():
            await self._send(dict(message))
        self._pace.passed(len(message.get("body", b"")))

    def __bool__(self) -> bool:
        return self._begun


async def _uploaded(request: Request, pace: Pace) -> AsyncIterator[bytes]:
    """The content as it comes. Raises TimeoutError where it does not."""
    chunks = request.stream()
    while True:
        async with pace.limit():
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        pace.passed(len(chunk))
        if chunk:
            yield chunk


def _length(headers: Mapping[str, str]) -> int | None:
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refusal(415, "Send the content as it is, without Content-Encoding.")
    given = headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


def _failure(problem: Exception, id_: str) -> answer.Answer:
    """As HTTP says it: the status tells what GraphQL's codes tell elsewhere."""
    if isinstance(problem, Refusal):
        return answer.refused(problem, JSON, id_)
    if not isinstance(problem, BackendError | BadUserInput | Forbidden):
        if isinstance(problem, VegraphError):
            return answer.stopped(problem, JSON, id_)
        return answer.failed(problem, JSON, id_)
    found = answer.stopped(problem, JSON, id_)
    found.status = _status(problem)
    found.outcome = "failed" if found.status >= 500 else "refused"
    if isinstance(problem, BackendError) and problem.retry_after is not None:
        found.headers = {**found.headers, "Retry-After": str(max(1, round(problem.retry_after)))}
    return found


def _status(problem: VegraphError) -> int:
    if isinstance(problem, BackendConflict):
        return 412
    if isinstance(problem, OutcomeUnknown):
        return 502
    if isinstance(problem, ContentTooLarge):
        return 413
    if isinstance(problem, ContentTooSlow):
        return 408
    if isinstance(problem, BackendError) and problem.status in (413, 416):
        return problem.status
    return _STATUS.get(problem.code, 500)


_STATUS = {
    "BAD_USER_INPUT": 400,
    "PRECONDITION_REQUIRED": 428,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
    "TIMEOUT": 504,
}
"""By code."""
