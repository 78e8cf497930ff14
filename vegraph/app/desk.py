"""What `catalog` and `me` answer for one request, and what administrators change in the catalog at run time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from vegraph.app import catalogs as reading
from vegraph.app.catalogs import Catalogs
from vegraph.app.settings import Settings
from vegraph.app.settings.suggest import or_known
from vegraph.catalog.diff import difference
from vegraph.catalog.diff.changes import Change
from vegraph.catalog.entity_catalog import Entity, EntityCatalog
from vegraph.errors import BackendError, BadUserInput, ConfigError, Forbidden
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller
from vegraph.schema.build import SchemaGraph
from vegraph.schema.hand_written import (
    Catalog,
    CatalogChange,
    CatalogEntity,
    CatalogPayload,
    CatalogRelationship,
    CatalogSource,
    EntityLister,
    UserError,
    Viewer,
    ViewerSource,
)

if TYPE_CHECKING:
    import strawberry

__all__ = ["Administration", "AppDesk"]


@dataclass(kw_only=True)
class Administration:
    """How the catalogs of a running server are changed; one change at a time."""

    settings: Settings
    current: Callable[[], Catalogs]
    swap: Callable[[Catalogs], Awaitable[None]]
    lock: asyncio.Lock

    async def showing(self, source: str, patterns: list[str], *, visible: bool) -> tuple[CatalogChange, ...]:
        """Makes entities visible or hides them. Raises BadUserInput for unknown ones."""
        async with self.lock:
            before = self.current()
            catalog = _source(before, source)
            for pattern in patterns:
                if not any(fnmatchcase(name, pattern) for name in catalog):
                    raise BadUserInput(f"entities: {source} has no entity set '{pattern}'.{or_known(pattern, catalog)}")
            after = catalog.showing(*patterns) if visible else catalog.hiding(*patterns)
            changed = sorted(after.visible_names ^ catalog.visible_names)
            if changed:
                await self.swap(replace(before, entities={**before.entities, source: after}))
            what = "made visible" if visible else "hidden"
            return tuple(
                CatalogChange(source=source, subject=name, member=None, what=what, breaking=not visible)
                for name in changed
            )

    async def refresh(self, source: str | None, accept: bool) -> tuple[tuple[CatalogChange, ...], bool]:
        """Reads metadata anew. Gives the changes, and whether they were taken over."""
        async with self.lock:
            before = self.current()
            names = [source] if source is not None else list(before.entities)
            read = dict(before.read)
            changes: list[CatalogChange] = []
            for name in names:
                _source(before, name)
                fresh = await reading.read_one(self.settings.sources[name])
                found = difference(before.read[name], fresh, visible=before.entities[name].visible_names)
                changes += (_change(name, change) for change in found.changes)
                read[name] = fresh
            if any(c.breaking for c in changes) and not accept:
                return tuple(changes), False
            linked = await asyncio.to_thread(reading.linked, self.settings, read, before.missing)
            kept = {n: _as_visible(e, before.entities.get(n)) for n, e in linked.entities.items()}
            await self.swap(replace(linked, entities=kept))
            return tuple(changes), True


def _as_visible(fresh: EntityCatalog, before: EntityCatalog | None) -> EntityCatalog:
    """What was shown or hidden at run time stays so."""
    return fresh if before is None else before.with_catalog(fresh.catalog)


def _source(catalogs: Catalogs, name: str) -> EntityCatalog:
    if name not in catalogs.entities:
        raise BadUserInput(f"source: there is no source '{name}'.{or_known(name, catalogs.entities)}")
    return catalogs.entities[name]


def _change(source: str, change: Change) -> CatalogChange:
    return CatalogChange(
        source=source,
        subject=change.subject,
        member=change.member or None,
        what=change.what,
        breaking=change.breaking,
    )


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
        return self._shown(self.catalogs)

    def _shown(self, catalogs: Catalogs) -> Catalog:
        sources = [self._of_source(name, found, catalogs) for name, found in catalogs.entities.items()]
        sources += [
            CatalogSource(name=name, kind="", company=None, last_refresh=None, problem=why, lister=_nothing)
            for name, why in catalogs.missing.items()
        ]
        return Catalog(sources=[s for s in sources if self.only is None or any(n == s.name for n, _ in self.only)])

    def _of_source(self, name: str, found: EntityCatalog, catalogs: Catalogs) -> CatalogSource:
        source = self.graph.sources.get(name)
        return CatalogSource(
            name=name,
            kind=source.kind if source is not None else "",
            company=source.company if source is not None else None,
            last_refresh=catalogs.refreshed.get(name),
            problem=None,
            lister=self._lister(found),
        )

    def _lister(self, catalog: EntityCatalog) -> EntityLister:
        def entities(*, matching: str | None, visible: bool | None) -> list[CatalogEntity]:
            return [
                self._entity(entity)
                for entity in catalog.values()
                if (matching is None or fnmatchcase(entity.name, matching))
                and (visible is None or entity.visible is visible)
                and (self.only is None or (entity.source, entity.name) in self.only)
            ]

        return entities

    def _entity(self, entity: Entity) -> CatalogEntity:
        capabilities = entity.set.capabilities
        return CatalogEntity(
            name=entity.name,
            type=entity.set.type,
            graph_name=self.graph.names.of(entity.source, entity.set.type).name,
            visible=entity.visible,
            label=entity.set.label or entity.type.label,
            readable=True,
            creatable=capabilities.insertable is not False,
            updatable=capabilities.updatable is not False,
            deletable=capabilities.deletable is not False,
            relationships=list(self._relationships(entity)),
        )

    def _relationships(self, entity: Entity) -> Iterator[CatalogRelationship]:
        binding = self.graph.entity_of(entity.source, entity.set.type) if entity.visible else None
        names: Mapping[str, str] = (
            {f.relationship.name: n for n, f in binding.relations.items()} if binding is not None else {}
        )
        for relationship in entity.relationships:
            if self.only is not None and relationship.name not in names:
                continue
            yield CatalogRelationship(
                name=relationship.name,
                graph_name=names.get(relationship.name),
                target=relationship.target,
                target_source=relationship.target_source or entity.source,
                many=relationship.many,
                fetch=relationship.fetch,
                origin=relationship.origin,
                why=relationship.why,
            )

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
            changes, taken = await self._admin().refresh(source, accept_breaking)
        except (BadUserInput, ConfigError, BackendError) as problem:
            return _refused(str(problem))
        errors = []
        if not taken:
            count = sum(c.breaking for c in changes)
            message = f"{count} change(s) would break programs that use the graph; say acceptBreaking: true to go on."
            errors = [UserError(message=message, code="PRECONDITION_REQUIRED", path=["input", "acceptBreaking"])]
        return CatalogPayload(catalog=self._now(), changes=list(changes), user_errors=errors)

    def _now(self) -> Catalog:
        return self._shown(self.administration.current() if self.administration is not None else self.catalogs)

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


def _nothing(*, matching: str | None, visible: bool | None) -> list[CatalogEntity]:
    return []
