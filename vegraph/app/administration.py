"""How the catalogs of a running server are changed: by administrators, and by sources that join late; one at a time.

What is changed here lasts until the server is started again: what is to last is written by the `catalog` commands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Protocol

from vegraph.app import catalogs as reading
from vegraph.app.catalogs import Catalogs
from vegraph.app.pulling import pull
from vegraph.app.settings import Settings, Source
from vegraph.app.settings.suggest import or_known
from vegraph.backend.transport import Auth
from vegraph.catalog.diff import difference
from vegraph.catalog.diff.changes import Change
from vegraph.catalog.entity_catalog import EntityCatalog
from vegraph.catalog.folder import Pulled
from vegraph.catalog.model import Catalog
from vegraph.errors import BackendError, BadUserInput, CatalogError, ConfigError
from vegraph.schema.build import SchemaGraph
from vegraph.schema.hand_written import CatalogChange

__all__ = ["Administration", "Credential", "Served"]

Credential = Callable[[str], Awaitable[Auth | None]]
"""Source → what shows its service as whom to ask. Raises IdentityError."""


class Served(Protocol):
    """The graph at `/graphql`."""

    @property
    def bindings(self) -> SchemaGraph:
        """What stands behind its names."""


@dataclass(kw_only=True)
class Administration:
    """The one way to other catalogs, for everybody who may change them."""

    settings: Settings
    current: Callable[[], Catalogs]
    served: Callable[[], Served]
    swap: Callable[[Catalogs], Awaitable[None]]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failed: dict[str, str] = field(default_factory=dict)
    """Source that could not be read anew → why; it is served as it was read before."""

    async def showing(self, source: str, patterns: list[str], *, visible: bool) -> tuple[CatalogChange, ...]:
        """Makes entities visible or hides them. Raises BadUserInput, ConfigError."""
        self._refuse_workers()
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

    async def refresh(
        self, source: str | None, accept: bool, credential: Credential
    ) -> tuple[tuple[CatalogChange, ...], bool]:
        """Asks the ERPs for their metadata anew. Gives the changes of what is visible, and whether they were taken.

        Raises BadUserInput, ConfigError, BackendError, IdentityError; then nothing has changed.
        """
        self._refuse_workers()
        async with self.lock:
            before = self.current()
            if source is not None and source not in before.missing:
                _source(before, source)
            names = [source] if source is not None else [*before.entities, *before.missing]
            read: dict[str, Catalog] = {}
            changes: list[CatalogChange] = []
            for name in names:
                read[name] = await self._fetched(name, credential)
                if name in before.read:
                    visible = before.entities[name].visible_names
                    found = await asyncio.to_thread(difference, before.read[name], read[name], visible=visible)
                    changes += (_change(name, change) for change in found.changes)
            if any(c.breaking for c in changes) and not accept:
                return tuple(changes), False
            await self._take(before, read)
            return tuple(changes), True

    async def join(self, source: str) -> None:
        """A source that was down is read, and what is visible of it served. Raises BackendError, ConfigError."""
        async with self.lock:
            await self._take(self.current(), {source: await reading.read_one(self.settings.sources[source])})

    async def _fetched(self, name: str, credential: Credential) -> Catalog:
        auth = await credential(name)

        async def ask(source: Source) -> Pulled:
            return await pull(source, auth=auth)

        try:
            found = await reading.fetched(self.settings.sources[name], ask)
        except BackendError as problem:
            self.failed[name] = str(problem)
            raise
        except CatalogError as problem:
            self.failed[name] = str(problem)
            raise ConfigError(f"sources.{name}: {problem}") from None
        self.failed.pop(name, None)
        return found

    async def _take(self, before: Catalogs, read: dict[str, Catalog]) -> None:
        missing = {name: why for name, why in before.missing.items() if name not in read}
        linked = await asyncio.to_thread(reading.linked, self.settings, {**before.read, **read}, missing)
        entities = {name: _as_visible(each, before.entities.get(name)) for name, each in linked.entities.items()}
        refreshed = {**linked.refreshed, **{n: at for n, at in before.refreshed.items() if n not in read}}
        await self.swap(replace(linked, entities=entities, refreshed=refreshed))

    def _refuse_workers(self) -> None:
        workers = self.settings.server.workers
        if workers > 1:
            raise BadUserInput(
                f"This server has {workers} workers, and only one of them would see the change. Change vegraph.toml "
                "with 'vegraph catalog enable', 'disable' or 'refresh', and start the server again."
            )


def _as_visible(fresh: EntityCatalog, before: EntityCatalog | None) -> EntityCatalog:
    """What was shown or hidden at run time stays so."""
    return fresh if before is None else before.with_catalog(fresh.catalog)


def _source(catalogs: Catalogs, name: str) -> EntityCatalog:
    if name in catalogs.missing:
        raise BadUserInput(f"source: '{name}' is down, so it has no entities yet. {catalogs.missing[name]}")
    if name not in catalogs.entities:
        known: Iterable[str] = (*catalogs.entities, *catalogs.missing)
        raise BadUserInput(f"source: there is no source '{name}'.{or_known(name, known)}")
    return catalogs.entities[name]


def _change(source: str, change: Change) -> CatalogChange:
    return CatalogChange(
        source=source,
        subject=change.subject,
        member=change.member or None,
        what=change.what,
        breaking=change.breaking,
    )
