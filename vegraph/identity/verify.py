"""A token becomes a caller, or is refused: the checks that every door makes.

The algorithm is RS256 from the start, before a key is looked up (T01); the key is one of the configured issuer's (T02);
then issuer, audience and times. What is particular to people and to portals is in `people` and `contacts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

from vegraph.identity.clock import Clock
from vegraph.identity.jose import bad_token, take_apart
from vegraph.identity.keys import Keys, SigningKey
from vegraph.identity.secret import Secret
from vegraph.identity.user import Caller

__all__ = ["Checks", "Verifier", "number"]

ALGORITHM = "RS256"
SKEW_S = 60.0
MOST_REMEMBERED = 4_000
"""Good tokens of one door, some 5 kB each."""

Judge: TypeAlias = Callable[[dict[str, Any], SigningKey], Caller]
"""Claims of a token whose signature, issuer, audience and times are good → the caller. Raises Unauthenticated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What one door demands of a token."""

    issuer: Callable[[dict[str, Any]], tuple[str, ...]]
    """Claims → the issuers that are right; several where a portal is named by URL and by host."""
    audience: str
    required: tuple[str, ...]
    judge: Judge
    max_life_s: float | None = None
    """Longest life (`exp` minus `iat`) that is believed."""


@dataclass(frozen=True, slots=True)
class _Good:
    """What was found out about a token that may not change: all but the times, and whether its key still counts."""

    kid: str | None
    key: SigningKey
    claims: dict[str, Any]
    caller: Caller


class Verifier:
    """Checks tokens for one door."""

    def __init__(self, checks: Checks, keys: Keys, clock: Clock) -> None:
        import jwt  # here, for the first token would wait for it: a server without doors does without

        self._jwt = jwt
        self._checks = checks
        self._keys = keys
        self._clock = clock
        self._good: dict[bytes, _Good] = {}
        """By the SHA-256 of the whole token. Refused ones are not remembered."""

    async def check(self, token: str) -> Caller:
        """The caller. Raises Unauthenticated (401), Forbidden (403), IdentityUnavailable (503).

        A session sends the same token with each request: its times and its key are checked each time, signature and
        claims once (5 µs rather than 170).
        """
        digest = sha256(token.encode()).digest()
        known = self._good.get(digest)
        if known is not None:
            if await self._keys.find(known.kid) is known.key:
                self._check_times(known.claims)
                return known.caller
            del self._good[digest]
        good = await self._checked(token)
        if len(self._good) >= MOST_REMEMBERED:
            del self._good[next(iter(self._good))]
        self._good[digest] = good
        return good.caller

    async def _checked(self, token: str) -> _Good:
        unverified = take_apart(token)
        _check_header(unverified.header)
        if not self.expects(unverified.claims):
            raise bad_token("it is of another issuer than this door's")
        kid = unverified.header.get("kid")
        key = await self._keys.find(kid)
        if key is None:
            raise bad_token("it is signed with a key that its issuer does not have")
        claims = self._verified(token, key)
        self._check_times(claims)
        caller = self._checks.judge(claims, key)
        return _Good(kid, key, claims, _with_assertion(caller, token, claims))

    async def run(self) -> None:
        """Keeps the keys fresh until cancelled."""
        await self._keys.run()

    def expects(self, claims: dict[str, Any]) -> bool:
        """Whether claims, not verified yet, name this door's issuer."""
        return claims.get("iss") in self._checks.issuer(claims)

    def _verified(self, token: str, key: SigningKey) -> dict[str, Any]:
        jwt = self._jwt
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
                audience=self._checks.audience,
                options={
                    "require": list(self._checks.required),
                    "strict_aud": True,
                    "enforce_minimum_key_length": True,
                    "verify_exp": False,  # the three times are checked below, on a clock that tests can set
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            return found
        except jwt.InvalidAudienceError:
            raise bad_token("it is meant for another application") from None
        except jwt.MissingRequiredClaimError as problem:
            raise bad_token(f"it does not tell {problem.claim}") from None
        except jwt.InvalidSignatureError:
            raise bad_token("its signature is wrong") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise bad_token("it is not well-formed") from None

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock()
        ends, issued = number(claims, "exp"), number(claims, "iat")
        if ends is None or issued is None:
            raise bad_token("it does not tell when it was issued and when it ends")
        if now >= ends + SKEW_S:
            raise bad_token("it has expired")
        begins = number(claims, "nbf") if "nbf" in claims else issued
        if begins is None or max(begins, issued) > now + SKEW_S:
            raise bad_token("it is not valid yet")
        longest = self._checks.max_life_s
        if longest is not None and not 0 < ends - issued <= longest:
            raise bad_token(f"it lives longer than {longest:.0f} seconds")


def number(claims: dict[str, Any], name: str) -> float | None:
    """A claim that is a time in seconds, or None."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 and math.isfinite(value) else None


def _check_header(header: dict[str, Any]) -> None:
    if header.get("alg") != ALGORITHM:
        raise bad_token("it is not signed with RS256")
    if "crit" in header or header.get("b64") is False:
        raise bad_token("it demands extensions that vegraph does not have")
    if not isinstance(header.get("kid"), str | None) or len(header.get("kid") or "") > 256:
        raise bad_token("its key id is not usable")


def _with_assertion(caller: Caller, token: str, claims: dict[str, Any]) -> Caller:
    scalars = {name: value for name, value in claims.items() if isinstance(value, str | int | bool)}
    return Caller(
        door=caller.door,
        kind=caller.kind,
        tenant=caller.tenant,
        object_id=caller.object_id,
        contact_id=caller.contact_id,
        name=caller.name,
        assertion=Secret(token),
        expires_at=number(claims, "exp") or 0.0,
        claims={**scalars, **caller.claims},
    )
