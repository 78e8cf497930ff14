"""What goes to a source and what comes back, between the writing of requests and the sending of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vegraph.errors import BackendUnavailable

__all__ = ["Answer", "Lost", "Malformed", "Unsent", "Wire"]

JSON = "application/json"


@dataclass(slots=True, kw_only=True)
class Wire:
    """One request below the root of its source, percent-encoded, without credentials."""

    method: str
    path: str
    """Below `route`, without a slash before it."""
    query: str = ""
    """Without the question mark."""
    route: str = ""
    """Service root below the configured one; "" for that itself."""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside those that every request to the source has. Names and values are this package's own or checked."""
    template: str = ""
    """The path with values left out, for logs: `customers(…)/salesOrders`."""
    accepts: Literal["json", "text", "batch"] = "json"
    sent: bool = False
    """It went out at least once."""
    absolute: str | None = None
    """A next link as the service gave it, checked already; then `path` and `query` are not used."""

    @property
    def target(self) -> str:
        """Path and query below the route."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True)
class Answer:
    """A whole answer, read and inflated within the limit."""

    status: int
    headers: Mapping[str, str]
    """Case does not matter on look-up."""
    body: bytes


class Unsent(BackendUnavailable):
    """No connection: the request was certainly not carried out."""


class Malformed(BackendUnavailable):
    """An answer with a good status that is not what was asked for: whatever was asked for may have been done."""


class Lost(BackendUnavailable):
    """The request may have been carried out; the answer did not come, or not whole."""

    def __init__(self, message: str, *, source: str, timed_out: bool = False) -> None:
        super().__init__(message, source=source)
        self.timed_out = timed_out
        """No byte for the time allowed, rather than a broken connection."""
