"""Options that several commands share, with one wording each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Config", "Host", "Port"]

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration file.", envvar="VEGRAPH_CONFIG", show_default=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen at, instead of the configured one.")]
Port = Annotated[
    int | None, typer.Option("--port", help="Port to listen at, instead of the configured one.", min=0, max=65535)
]

DEFAULT_CONFIG = Path("vegraph.toml")
