"""What a token for somebody else's eyes says, where it can be read at all. Only ever a reason to refuse it."""

from __future__ import annotations

from typing import Any

from vegraph.errors import Unauthenticated
from vegraph.identity.jose import take_apart
from vegraph.identity.secret import Secret

__all__ = ["claims_within"]


def claims_within(token: Secret) -> dict[str, Any]:
    """Its claims, not verified; empty for a token that is opaque or encrypted."""
    try:
        return take_apart(token.reveal()).claims
    except Unauthenticated:
        return {}
