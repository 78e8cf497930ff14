"""How long a request is worked on: until its deadline, and no longer than its client waits (identity.md §7.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from starlette.types import Receive

from vegraph.app.http.refusals import Refusal

__all__ = ["ClientGone", "Pace", "while_waited_for"]

T = TypeVar("T")

LISTEN_S = 0.02
"""Seconds until somebody listens whether the client leaves: most answers are there before, and listening costs."""
GRACE_S = 1.0
"""Seconds after the deadline until the whole is given up: the calls themselves end at it, and say so by path."""


SLOWEST = 16 * 1024
"""Bytes a second of a stream; who is slower for long keeps a place at the ERP from others."""


class Pace:
    """How long a stream from or to a client may take: the deadline, and a second more for each `SLOWEST` bytes."""

    def __init__(self, deadline_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline_s = deadline_s
        self._until = self._loop.time() + deadline_s

    def limit(self) -> asyncio.Timeout:
        """Around the wait for the next part. Raises TimeoutError."""
        return asyncio.timeout_at(min(self._until, self._loop.time() + self._deadline_s))

    def passed(self, size: int) -> None:
        """So many bytes have come, or gone."""
        self._until += size / SLOWEST


class ClientGone(Exception):
    """The client left before its answer; there is nobody to answer."""


async def while_waited_for(work: Awaitable[T], receive: Receive, deadline: float) -> T:
    """The work's result. Cancels it when the client leaves (ClientGone) or the time is up (Refusal, TIMEOUT).

    `deadline` is in the event loop's time. The request's body must have been read: what `receive` gives next is the
    end of the connection.
    """
    loop = asyncio.get_running_loop()
    watch = _Watch(cast("asyncio.Task[object]", asyncio.current_task()))
    watch.timer = loop.call_later(LISTEN_S, watch.begin, receive, deadline + GRACE_S)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.why is None or watch.task.uncancel() > 0:
            raise
        if watch.why == "gone":
            raise ClientGone from None
        message = "The request was not answered within its deadline and was given up."
        raise Refusal(504, message, code="TIMEOUT") from None
    finally:
        watch.end()


class _Watch:
    """Cancels one task, once, while it is at the work that is watched."""

    def __init__(self, task: asyncio.Task[object]) -> None:
        self.task = task
        self.why: str | None = None
        self.over = False
        self.timer: asyncio.TimerHandle | None = None
        self.listening: asyncio.Task[None] | None = None

    def begin(self, receive: Receive, until: float) -> None:
        """Listens from now on, until that time of the loop at most."""
        loop = self.task.get_loop()
        self.timer = loop.call_at(until, self.give_up, "late")
        self.listening = loop.create_task(_disconnected(receive))
        self.listening.add_done_callback(self.heard)

    def end(self) -> None:
        """The work is over, one way or another."""
        self.over = True
        if self.timer is not None:
            self.timer.cancel()
        if self.listening is not None:
            self.listening.cancel()

    def give_up(self, why: str) -> None:
        """The work is of no use any more."""
        if not self.over and self.why is None:
            self.why = why
            self.task.cancel()

    def heard(self, listening: asyncio.Task[None]) -> None:
        """The connection ended; a server that cannot tell leaves it to the deadline."""
        if not listening.cancelled() and listening.exception() is None:
            self.give_up("gone")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
