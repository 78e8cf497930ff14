"""The commands, and how the program ends."""

from __future__ import annotations

from typing import Annotated

import typer

from vegraph import __version__
from vegraph.app.cli import catalog, portal, schema
from vegraph.app.cli.check import check
from vegraph.app.cli.demo import demo
from vegraph.app.cli.emulate import emulate
from vegraph.app.cli.explain import explain
from vegraph.app.cli.output import errors_as_sentences, print_text
from vegraph.app.cli.serve import serve

__all__ = ["app", "main"]

app = typer.Typer(
    name="vegraph",
    help="One live GraphQL graph over ERP data that stays in the ERP, read and written as the delegated user.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(serve)
app.add_typer(catalog.commands, name="catalog")
app.add_typer(schema.commands, name="schema")
app.command()(explain)
app.command()(check)
app.add_typer(portal.commands, name="portal")
app.command()(emulate)


def _version(wanted: bool) -> None:
    if wanted:
        print_text(f"vegraph {__version__}")
        raise typer.Exit


@app.callback()
def _all(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Options that stand before any command."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and ends the program with its exit code."""
    with errors_as_sentences():
        app(arguments, prog_name="vegraph")
