"""Emulated ERPs with a few rows, and the graph's view of them, for tests that send real steps."""

import contextlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from tests.backend.serving import nobody
from tests.backend.serving import runner as make_runner
from vegraph.backend.backend import Backend
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.runner import Runner
from vegraph.backend.source import SourceSettings
from vegraph.catalog import csdl
from vegraph.emulator.data.bc import COMPANIES, COMPANY_IDS, bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.documents.fo import fo_metadata
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.engine.faults import Fault
from vegraph.emulator.engine.journal import Entry
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.fo.server import FO_ROOT, create_fo
from vegraph.emulator.running import running
from vegraph.emulator.server import BC_ROOT, Emulator, bc_document, create_bc
from vegraph.emulator.users import EVERYTHING, User
from vegraph.plan.steps import Company, Key, Read, ReadOne
from vegraph.schema.binding import EntityBinding, SourceBinding
from vegraph.schema.build import SchemaGraph, SourceInput, build

BUSINESS = Business(orders=60, customers=50, items=30)
EVERYBODY = User(id="MARY", rights=EVERYTHING)
FO_EVERYBODY = User(id="MARY", rights=EVERYTHING, default_company="usmf")
CRONUS = Company(COMPANIES[0], COMPANY_IDS[0])


class Erp:
    """One emulator being served, and a backend that calls it."""

    def __init__(self, emulator: Emulator, backend: Backend, graph: SchemaGraph, name: str) -> None:
        self.emulator, self.backend, self.graph, self.name = emulator, backend, graph, name

    def runner(self, delegate: Any = nobody, **info: Any) -> Runner:
        return make_runner(self.backend, delegate, **info)

    def entity(self, set_: str) -> EntityBinding:
        found = self.graph.entity_in(self.name, set_)
        assert found is not None, set_
        return found

    def read(self, set_: str, *select: str, **more: Any) -> Read:
        entity = self.entity(set_)
        assert entity.set is not None
        return Read(source=self.name, set=entity.set, entity=entity, select=select, **more)

    def one(self, set_: str, *key: Any, select: tuple[str, ...] = (), **more: Any) -> ReadOne:
        entity = self.entity(set_)
        assert entity.set is not None
        return ReadOne(
            source=self.name,
            set=entity.set,
            entity=entity,
            select=select,
            key=Key(entity.key, key) if key else None,
            **more,
        )

    @property
    def dialect(self) -> BaseDialect:
        return self.backend.sources[self.name].dialect

    @property
    def journal(self) -> list[Entry]:
        return list(self.emulator.app.journal.entries)

    def asked(self) -> list[str]:
        """Method, path and query of all requests so far; forgets them."""
        found = [
            f"{e.request.method} {e.request.path}" + (f"?{e.request.query}" if e.request.query else "")
            for e in self.journal
        ]
        self.emulator.app.journal.clear()
        return found

    def fault(self, **given: Any) -> None:
        self.emulator.app.faults.rules.append(Fault.read(given))

    def well(self) -> None:
        self.emulator.app.faults.rules.clear()


@cache
def _graph(kind: str, name: str, document: bytes) -> SchemaGraph:
    catalog = csdl.read(document, name=name)
    binding = SourceBinding(name=name, kind=kind, prefix=name.capitalize(), catalog=catalog)  # type: ignore[arg-type]
    return build([SourceInput(binding=binding, visible=frozenset(catalog.entity_sets))])


@contextlib.asynccontextmanager
async def _serving(
    emulator: Emulator, kind: str, name: str, root: str, document: bytes, **settings: Any
) -> AsyncIterator[Erp]:
    graph = _graph(kind, name, document)
    async with running(emulator.app) as url:
        source = SourceSettings(name=name, kind=kind, url=url + root, catalog=graph.sources[name].catalog, **settings)
        backend = Backend([source])
        try:
            yield Erp(emulator, backend, graph, name)
        finally:
            await backend.aclose()


def _settings(more: dict[str, Any]) -> dict[str, Any]:
    return {k: more.pop(k) for k in ("max_query", "at_once", "company", "patience") if k in more}


@contextlib.asynccontextmanager
async def business_central(user: User = EVERYBODY, limits: Limits | None = None, **more: Any) -> AsyncIterator[Erp]:
    settings = _settings(more)
    emulator = create_bc(tokens=Anyone(user=user), rows=bc_seed(BUSINESS), limits=limits or Limits(), **more)
    async with _serving(emulator, "business-central", "bc", BC_ROOT, bc_document(), **settings) as erp:
        yield erp


@contextlib.asynccontextmanager
async def finance(user: User = FO_EVERYBODY, **more: Any) -> AsyncIterator[Erp]:
    settings = _settings(more)
    emulator = create_fo(tokens=Anyone(user=user), rows=fo_seed(BUSINESS), **more)
    async with _serving(emulator, "finance-operations", "fo", FO_ROOT, fo_metadata(), **settings) as erp:
        yield erp
