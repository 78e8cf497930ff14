"""`vegraph demo`: everything at once."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from starlette.types import ASGIApp

from vegraph.app import logs
from vegraph.app.cli.output import print_text, say
from vegraph.app.demo.queries import QUERIES
from vegraph.app.ports import listen, url_of
from vegraph.app.running import run

__all__ = ["demo"]

HOST = "127.0.0.1"


def demo(
    port: Annotated[int, typer.Option("--port", help="Port of GraphQL and GraphiQL.", min=0, max=65535)] = 8000,
) -> None:
    """Start both ERPs' emulators with data, sign-in as several people, GraphQL and GraphiQL, on this machine alone."""
    from vegraph.app.demo import start

    logs.configure("text", level=30)  # warnings: a line per request would bury the queries
    listener = listen(HOST, port)
    console = Console(stderr=True, highlight=False)
    with console.status("starting the emulators") as status:

        def note(kind: str, name: str, count: int) -> None:
            status.update(f"starting the emulators: {kind} {name} {count:,}")

        if not console.is_terminal:
            say("starting the emulators; their data takes some seconds")
        begun = start(host=HOST, port=listener.getsockname()[1], progress=note)
    try:

        async def application() -> ASGIApp:
            return (await begun.server()).app

        run(application, listener, lambda: _announce(url_of(listener)))
    finally:
        begun.close()


def _announce(url: str) -> None:
    lines = [
        f"GraphiQL  {url}/graphql",
        f"people    {url}/demo/people",
        f"config    {url}/demo/config",
        "",
        "Three queries to paste into GraphiQL:",
    ]
    for title, query in QUERIES:
        lines += ["", f"# {title}", query]
    print_text("\n".join([*lines, "", "Ctrl-C ends it."]))
