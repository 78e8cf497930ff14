"""`vegraph explain`: what a query would do, without doing it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import anyio
import orjson
import typer

from vegraph.app.cli.options import DEFAULT_CONFIG, AsJson, Config
from vegraph.app.cli.output import complain, print_json, print_text, progress
from vegraph.app.composition import described
from vegraph.app.documents import Documents
from vegraph.app.execution import RequestErrors
from vegraph.app.settings import load
from vegraph.errors import ConfigError

__all__ = ["explain"]


def explain(
    query: Annotated[Path, typer.Argument(metavar="QUERY.graphql", help="The document; - reads standard input.")],
    config: Config = DEFAULT_CONFIG,
    variables: Annotated[str, typer.Option("--variables", help="JSON object of variables.")] = "{}",
    operation: Annotated[str | None, typer.Option("--operation", help="Which operation of the document.")] = None,
    portal: Annotated[str | None, typer.Option("--portal", help="In the graph of that portal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a query's plan and its OData requests, sending nothing. Exit code 1: the query is not valid; with --json
    its errors are printed as a GraphQL response has them."""
    settings = load(config)
    text = _text(query)
    values = _values(variables)
    from vegraph.app.graph import make

    with progress("building the graph"):
        graph = anyio.run(described, settings, make, portal)
    try:
        prepared = Documents(graph.core, settings.limits, introspection=True).prepare(text)
        explanation = graph.explain(prepared, prepared.operation(operation), values)
    except RequestErrors as problem:
        for error in problem.errors:
            complain(str(error))
        if as_json:
            print_json({"errors": [e.formatted | {"extensions": {"code": problem.code}} for e in problem.errors]})
        raise typer.Exit(1) from None
    if as_json:
        print_json(explanation.json())
    else:
        print_text(explanation.text())


def _text(query: Path) -> str:
    try:
        return sys.stdin.read() if str(query) == "-" else query.read_text("utf-8")
    except OSError as problem:
        raise ConfigError(f"{query}: cannot be read ({problem.strerror}).") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{query}: is not UTF-8 text.") from None


def _values(variables: str) -> dict[str, Any]:
    try:
        found = orjson.loads(variables)
    except orjson.JSONDecodeError:
        raise ConfigError("--variables is not JSON.") from None
    if not isinstance(found, dict):
        raise ConfigError('--variables must be a JSON object, such as {"first": 10}.')
    return found
