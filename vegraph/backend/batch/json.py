"""`$batch` as JSON: built from checked requests, answers matched by id, each exactly once (T35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.faults import malformed

__all__ = ["CONTENT_TYPE", "build", "read"]

CONTENT_TYPE = "application/json"


class _Response(msgspec.Struct):
    status: int
    id: str | int | None = None
    headers: dict[str, str] | None = None
    body: msgspec.Raw = msgspec.Raw(b"")


class _Responses(msgspec.Struct):
    responses: list[_Response]


_decoder = msgspec.json.Decoder(_Responses)


def build(parts: Sequence[Wire], *, headers: Mapping[str, str], group: str | None = None) -> bytes:
    """The body. Parts get the ids `1`, `2`, …; `headers` go with each; `group` makes them one atomicity group."""
    return msgspec.json.encode({"requests": [_part(i, part, headers, group) for i, part in enumerate(parts, 1)]})


def _part(number: int, part: Wire, headers: Mapping[str, str], group: str | None) -> dict[str, object]:
    made: dict[str, object] = {"id": str(number), "method": part.method, "url": part.target}
    if group is not None and part.method != "GET":
        made["atomicityGroup"] = group
    made["headers"] = {**headers, **part.headers}
    if part.body is not None:
        made["headers"] = {**headers, "Content-Type": CONTENT_TYPE, **part.headers}
        made["body"] = msgspec.Raw(part.body or b"{}")
    return made


def read(source: str, answer: Answer, expected: int, *, partial: bool = False) -> list[Answer | None]:
    """The answers in the order of the requests. Raises BackendUnavailable unless each is there exactly once;
    with `partial`, missing ones are None (what was sent and not answered is for the caller to judge)."""
    try:
        given = _decoder.decode(answer.body).responses
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        raise malformed(source, "a batch answer that is not one") from None
    found: list[Answer | None] = [None] * expected
    for response in given:
        number = str(response.id)
        if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= expected):
            raise malformed(source, "a batch answer to a request that was not made")
        if found[int(number) - 1] is not None:
            raise malformed(source, "two answers to one request of a batch")
        headers = {k.lower(): v for k, v in (response.headers or {}).items()}
        found[int(number) - 1] = Answer(response.status, headers, bytes(response.body))
    if not partial and None in found:
        raise malformed(source, "a batch answer in which some are missing")
    return found
