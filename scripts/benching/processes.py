"""Servers to be measured, each in a process of its own under the same uvicorn, uvloop and httptools as vegraph."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any

from starlette.types import ASGIApp

from vegraph.app import logs
from vegraph.app.running import run

__all__ = ["Served", "serve", "start"]


@dataclass(slots=True)
class Served:
    """A server that runs. `told` is what it said of itself when it was ready."""

    url: str
    told: dict[str, Any]
    process: BaseProcess

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self.process.pid is not None
        return self.process.pid

    def peak_mb(self) -> float:
        """Peak resident memory so far; nan where the system does not tell."""
        return self._memory("VmHWM:")

    def memory_mb(self) -> float:
        """Resident memory now."""
        return self._memory("VmRSS:")

    def _memory(self, name: str) -> float:
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return float("nan")
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), float("nan"))

    def cpu_s(self) -> float:
        """Seconds its threads have computed so far."""
        try:
            tasks = Path(f"/proc/{self.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, IndexError, ValueError):
            return float("nan")

    def stop(self) -> None:
        """End it and wait."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(15)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5)

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(target: Callable[..., None], *arguments: Any, patience_s: float = 600) -> Served:
    """Runs `target(line, *arguments)` in a new process and waits until it serves. RuntimeError with what it said."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments))
    process.start()
    there.close()
    try:
        if not here.poll(patience_s):
            raise RuntimeError(f"{target.__module__} did not start within {patience_s:.0f} s.")
        url, told = here.recv()
    except EOFError:
        process.join(5)
        raise RuntimeError(f"{target.__module__} ended before it could serve; what it wrote stands above.") from None
    return Served(url, told, process)


def serve(
    line: multiprocessing.connection.Connection,
    make: Callable[[], Awaitable[ASGIApp]],
    told: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Inside the new process: serves at a free port until terminated, and says over `line` when it is ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends the others
    logs.configure("text", level=30)  # as `vegraph demo` logs
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    run(make, listener, lambda: line.send((url, told())))
