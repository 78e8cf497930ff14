"""The commands, and how the program ends."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Annotated

import typer

from vegraph import __version__
from vegraph.app.cli.output import errors_as_sentences, print_text

__all__ = ["app", "main"]

COMMANDS = ("demo", "serve", "catalog", "schema", "explain", "check", "portal", "emulate")
"""Each in a module of its name: a function of that name, or several as `commands`."""


def app(only: str | None = None) -> typer.Typer:
    """The command line. `only`: the one command that will be called, so that no other need be loaded."""
    found = typer.Typer(
        name="vegraph",
        help="One live GraphQL graph over ERP data that stays in the ERP, read and written as the delegated user.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    found.callback()(_all)
    for name in [only] if only in COMMANDS else COMMANDS:
        module = import_module(f"vegraph.app.cli.{name}")
        if hasattr(module, "commands"):
            found.add_typer(module.commands, name=name)
        else:
            found.command()(getattr(module, name))
    return found


def _version(wanted: bool) -> None:
    if wanted:
        print_text(f"vegraph {__version__}")
        raise typer.Exit


def _all(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Options that stand before any command."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and ends the program with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    with errors_as_sentences():
        gc.disable()  # what is loaded now stays: looking through it again and again is a tenth of a start
        command = app(given[0] if given else None)
        gc.enable()
        command(given, prog_name="vegraph")
