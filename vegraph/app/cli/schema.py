"""`vegraph schema …`: the graph as text, and whether a change breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import anyio
import typer
from graphql import GraphQLSyntaxError, build_schema, find_breaking_changes

from vegraph.app.cli.options import DEFAULT_CONFIG, AsJson, Config
from vegraph.app.cli.output import print_json, print_table, print_text, progress, say
from vegraph.app.composition import WholeGraph, described
from vegraph.app.settings import load
from vegraph.errors import ConfigError

__all__ = ["commands"]

commands = typer.Typer(no_args_is_help=True, help="The graph as text, and whether a change breaks it.")

PortalName = Annotated[str | None, typer.Option("--portal", help="The graph of that portal, instead of /graphql.")]


@commands.command(name="print")
def print_(
    config: Config = DEFAULT_CONFIG,
    portal: PortalName = None,
    federation: Annotated[bool, typer.Option("--federation", help="With the directives of Apollo Federation.")] = False,
) -> None:
    """Print the schema in GraphQL's own language; beside it (standard error), what of the metadata was skipped."""
    graph = _graph(config, portal)
    print_text(graph.sdl(federation=federation))
    for defect in graph.defects():
        say(defect)


@commands.command()
def check(
    printed: Annotated[Path, typer.Argument(metavar="PRINTED.graphql", help="What `schema print` gave earlier.")],
    config: Config = DEFAULT_CONFIG,
    portal: PortalName = None,
    as_json: AsJson = False,
) -> None:
    """Compare the graph with one printed earlier. Exit code 1: clients of that one would break."""
    try:
        old = build_schema(printed.read_text("utf-8"), assume_valid=True)
    except OSError as problem:
        raise ConfigError(f"{printed}: cannot be read ({problem.strerror}).") from None
    except (GraphQLSyntaxError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{printed}: is not a GraphQL schema ({str(problem).splitlines()[0]}).") from None
    new = build_schema(_graph(config, portal).sdl(), assume_valid=True)
    changes = [(change.type.name, change.description) for change in find_breaking_changes(old, new)]
    if as_json:
        print_json([{"change": kind, "description": text} for kind, text in changes])
    elif changes:
        print_table(("change", "what"), changes)
    else:
        say(f"Nothing that {printed} promises is broken.")
    if changes:
        raise typer.Exit(1)


def _graph(config: Path, portal: str | None) -> WholeGraph:
    from vegraph.app.graph import make

    settings = load(config)
    with progress("building the graph"):
        return anyio.run(described, settings, make, portal)
