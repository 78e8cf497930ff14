"""What `catalog` and `me` answer for one request, and what administrators change in the catalog at run time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vegraph.app.administration import Administration
from vegraph.app.catalogs import Catalogs
from vegraph.app.settings import Source
from vegraph.backend.transport import Auth
from vegraph.errors import BadUserInput, ConfigError, Forbidden
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller
from vegraph.schema.build import SchemaGraph
from vegraph.schema.catalog_report import lister
from vegraph.schema.hand_written import (
    Catalog,
    CatalogChange,
    CatalogEntity,
    CatalogPayload,
    CatalogSource,
    UserError,
    Viewer,
    ViewerSource,
)

if TYPE_CHECKING:
    import strawberry

__all__ = ["AppDesk"]


@dataclass(kw_only=True)
class AppDesk:
    """One request's desk."""

    caller: Caller
    graph: SchemaGraph
    catalogs: Catalogs
    delegation: Delegation
    administration: Administration | None
    """None: in this graph nobody changes the catalog."""
    administrators: frozenset[str]
    """Object ids of people who may."""
    only: frozenset[tuple[str, str]] | None
    """A portal's callers see these (source, set) only; None: everything is listed."""

    async def catalog(self) -> Catalog:
        """Sources and their entities."""
        return self._shown(self.catalogs, self.graph)

    def _shown(self, catalogs: Catalogs, graph: SchemaGraph) -> Catalog:
        sources = [self._of_source(name, catalogs, graph) for name in catalogs.entities]
        sources += [_missing(catalogs.configured[name], why) for name, why in catalogs.missing.items()]
        return Catalog(sources=[s for s in sources if self.only is None or any(n == s.name for n, _ in self.only)])

    def _of_source(self, name: str, catalogs: Catalogs, graph: SchemaGraph) -> CatalogSource:
        source = graph.sources[name]
        return CatalogSource(
            name=name,
            kind=source.kind,
            company=source.company,
            last_refresh=catalogs.refreshed.get(name),
            problem=self._problem(name),
            lister=lister(graph, name, hidden=self.only is None),
        )

    def _problem(self, name: str) -> str | None:
        why = self.administration.failed.get(name) if self.administration is not None else None
        return f"Its metadata could not be read anew, and is as it was before. {why}" if why else None

    async def viewer(self) -> Viewer:
        """Who asks, and as whom each source would run."""
        sources = [name for name in self.catalogs.entities if self.only is None or any(n == name for n, _ in self.only)]
        runs = await asyncio.gather(*(self.delegation.explain(self.caller, name) for name in sources))
        return Viewer(
            door=self.caller.door,
            kind=self.caller.kind,
            name=self.caller.name or None,
            id=_id(self.caller.identity[1]),
            sources=[
                ViewerSource(
                    name=r.source,
                    runs_as=r.principal if r.allowed else None,
                    why=(r.description if r.allowed else r.reason) or "",
                )
                for r in runs
            ],
        )

    async def make_visible(self, source: str, entities: list[str]) -> CatalogPayload:
        """For administrators."""
        return await self._changed(self._admin().showing(source, entities, visible=True))

    async def hide(self, source: str, entities: list[str]) -> CatalogPayload:
        """For administrators."""
        return await self._changed(self._admin().showing(source, entities, visible=False))

    async def _changed(self, change: Awaitable[tuple[CatalogChange, ...]]) -> CatalogPayload:
        try:
            changes = await change
        except (BadUserInput, ConfigError) as problem:
            return _refused(str(problem))
        return CatalogPayload(catalog=self._now(), changes=list(changes), user_errors=[])

    async def refresh(self, source: str | None, accept_breaking: bool) -> CatalogPayload:
        """For administrators. Without `accept_breaking`, breaking changes are named and nothing is done."""
        try:
            changes, taken = await self._admin().refresh(source, accept_breaking, self._credential)
        except (BadUserInput, ConfigError) as problem:
            return _refused(str(problem))
        errors = []
        if not taken:
            count = sum(c.breaking for c in changes)
            message = f"{count} change(s) would break programs that use the graph; say acceptBreaking: true to go on."
            errors = [UserError(message=message, code="PRECONDITION_REQUIRED", path=["input", "acceptBreaking"])]
        return CatalogPayload(catalog=self._now(), changes=list(changes), user_errors=errors)

    async def _credential(self, source: str) -> Auth | None:
        """Metadata is asked for as whoever asks for it, like rows."""
        return (await self.delegation.delegate(self.caller, source)).auth

    def _now(self) -> Catalog:
        """The catalog after a change, as requests that begin now see it."""
        administration = self._admin()
        return self._shown(administration.current(), administration.served().bindings)

    def _admin(self) -> Administration:
        if self.administration is None or self.caller.identity[1] not in self.administrators:
            raise Forbidden("The catalog is changed by administrators only ([server] administrators).")
        return self.administration


def _refused(message: str) -> CatalogPayload:
    return CatalogPayload(
        catalog=None, changes=[], user_errors=[UserError(message=message, code="BAD_USER_INPUT", path=["input"])]
    )


def _id(identity: str) -> strawberry.ID | None:
    found: strawberry.ID | None = identity or None  # type: ignore[assignment] # an ID is a str
    return found


def _missing(source: Source, why: str) -> CatalogSource:
    return CatalogSource(
        name=source.name, kind=source.kind, company=source.company, last_refresh=None, problem=why, lister=_nothing
    )


def _nothing(*, matching: str | None, visible: bool | None) -> list[CatalogEntity]:
    return []
