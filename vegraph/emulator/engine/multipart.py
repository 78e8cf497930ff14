"""`$batch` as multipart/mixed with change sets (OData 4.01, part 1, section 11.7.7)."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

from vegraph.emulator.engine.batch import Reverted, absolute, summary
from vegraph.emulator.engine.dialect import Located
from vegraph.emulator.engine.http import Request, Response, preferences
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.users import User

if TYPE_CHECKING:
    from vegraph.emulator.engine.service import Service

__all__ = ["run"]

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_NOT_PASSED_ON = frozenset({"content-length", "content-type", "if-match", "prefer", "host"})


@dataclass(slots=True)
class _Part:
    """One request of a batch, or a change set of several."""

    request: Request | None = None
    content_id: str | None = None
    changes: list[_Part] = field(default_factory=list)


def run(service: Service, request: Request, located: Located, user: User) -> Response:
    """Carry out the parts in order; the requests of a change set succeed or fail together."""
    parts = _read(request.body, request.headers.get("content-type", ""), request, located, inner=False)
    count = sum(len(p.changes) or 1 for p in parts)
    if count > service.dialect.profile.batch_max:
        raise Problem(400, "batch_too_large", f"A batch holds at most {service.dialect.profile.batch_max} operations.")
    goes_on = not service.dialect.profile.batch_stops or "odata.continue-on-error" in preferences(request)
    boundary, pieces, log = f"batchresponse_{uuid.uuid4()}", [], []
    written, rows = False, 0
    for part in parts:
        answers = _change_set(service, part, user) if part.changes else [_single(service, part, user)]
        for inner, response in answers:
            log.append(summary(inner.request or request, response))
            written, rows = written or response.written, rows + response.rows
        failed = any(r.status >= 400 for _, r in answers)
        if part.changes and not failed:
            pieces.append(_nested(answers))
        else:
            pieces += [_http_part(inner.content_id, response) for inner, response in answers]
        if failed and not goes_on:
            break
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + piece for piece in pieces) + f"--{boundary}--\r\n".encode()
    return Response(
        200, body, {"content-type": f"multipart/mixed; boundary={boundary}"}, rows=rows, parts=log, written=written
    )


def _single(service: Service, part: _Part, user: User) -> tuple[_Part, Response]:
    if part.request is None:
        raise Problem(400, "bad_batch", "A part of the batch holds no request.")
    return part, service.part(part.request, user)


def _change_set(service: Service, part: _Part, user: User) -> list[tuple[_Part, Response]]:
    answers: list[tuple[_Part, Response]] = []
    locations: dict[str, str] = {}
    try:
        with service.store.transaction():
            for change in part.changes:
                _refer(change, locations)
                _, response = _single(service, change, user)
                answers.append((change, response))
                if response.status >= 400:
                    raise Reverted
                if change.content_id and "location" in response.headers:
                    locations[change.content_id] = response.headers["location"]
    except Reverted:
        return answers[-1:]
    return answers


def _refer(change: _Part, locations: dict[str, str]) -> None:
    request = change.request
    if request is None:
        return
    match = re.search(r"/\$([\w-]+)(/.*)?$", unquote(request.path))
    if match and match[1] in locations:
        request.path = "/" + locations[match[1]].partition("://")[2].partition("/")[2] + (match[2] or "")


def _read(body: bytes, content_type: str, outer: Request, located: Located, *, inner: bool) -> list[_Part]:
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise Problem(400, "bad_batch", "The content type of the batch has no boundary.")
    boundary = (match[1] or match[2]).encode()
    found = []
    for piece in _pieces(body, boundary):
        head, _, rest = _blank_line(piece)
        headers = _headers(head)
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            if inner:
                raise Problem(400, "bad_batch", "A change set cannot hold another one.")
            found.append(_Part(changes=_read(rest, kind, outer, located, inner=True)))
        else:
            part = _Part(_request(rest, outer, located), headers.get("content-id"))
            if inner and part.request is not None and part.request.method == "GET":
                raise Problem(400, "bad_batch", "A change set holds no GET.")
            found.append(part)
    return found


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    marked = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)", body)
    if len(marked) < 3 or b"--" not in marked[1::2]:
        raise Problem(400, "bad_batch", "The batch does not end with its boundary.")
    return [piece for piece in marked[2:-2:2] if piece.strip()]


def _blank_line(piece: bytes) -> tuple[bytes, bytes, bytes]:
    match = re.search(rb"\r?\n\r?\n", piece)
    if piece.startswith((b"\r\n", b"\n")):
        return b"", b"", piece.lstrip(b"\r\n")
    if match is None:
        return piece, b"", b""
    return piece[: match.start()], match.group(), piece[match.end() :]


def _headers(head: bytes) -> dict[str, str]:
    found = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def _request(text: bytes, outer: Request, located: Located) -> Request:
    line, _, rest = text.lstrip(b"\r\n").partition(b"\n")
    words = line.decode("utf-8", "replace").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise Problem(400, "bad_batch", "A part of the batch does not begin with a request line.")
    head, _, body = _blank_line(rest) if rest.strip() else (b"", b"", b"")
    headers = {k: v for k, v in outer.headers.items() if k not in _NOT_PASSED_ON}
    headers.update(_headers(head))
    path, query = absolute(outer, located, words[1])
    return Request(words[0].upper(), path, query, headers, body.rstrip(b"\r\n"), outer.origin)


def _http_part(content_id: str | None, response: Response) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        lines.append(f"Content-ID: {content_id}")
    lines += ["", f"HTTP/1.1 {response.status} {_reason(response.status)}"]
    lines += [f"{_titled(name)}: {value}" for name, value in response.headers.items()]
    return ("\r\n".join([*lines, "", ""])).encode() + response.body + b"\r\n"


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _titled(name: str) -> str:
    return "OData-Version" if name == "odata-version" else "-".join(w.capitalize() for w in name.split("-"))


def _nested(answers: list[tuple[_Part, Response]]) -> bytes:
    boundary = f"changesetresponse_{uuid.uuid4()}"
    body = b"".join(
        b"--" + boundary.encode() + b"\r\n" + _http_part(part.content_id, response) for part, response in answers
    )
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()
    return head + body + f"--{boundary}--\r\n".encode()
