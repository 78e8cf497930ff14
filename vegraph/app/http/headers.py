"""Headers of every answer: nothing is stored on the way, guessed, framed or run (T09, T27)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SafeHeaders"]

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_UNCACHED = [(b"cache-control", b"no-store"), (b"vary", b"Authorization, Accept, Accept-Encoding")]


class SafeHeaders:
    """ASGI middleware; a response that sets a policy or cache control of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                names = {name for name, _ in headers}
                if b"cache-control" not in names:
                    headers += _UNCACHED
                if b"content-security-policy" not in names:
                    headers.append(_POLICY)
                message["headers"] = headers + _ALWAYS
            await send(message)

        await self._app(scope, receive, send_safely)
