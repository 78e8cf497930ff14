"""Captions that Business Central and Dataverse keep beside their metadata documents, in every language they have."""

from __future__ import annotations

import orjson

from vegraph.app.pulling.asking import Asking
from vegraph.catalog import dataverse_labels
from vegraph.catalog.labels import lcid
from vegraph.errors import BackendError, ConfigError

__all__ = ["business_central", "dataverse"]


async def business_central(asking: Asking, route: str) -> bytes | None:
    """`entityDefinitions` of a route (erp.md OB-30); None where the route has none or does not give them."""
    return await _optional(asking, asking.below("entityDefinitions", route), f"{route or 'its'} entityDefinitions")


async def dataverse(asking: Asking) -> bytes | None:
    """The definitions of all tables and columns, in the same form."""
    path = f"{asking.below(dataverse_labels.PATH)}?{dataverse_labels.QUERY}"
    found = await _optional(asking, path, dataverse_labels.PATH)
    return None if found is None else orjson.dumps(dataverse_labels.definitions(orjson.loads(found)))


async def _optional(asking: Asking, path: str, what: str) -> bytes | None:
    source = asking.source
    if lcid(source.language) is None:
        asking.progress.step(f"{source.name}: there are no captions in '{source.language}'; they are left out.")
        return None
    try:
        return orjson.dumps(await asking.rows(path, what))
    except (BackendError, ConfigError) as problem:
        asking.progress.step(f"{source.name}: captions are left out. {problem}")
        return None
