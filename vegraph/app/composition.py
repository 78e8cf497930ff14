"""One server put together: catalogs, doors, graphs and endpoints, from settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from graphql import OperationDefinitionNode
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from vegraph.app import catalogs as reading
from vegraph.app.administration import Administration
from vegraph.app.catalogs import Catalogs
from vegraph.app.execution import Prepared
from vegraph.app.http.asgi import Endpoint, application
from vegraph.app.http.serving import Graph, Serving
from vegraph.app.http.view import Admit
from vegraph.app.metrics import Metrics
from vegraph.app.readers import open_readers
from vegraph.app.settings import Settings
from vegraph.app.settings.suggest import or_known
from vegraph.errors import BackendError, ConfigError
from vegraph.identity.assembly import Identity, build
from vegraph.identity.config import Portal, Target
from vegraph.identity.delegation import Delegation, Strategy
from vegraph.identity.fixed import Fixed
from vegraph.identity.jose import bad_token
from vegraph.identity.none import Public
from vegraph.identity.user import Caller, anonymous

if TYPE_CHECKING:
    from vegraph.identity.development import DevelopmentIssuer

__all__ = ["PUBLIC", "Explanation", "Graphs", "MakeGraphs", "Server", "WholeGraph", "compose", "described"]

logger = logging.getLogger("vegraph")

PUBLIC = "public"
"""Name of the door where none is configured: everybody may come in, because no source asks who."""

PREPARE_S = 0.2
"""Seconds after the start."""

AGAIN_S = 15.0
"""Seconds until a source that was down at start is asked again."""


class Explanation(Protocol):
    """What a query would do."""

    def text(self) -> str:
        """The plan and the requests, for people."""

    def json(self) -> Any:
        """The same for programs."""


class WholeGraph(Graph, Protocol):
    """A graph that can also be looked at without being served."""

    def sdl(self, *, federation: bool = False) -> str:
        """The schema as text; with federation's directives where asked for."""

    def defects(self) -> Iterable[str]:
        """What of the metadata was skipped: where, why, and what follows, one sentence each."""

    def explain(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Explanation:
        """Plan and requests of one operation; nothing is sent. Raises RequestErrors."""


class Graphs(Protocol):
    """The graphs of one server, and the connections to its sources that they share."""

    def graph(self, catalogs: Catalogs, delegation: Delegation, portal: Portal | None) -> WholeGraph:
        """The graph of `/graphql`, or of a portal. Raises ConfigError, CatalogError."""

    def states(self) -> Mapping[str, str]:
        """Source → `up`, `down` or `unknown`, from what calls met lately."""

    async def close(self) -> None:
        """Ends all connections."""

    def prepare(self) -> None:
        """Does what the first requests would have to do. Safe in another thread."""

    async def retire(self, served: Catalogs, after_s: float) -> None:
        """Closes, after that time, what only catalogs served before needed."""

    administration: Administration | None
    """How graphs already served are changed; set by `compose`."""


MakeGraphs = Callable[[Settings, Metrics], Graphs]


@dataclass(kw_only=True)
class Server:
    """What `compose` puts together; `app` is what is served."""

    settings: Settings
    catalogs: Catalogs
    identity: Identity
    graphs: Graphs
    metrics: Metrics
    app: Starlette = field(init=False)
    _retiring: set[asyncio.Task[None]] = field(default_factory=set)

    def serving(self, portal: Portal | None, catalogs: Catalogs) -> Serving:
        """The graph of one endpoint with its caches."""
        open_to_all = portal is None and not self.settings.identity
        delegation = _for_everybody(self.settings) if open_to_all else self.identity.delegation
        graph = self.graphs.graph(catalogs, delegation, portal)
        return Serving(graph, self.settings.limits, introspection=self.settings.server.introspection)

    async def swap(self, catalogs: Catalogs) -> None:
        """Serves other catalogs from now on; requests under way end with those they began with.

        Raises ConfigError, and then nothing has changed.
        """
        made = await asyncio.to_thread(
            lambda: {name: self.serving(portal, catalogs) for name, portal in _places(self.settings)}
        )
        self.catalogs = catalogs
        for name, serving in made.items():
            self.app.state.views[name].serving = serving
        retiring = asyncio.create_task(self.graphs.retire(catalogs, self.settings.limits.deadline_s + 5.0))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """Ends what it does on the side, and all connections."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await self.graphs.close()


async def compose(
    settings: Settings,
    make: MakeGraphs,
    *,
    issuer: DevelopmentIssuer | None = None,
    more: Sequence[BaseRoute] = (),
    demo: str | None = None,
) -> Server:
    """The server, ready to be served. Raises ConfigError."""
    catalogs = await reading.read(settings)
    metrics = Metrics()
    readers = open_readers(settings, issuer)
    server = Server(
        settings=settings,
        catalogs=catalogs,
        identity=build(
            doors=settings.identity,
            portals=settings.portals,
            targets=_targets(settings),
            development=settings.server.profile == "development",
            issuer=issuer,
            readers=readers.readers,
        ),
        graphs=make(settings, metrics),
        metrics=metrics,
    )
    server.graphs.administration = Administration(
        settings=settings,
        current=lambda: server.catalogs,
        served=lambda: server.app.state.views["graphql"].serving.graph,
        swap=server.swap,
    )

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(server.identity.run()),
            asyncio.create_task(_ask_again(server)),
            asyncio.create_task(_prepare(server)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.close()
            await server.identity.close()
            await readers.close()

    server.app = application(
        settings,
        [_endpoint(server, name, portal) for name, portal in _places(settings)],
        metrics=metrics,
        states=lambda: {**server.graphs.states(), **dict.fromkeys(server.catalogs.missing, "down")},
        lifespan=opened,
        more=more,
        demo=demo,
    )
    return server


async def described(settings: Settings, make: MakeGraphs, portal: str | None = None) -> WholeGraph:
    """The graph of one endpoint, to be looked at. Raises ConfigError."""
    if portal is not None and portal not in settings.portals:
        raise ConfigError(f"there is no portal '{portal}'.{or_known(portal, settings.portals)}")
    graphs = make(settings, Metrics())
    try:
        catalogs = await reading.read(settings)
        return graphs.graph(catalogs, Delegation({}), settings.portals[portal] if portal else None)
    finally:
        await graphs.close()


def _places(settings: Settings) -> list[tuple[str, Portal | None]]:
    return [("graphql", None), *settings.portals.items()]


def _endpoint(server: Server, name: str, portal: Portal | None) -> Endpoint:
    path = "/graphql" if portal is None else f"/portal/{name}/graphql"
    return Endpoint(name=name, path=path, serving=server.serving(portal, server.catalogs), admit=_door(server, portal))


def _door(server: Server, portal: Portal | None) -> Admit:
    doors = server.identity.doors
    if portal is not None:
        name = portal.name

        async def contact(authorization: Sequence[str]) -> Caller:
            return await doors.portal(name, authorization)

        return contact
    return doors.person if server.settings.identity else _everybody


async def _everybody(authorization: Sequence[str]) -> Caller:
    """The door where none is configured. A token is refused: there is nobody to check it with (I3)."""
    if authorization:
        raise bad_token("nobody can sign in here, so send none")
    return anonymous(PUBLIC)


def _for_everybody(settings: Settings) -> Delegation:
    """As whom calls run where nobody signs in: without a credential, or as the fixed user of development."""
    development = settings.server.profile == "development"
    found: dict[tuple[str, str], Strategy] = {}
    for name, target in _targets(settings).items():
        if target.delegation == "none":
            found[PUBLIC, name] = Public(target)
        elif target.delegation == "fixed":
            found[PUBLIC, name] = Fixed(target, development=development)
    return Delegation(found)


def _targets(settings: Settings) -> dict[str, Target]:
    return {name: source.target for name, source in settings.sources.items()}


async def _prepare(server: Server) -> None:
    """Makes what the first requests need, once the server listens: names of root fields, connections to sources."""
    await asyncio.sleep(PREPARE_S)
    for view in server.app.state.views.values():
        await asyncio.to_thread(view.serving.prepare)
    await asyncio.to_thread(server.graphs.prepare)


async def _ask_again(server: Server) -> None:
    """Asks sources that were down at start until they answer, and then shows what is theirs."""
    for name, why in server.catalogs.missing.items():
        logger.warning("sources.%s is left out for now: %s", name, why)
    while server.catalogs.missing:
        await asyncio.sleep(AGAIN_S)
        for name in tuple(server.catalogs.missing):
            with suppress(BackendError):
                await _join(server, name)


async def _join(server: Server, name: str) -> None:
    administration = server.graphs.administration
    try:
        if administration is not None:
            await administration.join(name)
    except ConfigError as problem:
        logger.error("sources.%s answered, and cannot be served: %s", name, problem)
        return
    logger.info("sources.%s is served from now on", name)
