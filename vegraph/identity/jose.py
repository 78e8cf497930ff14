"""A token taken apart before anything believes it: sizes, shape and duplicate members are judged here.

PyJWT does the signature (`verify`); it keeps the last of two equal claims and decodes any size, so both are refused
before it sees the token (identity.md §4, T10).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vegraph.errors import Unauthenticated

__all__ = ["MAX_TOKEN", "Unverified", "bad_token", "bearer", "take_apart"]

MAX_TOKEN = 16 * 1024
"""Bytes of a token; checked before decoding."""

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Unverified:
    """Header and claims as they stand in a token. Only to choose what to verify it with."""

    header: dict[str, Any]
    claims: dict[str, Any]


def bad_token(why: str) -> Unauthenticated:
    """401 with a challenge (RFC 6750 §3.1). `why` never holds anything of the token."""
    return Unauthenticated(
        f"The access token was refused: {why}. Sign in again and send the new token.",
        challenge=f'Bearer realm="vegraph", error="invalid_token", error_description="{why}"',
    )


def bearer(authorization: Sequence[str]) -> str | None:
    """The token of a request's Authorization headers, or None where there is no such header.

    A header that is there but holds no bearer token raises Unauthenticated: it is never taken for "no token" (I3).
    """
    if not authorization:
        return None
    if len(authorization) > 1:
        raise bad_token("there is more than one Authorization header")
    if len(authorization[0]) > MAX_TOKEN + 16:
        raise bad_token("it is longer than 16 KiB")
    match = _BEARER.fullmatch(authorization[0].strip(" \t"))
    if match is None:
        raise bad_token("the Authorization header is not 'Bearer' and a token")
    return match[1]


def take_apart(token: str) -> Unverified:
    """Header and claims of a compact JWS. Raises Unauthenticated for anything else."""
    if len(token) > MAX_TOKEN:
        raise bad_token("it is longer than 16 KiB")
    segments = token.split(".")
    if len(segments) != 3 or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise bad_token("it is not a signed JWT")
    return Unverified(_member(segments[0]), _member(segments[1]))


def _member(segment: str) -> dict[str, Any]:
    try:
        text = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode("utf-8")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (binascii.Error, ValueError, RecursionError):
        raise bad_token("it is not well-formed, or says something twice") from None
    if not isinstance(found, dict):
        raise bad_token("it is not a signed JWT")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)
