"""A JSON object from a provider, read with limits: no redirects, no compression, one mebibyte, one deadline."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import httpx

from vegraph.errors import ConfigError

__all__ = ["TIMEOUT", "Unreadable", "client", "get_json", "trust"]

MAX_BODY = 1 << 20
"""Bytes."""
TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=2.0)
DEADLINE_S = 15.0
"""Seconds for the whole answer; a slow drip ends here."""
PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}


class Unreadable(Exception):
    """No usable answer; the message is the end of a sentence, without anything of the answer in it."""


def trust(ca: Path | None) -> ssl.SSLContext:
    """What certificates are checked against: the public authorities, or a file; never the environment's (T15)."""
    if ca is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{ca}: can't be read as PEM certificates; 'ca' names the authorities to trust.") from None


def client(ca: Path | None) -> httpx.AsyncClient:
    """For requests to a provider that carry nobody's credential."""
    return httpx.AsyncClient(verify=trust(ca), trust_env=False, timeout=TIMEOUT, follow_redirects=False, headers=PLAIN)


async def get_json(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """The JSON object at that address. Raises Unreadable."""
    try:
        async with asyncio.timeout(DEADLINE_S), http.stream("GET", url) as response:
            if response.status_code != 200:
                raise Unreadable(f"the provider answered {response.status_code}")
            body = await _body(response)
    except (httpx.HTTPError, TimeoutError) as problem:
        raise Unreadable(f"the provider can't be reached ({type(problem).__name__})") from None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the provider's answer is not JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("the provider's answer is not a JSON object")
    return found


async def _body(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreadable("the provider's answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BODY:
            raise Unreadable("the provider's answer is too large")
    return bytes(body)
