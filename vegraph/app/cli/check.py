"""`vegraph check`: whether each source answers and each portal has what it needs, before anybody asks."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio
import typer

from vegraph.app.catalogs import read_one
from vegraph.app.cli.options import DEFAULT_CONFIG, AsJson, Config
from vegraph.app.cli.output import print_json, print_table, progress
from vegraph.app.principals import runs_as
from vegraph.app.probing import Probe, probe
from vegraph.app.settings import Settings, Source, load
from vegraph.catalog.entity_catalog import EntityCatalog
from vegraph.errors import VegraphError
from vegraph.identity.config import ONLY_IN_THE_DEMO, Portal
from vegraph.identity.mapping_store import MappingReader
from vegraph.identity.secret import Secret
from vegraph.identity.user import anonymous

__all__ = ["check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One line of the report."""

    what: str
    good: bool
    says: str


def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check each source and portal. Exit code 1: something is not as it should be."""
    settings = load(config)
    with progress("asking the sources"):
        found = anyio.run(_everything, settings)
    if as_json:
        print_json([asdict(line) for line in found])
    else:
        print_table(("", "what", "says"), (("ok" if f.good else "NO", f.what, f.says) for f in found))
    if not all(line.good for line in found):
        raise typer.Exit(1)


async def _everything(settings: Settings) -> list[Found]:
    wrong = await _callers(settings)
    return [*await _sources(settings), *wrong, *await _portals(settings, visitors=not wrong)]


async def _callers(settings: Settings) -> list[Found]:
    """What no server could start with, though each source and portal is right by itself."""
    try:
        await runs_as(settings, [])
    except VegraphError as problem:
        return [Found(what="callers", good=False, says=str(problem))]
    return []


async def _sources(settings: Settings) -> list[Found]:
    found = []
    for source in settings.sources.values():
        probed = await probe(source, os.environ)
        found.append(_reachable(source, probed))
        if source.delegates == "development":
            found.append(Found(what=f"sources.{source.name} delegation", good=False, says=ONLY_IN_THE_DEMO))
        found.append(await _catalog(source))
    return found


def _reachable(source: Source, probed: Probe) -> Found:
    return Found(what=f"sources.{source.name}", good=probed.good, says=f"{probed.says} ({source.delegates})")


async def _catalog(source: Source) -> Found:
    what = f"sources.{source.name} catalog"
    started = time.perf_counter()
    try:
        catalog = await read_one(source)
    except VegraphError as problem:
        return Found(what=what, good=False, says=str(problem))
    entities = EntityCatalog(source.name, catalog, source.visible)
    says = (
        f"{len(entities.visible)} of {len(entities)} entity sets visible, read in {time.perf_counter() - started:.1f} s"
    )
    if entities.problems:
        return Found(what=what, good=False, says=" ".join(entities.problems))
    return Found(what=what, good=bool(entities.visible), says=says)


async def _portals(settings: Settings, *, visitors: bool) -> list[Found]:
    found = []
    for name, portal in settings.portals.items():
        if portal.mapping is not None and not portal.mapping.reveal().startswith("dataverse:"):
            found.append(_mapping(name, portal, settings.base))
        roles = f"needs {portal.role_required}, refuses {', '.join(portal.roles_forbidden) or 'none'}"
        found.append(Found(what=f"portals.{name} roles", good=True, says=roles))
        if not portal.anonymous_users:
            found.append(Found(what=f"portals.{name} visitors", good=True, says="no anonymous access"))
        if visitors:
            found += await _visitors(settings, name, portal)
    return found


async def _visitors(settings: Settings, name: str, portal: Portal) -> list[Found]:
    """As whom visitors' calls run."""
    asked = await runs_as(settings, [(anonymous(name), source) for source in portal.anonymous_users])
    return [
        Found(
            what=f"portals.{name} visitors at {each.source}",
            good=each.allowed,
            says=each.description if each.allowed else each.reason or "refused",
        )
        for each in asked
    ]


def _mapping(name: str, portal: Portal, base: Path) -> Found:
    what = f"portals.{name} mapping"
    try:
        reader = MappingReader(portal.mapping or Secret(""), portal.mapping_table, base=base)
        count = len(reader.rows(name))
        reader.close()
    except VegraphError as problem:
        return Found(what=what, good=False, says=str(problem))
    return Found(what=what, good=True, says=f"{count} contacts mapped")
