"""A request that is refused before GraphQL comes into it: status, code and a sentence, as a GraphQL response."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Refusal", "wrong_method"]


class Refusal(Exception):
    """Raised anywhere while a request is read; answered as `{"errors": [...]}` with this status."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = dict(headers or {})


def wrong_method(message: str, allowed: str) -> Refusal:
    """405; `allowed` are the methods that the path is asked with (RFC 9110 §15.5.6)."""
    return Refusal(405, message, code="METHOD_NOT_ALLOWED", headers={"Allow": allowed})
