"""Run an ASGI application on a free loopback port, in this event loop or in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

__all__ = ["config", "running", "threaded"]


def config(app: Any, *, port: int = 0, host: str = "127.0.0.1") -> uvicorn.Config:
    """Server settings for an emulator: fast parsers, no access log, nothing added to responses."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="auto",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=120,
    )


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or no TCP_NODELAY
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def running(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Serve within this event loop; gives the URL (no slash at its end)."""
    listener = _listening(port)
    server = uvicorn.Server(config(app))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve([listener]))
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
        listener.close()


@contextmanager
def threaded(app: Any, *, port: int = 0) -> Iterator[str]:
    """Serve in a thread with its own event loop; gives the URL."""
    found: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with running(app, port=port) as url:
            found.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()

    def thread_body() -> None:
        try:
            asyncio.run(serve())
        except BaseException as problem:
            if not found.done():
                found.set_exception(problem)
            else:
                raise

    thread = threading.Thread(target=thread_body, daemon=True)
    thread.start()
    url, loop, stop = found.result(timeout=30)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=5)
