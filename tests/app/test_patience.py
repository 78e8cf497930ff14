"""Work is given up when its deadline has passed or nobody waits for it, and never otherwise."""

import asyncio
from typing import Any

import pytest

from vegraph.app.http import patience
from vegraph.app.http.patience import ClientGone, while_waited_for
from vegraph.app.http.refusals import Refusal


def later() -> float:
    return asyncio.get_running_loop().time() + 60


class Connection:
    """What a server's `receive` gives after the body: nothing, until the client leaves."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.ended.wait()
        return {"type": "http.disconnect"}


class Work:
    """Something that takes until it is told, and notes how it ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.told = asyncio.Event()
        self.ended = ""

    async def __call__(self) -> str:
        self.begun.set()
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "done"
        return "result"


async def test_the_result_comes_through():
    work, connection = Work(), Connection()
    work.told.set()
    assert await while_waited_for(work(), connection.receive, later()) == "result"


async def test_what_the_work_raises_comes_through():
    async def failing() -> None:
        raise LookupError("x")

    with pytest.raises(LookupError):
        await while_waited_for(failing(), Connection().receive, later())


async def test_a_client_that_leaves_ends_the_work():
    work, connection = Work(), Connection()
    waiting = asyncio.ensure_future(while_waited_for(work(), connection.receive, later()))
    await work.begun.wait()
    connection.ended.set()
    with pytest.raises(ClientGone):
        await waiting
    assert work.ended == "cancelled"


async def test_the_deadline_ends_the_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.0)
    work = Work()
    with pytest.raises(Refusal) as caught:
        await while_waited_for(work(), Connection().receive, asyncio.get_running_loop().time())
    assert (caught.value.status, caught.value.code, work.ended) == (504, "TIMEOUT", "cancelled")


async def test_cancelling_from_outside_stays_a_cancellation():
    work = Work()
    waiting = asyncio.ensure_future(while_waited_for(work(), Connection().receive, later()))
    await work.begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.ended == "cancelled"


async def test_a_client_that_leaves_after_the_answer_disturbs_nothing():
    work, connection = Work(), Connection()
    work.told.set()
    connection.ended.set()
    assert await while_waited_for(work(), connection.receive, later()) == "result"
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # whoever heard it has had the time to say so


async def test_a_server_that_cannot_tell_leaves_it_to_the_deadline():
    async def broken() -> dict[str, Any]:
        raise RuntimeError("no connection")

    work = Work()
    waiting = asyncio.ensure_future(while_waited_for(work(), broken, later()))
    await work.begun.wait()
    await asyncio.sleep(0)
    work.told.set()
    assert await waiting == "result"


async def test_work_that_swallows_its_cancellation_still_ends_with_its_result():
    connection = Connection()

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "cleaned up"
        return "never"

    waiting = asyncio.ensure_future(while_waited_for(stubborn(), connection.receive, later()))
    await asyncio.sleep(0)
    connection.ended.set()
    assert await waiting == "cleaned up"
