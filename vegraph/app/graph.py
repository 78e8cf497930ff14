"""The graphs of one server: catalog, schema, plan and backend put together, once per process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode
from strawberry.schema import BaseSchema

from vegraph.app.administration import Administration
from vegraph.app.catalogs import Catalogs
from vegraph.app.composition import Explanation
from vegraph.app.delegations import Delegations
from vegraph.app.desk import AppDesk
from vegraph.app.execution import Executor, Prepared, RequestErrors
from vegraph.app.http.serving import Asked
from vegraph.app.media import MediaAccess
from vegraph.app.metrics import Metrics
from vegraph.app.portal_rules import PortalRules, shown_sets, somebody
from vegraph.app.settings import Settings
from vegraph.app.settings.limits import Limits
from vegraph.backend.backend import Backend
from vegraph.backend.explain import Recorder
from vegraph.backend.media import MOST
from vegraph.backend.runner import RequestInfo, Runner
from vegraph.backend.source import Source as BackendSource
from vegraph.backend.source import SourceSettings
from vegraph.backend.transport import Noted
from vegraph.catalog.model import Catalog
from vegraph.identity.config import Portal
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller
from vegraph.plan import engine, paging
from vegraph.plan.explain import explain
from vegraph.plan.operation import Planner, VariableErrors
from vegraph.plan.passes import Scene
from vegraph.plan.steps import Dialect
from vegraph.schema.binding import EntityBinding, SourceBinding
from vegraph.schema.build import SchemaGraph, SourceInput, build
from vegraph.schema.hand_written import strawberry_schema
from vegraph.schema.printing import print_sdl

__all__ = ["make"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What one request brings to execution and to hand-written resolvers."""

    scope: engine.Scope
    desk: AppDesk


@dataclass(frozen=True, slots=True)
class PlanExecutor:
    """Runs operations through the planner."""

    planner: Planner

    async def execute(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any], context: Context
    ) -> bytes | ExecutionResult:
        """The whole response, or a result whose errors are still to be written. Raises RequestErrors."""
        try:
            scope = replace(context.scope, context=context)
            return await self.planner.execute(prepared.document, operation, variables, scope, prepared.memo)
        except VariableErrors as problem:
            raise RequestErrors(problem.errors, "BAD_USER_INPUT") from None


