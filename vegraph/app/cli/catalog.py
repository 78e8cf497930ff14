"""`vegraph catalog …`: what the ERPs have, and what of it is visible."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from vegraph.app import catalogs
from vegraph.app.catalogs import Catalogs
from vegraph.app.cli.options import DEFAULT_CONFIG, AsJson, Config
from vegraph.app.cli.output import Steps, complain, print_json, print_table, print_text, progress, say
from vegraph.app.entity_report import report
from vegraph.app.pulling import pull as fetch
from vegraph.app.settings import Settings, Source, load
from vegraph.app.settings.editing import set_entities
from vegraph.app.settings.suggest import or_known
from vegraph.catalog import folder
from vegraph.catalog.diff import difference
from vegraph.catalog.diff.changes import Difference
from vegraph.catalog.entity_catalog import EntityCatalog
from vegraph.catalog.folder import Pulled
from vegraph.catalog.model import Catalog
from vegraph.catalog.summary import summary
from vegraph.errors import CatalogError, ConfigError

__all__ = ["commands"]

commands = typer.Typer(no_args_is_help=True, help="What the ERPs have, and what of it the graph shows.")

Sources = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Names of sources; none: all.")]
Patterns = Annotated[list[str], typer.Argument(metavar="SOURCE.PATTERN...", help="Entity sets, as bc.sales*.")]
AcceptBreaking = Annotated[bool, typer.Option("--accept-breaking", help="Write it even where it breaks the graph.")]


@commands.command()
def pull(sources: Sources = None, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Fetch metadata from the sources into their folders (schema/SOURCE where none is configured)."""
    done: dict[str, Any] = {}
    for source in _chosen(load(config), sources):
        target = _folder(source, config)
        pulled = _fetched(source)
        with progress(f"{source.name}: writing {target}"):
            catalog = _written(source, target, pulled)
        counts = summary(catalog)["counts"]
        done[source.name] = {"folder": str(target), **counts}
        say(
            f"{source.name}: {counts['entitySets']} entity sets, {counts['relationships']} relationships, "
            f"{counts['defects']} defects in {target}"
        )
        if source.metadata is None:
            say(f'{source.name}: to start from it, set sources.{source.name}.metadata = "schema/{source.name}"')
    if as_json:
        print_json(done)


