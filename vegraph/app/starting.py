"""From a configuration file to a server that answers: what `vegraph serve` does, without the command line's library.

What takes long is loaded late and side by side: metadata is read, or where that was done before only hashed, while the
server is loaded.
"""

from __future__ import annotations

import socket
from pathlib import Path

from starlette.types import ASGIApp

from vegraph.app import logs
from vegraph.app.cli.output import errors_as_sentences, say
from vegraph.app.ports import listen, url_of
from vegraph.app.settings import Settings, load
from vegraph.catalog import ahead, cache, folder

__all__ = ["serve"]


def serve(config: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serves the graph of the configured sources until told to end. Raises ConfigError."""
    settings = load(config).listening(host=host, port=port, workers=workers)
    _read_ahead(settings)
    from vegraph.app.running import counting_together, run, run_workers

    logs.configure(settings.server.log_format)
    listener = listen(settings.server.host, settings.server.port)
    if settings.server.workers == 1:
        run(lambda: _application(settings), listener, lambda: _announce(settings, listener))
    else:
        for source in settings.sources.values():
            if source.metadata is not None:
                ahead.finish(source.metadata)  # once, before the workers find it
        _announce(settings, listener)
        with counting_together():
            run_workers(_worker, (config, host, port, workers, listener), settings.server.workers, listener)


def _worker(config: Path, host: str | None, port: int | None, workers: int | None, listener: socket.socket) -> None:
    """One of several processes; settings are read again, since secrets are not handed from process to process."""
    with errors_as_sentences():
        settings = load(config).listening(host=host, port=port, workers=workers)
        for source in settings.sources.values():
            if source.metadata is not None:
                folder.hash_ahead(source.metadata)  # it is compiled by now, or cannot be
        from vegraph.app.running import end_with_parent, run

        end_with_parent()
        logs.configure(settings.server.log_format)
        run(lambda: _application(settings), listener)


def _read_ahead(settings: Settings) -> None:
    for source in settings.sources.values():
        if source.metadata is not None:
            where, kept = source.metadata, cache.directory()
            folder.read_ahead(where, name=source.name, language=source.language, cached_in=kept)


async def _application(settings: Settings) -> ASGIApp:
    from vegraph.app.composition import compose
    from vegraph.app.graph import make

    server = await compose(settings, make)
    return server.app


def _announce(settings: Settings, listener: socket.socket) -> None:
    url = url_of(listener)
    say(f"GraphQL   {url}/graphql{'  (GraphiQL in a browser)' if settings.server.graphiql else ''}")
    for name in settings.portals:
        say(f"portal    {url}/portal/{name}/graphql")
    if settings.server.profile == "development":
        say("profile   development: plain http and fixed users are allowed, on this machine only")
