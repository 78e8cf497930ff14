"""The credential for calls of one person to one source, as an `httpx.Auth` that goes with each request.

A token is attached only after the URL was found to lie under the source's own address (I2, T14): never as a
client-wide header, which an absolute next link would carry to a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

from vegraph.errors import ConfigError, IdentityError
from vegraph.identity.secret import Secret

__all__ = ["Address", "BearerAuth", "HeaderAuth"]

_PORTS = {"http": 80, "https": 443}
_TO_BE_READ = re.compile(r"[%\\#@]")
_DOTS = re.compile(r"(^|[/\\])\.\.?([/\\]|$)")


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host, port and path prefixes that a credential is pinned to."""

    scheme: str
    host: str
    port: int | None
    path: str
    """Without the closing slash."""
    beside: tuple[str, ...] = ()
    """Further prefixes on the same host, likewise: other API routes, the metadata services."""
    plain: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The same as beginnings of URLs as text."""

    def __post_init__(self) -> None:
        origin = f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port != _PORTS.get(self.scheme) else "")
        object.__setattr__(self, "plain", tuple(f"{origin}{prefix}/" for prefix in (self.path, *self.beside)))

    @classmethod
    def of(cls, url: str, beside: Iterable[str] = ()) -> Address:
        """The address of a service's root. `beside`: paths of other roots of the same service.

        Raises ConfigError for a URL without scheme, host, or with user info.
        """
        parsed = httpx.URL(url)
        if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo:
            raise ConfigError("A source's url must be http or https, with a host and without a user name.")
        return cls(*_origin(parsed), _path(parsed).rstrip("/"), tuple(path.rstrip("/") for path in beside))

    def covers(self, url: httpx.URL) -> bool:
        """Whether the URL lies under one of the prefixes; dot segments, encoded ones too, never do."""
        start = str(url).partition("?")[0]
        if start.startswith(self.plain) and "/." not in start and not _TO_BE_READ.search(start):
            return True  # what vegraph wrote itself; anything else is looked at part by part
        path = _path(url)
        if url.userinfo or (self.scheme, self.host, self.port) != _origin(url) or _DOTS.search(unquote(path)):
            return False
        return any(path == prefix or path.startswith(prefix + "/") for prefix in (self.path, *self.beside))


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host.lower().rstrip("."), url.port or _PORTS.get(url.scheme)


def _path(url: httpx.URL) -> str:
    return url.raw_path.split(b"?", 1)[0].decode("ascii")


class HeaderAuth(httpx.Auth):
    """Sends fixed headers to the pinned address, and refuses to go anywhere else."""

    def __init__(
        self,
        headers: Mapping[str, Secret],
        address: Address,
        *,
        source: str,
        refused: Callable[[], None] | None = None,
    ) -> None:
        self._headers = dict(headers)
        self._address = address
        self._source = source
        self._refused = refused
        """Called when the source answers 401: what was sent is not to be used again (I9)."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Attaches the headers. Raises IdentityError before anything is sent to another address."""
        if not self._address.covers(request.url):
            raise IdentityError(
                f"{self._source}: a link led away from the source's own address, so it was not followed "
                "and no credential was sent."
            )
        for name, value in self._headers.items():
            request.headers[name] = value.reveal()
        response = yield request
        if response.status_code == 401 and self._refused is not None:
            self._refused()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(source={self._source!r}, ***)"


class BearerAuth(HeaderAuth):
    """Sends one person's token for one source."""

    def __init__(
        self, token: Secret, address: Address, *, source: str, refused: Callable[[], None] | None = None
    ) -> None:
        super().__init__({"Authorization": Secret(f"Bearer {token.reveal()}")}, address, source=source, refused=refused)