class PlannedGraph:
    """One graph: what `composition` serves at one path."""

    def __init__(
        self,
        schema: SchemaGraph,
        backend: Backend,
        dialects: Mapping[str, Dialect],
        catalogs: Catalogs,
        delegation: Delegation,
        rules: PortalRules | None,
        limits: Limits,
        media_path: str,
        administration: Administration | None,
        administrators: tuple[str, ...],
    ) -> None:
        self._schema = schema
        self._backend = backend
        self._catalogs = catalogs
        self._delegation = delegation
        self._rules = rules
        self._administration = administration
        self._administrators = frozenset(administrators)
        self._only = None
        if rules is not None:
            self._only = frozenset((s, name) for (s, _), names in rules.sets.items() for name in names)
        self._limits = paging.Limits(
            default_first=limits.default_first,
            max_first=limits.max_first,
            scan_rows=limits.scan_rows,
            max_cost=limits.max_cost,
        )
        scene = Scene(dialects.__getitem__, rules.restricted if rules is not None else _unrestricted)
        self.planner = Planner(schema, scene, media_path)
        self.executor: Executor = PlanExecutor(self.planner)

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core has it."""
        return self._schema.schema

    @property
    def bindings(self) -> SchemaGraph:
        """What stands behind the names of the schema."""
        return self._schema

    @cached_property
    def server(self) -> BaseSchema:
        """The schema as strawberry has it."""
        return strawberry_schema(self._schema.schema)

    def sdl(self, *, federation: bool = False) -> str:
        """The schema as text."""
        return print_sdl(self._schema, federation=federation)

    def defects(self) -> Iterator[str]:
        """What of the metadata was skipped."""
        for name, catalog in self._catalogs.read.items():
            for defect in catalog.defects:
                yield f"{name}: {defect.place}: {defect.problem}; {defect.consequence}."

    def explain(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Explanation:
        """Plan and requests of one operation; nothing is sent. Not for use inside an event loop."""
        try:
            recorder = Recorder({name: source.dialect for name, source in self._backend.sources.items()})
            rule = engine.no_rule if self._rules is None else self._rules.rule(somebody(self._rules.portal.name))
            job = explain(self.planner, recorder, prepared.document, operation, variables, self._limits, rule)
            return asyncio.run(job)
        except VariableErrors as problem:
            raise RequestErrors(problem.errors, "BAD_USER_INPUT") from None

    def context(self, asked: Asked) -> AbstractAsyncContextManager[Context]:
        """Runner, rules and caller of one request."""
        return self._context(asked)

    @asynccontextmanager
    async def _context(self, asked: Asked) -> AsyncIterator[Context]:
        scope, _ = self._scope(asked)
        desk = AppDesk(
            caller=asked.caller,
            graph=self._schema,
            catalogs=self._catalogs,
            delegation=self._delegation,
            administration=self._administration,
            administrators=self._administrators,
            only=self._only,
        )
        yield Context(scope=scope, desk=desk)

    def media(self, asked: Asked) -> AbstractAsyncContextManager[MediaAccess]:
        """The streams of rows, under the same rules as the rows."""
        return self._media(asked)

    @asynccontextmanager
    async def _media(self, asked: Asked) -> AsyncIterator[MediaAccess]:
        scope, runner = self._scope(asked)
        yield MediaAccess(self._schema, scope, runner, MOST)

    def _scope(self, asked: Asked) -> tuple[engine.Scope, Runner]:
        left = asked.deadline - asyncio.get_running_loop().time()
        info = RequestInfo(deadline=time.monotonic() + left, request_id=asked.request_id, language=asked.language)
        delegated = Delegations(self._delegation, asked.caller)
        runner = self._backend.runner(delegated.delegate, info)
        rules = self._rules
        scope = engine.Scope(
            runner=runner,
            limits=self._limits,
            rule=rules.rule(asked.caller) if rules is not None else engine.no_rule,
            allows=_allows(rules, asked.caller) if rules is not None else engine.everything_allowed,
            wrote=delegated.wrote,
        )
        return scope, runner


def _unrestricted(_entity: EntityBinding) -> bool:
    return False


def _allows(rules: PortalRules, caller: Caller) -> engine.Allows:
    def allows(entity: EntityBinding, operation: engine.Verb) -> bool:
        return rules.allows(caller, entity, operation)

    return allows


@dataclass(kw_only=True)
class PlannedGraphs:
    """All graphs of a server; they share the connections to the sources."""

    settings: Settings
    metrics: Metrics
    administration: Administration | None = None
    """Set by whoever serves the graphs: how they are changed at run time."""
    _sources: list[BackendSource] = field(default_factory=list)
    """With connections, gates and breakers; one stays for as long as its catalog does, whatever of it is visible."""
    _backends: dict[int, tuple[Catalogs, Backend]] = field(default_factory=dict)

    def graph(self, catalogs: Catalogs, delegation: Delegation, portal: Portal | None) -> PlannedGraph:
        """The graph of `/graphql`, or of a portal. Raises ConfigError, CatalogError."""
        shown = None if portal is None else shown_sets(portal, catalogs)
        sources = [
            _source_input(self.settings, catalogs, name, None if shown is None else shown.get(name, {}))
            for name in catalogs.entities
        ]
        schema = build(sources, administration=portal is None)
        backend = self._backend(catalogs)
        return PlannedGraph(
            schema=schema,
            backend=backend,
            dialects={name: source.dialect for name, source in backend.sources.items()},
            catalogs=catalogs,
            delegation=delegation,
            rules=None if portal is None else PortalRules.of(portal, schema),
            limits=self.settings.limits,
            media_path="/media" if portal is None else f"/portal/{portal.name}/media",
            administration=self.administration if portal is None else None,
            administrators=self.settings.server.administrators,
        )

    def _backend(self, catalogs: Catalogs) -> Backend:
        if id(catalogs) not in self._backends:
            sources = [self._source(name, found.catalog) for name, found in catalogs.entities.items()]
            self._backends[id(catalogs)] = catalogs, Backend(sources)
        return self._backends[id(catalogs)][1]

    def _source(self, name: str, catalog: Catalog) -> BackendSource:
        for known in self._sources:
            if known.name == name and known.settings.catalog is catalog:
                return known
        configured = self.settings.sources[name]
        settings = SourceSettings(
            name=name, kind=configured.kind, url=configured.url, catalog=catalog, company=configured.company
        )
        self._sources.append(BackendSource(settings, note=self._note))
        return self._sources[-1]

    def prepare(self) -> None:
        """Does what the first requests would have to do. Safe in another thread."""
        for source in tuple(self._sources):
            source.transport.prepare()

    async def retire(self, served: Catalogs, after_s: float) -> None:
        """Closes what catalogs served before needed and these do not, once their requests have ended."""
        needed = self._backend(served).sources.values()
        retired = [source for source in self._sources if source not in needed]
        self._backends = {key: each for key, each in self._backends.items() if each[0] is served}
        if retired:
            await asyncio.sleep(after_s)
        for source in retired:
            if source in self._sources:
                self._sources.remove(source)
                await source.aclose()

    def states(self) -> Mapping[str, str]:
        """Source → up, down or unknown."""
        found: dict[str, str] = dict.fromkeys(self.settings.sources, "unknown")
        for source in self._sources:  # the last one of a name is what is served now
            if (state := source.breaker.state) != "unknown":
                found[source.name] = state
        return found

    def _note(self, noted: Noted) -> None:
        """One request to a source is over."""
        self.metrics.note_backend(noted.source, noted.outcome, noted.seconds)

    async def close(self) -> None:
        """Ends all connections."""
        for source in self._sources:
            await source.aclose()


def _source_input(settings: Settings, catalogs: Catalogs, name: str, shown: Mapping[str, Any] | None) -> SourceInput:
    source, found = settings.sources[name], catalogs.entities[name]
    binding = SourceBinding(
        name=name, kind=source.kind, prefix=source.prefix, catalog=found.catalog, company=source.company
    )
    visible = frozenset(e.name for e in found.visible)
    if shown is None:
        return SourceInput(binding=binding, visible=visible)
    return SourceInput(
        binding=binding,
        visible=frozenset(shown),
        allowed={set_: frozenset(operations) for set_, operations in shown.items()},
    )


def make(settings: Settings, metrics: Metrics) -> PlannedGraphs:
    """What `composition.compose` needs."""
    return PlannedGraphs(settings=settings, metrics=metrics)
