"""How the program begins and ends."""

from __future__ import annotations

import gc
import sys

from vegraph.app.cli.output import errors_as_sentences
from vegraph.app.cli.plain import serving

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and ends the program with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    with errors_as_sentences():
        gc.disable()  # what is loaded now stays: looking through it again and again is a tenth of a start
        if (options := serving(given)) is not None:
            from vegraph.app import starting

            starting.serve(**options)
            raise SystemExit(0)
        from vegraph.app.cli.commands import app

        command = app(given[0] if given else None)
        gc.enable()
        command(given, prog_name="vegraph")
