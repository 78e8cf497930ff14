"""Sends the requests of one source and reads their answers. The only place of httpx here, with `connection`.

URLs are joined to the pinned root and never parsed again; redirects are not followed; cookies are not kept; the
delegated user's `httpx.Auth` goes with each request and is not kept either.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import httpx
from httpx import Auth, Headers

from vegraph import __version__
from vegraph.backend.exchange import Answer, Lost, Unsent, Wire
from vegraph.backend.faults import malformed
from vegraph.backend.inflate import Garbled, TooLarge, read_limited
from vegraph.backend.patience import Patience
from vegraph.errors import ConfigError

if TYPE_CHECKING:
    from vegraph.backend.connection import Connections

__all__ = ["Auth", "Delegated", "Headers", "Noted", "Patience", "Streamed", "Transport", "quiet_loggers"]

log = logging.getLogger("vegraph.backend")

LARGEST = 256 * 1024 * 1024
"""Bytes of one answer, inflated: a page of 20,000 wide rows is about 60 MB."""


class Delegated(Protocol):
    """As whom calls to one source run (`identity.user.Delegated`)."""

    @property
    def principal(self) -> str:
        """Stable name of the ERP's user; gates are kept by it."""

    @property
    def auth(self) -> httpx.Auth | None:
        """Goes with each request; None: nothing is sent."""

    @property
    def caller(self) -> str:
        """Who stands behind it, for fairness among several."""


