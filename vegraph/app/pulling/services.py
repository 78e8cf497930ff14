"""F&O's metadata services (erp.md §4.1.12): the public lists in place of `$metadata`, and labels in one language."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

import anyio.to_thread
import msgspec
import orjson

from vegraph.app.pulling.asking import Asking
from vegraph.app.settings import Source
from vegraph.backend.literals import text_literal
from vegraph.catalog import folder
from vegraph.catalog.entity_catalog import EntityCatalog
from vegraph.catalog.folder import Pulled
from vegraph.catalog.labels import label_ids
from vegraph.errors import BackendError, CatalogError, ConfigError

__all__ = ["lists", "with_labels"]

_AT_ONCE = 8
"""Labels asked for side by side; there is one request for each (OF-160)."""


async def lists(asking: Asking) -> Pulled:
    """Entities and enumerations, which must be there, and the list of physical entities, which adds to them."""
    path = asking.source.services_path
    entities = await asking.rows(f"{path}/PublicEntities", "PublicEntities")
    enumerations = await asking.rows(f"{path}/PublicEnumerations", "PublicEnumerations")
    try:
        physical = await asking.rows(f"{path}/DataEntities", "DataEntities")
    except (BackendError, ConfigError) as problem:
        asking.progress.step(f"{asking.source.name}: DataEntities are left out. {problem}")
        physical = None
    return Pulled(
        public_entities=orjson.dumps(entities),
        public_enumerations=orjson.dumps(enumerations),
        data_entities=None if physical is None else orjson.dumps(physical),
    )


async def with_labels(asking: Asking, pulled: Pulled, source: Source) -> Pulled:
    """The same with the texts of what is visible, as a virtual entity gets them when it is made (FO-170).

    A service that does not give labels is done without; a document that is no catalog is somebody else's to refuse.
    """
    try:
        ids = await anyio.to_thread.run_sync(partial(_wanted, pulled, source))
    except CatalogError:
        return pulled
    if not ids:
        return pulled
    asking.progress.step(f"{source.name}: fetching {len(ids)} labels in {source.language}")
    try:
        texts = await _texts(asking, ids, source.language)
    except (BackendError, ConfigError) as problem:
        asking.progress.step(f"{source.name}: labels are left out. {problem}")
        return pulled
    return msgspec.structs.replace(pulled, labels={source.language: texts})


def _wanted(pulled: Pulled, source: Source) -> list[str]:
    catalog = folder.taken(pulled, name=source.name)
    visible = EntityCatalog(source.name, catalog, source.visible).visible_names
    return sorted(each for each in label_ids(catalog, visible) if each.startswith("@"))


async def _texts(asking: Asking, ids: Iterable[str], language: str) -> dict[str, str]:
    waiting = iter(ids)
    texts: dict[str, str] = {}

    async def worker() -> None:
        for each in waiting:
            text = await _text(asking, each, language)
            if text:
                texts[each] = text
                asking.progress.part(f"{asking.source.name}: {len(texts)} labels")

    workers = [asyncio.ensure_future(worker()) for _ in range(_AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
    return texts


async def _text(asking: Asking, label: str, language: str) -> str | None:
    """The text of one label, in the language without its country where there is none with it; None: not translated."""
    plain = language.partition("-")[0]
    for each in dict.fromkeys((language, plain)):
        text = await _text_in(asking, label, each)
        if text and text != label:  # not translated: the id comes back (FO-171)
            return text
    return None


async def _text_in(asking: Asking, label: str, language: str) -> str | None:
    key = f"Id={text_literal(label)},Language={text_literal(language.lower())}"
    link = asking.absolute(f"{asking.source.services_path}/Labels({key})")
    try:
        found = (await asking.json(link, "labels")).get("Value")
    except BackendError as problem:
        if problem.status == 404:
            return None
        raise
    return found if isinstance(found, str) else None
