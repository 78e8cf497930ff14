"""A real HTTP server on loopback for the tests of the backend, and the pieces to call it with."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from vegraph.backend.backend import Backend
from vegraph.backend.runner import RequestInfo, Runner
from vegraph.backend.source import SourceSettings
from vegraph.catalog.model import Catalog, EntitySet, EntityType
from vegraph.plan.steps import Read
from vegraph.schema.binding import EntityBinding, PropertyField, SourceBinding
from vegraph.schema.values import Kind, Member, ValueType

EMPTY = Catalog()


@dataclass
class Delegated:
    principal: str = "s:user:1"
    auth: httpx.Auth | None = None
    caller: str = ""


async def nobody(source: str, claims: str | None) -> Delegated:
    return Delegated()


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The app at `http://127.0.0.1:port`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", lifespan="off", access_log=False, ws="none")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # the server has no event to wait for
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


@contextlib.asynccontextmanager
async def backend(url: str, kind: str = "odata", **more: Any) -> AsyncIterator[Backend]:
    made = Backend([SourceSettings(name="s", kind=kind, url=url, catalog=more.pop("catalog", EMPTY), **more)])
    try:
        yield made
    finally:
        await made.aclose()


def runner(made: Backend, delegate: Callable[..., Any] = nobody, seconds: float = 10.0, **info: Any) -> Runner:
    return made.runner(delegate, RequestInfo(deadline=time.monotonic() + seconds, **info))


def value(kind: Kind, edm: str = "", **more: Any) -> ValueType:
    return ValueType(kind=kind, edm=edm or f"Edm.{kind.value}", **more)


def member(wire: str, kind: Kind = Kind.STRING, *, key: bool = False, **more: Any) -> Member:
    return Member(field=wire, wire=wire, value=value(kind, **more), key=key)


def entity(
    *members: Member,
    name: str = "Thing",
    set_: EntitySet | None = None,
    company: str | None = None,
    kind: str = "odata",
) -> EntityBinding:
    keys = tuple(m.wire for m in members if m.key)
    source = SourceBinding(name="s", kind=kind, prefix="", catalog=EMPTY)  # type: ignore[arg-type]
    return EntityBinding(
        source=source,
        graph_name=name,
        type=EntityType(name=f"NS.{name}", key=keys),
        sets=(set_ or EntitySet(name=f"{name}s", type=f"NS.{name}"),),
        company=company,
        load=lambda _: {m.field: PropertyField(member=m) for m in members},
    )


THING = entity(member("id", Kind.INT, edm="Edm.Int32", key=True), member("name"))
THINGS = THING.sets[0]


def read_things(**more: Any) -> Read:
    return Read(source="s", set=THINGS, entity=THING, **{"select": ("id", "name"), **more})


@dataclass
class Script:
    """An ASGI app that answers from a list, and keeps what it was asked."""

    answers: list[Callable[..., Any]]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        target = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self.asked.append((scope["method"], target, headers, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await answer(scope, receive, send)


def json_answer(body: bytes | str, status: int = 200, **headers: str) -> Callable[..., Any]:
    content = body.encode() if isinstance(body, str) else body

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        given = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        pairs = [(k.encode(), v.encode()) for k, v in given.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    return answer
