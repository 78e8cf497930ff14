"""A small graph to try the HTTP side with: a strawberry schema, and doors that know two people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import strawberry
from graphql import GraphQLSchema
from starlette.applications import Starlette
from strawberry.schema import BaseSchema

from vegraph.app.execution import Executor, SchemaExecutor
from vegraph.app.http.asgi import Endpoint, application
from vegraph.app.http.serving import Asked, Serving
from vegraph.app.settings import Settings, parse
from vegraph.errors import BackendUnavailable, Unauthenticated
from vegraph.identity.user import Caller

PEM = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo
4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u
+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyeh
kd3qqGElvW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ
0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdg
cKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbc
mwIDAQAB
-----END PUBLIC KEY-----
"""
"""Some public key."""

ODATA = '[sources.shop]\nkind = "odata"\nurl = "https://shop.example/odata"\n'


@strawberry.type
class Shelf:
    """Goes on for ever."""

    name: str = "shelf"

    @strawberry.field
    def below(self) -> Shelf:
        return Shelf()


@strawberry.input
class Wanted:
    number: int
    words: list[str] | None = None


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def shelf(self) -> Shelf:
        return Shelf()

    @strawberry.field
    def who(self, info: strawberry.Info) -> str:
        asked: Asked = info.context
        return f"{asked.caller.name} {asked.request_id} {asked.language}"

    @strawberry.field
    def echo(self, wanted: Wanted) -> int:
        return wanted.number

    @strawberry.field
    def down(self) -> str | None:
        raise BackendUnavailable("shop does not answer.", source="shop", retry_after=3)

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("password=hunter2")

    @strawberry.field
    async def slow(self, seconds: float) -> str:
        TRACE.started.set()
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            TRACE.cancelled.set()
            raise
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def shout(self, text: str) -> str:
        return text.upper()


@dataclass
class Trace:
    """What the slow field went through."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)


TRACE = Trace()


class Toy:
    """A `Graph`."""

    def __init__(self) -> None:
        schema = strawberry.Schema(Query, Mutation)
        self.server: BaseSchema = schema
        self.core: GraphQLSchema = schema._schema
        self.executor: Executor = SchemaExecutor(self.core)

    @asynccontextmanager
    async def context(self, asked: Asked) -> AsyncIterator[Any]:
        yield asked


async def admit(authorization: Sequence[str]) -> Caller:
    """Lets in `Bearer mary` and `Bearer carl`."""
    token = (authorization[0] if authorization else "").removeprefix("Bearer ")
    if token not in {"mary", "carl"}:
        raise Unauthenticated("Sign in first.", challenge='Bearer realm="toy"')
    return Caller(door="toy", kind="person", name=token)


async def anybody(authorization: Sequence[str]) -> Caller:
    """Asks nobody's name."""
    return Caller(door="toy", kind="anonymous", name="anybody")


def settings(more: str = "", *, server: str = "", limits: str = "") -> Settings:
    """Settings with one source, and what a test wants besides."""
    text = f"[server]\n{server}\n[limits]\n{limits}\n{ODATA}{more}"
    return parse(text, Path("vegraph.toml"), {})


def toy_app(given: Settings | None = None, *, door: Any = admit) -> Starlette:
    """The toy at /graphql."""
    TRACE.__init__()  # type: ignore[misc]
    given = given or settings()
    serving = Serving(Toy(), given.limits, introspection=given.server.introspection)
    endpoint = Endpoint(name="graphql", path="/graphql", serving=serving, admit=door)
    return application(given, [endpoint])


def client(app: Starlette, **headers: str) -> httpx.AsyncClient:
    """Asks the app as mary, without a network."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://toy", headers={"Authorization": "Bearer mary", **headers}
    )
