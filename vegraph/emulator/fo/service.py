"""Puts the finance-and-operations emulator together: document, rules, store, seed rows, door."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vegraph.catalog import csdl
from vegraph.catalog.model import Catalog, Pair
from vegraph.emulator.data.seed import Batch, Progress, load
from vegraph.emulator.documents.fo import constraint_pairs, fo_metadata
from vegraph.emulator.documents.notation import read
from vegraph.emulator.engine.access import Anyone, Door, Tokens
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.service import Service
from vegraph.emulator.engine.shape import Link, Shape
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.fo.dialect import FinanceDialect
from vegraph.emulator.fo.profile import Options
from vegraph.emulator.users import Directory, User

__all__ = ["fo_catalog", "fo_service", "fo_store"]


def fo_catalog() -> Catalog:
    """The catalog of the emulator's own document."""
    return csdl.read(fo_metadata(), name="finance and operations emulator")


def fo_store(
    dialect: FinanceDialect,
    *,
    batches: Iterable[Batch] = (),
    path: Path | None = None,
    progress: Progress | None = None,
    catalog: Catalog | None = None,
) -> Store:
    """A store with those seed rows, indexed; in memory without a path. A file that has rows is taken as it is."""
    store = Store(catalog or fo_catalog(), dialect.profile, path)
    _join_hidden(store.shape)
    if store.version == 0:
        load(store, batches, progress)
    store.finish_loading()
    return store


def fo_service(
    *,
    users: Iterable[User],
    tokens: Tokens | Anyone,
    batches: Iterable[Batch] = (),
    path: Path | None = None,
    options: Options | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Service:
    """The whole service."""
    clock = clock or Clock()
    dialect = FinanceDialect(options, clock)
    store = fo_store(dialect, batches=batches, path=path, progress=progress)
    door = Door(tokens, Directory.of(users))
    return Service(store.shape.catalog, dialect, store, door, document=fo_metadata(), clock=clock)


def _join_hidden(shape: Shape) -> None:
    """Relations whose join only the server knows can be expanded and followed all the same."""
    facts = read("fo")
    for entity in facts.entities:
        for navigation in entity.navigation:
            if navigation.hidden:
                pairs = tuple(Pair(own, other) for own, other in constraint_pairs(facts, entity, navigation))
                target = facts.entity(navigation.target).set
                shape.tables[entity.set].links[navigation.name] = Link(  # type: ignore[index]
                    navigation.name, target, navigation.many, pairs
                )
