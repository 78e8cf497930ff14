"""Streams of rows (pictures, documents): read with ranges and replaced as the delegated user, never whole in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from vegraph.backend import companies, urls
from vegraph.backend.exchange import Wire
from vegraph.backend.faults import fault, malformed
from vegraph.backend.headers import etag
from vegraph.backend.requests import cast, row_path
from vegraph.backend.retries import verdict
from vegraph.backend.runner import Runner
from vegraph.backend.source import unknown
from vegraph.backend.source_runner import SourceRunner
from vegraph.backend.transport import Streamed
from vegraph.errors import BackendError, BadUserInput
from vegraph.plan.steps import Company, Key, ReadOne
from vegraph.schema.binding import EntityBinding

__all__ = ["MOST", "Content", "ContentTooLarge", "ContentTooSlow", "MediaAt", "opened", "replaced"]

MOST = 64 * 1024 * 1024
"""Bytes of one stream, either way."""


class ContentTooLarge(BadUserInput):
    """More bytes than may be uploaded."""


class ContentTooSlow(BadUserInput):
    """The content did not come in the time that it has."""

    code = "TIMEOUT"


_RANGE = re.compile(r"bytes=(\d{1,15}-\d{0,15}|-\d{1,15})", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}(; ?charset=[A-Za-z0-9_-]{1,40})?", re.ASCII)
_PASSED_ON = ("content-type", "content-length", "content-range", "accept-ranges", "etag", "last-modified")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAt:
    """Where a stream is: a stream property of a row, or the row's own stream (`property` "")."""

    source: str
    entity: EntityBinding
    key: Key | None
    property: str = ""
    """Wire name."""
    company: Company | None = None
    link: str | None = None
    """The row's own `mediaReadLink` or `mediaEditLink`, where it was read; checked before it is followed (T30)."""


@dataclass(slots=True)
class Content:
    """A stream being read."""

    status: int
    """200, or 206 for a range."""
    headers: Mapping[str, str]
    """Type, length, range, ETag; names in lower case."""
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def opened(runner: Runner, at: MediaAt, *, range_: str | None = None, most: int = MOST) -> AsyncIterator[Content]:
    """The stream, open for reading. Raises a BackendError; BadUserInput for a range that is none."""
    if range_ is not None and not _RANGE.fullmatch(range_):
        raise BadUserInput("Range: ask for one range of bytes, `bytes=0-999`.")
    part = runner.of(at.source)
    wire = await _wire(part, at, "GET")
    wire.headers = {"Accept": "*/*", "Accept-Encoding": "identity", **({"Range": range_} if range_ else {})}
    async with part.source.streamed(wire, await part.who(), part.bounds) as streamed:
        await _refused(part, streamed)
        given = {name: value for name in _PASSED_ON if (value := streamed.headers.get(name)) is not None}
        yield Content(streamed.status, given, _limited(streamed.chunks, most, part))


async def replaced(
    runner: Runner,
    at: MediaAt,
    content: AsyncIterator[bytes],
    *,
    content_type: str,
    length: int | None = None,
    if_match: str | None = None,
    most: int = MOST,
) -> None:
    """Upload or replace the stream. Raises BadUserInput above `most` bytes or where `content` raises TimeoutError
    (nothing is kept then), OutcomeUnknown where the answer did not come."""
    if not _TYPE.fullmatch(content_type):
        raise BadUserInput("Content-Type: name one media type, `image/png`.")
    if length is not None and length > most:
        raise _too_large(most)
    part = runner.of(at.source)
    wire = await _wire(part, at, part.dialect.media_verb)
    wire.headers = {
        "Content-Type": content_type,
        **({"Content-Length": str(length)} if length is not None else {}),
        **({"If-Match": etag(if_match)} if if_match is not None else {}),
    }
    who, counted = await part.who(), _Counted(content, most)
    try:
        async with part.source.streamed(wire, who, part.bounds, upload=counted.chunks(), kind="once") as streamed:
            await _refused(part, streamed)
    except BackendError as failure:
        if counted.over:  # the body was broken off, so the service has not taken it
            raise _too_large(most) from None
        if counted.late:
            raise ContentTooSlow("The content came too slowly and was given up.") from None
        if verdict("once", failure) == "unknown":
            raise unknown(part.name, failure) from None
        raise


async def _wire(part: SourceRunner, at: MediaAt, method: str) -> Wire:
    if at.link is not None:
        template = f"{at.entity.type.short_name}(…)/media"
        return Wire(method=method, path="", absolute=part.source.link(at.link), template=template)
    set_ = at.entity.set
    if set_ is None:
        raise BadUserInput("This stream has no address of its own; read it through its row's link.")
    step = ReadOne(source=at.source, set=set_, entity=at.entity, key=at.key, company=at.company)
    step = await companies.with_id(part, step)
    path, template = row_path(set_, step.key, step.company, part.dialect)
    path += cast(set_, at.entity)
    tail = f"/{urls.name(at.property)}" if at.property else "/$value"
    return Wire(
        method=method,
        route=part.dialect.route(set_),
        path=path + tail,
        query=part.dialect.key_options(at.entity, keyed=at.key is not None),
        template=template + (f"/{at.property}" if at.property else tail),
    )


async def _refused(part: SourceRunner, streamed: Streamed) -> None:
    if streamed.status < 300:
        return
    body = bytearray()
    async for chunk in streamed.chunks:
        body += chunk
        if len(body) > 1_000_000:
            break
    raise fault(part.name, streamed.status, streamed.headers, bytes(body), part.dialect.faults)


async def _limited(chunks: AsyncIterator[bytes], most: int, part: SourceRunner) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise malformed(part.name, f"a stream of more than {most >> 20} MB")
        yield chunk


class _Counted:
    """An upload that breaks off above the limit, or when it comes no further."""

    def __init__(self, content: AsyncIterator[bytes], most: int) -> None:
        self._content = content
        self._left = most
        self.over = False
        self.late = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is sent."""
        try:
            async for chunk in self._content:
                self._left -= len(chunk)
                if self._left < 0:
                    self.over = True
                    raise OverflowError
                yield chunk
        except TimeoutError:
            self.late = True
            raise


def _too_large(most: int) -> ContentTooLarge:
    return ContentTooLarge(f"The content is larger than {most >> 20} MB, the most that may be uploaded here.")
