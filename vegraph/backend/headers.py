"""Header values that a client had a hand in: fixed alphabets, checked before they are sent (T21)."""

from __future__ import annotations

import re

from vegraph.errors import BadUserInput

__all__ = ["etag", "idempotency_key", "language", "request_id"]

_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,2000}"|\*', re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z0-9*][A-Za-z0-9*,;=.\- ]{0,199}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


def etag(given: str) -> str:
    """An entity tag, or `*`. Raises BadUserInput for anything else."""
    if _ETAG.fullmatch(given):
        return given
    raise BadUserInput("ifMatch is not an ETag. Give the row's 'etag' as it was read.")


def language(given: str | None) -> str | None:
    """An Accept-Language value, or None where it is not one."""
    return given if given is not None and _LANGUAGE.fullmatch(given) else None


def request_id(given: str) -> str | None:
    """A correlation id, or None where it is not one."""
    return given if _ID.fullmatch(given) else None


def idempotency_key(given: str) -> str:
    """A Repeatability-Request-ID. Raises BadUserInput for what is not an identifier."""
    if _ID.fullmatch(given):
        return given
    raise BadUserInput("The idempotency key may hold letters, digits, dots, dashes and underscores; at most 128.")
