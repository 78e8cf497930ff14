"""As whom calls would run, found out without anybody asking: for `vegraph check` and `vegraph portal verify`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from vegraph.app.readers import open_readers
from vegraph.app.settings import Settings
from vegraph.identity.assembly import build
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller, RunsAs

__all__ = ["contact", "delegation", "runs_as"]


@asynccontextmanager
async def delegation(settings: Settings) -> AsyncIterator[Delegation]:
    """The configured delegation, with mapping and roles read as a server reads them. Raises ConfigError."""
    readers = open_readers(settings)
    try:
        identity = build(
            doors=settings.identity,
            portals=settings.portals,
            targets={name: source.target for name, source in settings.sources.items()},
            development=settings.server.profile == "development",
            readers=readers.readers,
        )
        try:
            yield identity.delegation
        finally:
            await identity.close()
    finally:
        await readers.close()


async def runs_as(settings: Settings, asked: Iterable[tuple[Caller, str]]) -> list[RunsAs]:
    """As whom each caller's calls to that source would run, or why not. Raises ConfigError."""
    async with delegation(settings) as found:
        return [await found.explain(caller, source) for caller, source in asked]


def contact(portal: str, contact_id: str) -> Caller:
    """A portal's contact as its token would show them."""
    return Caller(door=portal, kind="contact", contact_id=contact_id)
