"""Documents that are not compiled yet are compiled in processes of their own, while a server still loads itself.

A large $metadata takes a second or two to read: so it is read on another core, and the server keeps nothing of it but
what it looks up. Whatever becomes of such a process, the server only finds a compiled catalog afterwards, or none: then
it reads the document itself, and says what is wrong with it.
"""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from vegraph.catalog.python import environment, module

__all__ = ["LARGE", "PATIENCE_S", "begin", "finish"]

LARGE = 4 * 2**20
"""Bytes of documents, once unpacked, from which on a process of its own pays: it takes 0.15 s to start."""

PATIENCE_S = 120.0
"""Seconds until a process is given up; the largest document that is taken needs a tenth of it."""

_log = logging.getLogger("vegraph")
_begun: dict[Path, Thread] = {}


def begin(path: Path, *, name: str, language: str, compiled: Callable[[], Path]) -> None:
    """Begins to compile what lies at `path`; `compiled` tells, in a thread, the file that is there once it is done.
    Without effect where that file is there already or cannot be written, or is begun: two sources may have one file."""
    if path in _begun:
        return

    def work() -> None:
        try:
            target = compiled()
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() and os.access(target.parent, os.W_OK):
                _run([str(path), name, language, str(target)])
        except OSError as problem:  # the reader says what is wrong, if it is about the document
            _log.debug("%s: not compiled ahead (%s)", name, problem)

    thread = _begun[path] = Thread(target=work, daemon=True)
    thread.start()


def finish(path: Path) -> None:
    """Waits until what was begun there is over, however it ended."""
    thread = _begun.pop(path, None)
    if thread is not None:
        thread.join(PATIENCE_S + 5.0)


def _run(arguments: list[str]) -> None:
    with subprocess.Popen(  # noqa: S603  # this interpreter, this package
        module("vegraph.catalog.compiling", *arguments),
        env=environment(),
        stdin=subprocess.PIPE,  # closed when this process ends, in whatever way: then that one ends too
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
