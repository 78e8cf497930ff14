"""`vegraph serve`: the server."""

from __future__ import annotations

from typing import Annotated

import typer

from vegraph.app import starting
from vegraph.app.cli.options import DEFAULT_CONFIG, Config, Host, Port

__all__ = ["serve"]

Workers = Annotated[
    int | None, typer.Option("--workers", help="Processes that share the port.", min=1, max=256, show_default=False)
]


def serve(config: Config = DEFAULT_CONFIG, host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Serve the graph of the configured sources."""
    starting.serve(config, host, port, workers)
