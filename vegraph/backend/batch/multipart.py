"""`$batch` as multipart/mixed: boundaries random and absent from the parts; a reader that trusts nothing (T22, T35)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence

from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import malformed

__all__ = ["build", "read"]

_BOUNDARY = re.compile(r'\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_DEPENDENT = 424
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: [^\r\n]*)?\Z")


def build(
    parts: Sequence[Wire],
    *,
    headers: Mapping[str, str],
    address: Callable[[Wire], str],
    atomic: bool = False,
    boundary: Callable[[], str] = lambda: secrets.token_hex(16),
) -> tuple[bytes, str]:
    """Body and content type. `address` gives each part's URL; with `atomic` all writes are one change set, and reads
    stand behind it."""
    outer = _absent(parts, boundary)
    writes = [i for i, part in enumerate(parts) if part.method != "GET"] if atomic else []
    pieces: list[bytes] = []
    if writes:
        inner = _absent(parts, boundary)
        nested = b"".join(_framed(inner, _part(i, parts[i], headers, address)) for i in writes)
        closing = nested + f"--{inner}--\r\n".encode()
        head = f"Content-Type: multipart/mixed; boundary=changeset_{inner}\r\n\r\n"
        head = head.replace("changeset_", "")
        pieces.append(_framed(outer, head.encode() + closing))
    pieces += [_framed(outer, _part(i, p, headers, address)) for i, p in enumerate(parts) if i not in writes]
    return b"".join(pieces) + f"--{outer}--\r\n".encode(), f"multipart/mixed; boundary={outer}"


def _absent(parts: Sequence[Wire], boundary: Callable[[], str]) -> str:
    while True:
        made = "batch_" + boundary()
        mark = made.encode()
        if not any(mark in (part.body or b"") or made in part.target for part in parts):
            return made


def _framed(boundary: str, content: bytes) -> bytes:
    return f"--{boundary}\r\n".encode() + content + b"\r\n"


def _part(index: int, part: Wire, headers: Mapping[str, str], address: Callable[[Wire], str]) -> bytes:
    lines = [
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        f"Content-ID: {index + 1}",
        "",
        f"{part.method} {address(part)} HTTP/1.1",
        *(f"{name}: {value}" for name, value in {**headers, **part.headers}.items()),
    ]
    body = b""
    if part.body is not None:
        body = part.body
        lines.append(f"Content-Length: {len(body)}")
    text = "\r\n".join([*lines, "", ""])
    return text.encode("ascii") + body


def read(
    source: str, answer: Answer, expected: int, *, atomic: Sequence[int] = (), partial: bool = False
) -> list[Answer | None]:
    """The answers in the order of the requests; `atomic` are the indexes of the change set's requests.

    A change set that failed answers once: for all of its requests, or for the one its Content-ID names, and then the
    others are 424. Parts without Content-ID count by position. Raises BackendUnavailable unless each request is
    answered exactly once; with `partial`, missing ones are None (what was sent and not answered is for the caller to
    judge)."""
    found = _Found(expected, tuple(atomic))
    try:
        for headers, content in _parts(answer.body, answer.headers.get("content-type", "")):
            kind = headers.get("content-type", "")
            if kind.lower().startswith("multipart/mixed"):
                for number, inner in (_http(h, c) for h, c in _parts(content, kind)):
                    found.put(found.change(number), inner)
            else:
                found.settle(*_http(headers, content))
    except _Broken:
        raise malformed(source, "a batch answer that is not one, or not whole") from None
    if not partial and None in found.answers:
        raise malformed(source, "a batch answer in which some are missing")
    return found.answers


class _Broken(Exception):
    pass


class _Found:
    """Answers as they come, each put where its request stands."""

    def __init__(self, expected: int, atomic: tuple[int, ...]) -> None:
        self.answers: list[Answer | None] = [None] * expected
        self._atomic = atomic

    def put(self, place: int, answer: Answer) -> None:
        """The one answer of that request."""
        if not 0 <= place < len(self.answers) or self.answers[place] is not None:
            raise _Broken
        self.answers[place] = answer

    def change(self, number: int | None) -> int:
        """Place of an answer inside the change set's own answer."""
        place = self._next(self._atomic) if number is None else number - 1
        if place not in self._atomic:
            raise _Broken
        return place

    def settle(self, number: int | None, answer: Answer) -> None:
        """An answer that stands alone: to a request, or to the whole change set."""
        if number is not None and number - 1 not in self._atomic:
            self.put(number - 1, answer)
        elif number is not None:
            for place in self._atomic:
                self.put(place, answer if place == number - 1 else Answer(_DEPENDENT, {}, b""))
        elif answer.status >= 400 and self._atomic and self.answers[self._atomic[0]] is None:
            for place in self._atomic:
                self.put(place, answer)
        else:
            self.put(self._next([i for i in range(len(self.answers)) if i not in self._atomic]), answer)

    def _next(self, places: Sequence[int]) -> int:
        found = next((place for place in places if self.answers[place] is None), None)
        if found is None:
            raise _Broken
        return found


def _parts(body: bytes, content_type: str) -> list[tuple[dict[str, str], bytes]]:
    named = _BOUNDARY.search(content_type)
    if named is None:
        raise _Broken
    mark = b"--" + (named.group(1) or named.group(2)).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _Broken
    made = []
    for piece in pieces[1:-1]:
        line, end, rest = piece.partition(b"\r\n")
        if not end or line.strip():
            raise _Broken
        made.append(_headed(rest))
    return made


def _headed(text: bytes) -> tuple[dict[str, str], bytes]:
    if text.startswith(b"\r\n"):
        return {}, text[2:]
    head, end, body = text.partition(b"\r\n\r\n")
    headers = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise _Broken
        headers[name.strip().decode("latin-1").lower()] = value.strip().decode("latin-1")
    return headers, body if end else b""


def _http(outer: Mapping[str, str], content: bytes) -> tuple[int | None, Answer]:
    if not outer.get("content-type", "").lower().startswith("application/http"):
        raise _Broken
    line, _, rest = content.partition(b"\r\n")
    status = _STATUS.match(line)
    if status is None:
        raise _Broken
    headers, body = _headed(rest) if rest else ({}, b"")
    length = headers.get("content-length", "")
    if length.isdigit():
        if len(body) < int(length):
            raise _Broken
        body = body[: int(length)]
    number = outer.get("content-id") or headers.get("content-id")
    if number is not None and not number.isdigit():
        raise _Broken
    return (int(number) if number else None), Answer(int(status.group(1)), headers, body)
