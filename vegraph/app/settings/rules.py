"""What must hold between settings of different tables; each rule is a sentence when it does not."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vegraph.app.settings.checks import NAME
from vegraph.app.settings.suggest import or_known
from vegraph.identity.config import Portal

if TYPE_CHECKING:
    from vegraph.app.settings.load import Settings

__all__ = ["RULES", "broken", "is_loopback"]

Broken = Iterator[tuple[str, str]]
"""(key, sentence) of each rule that does not hold."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address of that name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def there_are_sources(settings: Settings) -> Broken:
    """A graph of nothing helps nobody."""
    if not settings.sources:
        yield "sources", 'is missing; add a table such as [sources.bc] with kind = "odata" and a url.'


def names_are_plain(settings: Settings) -> Broken:
    """Names stand in paths, file names and patterns; `graphql` is the name of the endpoint that is no portal's."""
    for table, names in (("sources", settings.sources), ("identity", settings.identity), ("portals", settings.portals)):
        for name in names:
            if not re.fullmatch(NAME, name):
                yield f"{table}.'{name}'", "must begin with a letter and hold letters, digits, '_' and '-' only."
    if "graphql" in settings.portals:
        yield "portals.graphql", "is what the endpoint of people is called; give the portal another name."


def trusted_documents_are_listed(settings: Settings) -> Broken:
    """Without a list, nothing could be asked."""
    if settings.server.only_trusted_documents and settings.server.trusted_documents is None:
        yield "server.only_trusted_documents", "is true, and there is no list of them; name it in trusted_documents."


def development_stays_at_home(settings: Settings) -> Broken:
    """What is unsafe works only where nobody else can reach it (T41)."""
    server = settings.server
    if server.profile == "development" and not is_loopback(server.host):
        yield (
            "server.host",
            f"{server.host} can be reached from elsewhere, which the development profile does not allow; "
            'listen at 127.0.0.1, or set profile = "production".',
        )


def urls_are_encrypted(settings: Settings) -> Broken:
    """Plain http carries tokens and rows in the open; a public source on this very machine is let through."""
    if settings.server.profile == "development":
        return
    says = 'is plain http; use https, or server.profile = "development".'
    for source in settings.sources.values():
        parts = urlsplit(source.url)
        harmless = source.delegates == "none" and is_loopback(parts.hostname or "")
        if parts.scheme == "http" and not harmless:
            yield f"sources.{source.name}.url", says
        if (source.authority or "").startswith("http:"):
            yield f"sources.{source.name}.authority", says
    for name, door in settings.identity.items():
        for key in ("issuer", "discovery", "jwks"):
            if (getattr(door, key) or "").startswith("http:"):
                yield f"identity.{name}.{key}", says
    for name, portal in settings.portals.items():
        for key in ("issuer", "jwks"):
            if (getattr(portal, key) or "").startswith("http:"):
                yield f"portals.{name}.{key}", says


def delegation_has_somebody(settings: Settings) -> Broken:
    """A way to delegate needs people who may come in, and the development profile where it trusts too much."""
    development = settings.server.profile == "development"
    for source in settings.sources.values():
        key = f"sources.{source.name}.delegation"
        match source.delegates:
            case "fixed" | "development" as trusting if not development:
                yield key, f'is {trusting}, which only server.profile = "development" allows.'
            case "on-behalf-of" if not settings.identity and not settings.portals:
                yield key, "is on-behalf-of, and nobody can sign in; add a door such as [identity.entra]."
            case "mapped-app" if not settings.portals:
                yield key, "is mapped-app, and there is no portal; add one under [portals]."


def prefixes_differ(settings: Settings) -> Broken:
    """Two sources with one prefix would fight over type names."""
    seen: dict[str, str] = {}
    for source in settings.sources.values():
        if (other := seen.setdefault(source.prefix, source.name)) != source.name:
            yield (
                f"sources.{source.name}.prefix",
                f"is the same as that of {other} ('{source.prefix}'); give each source one of its own.",
            )


def names_lead_to_sources(settings: Settings) -> Broken:
    """What names a source names one that there is."""
    for index, relationship in enumerate(settings.relationships):
        for key, path in (("from", relationship.from_), ("to", relationship.to)):
            yield from _source(settings, f"relationships[{index}].{key}", path.partition(".")[0])
    for name, portal in settings.portals.items():
        for key, paths in _paths(portal):
            for path in paths:
                yield from _source(settings, f"portals.{name}.{key}", path.partition(".")[0])
        for key, users in (("authenticated", portal.shared_users), ("anonymous", portal.anonymous_users)):
            for source in users:
                yield from _source(settings, f"portals.{name}.{key}", source)
        mapping = portal.mapping.reveal() if portal.mapping else ""  # a database's URL may hold a password
        if mapping.startswith("dataverse:"):
            yield from _source(settings, f"portals.{name}.mapping", mapping.removeprefix("dataverse:"))


def _paths(portal: Portal) -> Iterator[tuple[str, Iterable[str]]]:
    yield "entities", portal.entities
    yield "operations", portal.operations
    yield "anonymous_operations", portal.anonymous_operations
    yield "rows", portal.rows


def _source(settings: Settings, key: str, name: str) -> Broken:
    if name not in settings.sources:
        yield key, f"there is no source '{name}'.{or_known(name, settings.sources)}"


RULES: tuple[Callable[[Settings], Broken], ...] = (
    there_are_sources,
    names_are_plain,
    trusted_documents_are_listed,
    development_stays_at_home,
    urls_are_encrypted,
    delegation_has_somebody,
    prefixes_differ,
    names_lead_to_sources,
)


def broken(settings: Settings) -> Broken:
    """Every rule that does not hold."""
    for rule in RULES:
        yield from rule(settings)
