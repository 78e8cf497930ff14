"""Metadata fetched from a source: by `catalog pull`, at start where the configuration names no folder, and on refresh.

By a command it runs as the source's fixed user, as nobody where the source is public, and else with the access token in
the environment variable VEGRAPH_PULL_TOKEN: the operator's own, for nobody's request is behind it. A refresh at run
time runs as the administrator who asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from vegraph.app.pulling import services, texts
from vegraph.app.pulling.asking import Asking, Progress, Silent
from vegraph.app.settings import Source
from vegraph.backend.exchange import Lost
from vegraph.backend.transport import Auth
from vegraph.catalog.folder import Pulled
from vegraph.errors import BackendError, BackendTimeout
from vegraph.identity.auth import Address, BearerAuth, HeaderAuth
from vegraph.identity.secret import Secret

__all__ = ["DOCUMENT_S", "TOKEN", "Progress", "Silent", "credential", "pull"]

TOKEN = "VEGRAPH_PULL_TOKEN"  # noqa: S105  # the variable's name

DOCUMENT_S = 240.0
"""Seconds until a $metadata document must have come whole: 50 MB of it take finance and operations minutes."""


async def pull(
    source: Source,
    environ: Mapping[str, str] | None = None,
    *,
    auth: Auth | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """What the source says of itself. `auth`: as whom to ask instead. Raises BackendError, ConfigError."""
    auth = auth or credential(source, os.environ if environ is None else environ)
    async with Asking(source, auth, progress or Silent(), token=TOKEN) as asking:
        match source.kind:
            case "business-central":
                return await _business_central(asking, source)
            case "finance-operations" | "human-resources":
                return await _finance_operations(asking, source)
            case "dataverse":
                document = await asking.document("$metadata", "annotations=true", within_s=DOCUMENT_S)
                return Pulled(metadata=document, entity_definitions=await texts.dataverse(asking))
        return Pulled(metadata=await asking.document("$metadata", within_s=DOCUMENT_S))


async def _business_central(asking: Asking, source: Source) -> Pulled:
    """All routes, each with its captions (erp.md OB-3, OB-10, OB-11)."""
    documents, definitions = {}, {}
    for route in ("", *source.routes):
        documents[route] = await asking.document("$metadata", route=route, within_s=DOCUMENT_S)
        found = await texts.business_central(asking, route)
        if found is not None:
            definitions[route] = found
    return Pulled(
        metadata=documents.pop(""),
        routes=documents,
        entity_definitions=definitions.pop("", None),
        route_definitions=definitions,
    )


async def _finance_operations(asking: Asking, source: Source) -> Pulled:
    """The document or the metadata services, and the labels of what is visible."""
    if source.metadata_from == "services":
        found = await services.lists(asking)
    else:
        try:
            found = Pulled(metadata=await asking.document("$metadata", within_s=DOCUMENT_S))
        except BackendError as problem:
            if source.metadata_from == "document" or not _too_much(problem):
                raise
            asking.progress.step(f"{source.name}: {problem} Asking its metadata services instead.")
            found = await services.lists(asking)
    return await services.with_labels(asking, found, source)


def _too_much(problem: BackendError) -> bool:
    """Whether the document did not come for its size: too slow, or too large."""
    slow = isinstance(problem, BackendTimeout) or (isinstance(problem, Lost) and problem.timed_out)
    return slow or "MB at once" in str(problem)


def credential(source: Source, environ: Mapping[str, str]) -> HeaderAuth | None:
    """What there is to show to a source without a person: see above. None: nothing."""
    address = Address.of(source.url, source.beside)
    if source.delegates == "none":
        return None
    if source.delegates == "fixed":
        return HeaderAuth(source.target.fixed, address, source=source.name)
    token = environ.get(TOKEN, "").strip()  # out of a file there is often a line break behind it
    return BearerAuth(Secret(token), address, source=source.name) if token else None
