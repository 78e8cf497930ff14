"""The catalogs of all sources, from what was pulled or from the sources themselves, with declared relationships."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio.to_thread

from vegraph.app.pulling import pull
from vegraph.app.settings import Settings, Source
from vegraph.catalog import cache, folder
from vegraph.catalog.declare import declare, with_declared
from vegraph.catalog.entity_catalog import EntityCatalog
from vegraph.catalog.folder import Pulled
from vegraph.catalog.model import Catalog
from vegraph.errors import BackendError, CatalogError, ConfigError

__all__ = ["Catalogs", "fetched", "linked", "read", "read_one"]

Pull = Callable[[Source], Awaitable[Pulled]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogs:
    """What could be read, and what could not."""

    entities: Mapping[str, EntityCatalog]
    """Source → its entity catalog, declared relationships included."""

    read: Mapping[str, Catalog]
    """Source → what its own documents say."""

    refreshed: Mapping[str, datetime.datetime] = field(default_factory=dict)
    """Source → when its metadata was read."""

    missing: Mapping[str, str] = field(default_factory=dict)
    """Source that is down → why, as a sentence. It is asked again later."""

    configured: Mapping[str, Source] = field(default_factory=dict)
    """Source → what the configuration says of it, also of those that are down."""


async def read(settings: Settings, pull: Pull = pull) -> Catalogs:
    """All catalogs. A source that is down is left out.

    Raises ConfigError, which names file and key, when none is left, or a document, pattern or relationship is wrong.
    """
    try:
        return await _read(settings, pull)
    except ConfigError as problem:
        raise ConfigError("\n".join(f"{settings.file}: {line}" for line in str(problem).split("\n"))) from None


async def _read(settings: Settings, pull: Pull) -> Catalogs:
    found: dict[str, Catalog] = {}
    missing: dict[str, str] = {}
    for source in settings.sources.values():
        try:
            found[source.name] = await read_one(source, pull)
        except BackendError as problem:
            missing[source.name] = str(problem)
    if not found:
        raise ConfigError(" ".join(f"sources.{name}.url: {why}" for name, why in missing.items()))
    return linked(settings, found, missing)


async def read_one(source: Source, pull: Pull = pull) -> Catalog:
    """One source's catalog. Raises BackendError when it is down, ConfigError when the document is wrong."""
    try:
        if source.metadata is None:
            return await fetched(source, pull)
        if not source.metadata.exists():
            raise ConfigError(
                f"sources.{source.name}.metadata: {source.metadata} does not exist. "
                f"Run 'vegraph catalog pull {source.name}', or leave the key out to fetch it at each start."
            )
        where = source.metadata
        found = await anyio.to_thread.run_sync(
            lambda: folder.read(where, name=source.name, language=source.language, cached_in=cache.directory())
        )
        if source.kind == "business-central":
            _check_routes(source, found)
        return found
    except CatalogError as problem:
        raise ConfigError(f"sources.{source.name}: {problem}") from None


async def fetched(source: Source, pull: Pull = pull) -> Catalog:
    """What the source itself says now, whatever was pulled before. Raises BackendError, CatalogError, ConfigError."""
    pulled = await pull(source)
    return await anyio.to_thread.run_sync(
        lambda: folder.taken(pulled, name=source.name, language=source.language, cached_in=cache.directory())
    )


def _check_routes(source: Source, catalog: Catalog) -> None:
    """A credential goes to the configured routes only, so a folder with others would give sets nobody can read."""
    held = {entity_set.api for entity_set in catalog.entity_sets.values()} - {""}
    key = f"sources.{source.name}.routes"
    for route in sorted(held - set(source.routes)):
        raise ConfigError(f"{key}: {source.metadata} holds route '{route}', which is not listed. Add it to the key.")
    for route in source.routes:
        if (
            source.metadata is not None
            and source.metadata.is_dir()
            and not (source.metadata / "routes" / route).is_dir()
        ):
            raise ConfigError(
                f"{key}: {source.metadata} holds nothing of route '{route}'. "
                f"Run 'vegraph catalog pull {source.name}' to fetch it."
            )


def linked(settings: Settings, found: Mapping[str, Catalog], missing: Mapping[str, str]) -> Catalogs:
    """Catalogs with the declared relationships and the visible entities. Raises ConfigError."""
    declared = declare(found, settings.relationships, absent=tuple(missing))
    _refuse(declared.problems)
    entities = {
        name: EntityCatalog(
            name,
            with_declared(catalog, declared.relationships.get(name, ())),
            settings.sources[name].visible,
        )
        for name, catalog in found.items()
    }
    for name, catalog in entities.items():
        _refuse(tuple(f"sources.{name}.entities: {problem}" for problem in catalog.problems))
    now = datetime.datetime.now(datetime.UTC)
    return Catalogs(
        entities=entities,
        read=found,
        refreshed=dict.fromkeys(found, now),
        missing=missing,
        configured=settings.sources,
    )


def _refuse(problems: tuple[str, ...]) -> None:
    if problems:
        raise ConfigError("\n".join(problems))
