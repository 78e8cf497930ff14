"""The ASGI application: GraphQL endpoints, GraphiQL, health, and what surrounds them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vegraph.app.faults import MASKED
from vegraph.app.http import answer, graphiql, health
from vegraph.app.http.guard import ASKED_FIRST
from vegraph.app.http.headers import SafeHeaders
from vegraph.app.http.media import Media
from vegraph.app.http.negotiation import JSON
from vegraph.app.http.persisted import Persisted, read_trusted
from vegraph.app.http.refusals import Refusal, wrong_method
from vegraph.app.http.request_id import HEADER, request_id
from vegraph.app.http.serving import Serving
from vegraph.app.http.view import Admit, View
from vegraph.app.metrics import Metrics
from vegraph.app.settings import Settings

__all__ = ["Endpoint", "Lifespan", "application"]

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
"""What is to be opened at start and closed at the end: connections, key refresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path that GraphQL is spoken at."""

    name: str
    """For logs and metrics: `graphql`, or the portal's name."""
    path: str
    serving: Serving
    admit: Admit


def application(
    settings: Settings,
    endpoints: Sequence[Endpoint],
    *,
    metrics: Metrics | None = None,
    states: health.States = dict,
    lifespan: Lifespan | None = None,
    more: Sequence[BaseRoute] = (),
    demo: str | None = None,
) -> Starlette:
    """The whole application; its `state.views` holds the View of each endpoint by name.

    `demo`: the query that GraphiQL opens with in the demo, where it also lists people to ask as.

    Raises ConfigError when the trusted documents cannot be read.
    """
    metrics = metrics or Metrics()
    views = {endpoint.name: _view(settings, endpoint, metrics, demo=demo) for endpoint in endpoints}
    routes: list[BaseRoute] = [
        *(Route(endpoint.path, views[endpoint.name]) for endpoint in endpoints),
        *(Route(_media_path(endpoint), _media(endpoint, views, metrics)) for endpoint in endpoints),
        *health.routes(states, metrics),
        *(graphiql.routes() if settings.server.graphiql else ()),
        *more,
    ]

    @asynccontextmanager
    async def opened(_: Starlette) -> AsyncIterator[None]:
        if lifespan is None:
            yield
        else:
            async with lifespan():
                yield

    app = Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders), *_cors(settings.server.cors_origins)],
        exception_handlers={HTTPException: _not_found, Exception: _unexpected},
        lifespan=opened,
    )
    app.router.redirect_slashes = False  # it would repeat the Host header to the client (graphql.md §6)
    app.state.views = views
    return app


def _view(settings: Settings, endpoint: Endpoint, metrics: Metrics, *, demo: str | None) -> View:
    server = settings.server
    return View(
        endpoint.serving,
        name=endpoint.name,
        admit=endpoint.admit,
        persisted=Persisted(
            read_trusted(server.trusted_documents),
            only_trusted=server.only_trusted_documents,
            max_bytes=settings.limits.persisted_bytes,
        ),
        metrics=metrics,
        page=graphiql.page(endpoint.path, demo=demo is not None, query=demo or graphiql.WELCOME)
        if server.graphiql
        else None,
        queries_by_get=server.queries_by_get,
    )


def _media_path(endpoint: Endpoint) -> str:
    """Beside the endpoint: `/media/…`, `/portal/<name>/media/…`."""
    return endpoint.path.removesuffix("graphql") + "media/{id}/{field}"


def _media(endpoint: Endpoint, views: Mapping[str, View], metrics: Metrics) -> Media:
    return Media(views[endpoint.name], name=endpoint.name, admit=endpoint.admit, metrics=metrics)


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Pages of exactly these origins may ask; never with cookies, which nothing here reads."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "HEAD", "POST", "PUT"],
            allow_headers=["Content-Type", HEADER, "If-Match", "Range", *ASKED_FIRST],
            expose_headers=[HEADER, "Retry-After", "WWW-Authenticate", "ETag", "Content-Range"],
            max_age=3600,
        )
    ]


async def _not_found(request: Request, problem: Exception) -> Response:
    """Starlette's own refusals, in the one shape that clients can read."""
    assert isinstance(problem, HTTPException)  # noqa: S101  # registered for it
    match problem.status_code:
        case 404:
            refusal = Refusal(404, "There is nothing at this path.", code="NOT_FOUND")
        case 405:
            allowed = (problem.headers or {}).get("Allow", "")
            refusal = wrong_method(f"Ask with {allowed}.", allowed)
        case status:
            refusal = Refusal(status, f"{problem.detail}.")
    return answer.refused(refusal, JSON, request_id(request.headers.get(HEADER))).response()


async def _unexpected(request: Request, problem: Exception) -> Response:
    """Starlette logs it with its trace; the client learns nothing but its name."""
    errors = [GraphQLError(MASKED)]
    refusal = Refusal(500, errors[0].message, code="INTERNAL_SERVER_ERROR")
    return answer.refused(refusal, JSON, request_id(request.headers.get(HEADER))).response()
