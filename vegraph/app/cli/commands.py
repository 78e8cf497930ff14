"""The commands as Typer knows them."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from vegraph import __version__
from vegraph.app.cli.output import print_text

__all__ = ["app"]

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
