"""Puts the finance-and-operations emulator together: document, rules, store, seed rows, door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from vegraph.catalog.model import Pair
from vegraph.emulator.documents.fo import constraint_pairs, fo_metadata
from vegraph.emulator.documents.notation import read
from vegraph.emulator.engine.access import Anyone, Tokens
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.engine.shape import Link, Shape
from vegraph.emulator.fo.dialect import FinanceDialect
from vegraph.emulator.fo.profile import Options
from vegraph.emulator.server import Emulator, SeedBatch, assemble
from vegraph.emulator.users import User

__all__ = ["FO_ROOT", "create_fo"]

FO_ROOT = "/data"
"""Path of the service root in the emulated environment."""


def create_fo(
    *,
    tokens: Tokens | Anyone,
    users: Iterable[User] = (),
    rows: Iterable[SeedBatch] = (),
    options: Options | None = None,
    limits: Limits | None = None,
    page_size: int | None = None,
    path: Path | None = None,
) -> Emulator:
    """A finance-and-operations emulator. `limits` puts user-based throttling in force (`profile.USER_LIMITS`).

    A database file at `path` that already has rows is used as it is; without a path the rows are in memory.
    """
    chosen = options or Options()
    if limits is not None:
        chosen = replace(chosen, user_limits=limits)
    if page_size is not None:
        chosen = replace(chosen, page_size=page_size)
    clock = Clock()
    dialect = FinanceDialect(chosen, clock)
    emulator = assemble(fo_metadata(), dialect, name="fo", tokens=tokens, users=users, clock=clock, path=path)
    _complete_links(emulator.store.shape)
    if emulator.store.version == 0:
        emulator.load(rows)
    return emulator


def _complete_links(shape: Shape) -> None:
    """Relations of which the document says nothing, or only a part: the server knows the rest."""
    facts = read("fo")
    for entity in facts.entities:
        links = shape.tables[entity.set].links
        for navigation in entity.navigation:
            if navigation.hidden:
                pairs = tuple(Pair(own, other) for own, other in constraint_pairs(facts, entity, navigation))
                target = facts.entity(navigation.target).set
                links[navigation.name] = Link(navigation.name, target, navigation.many, pairs)  # type: ignore[index]
            elif navigation.related_fixed:
                link = replace(links[navigation.name], fixed=navigation.related_fixed)
                links[navigation.name] = link  # type: ignore[index]