@dataclass(slots=True)
class Streamed:
    """An answer whose body is still to come."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Noted:
    """One request as metrics see it. `outcome` is a status code, or `unsent` or `lost`."""

    source: str
    method: str
    template: str
    outcome: int | str
    seconds: float


def quiet_loggers() -> None:
    """httpx logs every URL with its filter values at INFO (T09)."""
    for name in ("httpx", "httpcore", "aiohttp", "aiohttp.client"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Transport:
    """One source's client. `send` is safe to call from many tasks."""

    def __init__(
        self,
        source: str,
        url: str,
        *,
        headers: Mapping[str, str],
        most: int = 64,
        patience: Patience | None = None,
        largest: int = LARGEST,
        note: Callable[[Noted], None] | None = None,
    ) -> None:
        root = httpx.URL(url)
        if root.scheme not in ("http", "https") or not root.host or root.userinfo or root.query or root.fragment:
            raise ConfigError(f"sources.{source}.url: give http or https, a host and a path, and nothing else.")
        quiet_loggers()
        self.source = source
        self.origin = f"{root.scheme}://{root.netloc.decode('ascii')}"
        self.base = root.raw_path.decode("ascii").rstrip("/")
        before, api, _ = self.base.rpartition("/api/")
        self._routes = f"{before}/api" if api else self.base
        self._reference = root._uri_reference
        self._largest = largest
        self._note = note
        self._static = httpx.Headers([
            ("Host", root.netloc.decode("ascii")),
            ("User-Agent", f"vegraph/{__version__}"),
            ("Accept-Encoding", "identity" if _is_loopback(root.host) else "gzip"),
            *headers.items(),
        ])  # fmt: skip
        self._secure, self._most, self._patience = root.scheme == "https", most, patience

    @cached_property
    def _connections(self) -> Connections:
        """Made when first needed: aiohttp and the list of authorities are a fifth of what a start would take."""
        from vegraph.backend.connection import Connections

        return Connections(secure=self._secure, most=self._most, patience=self._patience)

    def prepare(self) -> None:
        """Does what the first request would have to do. Safe in another thread."""
        _ = self._connections

    def headers(self, extra: Mapping[str, str]) -> httpx.Headers:
        """What every request of one runner has: made once, copied for each."""
        found = self._static.copy()
        for name, value in extra.items():
            found[name] = value
        return found

    def url(self, wire: Wire) -> str:
        """Where the request goes."""
        return wire.absolute or self.origin + self._path(wire) + (f"?{wire.query}" if wire.query else "")

    def _path(self, wire: Wire) -> str:
        route = self.route(wire.route)
        return f"{route}/{wire.path}"

    def route(self, route: str) -> str:
        """Path of a service root, no slash at its end: the configured one, or another API route beside it (OB-3)."""
        return f"{self._routes}/{route}" if route else self.base

    async def send(self, wire: Wire, auth: httpx.Auth | None, headers: httpx.Headers) -> Answer:
        """The answer, whatever its status. Raises Unsent, Lost or BackendUnavailable."""
        request = self._request(wire, headers)
        started = time.perf_counter()
        outcome: int | str = "lost"
        try:
            response = await self._sent(request, auth)
            try:
                outcome = response.status_code
                body = await read_limited(response.stream, response.headers.get("content-encoding", ""), self._largest)  # type: ignore[arg-type]
            finally:
                await response.stream.aclose()  # type: ignore[union-attr]
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            outcome = "unsent"
            raise Unsent(f"{self.source} cannot be reached ({error}). Try again later.", source=self.source) from None
        except httpx.TransportError as error:
            outcome = "lost"
            raise self._lost(error) from None
        except TooLarge:
            raise malformed(self.source, f"more than {self._largest >> 20} MB at once; ask for fewer rows") from None
        except Garbled:
            raise malformed(self.source, "a body that cannot be inflated") from None
        finally:
            self._noted(wire, outcome, time.perf_counter() - started, headers)
        return Answer(response.status_code, response.headers, body)

    @asynccontextmanager
    async def stream(
        self, wire: Wire, auth: httpx.Auth | None, headers: httpx.Headers, upload: AsyncIterator[bytes] | None = None
    ) -> AsyncIterator[Streamed]:
        """The answer with its body unread; the connection is given back at the end. `upload` is sent as it comes."""
        request = self._request(wire, headers, upload)
        started = time.perf_counter()
        outcome: int | str = "lost"
        try:
            response = await self._sent(request, auth)
            outcome = response.status_code
            try:
                yield Streamed(response.status_code, response.headers, self._chunks(response))
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            outcome = "unsent"
            raise Unsent(f"{self.source} cannot be reached ({error}). Try again later.", source=self.source) from None
        except httpx.TransportError as error:
            raise self._lost(error) from None
        finally:
            self._noted(wire, outcome, time.perf_counter() - started, headers)

    async def _chunks(self, response: httpx.Response) -> AsyncIterator[bytes]:
        async for chunk in response.aiter_raw():
            yield chunk

    async def _sent(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        """What `httpx.AsyncClient.send` does, without what is not wanted here: redirects, cookies, hooks, time-outs of
        its own (30 µs of 260)."""
        if auth is None:
            return await self._connections.handle_async_request(request)
        flow = _Flow(auth, request)
        response: httpx.Response | None = None
        try:
            while (wanted := await flow.next(response)) is not None:
                if response is not None:
                    await response.aclose()
                response = await self._connections.handle_async_request(wanted)
        except BaseException:
            if response is not None:
                await response.aclose()
            raise
        finally:
            await flow.aclose()
        assert response is not None  # noqa: S101 - a flow gives at least the request
        return response

    def _lost(self, error: httpx.TransportError) -> Lost:
        slow = isinstance(error, httpx.TimeoutException)
        what = "did not answer in time" if slow else "broke the connection before its answer was whole"
        return Lost(f"{self.source} {what}. Try again later.", source=self.source, timed_out=slow)

    def _request(self, wire: Wire, headers: httpx.Headers, upload: AsyncIterator[bytes] | None = None) -> httpx.Request:
        stream = httpx.ByteStream(wire.body or b"") if upload is None else _Upload(upload)
        request = httpx.Request(wire.method, self._url(wire), headers=headers, stream=stream)
        for name, value in wire.headers.items():
            request.headers[name] = value
        if wire.body is not None:
            request.headers["Content-Length"] = str(len(wire.body))
        return request

    def _url(self, wire: Wire) -> httpx.URL:
        if wire.absolute is not None:
            return httpx.URL(wire.absolute)
        url = httpx.URL.__new__(httpx.URL)
        url._uri_reference = self._reference._replace(path=self._path(wire), query=wire.query or None)
        return url

    def _noted(self, wire: Wire, outcome: int | str, seconds: float, headers: httpx.Headers) -> None:
        if log.isEnabledFor(logging.INFO):
            log.info(
                "%s %s %s %s %.1f ms %s",
                self.source, wire.method, wire.template, outcome, seconds * 1000,
                headers.get("x-ms-client-request-id", "-"),
            )  # fmt: skip
        if self._note is not None:
            self._note(Noted(self.source, wire.method, wire.template, outcome, seconds))

    async def aclose(self) -> None:
        """Close all connections."""
        if "_connections" in self.__dict__:
            await self._connections.aclose()


class _Flow:
    """The requests of an `httpx.Auth`, one after the other. What needs no waiting is not made to wait."""

    def __init__(self, auth: httpx.Auth, request: httpx.Request) -> None:
        waits = auth.requires_request_body or auth.requires_response_body
        plain = not waits and type(auth).async_auth_flow is httpx.Auth.async_auth_flow
        self._plain = auth.auth_flow(request) if plain else None
        self._waiting = None if plain else auth.async_auth_flow(request)

    async def next(self, response: httpx.Response | None) -> httpx.Request | None:
        """The request to send after this response (None: the first one); None: there is none."""
        try:
            if self._plain is not None:
                return self._plain.send(response)  # type: ignore[arg-type] # None begins
            assert self._waiting is not None  # noqa: S101 - one of both is there
            return await self._waiting.asend(response)  # type: ignore[arg-type]
        except (StopIteration, StopAsyncIteration):
            return None

    async def aclose(self) -> None:
        """Ends it wherever it is."""
        if self._plain is not None:
            self._plain.close()
        if self._waiting is not None:
            await self._waiting.aclose()


class _Upload(httpx.AsyncByteStream):
    """A body that is sent as it comes."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
