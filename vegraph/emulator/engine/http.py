"""Requests and responses as plain values; ASGI is only at the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vegraph.emulator.engine.problem import Problem

__all__ = ["Request", "Response", "json_body", "preferences"]


@dataclass(slots=True)
class Request:
    """An HTTP request. `path` and `query` are as they came, percent-encoded."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    body: bytes = b""
    origin: str = "http://localhost"
    """Scheme and host the caller used."""

    @property
    def url(self) -> str:
        """Absolute URL."""
        return f"{self.origin}{self.path}" + (f"?{self.query}" if self.query else "")


@dataclass(slots=True)
class Response:
    """An HTTP response."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    """Rows in it, for the request log."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    """What a batch was made of, for the request log."""

    written: bool = False
    """Something was written."""


def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object, decimals exact. `Problem` 400 or 415."""
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if request.body and kind not in ("application/json", "text/json"):
        raise Problem(415, "media_type", f"The content type '{kind}' is not supported; send application/json.")
    try:
        found = json.loads(request.body.decode("utf-8") or "{}", parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "bad_body", "The request body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Problem(400, "bad_body", "The request body must be a JSON object.")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def preferences(request: Request) -> dict[str, str]:
    """`Prefer` as names (lower case) and values."""
    found = {}
    for item in request.headers.get("prefer", "").split(","):
        name, _, value = item.strip().partition("=")
        if name:
            found[name.strip().lower()] = value.strip().strip('"')
    return found
