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


def read(source: str, answer: Answer, expected: int, *, atomic: Sequence[int] = ()) -> list[Answer | None]:
    """The answers in the order of the requests; `atomic` are the indexes of the change set's requests.

    A change set that failed answers once for all of them, so each of its requests gets that answer. Raises
    BackendUnavailable unless each request is answered exactly once; parts without Content-ID count by position."""
    found: list[Answer | None] = [None] * expected
    plain = [i for i in range(expected) if i not in atomic]
    order = iter([tuple(atomic), *((i,) for i in plain)] if atomic else [(i,) for i in plain])
    try:
        for headers, content in _parts(answer.body, answer.headers.get("content-type", "")):
            kind = headers.get("content-type", "")
            if kind.lower().startswith("multipart/mixed"):
                _settle(found, iter((i,) for i in atomic), [_http(h, c) for h, c in _parts(content, kind)])
                next(order, None)
            else:
                _settle(found, order, [_http(headers, content)])
    except (_Broken, StopIteration):
        raise malformed(source, "a batch answer that is not one, or not whole") from None
    if None in found:
        raise malformed(source, "a batch answer in which some are missing")
    return found


class _Broken(Exception):
    pass


def _settle(found: list[Answer | None], order, answers) -> None:  # type: ignore[no-untyped-def]
    for number, answer in answers:
        places = next(order)
        if number is not None and len(places) == 1:
            places = (number - 1,)
        elif number is not None and number - 1 in places:
            # One answer for the whole change set that says which request it is about: the others failed with it.
            for other in places:
                found[other] = Answer(_DEPENDENT, {}, b"") if other != number - 1 else None
            places = (number - 1,)
        for place in places:
            if not 0 <= place < len(found) or found[place] is not None:
                raise _Broken
            found[place] = answer


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
