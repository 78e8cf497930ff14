"""Signing keys fetched from the configured issuer: by discovery or from a stated address, and kept fresh.

Rules (identity.md §4, T03): refreshed hourly in the background; an unknown `kid` refreshes at once, but not within five
minutes of the last try; one refresh at a time; the last good keys stay for 24 hours when the provider is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from vegraph.errors import ConfigError, IdentityUnavailable
from vegraph.identity.clock import Clock
from vegraph.identity.config import TENANT, Door, Portal, is_loopback
from vegraph.identity.flights import Flights
from vegraph.identity.json_http import Unreadable, get_json
from vegraph.identity.keys import SigningKey, choose, read_key_set

__all__ = ["FetchedKeys", "KeySource", "discovery_url"]

log = logging.getLogger(__name__)

REFRESH_S = 3600.0
UNKNOWN_S = 300.0
"""Seconds after a try in which an unknown `kid` starts no other."""
KEEP_S = 24 * 3600.0
RETRY_S = 10.0
"""Seconds after a failed try before the next, where there are no keys at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where keys come from."""

    issuer: str
    """What the discovery document must say, exactly (T15)."""
    discovery: str | None = None
    jwks: str | None = None
    development: bool = False
    """Plain http is allowed, on loopback."""


def discovery_url(door: Door) -> str:
    """Address of the provider's metadata: stated, or made from the issuer (OpenID Connect Discovery §4)."""
    if door.discovery:
        return door.discovery
    issuer = door.issuer.replace(TENANT, "common")
    if door.entra == 1:
        issuer = issuer.replace("sts.windows.net", "login.microsoftonline.com")
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def key_source(place: Door | Portal, *, development: bool) -> KeySource:
    """Where that door's keys come from. Raises ConfigError for plain http outside the development profile."""
    discovery = discovery_url(place) if isinstance(place, Door) and not place.jwks else None
    for url in filter(None, (discovery, place.jwks)):
        if not _safe(url, development):
            raise ConfigError(f"{place.name}: {url} is not https; plain http works only in the development profile.")
    return KeySource(issuer=place.issuer, discovery=discovery, jwks=place.jwks, development=development)


class FetchedKeys:
    """The keys of one issuer, by `kid`."""

    def __init__(
        self,
        source: KeySource,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._source = source
        self._http = http
        self._clock = clock
        self._sleep = sleep
        self._keys: Mapping[str, SigningKey] = {}
        self._good_at = float("-inf")
        self._tried_at = float("-inf")
        self._flights: Flights[None, None] = Flights()

    async def find(self, kid: str | None) -> SigningKey | None:
        """The key of that id, after a refresh where the rules allow one. Raises IdentityUnavailable."""
        if not self._usable():
            await self._refresh(not_within=RETRY_S)
        elif self._choose(kid) is None:
            await self._refresh(not_within=UNKNOWN_S)
        if not self._usable():
            raise IdentityUnavailable(
                "The identity provider's signing keys can't be had at the moment, so nobody can be let in. "
                "Try again soon.",
                retry_after=RETRY_S,
            )
        return self._choose(kid)

    async def run(self) -> None:
        """Refreshes every hour; sooner where the last try failed."""
        while True:
            await self._refresh(not_within=0)
            good = self._good_at == self._tried_at
            await self._sleep(REFRESH_S if good else UNKNOWN_S)

    def _usable(self) -> bool:
        return bool(self._keys) and self._clock() - self._good_at < KEEP_S

    def _choose(self, kid: str | None) -> SigningKey | None:
        return choose(self._keys.values(), None) if kid is None else self._keys.get(kid)

    async def _refresh(self, *, not_within: float) -> None:
        if len(self._flights) or self._clock() - self._tried_at >= not_within:
            await self._flights.share(None, self._fetch)

    async def _fetch(self) -> None:
        self._tried_at = now = self._clock()
        try:
            self._keys = read_key_set(await get_json(self._http, await self._jwks_url()))
            self._good_at = now
        except (Unreadable, ValueError) as problem:
            log.warning("Signing keys of %s were not refreshed: %s.", self._source.issuer, problem)

    async def _jwks_url(self) -> str:
        if self._source.jwks:
            return self._source.jwks
        assert self._source.discovery is not None  # noqa: S101  a source has one of the two
        document = await get_json(self._http, self._source.discovery)
        if document.get("issuer") != self._source.issuer:
            raise ValueError("its metadata names another issuer than the configured one")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not _same_origin(url, self._source.discovery):
            raise ValueError("its metadata names keys at another place than the provider's own")
        if not _safe(url, self._source.development):
            raise ValueError("its metadata names keys that are not behind https")
        return url


def _safe(url: str, development: bool) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (development and parts.scheme == "http" and is_loopback(parts.hostname))


def _same_origin(one: str, other: str) -> bool:
    a, b = httpx.URL(one), httpx.URL(other)
    return (a.scheme, a.host, a.port, a.userinfo) == (b.scheme, b.host, b.port, b.userinfo)
