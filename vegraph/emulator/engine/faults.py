"""Faults to inject by rule: what goes wrong between an ERP and its callers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from vegraph.emulator.engine.http import Request, Response

__all__ = ["Fault", "Faults", "changed"]

_numbers = count(1)

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "method": str, "path": str, "user": str, "times": int, "skip": int, "status": int, "retry_after": (int, str),
    "body": str, "delay_ms": (int, float), "delay_body_ms": (int, float), "cut_after": int, "content_type": str,
    "malformed": bool, "next_link_host": str, "batch": str, "html": bool, "reset": str, "headers": dict,
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. What is not set does not happen; several may be set at once."""

    method: str | None = None
    """HTTP method; None: any."""

    path: str | None = None
    """Regular expression, searched in path and query."""

    user: str | None = None
    """ERP user id; None: any."""

    times: int | None = None
    """How often it happens; None: until it's deleted."""

    skip: int = 0
    """Matching requests that pass first."""

    status: int | None = None
    """Answer with this status instead; the ERP does nothing."""

    retry_after: int | str | None = None
    """Seconds or HTTP date."""

    body: str | None = None
    """Body of that answer; None: the dialect's own error body."""

    headers: Mapping[str, str] = field(default_factory=dict)
    delay_ms: float = 0.0
    """Wait before the ERP acts."""

    delay_body_ms: float = 0.0
    """Wait after the head of the response, before its body."""

    cut_after: int | None = None
    """Send this many bytes of the body, then close the connection."""

    content_type: str | None = None
    """Another content type on the true body."""

    malformed: bool = False
    """The JSON is broken in its middle."""

    next_link_host: str | None = None
    """`https://evil.example`: host put into `@odata.nextLink`; one is added where there is none."""

    batch: str | None = None
    """`missing`: the last answer of a batch is left out; `doubled`: the first stands twice; `shuffled`: reversed."""

    html: bool = False
    """200 with an HTML page."""

    reset: str | None = None
    """`before` or `after` the ERP acted, the connection is reset."""

    id: int = 0
    hits: int = 0

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Fault:
        """From JSON; ValueError names what is wrong."""
        for name, value in given.items():
            if name not in _FIELDS:
                raise ValueError(f"'{name}' is not known; known are {', '.join(sorted(_FIELDS))}")
            if value is not None and not isinstance(value, _FIELDS[name]):
                raise ValueError(f"'{name}' has a value of the wrong type")
        for name, allowed in (("reset", ("before", "after")), ("batch", ("missing", "doubled", "shuffled"))):
            if given.get(name) not in (None, *allowed):
                raise ValueError(f"'{name}' is one of {', '.join(allowed)}")
        try:
            re.compile(given.get("path") or "")
        except re.error as problem:
            raise ValueError(f"'path' is no regular expression: {problem}") from None
        fault = cls(**given)
        fault.id = next(_numbers)
        return fault

    def matches(self, request: Request, user: str | None) -> bool:
        """Whether it is meant for this request; counts."""
        if self.times is not None and self.hits >= self.times + self.skip:
            return False
        where = request.path + (f"?{request.query}" if request.query else "")
        if self.method and self.method.upper() != request.method:
            return False
        if self.path and not re.search(self.path, where):
            return False
        if self.user and self.user != user:
            return False
        self.hits += 1
        return self.hits > self.skip

    def shown(self) -> dict[str, Any]:
        """As JSON, without what is not set."""
        found = {name: getattr(self, name) for name in _FIELDS}
        return {"id": self.id, "hits": self.hits, **{k: v for k, v in found.items() if v not in (None, 0, False, {})}}


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def find(self, request: Request, user: str | None) -> Fault | None:
        """The first rule that matches."""
        return next((f for f in self.rules if f.matches(request, user)), None) if self.rules else None


def changed(fault: Fault, response: Response, request: Request) -> Response:
    """The true response, spoilt as the rule says."""
    if fault.html:
        page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
        return Response(200, page, {"content-type": "text/html; charset=utf-8"}, written=response.written)
    body, headers = response.body, dict(response.headers)
    if fault.next_link_host:
        body = _other_host(body, fault.next_link_host, request)
    if fault.batch and request.path.endswith("$batch"):
        body = _batch(fault.batch, body, headers.get("content-type", ""))
    if fault.malformed:
        body = body[: len(body) // 2] + b'"\x00{' + body[len(body) // 2 :]
    if fault.content_type:
        headers["content-type"] = fault.content_type
    return Response(
        response.status, body, {**headers, **fault.headers}, response.rows, response.parts, response.written
    )


def _other_host(body: bytes, host: str, request: Request) -> bytes:
    link = f"{host}{request.path}?$skiptoken=x"
    if b'"@odata.nextLink":"' in body:
        return re.sub(rb'("@odata\.nextLink":")https?://[^/"]+', rb"\1" + host.encode(), body, count=1)
    if body.endswith(b"}") and b'"value":[' in body:
        return body[:-1] + b',"@odata.nextLink":' + orjson.dumps(link) + b"}"
    return body


def _batch(how: str, body: bytes, content_type: str) -> bytes:
    if "json" in content_type:
        answers = orjson.loads(body)["responses"]
        return orjson.dumps({"responses": _spoilt(how, answers)})
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    pieces = body.split(b"--" + boundary + b"\r\n")
    end = b"--" + boundary + b"--\r\n"
    parts = [p.removesuffix(end) for p in pieces[1:]]
    return b"".join(b"--" + boundary + b"\r\n" + p for p in _spoilt(how, parts)) + end


def _spoilt(how: str, items: list[Any]) -> list[Any]:
    if how == "missing":
        return items[:-1]
    return [*items[:1], *items] if how == "doubled" else items[::-1]
