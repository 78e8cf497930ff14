"""The log of requests an emulator saw, for tests and for people who want to see what was asked."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from vegraph.emulator.engine.http import Request, Response

__all__ = ["Entry", "Journal"]

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_MOST_BODY = 200_000


@dataclass(slots=True)
class Entry:
    """One request with its answer."""

    request: Request
    at: str
    """The emulator's time when it came."""

    user: str | None = None
    ms: float = 0.0
    fault: str | None = None
    status: int | None = None
    """None: no answer was sent."""

    rows: int = 0
    size: int = 0
    """Bytes of the answer's body."""

    parts: list[dict[str, Any]] = field(default_factory=list)

    def answered(self, response: Response) -> Response:
        """Note what is answered, without its body; gives the response on."""
        self.status, self.rows, self.size = response.status, response.rows, len(response.body)
        self.parts = response.parts
        return response

    def shown(self) -> dict[str, Any]:
        """As JSON; headers that carry secrets are left out."""
        request = self.request
        body = request.body.decode("utf-8", "replace")
        return {
            "method": request.method,
            "url": request.path + (f"?{request.query}" if request.query else ""),
            "headers": {k: v for k, v in request.headers.items() if k not in _SECRET},
            "body": body or None,
            "user": self.user,
            "status": self.status,
            "rows": self.rows,
            "bytes": self.size,
            "parts": self.parts,
            "at": self.at,
            "ms": round(self.ms, 3),
            "fault": self.fault,
        }


class Journal:
    """The last requests, oldest first."""

    def __init__(self, size: int = 10_000) -> None:
        self.entries: deque[Entry] = deque(maxlen=size)
        self.enabled = True
        self.total = 0

    def add(self, entry: Entry) -> None:
        """Keep an entry."""
        self.total += 1
        if len(entry.request.body) > _MOST_BODY:
            entry.request = replace(entry.request, body=entry.request.body[:_MOST_BODY])
        if self.enabled:
            self.entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        self.entries.clear()
        self.total = 0

    def json(self) -> bytes:
        """The log as the control port answers it."""
        return orjson.dumps({"total": self.total, "requests": [e.shown() for e in self.entries]})
