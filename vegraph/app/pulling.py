"""Metadata fetched from a source: by `catalog pull`, and at start where the configuration names no folder.

It runs as the source's fixed user, as nobody where the source is public, and else with the access token in the
environment variable VEGRAPH_PULL_TOKEN: the operator's own, for nobody's request is behind it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from vegraph.app.settings import Source
from vegraph.backend.exchange import Wire
from vegraph.backend.transport import Transport
from vegraph.catalog.folder import Pulled
from vegraph.errors import BackendError, ConfigError
from vegraph.identity.auth import Address, BearerAuth, HeaderAuth
from vegraph.identity.secret import Secret

__all__ = ["TOKEN", "credential", "pull"]

TOKEN = "VEGRAPH_PULL_TOKEN"  # noqa: S105  # the variable's name


async def pull(source: Source, environ: Mapping[str, str] | None = None) -> Pulled:
    """What the source says of itself. Raises BackendError, ConfigError."""
    transport = Transport(source.name, source.url, headers={})
    try:
        auth = credential(source, os.environ if environ is None else environ)
        return Pulled(metadata=await _get(transport, source, auth, "$metadata"))
    finally:
        await transport.aclose()


async def _get(transport: Transport, source: Source, auth: HeaderAuth | None, path: str) -> bytes:
    wire = Wire(method="GET", path=path, accepts="text", template=path)
    headers = transport.headers({"Accept": "application/xml, application/json;q=0.9"})
    answer = await transport.send(wire, auth, headers)
    if answer.status == 200:
        return answer.body
    if answer.status in (401, 403):
        raise ConfigError(
            f"sources.{source.name}: the source refused to show its metadata ({answer.status}). "
            f"Put an access token for it into the environment variable {TOKEN}, "
            f"or pull it once and name the folder in sources.{source.name}.metadata."
        )
    raise BackendError(
        f"{source.name} answered {answer.status} for its metadata at {source.url.rstrip('/')}/{path}. "
        f"Check sources.{source.name}.url: it must be the root of an OData v4 service.",
        source=source.name,
        status=answer.status,
    )


def credential(source: Source, environ: Mapping[str, str]) -> HeaderAuth | None:
    """What there is to show to a source without a person: see above. None: nothing."""
    address = Address.of(source.url)
    if source.delegates == "none":
        return None
    if source.delegates == "fixed":
        return HeaderAuth(source.target.fixed, address, source=source.name)
    token = environ.get(TOKEN)
    return BearerAuth(Secret(token), address, source=source.name) if token else None
