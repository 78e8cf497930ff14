"""Serves an application with uvicorn on uvloop and httptools, in one process or in several that share the port."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from vegraph.app.protocol import Protocol

__all__ = ["counting_together", "end_with_parent", "run", "run_workers", "serve"]

logger = logging.getLogger("vegraph")

COLLECT_AFTER = (2_000, 10, 50)
"""A page's rows are that many values at once and no garbage: looked through each 700, they take a twentieth more."""

COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable by which the Prometheus client is told the folder; one that is set already stays."""

Make = Callable[[], Awaitable[ASGIApp]]
"""Makes the application, inside the event loop that serves it."""


def run(make: Make, listener: socket.socket, ready: Callable[[], None] | None = None) -> None:
    """Serves until the process is told to end. Raises what `make` raises."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(make, listener, ready))


async def serve(make: Make, listener: socket.socket, ready: Callable[[], None] | None = None) -> None:
    """The same inside a running event loop."""
    gc.disable()  # a catalog makes hundreds of thousands of values, and next to none of them is garbage
    try:
        app = await make()
        gc.freeze()  # what is there now is walked by no collection any more (performance.md §3)
        gc.set_threshold(*COLLECT_AFTER)
    finally:
        gc.enable()
    server = _Server(
        uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=30,
        ),
        ready,
    )
    await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready, and ends at a signal without dying of it, so that what surrounds it can be closed."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Opens the application and listens."""
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A second signal ends it without waiting for requests."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


def run_workers(target: Callable[..., None], arguments: tuple[Any, ...], workers: int, listener: socket.socket) -> None:
    """Keeps that many processes running `target(*arguments)` until this one is told to end.

    `listener` is closed then, so that whoever asks while the last requests end is refused at once.
    """
    context = multiprocessing.get_context("spawn")
    ending = False

    def end(number: int, frame: object) -> None:
        nonlocal ending
        ending = True

    def start() -> BaseProcess:
        process = context.Process(target=target, args=arguments)
        process.start()
        return process

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    processes = [start() for _ in range(workers)]
    wrong = False
    while not ending or any(process.is_alive() for process in processes):
        if ending:  # also one that was being started when the signal came
            listener.close()
            for process in processes:
                process.terminate()
        for index, process in enumerate(processes):
            process.join(0.2)
            if ending:
                break
            if process.is_alive():
                continue
            if process.exitcode == 2:  # the configuration is wrong: the next one would end likewise
                ending = wrong = True
                break
            logger.error("worker %d ended with code %s and is started again", process.pid, process.exitcode)
            _is_dead(process)
            processes[index] = start()
    if wrong:
        raise SystemExit(2)


@contextmanager
def counting_together() -> Iterator[None]:
    """Workers count into files of one folder, which whichever of them is asked for `/metrics` adds up."""
    if COUNTS in os.environ:
        yield
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="vegraph-metrics-")
    except OSError as problem:
        logger.warning("each worker counts for itself: there is no folder for temporary files (%s)", problem)
        yield
        return
    with folder as path:
        os.environ[COUNTS] = path
        try:
            yield
        finally:
            del os.environ[COUNTS]


def _is_dead(process: BaseProcess) -> None:
    """What it had under way is not counted any more."""
    if COUNTS in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(process.pid)  # type: ignore[no-untyped-call]


def end_with_parent() -> None:
    """Ends this process as a signal would when the one that started it is gone, however that came about."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