@commands.command(name="list")
def list_(
    sources: Sources = None,
    visible: Annotated[bool, typer.Option("--visible", help="Those that the graph shows, only.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the entity sets there are, visible or not."""
    settings = load(config)
    read = _read(settings, sources)
    rows = [
        {"source": name, "entity": each.name, "visible": each.visible, "type": each.set.type, "label": each.set.label}
        for name, entities in read.entities.items()
        for each in entities.values()
        if each.visible or not visible
    ]
    if as_json:
        print_json(rows)
    else:
        shown = (
            (f"{r['source']}.{r['entity']}", "yes" if r["visible"] else "", r["type"], r["label"] or "") for r in rows
        )
        print_table(("entity set", "visible", "type", "label"), shown)
    for why in read.missing.values():
        complain(why)


@commands.command()
def show(
    entity: Annotated[str, typer.Argument(metavar="SOURCE.ENTITYSET")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one entity: keys, properties, and how each relation is fetched and why."""
    settings = load(config)
    name, _, wanted = entity.partition(".")
    _chosen(settings, [name])
    whole = _read(settings, None)  # names are settled over all sources
    entities = _entities(whole, name)
    if wanted not in entities:
        raise ConfigError(f"{name} has no entity set '{wanted}'.{or_known(wanted, entities)}")
    found = report(settings, whole, name, wanted)
    if as_json:
        print_json(found)
    else:
        _print_entity(found)


def _print_entity(found: dict[str, Any]) -> None:
    roots = ", ".join(field for kind, field in found["graph"].items() if kind != "type")
    print_text(f"{found['source']}.{found['entity']}  {found['type']}  {'visible' if found['visible'] else 'hidden'}")
    print_text(f"graph     {found['graph']['type']}{f' by {roots}' if roots else ''}")
    print_text(f"key       {', '.join(found.get('key', [])) or 'none'}")
    print_text(f"writes    {', '.join(found.get('writes', [])) or 'none'}\n")
    fields = found["fields"]
    print_table(("property", "field", "is"), ((n, fields[n], told) for n, told in found.get("properties", {}).items()))
    relations = found["relationships"].items()
    if relations:
        print_text("")
        shown = ((n, r["field"], _short(r["to"]), r["from"], r["how"]) for n, r in relations)
        print_table(("relation", "field", "to", "comes from", "is fetched by"), shown)
        print_text("")
        for wire, each in relations:
            print_text(f"{wire}: {each['why']} Here: {each['because']}.")
    if found["settled"]:
        print_text("")
        print_table(("name", "instead of", "for", "because"),
                    ((s["name"], s["wanted"], s["wire"], s["why"]) for s in found["settled"]))  # fmt: skip


def _short(type_: str) -> str:
    """`Collection(Microsoft.NAV.item)` → `many item`."""
    name = type_.removesuffix(")").rpartition(".")[2]
    return f"many {name}" if type_.startswith("Collection(") else name


@commands.command()
def enable(patterns: Patterns, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Make entity sets visible: adds the patterns to the configuration."""
    _edit(config, patterns, hide=False, as_json=as_json)


@commands.command()
def disable(patterns: Patterns, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Hide entity sets: takes the patterns out of the configuration, or excepts them there."""
    _edit(config, patterns, hide=True, as_json=as_json)


@commands.command()
def refresh(
    sources: Sources = None,
    accept_breaking: AcceptBreaking = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Fetch metadata anew, unless that would break the graph. Exit code 1: it would, and was not written."""
    done: dict[str, Any] = {}
    for source in _chosen(load(config), sources):
        pulled = _fetched(source)
        found = _difference(source, config, pulled)
        written = accept_breaking or not found.breaking
        done[source.name] = {**found.json(), "written": written}
        if not as_json:
            print_text(found.text() or f"{source.name}: nothing changed\n")
        if written:
            _written(source, _folder(source, config), pulled)
        else:
            complain(f"{source.name}: this would break the graph, so nothing was written. See --accept-breaking.")
    if as_json:
        print_json(done)
    if not all(each["written"] for each in done.values()):
        raise typer.Exit(1)


@commands.command()
def diff(sources: Sources = None, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show what a refresh would change. Exit code 1: something in the graph would break."""
    found = {s.name: _difference(s, config, _fetched(s)) for s in _chosen(load(config), sources)}
    if as_json:
        print_json({name: each.json() for name, each in found.items()})
    else:
        for name, each in found.items():
            print_text(each.text() or f"{name}: nothing changed\n")
    if any(each.breaking for each in found.values()):
        raise typer.Exit(1)


def _chosen(settings: Settings, names: list[str] | None) -> list[Source]:
    for name in names or ():
        if name not in settings.sources:
            raise ConfigError(f"there is no source '{name}'.{or_known(name, settings.sources)}")
    return [settings.sources[name] for name in names or settings.sources]


def _read(settings: Settings, names: list[str] | None) -> Catalogs:
    _chosen(settings, names)
    with progress("reading the catalogs"):
        read = anyio.run(catalogs.read, settings)
    if not names:
        return read
    return Catalogs(
        entities={name: entities for name, entities in read.entities.items() if name in names},
        read=read.read,
        missing={name: why for name, why in read.missing.items() if name in names},
    )


def _entities(read: Catalogs, name: str) -> EntityCatalog:
    if name in read.missing:
        raise ConfigError(read.missing[name])
    return read.entities[name]


def _folder(source: Source, config: Path) -> Path:
    """Where a source's metadata is kept. Raises ConfigError where one document is configured instead."""
    target = source.metadata or config.parent / "schema" / source.name
    if target.is_file():
        raise ConfigError(f"sources.{source.name}.metadata: {target} is one document; name a folder to pull into.")
    return target


def _fetched(source: Source) -> Pulled:
    say(f"{source.name}: asking {source.url}")
    with Steps() as steps:
        return anyio.run(partial(fetch, source, progress=steps))


def _written(source: Source, target: Path, pulled: Pulled) -> Catalog:
    try:
        return folder.write(target, pulled, name=source.name, language=source.language)
    except OSError as problem:
        raise ConfigError(f"{target}: cannot be written ({problem.strerror or problem}).") from None


def _difference(source: Source, config: Path, pulled: Pulled) -> Difference:
    kept = _folder(source, config)
    if not kept.exists():
        raise ConfigError(
            f"{kept} does not exist, so there is nothing to compare with. Run 'vegraph catalog pull {source.name}'."
        )
    with progress(f"{source.name}: comparing"):
        old = folder.read(kept, name=source.name, language=source.language)
        new = folder.taken(pulled, name=source.name, language=source.language)
    visible = EntityCatalog(source.name, old, source.visible).visible_names
    return difference(old, new, visible=visible)


def _edit(config: Path, patterns: list[str], *, hide: bool, as_json: bool) -> None:
    settings = load(config)
    done: dict[str, Any] = {}
    for pattern in patterns:
        name, _, entity = pattern.partition(".")
        [source] = _chosen(settings, [name])
        try:
            entities = EntityCatalog(name, anyio.run(catalogs.read_one, source), source.visible)
        except CatalogError as problem:
            raise ConfigError(str(problem)) from None
        known = entities.hiding(entity) if hide else entities.showing(entity)
        if set(known.problems) - set(entities.problems):
            raise ConfigError(known.problems[-1])
        kept = tuple(p for p in source.visible if p != entity and p != f"!{entity}")
        wanted = EntityCatalog(name, entities.catalog, kept)
        if hide and wanted.visible_names & known.visible_names != wanted.visible_names:
            wanted = wanted.hiding(entity)
        elif not hide:
            wanted = wanted.showing(entity)
        set_entities(config, name, wanted.patterns)
        settings = load(config)
        done[name] = {"entities": wanted.patterns, "visible": sorted(wanted.visible_names), "of": len(entities)}
        say(f"{name}: {len(wanted.visible_names)} of {len(entities)} entity sets are visible")
    if as_json:
        print_json(done)
