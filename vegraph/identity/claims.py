"""Conditional access: the ERP or the provider asks for claims, and the client hears it unchanged (I11, T39).

An ERP's 401 carries `WWW-Authenticate: Bearer …, error="insufficient_claims", claims="<base64>"`; a provider's refusal
carries the claims as JSON. Either way the token is exchanged once with them before the client must sign in again.
"""

from __future__ import annotations

import base64
import binascii
import json
import re

from vegraph.errors import Unauthenticated
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller, Delegated

__all__ = ["decoded", "required_claims", "stepped_up"]

_B64 = re.compile(r"[A-Za-z0-9+/_-]{1,8000}=*")


def decoded(given: str) -> str | None:
    """The JSON text, as a token request takes it, of claims as a challenge gives them (base64); None: they are none."""
    if not _B64.fullmatch(given):
        return None
    try:
        raw = given.rstrip("=").replace("-", "+").replace("_", "/")
        claims = base64.b64decode(raw + "=" * (-len(raw) % 4)).decode()
        return claims if isinstance(json.loads(claims), dict) else None
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


async def stepped_up(delegation: Delegation, caller: Caller, source: str, given: str) -> Delegated:
    """As whom the call runs with a token that has the claims the ERP demanded. `given`: they as they came (base64).

    Raises IdentityError; with those claims, where the provider refuses and asks for none of its own.
    """
    asks = f"{source} asks for more before you may go on."
    claims = decoded(given)
    if claims is None:
        raise Unauthenticated(f"{asks} What it asks for is not understood.", challenge='Bearer realm="vegraph"')
    try:
        return await delegation.delegate(caller, source, claims=claims)
    except Unauthenticated as refusal:
        if refusal.claims is not None:
            raise
        raise required_claims(asks, claims, given) from None
