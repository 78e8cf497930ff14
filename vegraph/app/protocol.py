"""HTTP/1.1 as uvicorn speaks it with httptools, and what that lacks: an end to the head of a request (T10, T26), and
answers in one piece."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Protocol"]

LONGEST_HEAD = 128 * 1024
"""Bytes of request line and headers: a token of 16 KiB, a long query by GET, and as much again."""


class Protocol(HttpToolsProtocol):
    """Gives up a connection whose request does not come to the end of its headers. uvicorn writes head and body of an
    answer apart, and each write would wake the client."""

    _head = 0
    _complete = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client has connected."""
        super().connection_made(_Gathering(transport))  # type: ignore[arg-type]  # all of a transport that it uses

    def data_received(self, data: bytes) -> None:
        """More came from the client."""
        super().data_received(data)
        if not self._complete:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """The first bytes of a request."""
        self._head, self._complete = 0, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its body comes next."""
        self._complete = True
        super().on_headers_complete()


class _Gathering:
    """A transport that keeps what is written back until the next write, or until the loop's next turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: bytes | None = None
        self._call_soon = asyncio.get_running_loop().call_soon
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info
        self.pause_reading, self.resume_reading = transport.pause_reading, transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Sends it, after what was written before."""
        held, self._held = self._held, None
        if held is not None:
            self._transport.writelines((held, data))
        else:
            self._held = data
            self._call_soon(self._flush)

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is not None and not self._transport.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        """Closes the connection once everything is sent."""
        self._flush()
        self._transport.close()
