"""An emulator in a process of its own, so that its work does not disturb the server it stands behind."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vegraph.emulator.engine.control import control_app
from vegraph.emulator.running import running

__all__ = ["BUILDERS", "Handle", "start"]

BUILDERS: dict[str, str] = {
    "bc": "vegraph.emulator.server:create_bc",
    "fo": "vegraph.emulator.fo.server:create_fo",
}
"""Kind → function that makes the emulator; it gets the options as keyword arguments."""

Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Handle:
    """A running emulator process."""

    url: str
    """Origin of the service, no slash at its end."""

    control_url: str
    process: multiprocessing.process.BaseProcess
    _line: multiprocessing.connection.Connection

    def stop(self) -> None:
        """End it and wait."""
        if self.process.is_alive():
            try:
                self._line.send("stop")
            except OSError:
                self.process.terminate()
            self.process.join(5)
            if self.process.is_alive():
                self.process.kill()
                self.process.join(5)
        self._line.close()

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    kind: str,
    port: int = 0,
    control_port: int = 0,
    options: dict[str, Any] | None = None,
    *,
    progress: Progress | None = None,
) -> Handle:
    """Start an emulator and wait until it serves. `options` go to its builder and must be picklable; a `seed` option
    names a function (`module:function`) that gives the rows, so that they are made over there.

    RuntimeError with one sentence when it cannot start (port in use, wrong option).
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(
        target=_serve, args=(there, kind, port, control_port, options or {}), name=f"emulator-{kind}", daemon=True
    )
    process.start()
    there.close()
    while True:
        try:
            word, *rest = here.recv()
        except EOFError:
            process.join(5)
            raise RuntimeError(f"The {kind} emulator ended before it could serve.") from None
        if word == "progress" and progress:
            progress(*rest)
        elif word == "failed":
            process.join(5)
            raise RuntimeError(f"The {kind} emulator cannot start: {rest[0]}")
        elif word == "serving":
            return Handle(rest[0], rest[1], process, here)


def _serve(line: Any, kind: str, port: int, control_port: int, options: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        emulator = _build(line, kind, options)
    except Exception as problem:  # whatever it is, the parent says it in one sentence
        line.send(("failed", f"{type(problem).__name__}: {problem}"))
        return
    runner = _new_loop()
    runner.run(_until_told(line, emulator, port, control_port))


def _build(line: Any, kind: str, options: dict[str, Any]) -> Any:
    given = dict(options)
    seed = given.pop("seed", None)
    builder = _named(BUILDERS[kind])
    if seed is not None:
        name, arguments = seed if isinstance(seed, tuple) else (seed, {})
        batches = _named(name)(**arguments)
        given["rows"] = _reported(line, batches)
    return builder(**given)


def _reported(line: Any, batches: Any) -> Any:
    from vegraph.emulator.data.seed import Batch, counted

    for batch in batches:
        rows = counted(batch.set, batch.rows, lambda name, count: line.send(("progress", name, count)))
        yield Batch(batch.set, batch.company, rows)


def _named(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _new_loop() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _until_told(line: Any, emulator: Any, port: int, control_port: int) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            line.recv()
        loop.call_soon_threadsafe(told.set)

    try:
        async with (
            running(emulator.app, port=port) as url,
            running(control_app(emulator.app), port=control_port) as control,
        ):
            threading.Thread(target=listen, daemon=True).start()
            line.send(("serving", url, control))
            await told.wait()
    except OSError as problem:
        line.send(("failed", os.strerror(problem.errno) if problem.errno else str(problem)))
