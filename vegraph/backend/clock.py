"""The clock that gates, breakers and retries go by, so that tests need no waiting."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Protocol

__all__ = ["SYSTEM", "Clock", "SystemClock"]


class Clock(Protocol):
    """Monotonic seconds, waiting, and chance."""

    def now(self) -> float:
        """Seconds; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Waits."""

    def random(self) -> float:
        """Between 0 and 1, for jitter."""


class SystemClock:
    """The real one; `now` is that of the event loop, `time.monotonic`."""

    now = staticmethod(time.monotonic)
    random = staticmethod(random.random)

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


SYSTEM = SystemClock()
