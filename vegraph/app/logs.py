"""One logger tree, `vegraph`, to standard error: a line per event, for people or as JSON, without secrets (T09)."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import orjson

from vegraph.identity import audit, redaction

__all__ = ["configure"]


class _Text(logging.Formatter):
    """`12:30:01 INFO vegraph …`"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%H:%M:%S")


class _Json(logging.Formatter):
    """One JSON object per line, with the request's id where there is a request."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request_id := audit.request_id.get()) is not None:
            found["requestId"] = request_id
        if record.exc_info:
            found["trace"] = record.exc_text or self.formatException(record.exc_info)
        return orjson.dumps(found).decode()


def configure(form: Literal["text", "json"], *, level: int = logging.INFO) -> None:
    """Sends the log of vegraph and of its server to standard error; other libraries from WARNING up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("vegraph").setLevel(level)
    redaction.install([handler])
