"""`[server]`: where vegraph listens and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from vegraph.app.settings.checks import Between, Matches

__all__ = ["Server"]

Origin = Annotated[str, Matches(r"https?://[^/\s*]+", "is not an origin; write it like https://shop.example")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where vegraph listens and what it shows."""

    host: str = "127.0.0.1"
    """Address to listen at; 0.0.0.0 for all of them."""

    port: Annotated[int, Between(0, 65535)] = 8000
    """TCP port; 0 takes a free one."""

    workers: Annotated[int, Between(1, 256)] = 1
    """Processes that share the port."""

    graphiql: bool = True
    """Whether a browser's GET is answered with GraphiQL."""

    introspection: bool = True
    """Whether a client may ask for the schema."""

    profile: Literal["production", "development"] = "production"
    """development allows plain http to an ERP and fixed users, and listens on loopback only."""

    queries_by_get: bool = True
    """Whether queries may come by GET; mutations never may."""

    cors_origins: tuple[Origin, ...] = ()
    """Origins of other sites' pages that may ask, each exactly as a browser sends it."""

    trusted_documents: Path | None = None
    """A JSON file of document id (`sha256:` and hex digest, or any name) to document."""

    only_trusted_documents: bool = False
    """Whether documents that are not in that file are refused."""

    administrators: tuple[str, ...] = ()
    """Object ids of people who may change what the graph shows, through `catalog` mutations."""

    log_format: Literal["text", "json"] = "text"
    """One line per event, for people or for a log store."""
