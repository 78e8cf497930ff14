"""The log of requests an emulator saw, for tests and for people who want to see what was asked."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
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
    response: Response | None
    user: str | None
    at: str
    ms: float
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON; headers that carry secrets are left out."""
        request, response = self.request, self.response
        body = request.body[:_MOST_BODY].decode("utf-8", "replace")
        return {
            "method": request.method,
            "url": request.path + (f"?{request.query}" if request.query else ""),
            "headers": {k: v for k, v in request.headers.items() if k not in _SECRET},
            "body": body or None,
            "user": self.user,
            "status": response.status if response else None,
            "rows": response.rows if response else 0,
            "bytes": len(response.body) if response else 0,
            "parts": response.parts if response else [],
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
        if self.enabled:
            self.entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        self.entries.clear()
        self.total = 0

    def json(self) -> bytes:
        """The log as the control port answers it."""
        return orjson.dumps({"total": self.total, "requests": [e.shown() for e in self.entries]})
