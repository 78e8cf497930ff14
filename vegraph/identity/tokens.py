"""Tokens for ERPs, and the memory for them: keyed by the assertion itself, not by the person (I9, T13).

Two sessions of one person have two entries, so a strong session's token never serves a weak one, and signing out or
stepping up starts anew. Nothing leaves the process; there are no refresh tokens.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from vegraph.identity.clock import Clock
from vegraph.identity.flights import Flights
from vegraph.identity.secret import Secret

__all__ = ["Token", "TokenCache", "TokenKey"]

MARGIN_S = 60.0
"""Seconds before its end at which a token is not used any more."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token for one audience."""

    value: Secret
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """For whom a token is. Two requests share one only if all of it is equal."""

    subject: bytes
    """SHA-256 of the assertion; of the application's name for one that acts for itself."""

    provider: str
    """Door, or source whose application it is."""

    scope: str
    claims: str | None = None


class TokenCache:
    """Tokens in memory: bounded, least recently used first out, ended before they end. For one event loop."""

    def __init__(self, clock: Clock, *, max_entries: int = 10_000) -> None:
        self._clock = clock
        self._max = max_entries
        self._tokens: OrderedDict[TokenKey, tuple[Token, float]] = OrderedDict()
        self._flights: Flights[TokenKey, Token] = Flights()

    def __len__(self) -> int:
        return len(self._tokens)

    def __repr__(self) -> str:
        return f"TokenCache({len(self)} of {self._max})"

    async def get(self, key: TokenKey, make: Callable[[], Coroutine[Any, Any, Token]], *, until: float) -> Token:
        """The token for that key, made once however many ask at the same time. `until`: the assertion's end."""
        held = self._tokens.get(key)
        if held is not None:
            if self._clock() < held[1]:
                self._tokens.move_to_end(key)
                return held[0]
            del self._tokens[key]
        return await self._flights.share(key, lambda: self._make(key, make, until))

    def refused(self, key: TokenKey, token: Token) -> None:
        """Forgets this very token: the ERP did not take it (401, claims challenge). A newer one stays."""
        held = self._tokens.get(key)
        if held is not None and held[0] is token:
            del self._tokens[key]

    async def _make(self, key: TokenKey, make: Callable[[], Coroutine[Any, Any, Token]], until: float) -> Token:
        token = await make()
        ends = min(token.expires_at, until) - MARGIN_S
        if self._clock() < ends:
            self._tokens[key] = (token, ends)
            self._shrink()
        return token

    def _shrink(self) -> None:
        if len(self._tokens) <= self._max:
            return
        now = self._clock()
        for key in [key for key, (_, ends) in self._tokens.items() if ends <= now]:
            del self._tokens[key]
        while len(self._tokens) > self._max:
            self._tokens.popitem(last=False)
