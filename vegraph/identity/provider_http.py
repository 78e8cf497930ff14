"""How MSAL reaches one provider: only its own token endpoint, with limits, and with nothing to remember between users.

MSAL as shipped replays an answer that carries `Retry-After`, a 429 or a 5xx to every other user of the same scope,
reads a CA bundle from the environment, has no time-outs, and logs answers that are not JSON (identity.md §3). So it is
given this client: answers come without headers, failures are raised before it sees them, and discovery is checked here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from vegraph.identity.json_http import DEADLINE_S, MAX_BODY, PLAIN, TIMEOUT, trust

__all__ = ["ProviderFailed", "ProviderHttp"]


class ProviderFailed(Exception):
    """No usable answer; the message is the end of a sentence, without anything of the answer in it."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What MSAL gets to see."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Always empty: a `Retry-After` in it would make MSAL keep the answer, token and all."""

    def raise_for_status(self) -> None:
        """Failures were raised before."""


class ProviderHttp:
    """MSAL's `http_client` for one issuer. Blocking; used from worker threads, by several at once."""

    def __init__(self, issuer: str, discovery: str, ca: Path | None) -> None:
        self._issuer = issuer
        self._discovery = discovery
        self._token_endpoint: str | None = None
        self._http = httpx.Client(
            verify=trust(ca), trust_env=False, timeout=TIMEOUT, follow_redirects=False, headers=PLAIN
        )

    @property
    def token_endpoint(self) -> str:
        """Where tokens are asked for; known once the metadata was read."""
        if self._token_endpoint is None:
            raise ProviderFailed("its metadata has not been read")
        return self._token_endpoint

    def get(self, url: str, **_: Any) -> _Answer:
        """The provider's metadata, whatever MSAL asks for; checked against the configuration (T15)."""
        status, document = self._json("GET", self._discovery)
        if status != 200:
            raise ProviderFailed(f"its metadata was answered with {status}")
        endpoint = document.get("token_endpoint")
        if document.get("issuer") != self._issuer:
            raise ProviderFailed("its metadata names another issuer than the configured one")
        if not isinstance(endpoint, str) or not self._own(endpoint):
            raise ProviderFailed("its metadata names a token endpoint at another place than its own")
        self._token_endpoint = endpoint
        return _Answer(200, json.dumps(document))

    def post(self, url: str, *, data: Mapping[str, Any], headers: Mapping[str, str], **_: Any) -> _Answer:
        """One request for a token. Raises ProviderFailed for anything but an OAuth answer."""
        if url != self._token_endpoint:
            raise ProviderFailed("a token was to be asked for at another place than its token endpoint")
        form = {name: _text(value) for name, value in data.items()}
        status, answer = self._json("POST", url, data=form, headers={**headers, **PLAIN})
        return _Answer(status, json.dumps(answer))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _own(self, url: str) -> bool:
        one, other = httpx.URL(url), httpx.URL(self._discovery)
        return (one.scheme, one.host, one.port) == ("https", other.host, other.port) and not one.userinfo

    def _json(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        try:
            with self._http.stream(method, url, **more) as response:
                status, headers = response.status_code, response.headers
                if status == 429 or status >= 500:
                    raise ProviderFailed(f"it answered {status}", _seconds(headers.get("retry-after")))
                body = _body(response)
        except httpx.HTTPError as problem:
            raise ProviderFailed(f"it can't be reached ({type(problem).__name__})") from None
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderFailed(f"it answered {status} with something that is not a JSON object")
        return status, found


def _body(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ProviderFailed("its answer is compressed, which was not asked for")
    give_up = time.monotonic() + DEADLINE_S
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_BODY or time.monotonic() > give_up:
            raise ProviderFailed("its answer is too large or too slow")
    return bytes(body)


def _text(value: Any) -> str:
    """MSAL hands assertions over as bytes, which httpx would send as `b'…'`."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in either form (RFC 9110 §10.2.3), at most an hour."""
    if retry_after is None:
        return None
    try:
        wait = (
            float(retry_after)
            if retry_after.isdigit()
            else parsedate_to_datetime(retry_after).timestamp() - time.time()
        )
    except ValueError:
        return None
    return min(max(wait, 0.0), 3600.0)
