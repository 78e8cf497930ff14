"""All sources of the process, and the way to a runner for one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from vegraph.backend.clock import SYSTEM, Clock
from vegraph.backend.runner import Delegate, RequestInfo, Runner
from vegraph.backend.source import Source, SourceSettings
from vegraph.backend.transport import Noted

__all__ = ["Backend"]

if TYPE_CHECKING:
    from vegraph.backend.dialects import BaseDialect
    from vegraph.plan import steps

    def _fits(runner: Runner, dialect: BaseDialect) -> tuple[steps.Runner, steps.Dialect]:
        return runner, dialect


class Backend:
    """Made once, at start; holds connections, gates and breakers. It never knows a credential."""

    def __init__(
        self,
        sources: Iterable[SourceSettings | Source],
        *,
        clock: Clock = SYSTEM,
        note: Callable[[Noted], None] | None = None,
    ) -> None:
        self.sources = {
            each.name: each if isinstance(each, Source) else Source(each, clock=clock, note=note) for each in sources
        }

    def runner(self, delegate: Delegate, request: RequestInfo) -> Runner:
        """The runner of one request: its delegated users, its deadline."""
        return Runner(self.sources, delegate, request)

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(source.aclose() for source in self.sources.values()))
