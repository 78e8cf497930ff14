"""Bearer tokens: signature, issuer, audience and expiry; keys given in process or fetched from a JWKS URL."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.users import Directory, User

__all__ = ["Anyone", "Door", "Tokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Which tokens are accepted."""

    issuers: tuple[str, ...]
    audiences: tuple[str, ...]
    keys: tuple[Any, ...] = ()
    """Public keys as PyJWT takes them, tried in turn for tokens whose `kid` no JWKS knows."""

    jwks_url: str | None = None
    """Where keys are read from; again at most every 10 s when a token has an unknown `kid`."""

    algorithms: tuple[str, ...] = ("RS256",)
    leeway_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anyone:
    """No token is asked for: everybody is that user. For tests and `kind = "odata"`."""

    user: User


@dataclass(slots=True)
class Door:
    """Finds the user of a request by its token."""

    tokens: Tokens | Anyone
    directory: Directory = field(default_factory=Directory)
    now: Callable[[], float] = time.time
    """Clock in seconds since 1970, the emulator's own."""

    _known: dict[str, Any] = field(default_factory=dict)
    _read_at: float = -1e9
    _seen: dict[str, tuple[User, float]] = field(default_factory=dict)

    async def user(self, headers: Mapping[str, str]) -> User:
        """The ERP user. `Problem` 401 without a good token, 403 where the person has no account."""
        if isinstance(self.tokens, Anyone):
            return self.tokens.user
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise self._refused("The request has no bearer token.")
        token = token.strip()
        seen = self._seen.get(token)
        if seen is not None and seen[1] > self.now():
            return seen[0]
        claims = await self._claims(token, self.tokens)
        user = self.directory.find(claims)
        if user is None:
            raise Problem(*_NO_ACCOUNT)
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[token] = (user, float(claims["exp"]))
        return user

    async def _claims(self, token: str, accepted: Tokens) -> dict[str, Any]:
        try:
            kid = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.PyJWTError:
            raise self._refused("The token is not a JWT.") from None
        problem = "The token's key is not known."
        for key in await self._candidates(kid, accepted):
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=list(accepted.algorithms),
                    audience=list(accepted.audiences),
                    issuer=list(accepted.issuers),
                    options={"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_nbf": False},
                )
            except jwt.InvalidSignatureError:
                problem = "The token's signature is not valid."
                continue
            except jwt.PyJWTError as error:
                raise self._refused(f"The token is not accepted: {error}.") from None
            self._check_times(claims, accepted)
            return claims
        raise self._refused(problem)

    def _check_times(self, claims: dict[str, Any], accepted: Tokens) -> None:
        now = self.now()
        if float(claims["exp"]) <= now - accepted.leeway_s:
            raise self._refused("The token has expired.")
        if float(claims.get("nbf", 0)) > now + accepted.leeway_s:
            raise self._refused("The token is not valid yet.")

    async def _candidates(self, kid: str, accepted: Tokens) -> list[Any]:
        if accepted.jwks_url and kid not in self._known and time.monotonic() - self._read_at > 10:
            self._read_at = time.monotonic()
            self._known = await asyncio.to_thread(_read_keys, accepted.jwks_url)
        return [self._known[kid]] if kid in self._known else list(accepted.keys)

    def forget_keys(self) -> None:
        """Read the keys anew with the next token."""
        self._known, self._read_at = {}, -1e9
        self.forget()

    def forget(self) -> None:
        """Drop what is remembered about tokens, after the clock or the users changed."""
        self._seen.clear()

    def _refused(self, why: str) -> Problem:
        return Problem(
            401,
            "unauthenticated",
            f"The server has rejected the client credentials. {why}",
            headers={"www-authenticate": f'Bearer error="invalid_token", error_description="{why}"'},
        )


_NO_ACCOUNT = (401, "no_account", "The person of the token has no enabled user account here.")


def _read_keys(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  the URL is the emulator's own setting
            found = json.loads(answer.read())
        return {str(key.get("kid", "")): jwt.PyJWK(key).key for key in found["keys"]}
    except (OSError, ValueError, KeyError, jwt.PyJWTError):
        return {}
