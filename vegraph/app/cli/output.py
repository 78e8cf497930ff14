"""What commands print: results to standard output, everything about them to standard error, and never a trace."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson

from vegraph.errors import VegraphError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

__all__ = ["Steps", "complain", "errors_as_sentences", "print_json", "print_table", "print_text", "progress", "say"]

TRACE = "VEGRAPH_TRACE"
"""Environment variable that shows the trace of an unexpected error."""
INTERRUPTED = 128 + signal.SIGINT
"""Exit code, as shells give it."""
WIDEST = 100_000
"""Characters of a line that no terminal has to hold."""


def _err() -> Console:
    from rich.console import Console  # a server that starts has nothing to draw

    return Console(stderr=True, highlight=False, soft_wrap=True)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def print_text(text: str) -> None:
    """A result as it is."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def print_json(value: object) -> None:
    """A result for programs."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A result for people: a table as narrow as the terminal, and as wide as it needs where there is none."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")  # half a name is none
    for row in rows:
        table.add_row(*(_escape(str(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, console.measure(table, options=console.options.update(width=WIDEST)).maximum)
    console.print(table)


def say(text: str) -> None:
    """Something about what is being done."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """What is wrong, and what to do."""
    _err().print(f"[bold red]error:[/] {_escape(text)}")


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Shows that something takes time, where a person is watching."""
    console = _err()
    if console.is_terminal:
        with console.status(_escape(text)):
            yield
    else:
        say(text)
        yield


class Steps:
    """Says each step of something that takes time, and within a step, to a person watching, how far it is."""

    def __init__(self) -> None:
        self._console = _err()
        self._status: Status | None = None

    def __enter__(self) -> Steps:
        if self._console.is_terminal:
            self._status = self._console.status("")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def step(self, text: str) -> None:
        """Something new begins, or was left out."""
        self._console.print(_escape(text))
        self.part(text)

    def part(self, text: str) -> None:
        """How far it is."""
        if self._status is not None:
            self._status.update(_escape(text))


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Ends the program with exit code 2 and a sentence where something goes wrong, and at Ctrl-C without a word."""
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except VegraphError as problem:
        complain(str(problem))
        raise SystemExit(2) from None
    except Exception as problem:
        if os.environ.get(TRACE):
            traceback.print_exc()
        reason = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
        complain(f"Something unexpected happened ({reason}). Set {TRACE}=1 and run it again to see where.")
        raise SystemExit(2) from None
