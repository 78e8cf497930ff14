"""Asks one source for metadata: documents and lists, with progress, patience, and one sentence for every refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from vegraph.app.settings import Source
from vegraph.backend.exchange import Wire
from vegraph.backend.faults import malformed, retry_after
from vegraph.backend.inflate import Garbled, TooLarge, read_limited
from vegraph.backend.paging import checked_link
from vegraph.backend.transport import Auth, Patience, Streamed, Transport
from vegraph.catalog.csdl.document import MAX_BYTES
from vegraph.errors import BackendError, BackendTimeout, BackendUnavailable, ConfigError

__all__ = ["Asking", "Progress", "Silent"]

_MB = 1024 * 1024
_WAIT_S = 60.0
"""Seconds to wait at most where a source is throttling."""
_TRIES = 4


class Progress(Protocol):
    """Where to say how far it is."""

    def step(self, text: str) -> None:
        """Something new begins, or was left out."""

    def part(self, text: str) -> None:
        """How far it is, often; for somebody who is watching."""


class Silent:
    """Nobody is watching."""

    def step(self, text: str) -> None:
        """Not said."""

    def part(self, text: str) -> None:
        """Not said."""


class Asking:
    """One source, asked as one user. Use as a context manager."""

    def __init__(self, source: Source, auth: Auth | None, progress: Progress, *, token: str) -> None:
        self.source = source
        self.progress = progress
        self._auth = auth
        self._token = token
        patience = Patience(connect_s=10.0, read_s=120.0)
        self._transport = Transport(source.name, source.url, headers={}, most=16, patience=patience, largest=MAX_BYTES)
        parts = urlsplit(source.url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        own = parts.path.rstrip("/")
        self._prefixes = (own, *source.beside)

    async def __aenter__(self) -> Asking:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def document(self, path: str, query: str = "", *, route: str = "", within_s: float) -> bytes:
        """A metadata document, XML or JSON. Raises BackendError, ConfigError."""
        place = f"{route}/{path}" if route else path
        self.progress.step(f"{self.source.name}: fetching {place}")
        try:
            async with asyncio.timeout(within_s):
                wire = Wire(method="GET", path=path, query=query, route=route, accepts="text", template=place)
                return await self._got(wire, "application/xml, application/json;q=0.9", place)
        except TimeoutError:
            raise BackendTimeout(
                f"{self.source.name} did not give {place} within {within_s:g} seconds.", source=self.source.name
            ) from None

    async def rows(self, url: str, what: str) -> list[dict[str, Any]]:
        """All rows of a list at an absolute path, page by page. Raises BackendError, ConfigError."""
        self.progress.step(f"{self.source.name}: fetching {what}")
        found: list[dict[str, Any]] = []
        link: str | None = self._origin + url
        while link is not None:
            answer = await self.json(link, what)
            page = answer.get("value")
            if not isinstance(page, list):
                raise malformed(self.source.name, f"something else than a list of {what}")
            found += page
            self.progress.part(f"{self.source.name}: {len(found)} of {what}")
            following = answer.get("@odata.nextLink")
            root = link.partition("?")[0].rpartition("/")[0]
            link = following and checked_link(self.source.name, following, root=root, prefixes=self._prefixes)
        return found

    async def json(self, link: str, what: str) -> dict[str, Any]:
        """A JSON object at an absolute URL below the source's own paths. Raises BackendError, ConfigError."""
        wire = Wire(method="GET", path="", template=what, absolute=link)
        body = await self._got(wire, "application/json;odata.metadata=minimal", what)
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise malformed(self.source.name, f"something else than JSON for {what}") from None
        if not isinstance(found, dict):
            raise malformed(self.source.name, f"something else than an object for {what}")
        return found

    def below(self, path: str, route: str = "") -> str:
        """The absolute path of something below the service's root, or below another route's."""
        return f"{self._transport.route(route)}/{path}"

    def absolute(self, path: str) -> str:
        """The URL of an absolute path on this source's host."""
        return self._origin + path

    async def _got(self, wire: Wire, accept: str, what: str) -> bytes:
        for attempt in range(_TRIES):
            headers = self._transport.headers({"Accept": accept})
            async with self._transport.stream(wire, self._auth, headers) as answer:
                if answer.status == 200:
                    return await self._body(answer, what)
                wait = retry_after(answer.headers)
                throttled = answer.status in (429, 503) and wait is not None and wait <= _WAIT_S
                if not throttled or attempt == _TRIES - 1:
                    raise self._refusal(answer.status, what)
            self.progress.part(f"{self.source.name}: told to wait {wait:g} s")
            await asyncio.sleep(wait or 0.0)
        raise AssertionError  # the last attempt returns or raises

    async def _body(self, answer: Streamed, what: str) -> bytes:
        try:
            counted = self._counted(answer.chunks, what)
            return await read_limited(counted, answer.headers.get("content-encoding", ""), MAX_BYTES)
        except TooLarge:
            raise malformed(self.source.name, f"more than {MAX_BYTES // _MB} MB at once for {what}") from None
        except Garbled:
            raise malformed(self.source.name, f"a body that cannot be inflated for {what}") from None

    async def _counted(self, chunks: AsyncIterator[bytes], what: str) -> AsyncIterator[bytes]:
        size = told = 0
        async for chunk in chunks:
            size += len(chunk)
            if size - told > _MB // 4:
                told = size
                self.progress.part(f"{self.source.name}: {what}, {size / _MB:.1f} MB")
            yield chunk

    def _refusal(self, status: int, what: str) -> BackendError | ConfigError:
        name = self.source.name
        if status in (401, 403) or 300 <= status < 400:
            how = f"sends to another page ({status}), to sign in as it seems" if status < 400 else f"refused ({status})"
            return ConfigError(
                f"sources.{name}: the source {how} for {what}. "
                f"Put an access token for it into the environment variable {self._token}, "
                f"or pull it once and name the folder in sources.{name}.metadata."
            )
        kind = BackendUnavailable if status >= 500 or status in (408, 429) else BackendError
        advice = (
            "Try again later."
            if kind is BackendUnavailable
            else f"Check sources.{name}.url: it must be the root of an OData v4 service."
        )
        return kind(f"{name} answered {status} for {what}. {advice}", source=name, status=status)
