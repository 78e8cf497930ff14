"""httpx over aiohttp's connections, as `transport` needs it: URLs go out as they were written, nothing is sent twice.

The transport of httpx-aiohttp requotes URLs, resends idempotent requests on a dropped connection (a DELETE too) and
calls every broken connection a connect time-out; after that nobody could tell what may be sent again.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from multidict import CIMultiDict
from yarl import URL

from vegraph.backend.patience import Patience

__all__ = ["Connections"]

_BROKEN = (aiohttp.ClientError, aiohttp.InvalidURL, OSError, TimeoutError)
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Connections(AiohttpTransport):
    """One pool of one source. It is opened on first use, inside the running loop."""

    def __init__(self, *, secure: bool, most: int = 64, patience: Patience | None = None) -> None:
        context = httpx.create_ssl_context(trust_env=False) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=context, trust_env=False)
        self._most = most
        patience = patience or Patience()
        self._timeout = aiohttp.ClientTimeout(
            total=None,
            connect=patience.connect_s + patience.pool_s,
            sock_connect=patience.connect_s,
            sock_read=patience.read_s,
        )

    def get_client(self) -> aiohttp.ClientSession:
        """A session that keeps no cookies (they would be one user's) and repeats nothing by itself."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._most, keepalive_timeout=15.0, ssl=self.ssl_context),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=self._timeout,
        )
        session._retry_connection = False  # a DELETE sent twice would find its own work as a conflict
        return session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, sent once. Raises ConnectError or ConnectTimeout only where nothing was sent."""
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        headers = CIMultiDict([(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw])
        stream = request.stream
        body = b"".join(stream) if isinstance(stream, httpx.ByteStream) else stream
        try:
            response = await self.client._request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=headers,
                data=body or None,
                allow_redirects=False,
            )
        except _BROKEN as error:
            raise _told_apart(error) from error
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=_Body(response),
            request=request,
        )


class _Body(httpx.AsyncByteStream):
    """The answer's bytes as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._response.content
        try:
            while chunk := await content.readany():
                yield chunk
        except _BROKEN as error:
            raise _told_apart(error) from error

    async def aclose(self) -> None:
        self._response.release() if self._response.content.at_eof() else self._response.close()


def _told_apart(error: Exception) -> httpx.TransportError:
    """aiohttp's errors as httpx's: what was certainly not sent, what took too long, what broke."""
    if isinstance(error, _UNSENT):
        slow = isinstance(error, aiohttp.ConnectionTimeoutError)
        return (httpx.ConnectTimeout if slow else httpx.ConnectError)(_why_unsent(error))
    if isinstance(error, aiohttp.SocketTimeoutError | TimeoutError):
        return httpx.ReadTimeout(type(error).__name__)
    return httpx.RemoteProtocolError(type(error).__name__)


def _why_unsent(error: Exception) -> str:
    """In words, without host or address."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case aiohttp.ClientConnectorDNSError():
            return "its host name is not known"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not trusted"
        case aiohttp.ClientConnectorSSLError():
            return "it does not speak TLS as this side does"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "the connection was refused"
    return "there is no connection"
