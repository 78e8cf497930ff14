"""How long a request is worked on: until its deadline, and no longer than its client waits (identity.md §7.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from vegraph.app.http.refusals import Refusal

__all__ = ["ClientGone", "while_waited_for"]

T = TypeVar("T")

GRACE_S = 1.0
"""Seconds after the deadline until the whole is given up: the calls themselves end at it, and say so by path."""


class ClientGone(Exception):
    """The client left before its answer; there is nobody to answer."""


async def while_waited_for(work: Coroutine[Any, Any, T], receive: Receive, deadline: float) -> T:
    """The work's result. Cancels it when the client leaves (ClientGone) or the time is up (Refusal, TIMEOUT).

    `deadline` is in the event loop's time.
    The request's body must have been read: what `receive` gives next is the end of the connection.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        timeout = deadline + GRACE_S - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait((task, gone), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            return task.result()
        if gone in done:
            raise ClientGone
        message = "The request was not answered within its deadline and was given up."
        raise Refusal(504, message, code="TIMEOUT")
    finally:
        await _end(task, gone)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(*tasks: Awaitable[Any]) -> None:
    """Cancels what is still running, and waits until it has cleaned up."""
    running = [task for task in tasks if isinstance(task, asyncio.Future) and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.gather(*running, return_exceptions=True)
