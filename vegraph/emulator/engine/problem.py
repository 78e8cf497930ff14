"""What the emulated service refuses, before the dialect writes it in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Problem"]


class Problem(Exception):
    """A request that is answered with an error body. The message is the service's own text."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        headers: Mapping[str, str] | None = None,
        kind: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        """A general code of the engine (`not_found`, `bad_filter`, …) or a dialect's own (`BadRequest_NotFound`)."""
        self.message = message
        self.target = target
        """Wire name of the member complained about."""
        self.headers = dict(headers or {})
        self.kind = kind
        """Exception type name for dialects that show one (F&O `innererror.type`)."""
        self.extra = dict(extra or {})
        """Further members of the error object, for dialects that have them."""
