"""Conditional access: the ERP or the provider asks for claims, and the client hears it unchanged (I11, T39).

An ERP's 401 carries `WWW-Authenticate: Bearer …, error="insufficient_claims", claims="<base64>"`; a provider's refusal
carries the claims as JSON. Either way the token is exchanged once with them before the client must sign in again.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from vegraph.errors import BackendUnauthenticated, Unauthenticated
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller, Delegated

__all__ = ["Challenge", "parse", "required_claims", "with_step_up"]

T = TypeVar("T")

MAX_HEADER = 16 * 1024
_SCHEME = re.compile(r"\s*bearer(?:\s|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_B64 = re.compile(r"[A-Za-z0-9+/_-]+=*")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A Bearer challenge that asks for claims."""

    claims: str
    """JSON text, as a token request takes it."""

    given: str
    """The same as it stood in the challenge (base64)."""


def parse(header: str | None) -> Challenge | None:
    """The claims a `WWW-Authenticate` header asks for; None where it asks for none that are understood."""
    if header is None or len(header) > MAX_HEADER or not _SCHEME.match(header):
        return None
    found = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(header)}
    given = found.get("claims", "")
    if found.get("error") not in {"insufficient_claims", "interaction_required"} or not _B64.fullmatch(given):
        return None
    try:
        raw = given.rstrip("=").replace("-", "+").replace("_", "/")
        claims = base64.b64decode(raw + "=" * (-len(raw) % 4)).decode()
        return Challenge(claims, given) if isinstance(json.loads(claims), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def required_claims(message: str, claims: str, given: str | None = None) -> Unauthenticated:
    """The 401 for the client. `claims` is JSON text; `given` its base64 where it came so and must stay so."""
    encoded = given or base64.b64encode(claims.encode()).decode()
    return Unauthenticated(
        f"{message} Sign in again with the claims in this answer.",
        challenge=f'Bearer realm="vegraph", error="insufficient_claims", claims="{encoded}"',
        claims=encoded,
    )


async def with_step_up(
    delegation: Delegation, caller: Caller, source: str, send: Callable[[Delegated], Awaitable[T]]
) -> T:
    """What `send` gives as the delegated user; after a claims challenge once more with a token that has them.

    A second challenge, or an exchange that is refused, reaches the client. A 401 without claims only drops the token.
    `send` must be safe to repeat: the ERP refused the first call before doing anything.
    """
    try:
        return await send(await delegation.delegate(caller, source))
    except BackendUnauthenticated as refusal:
        delegation.forget(caller, source)
        challenge = parse(refusal.challenge)
        if challenge is None:
            raise
    try:
        return await send(await delegation.delegate(caller, source, claims=challenge.claims))
    except BackendUnauthenticated as refusal:
        delegation.forget(caller, source)
        again = parse(refusal.challenge) or challenge
        raise required_claims(f"{source} asks for more before you may go on.", again.claims, again.given) from None
