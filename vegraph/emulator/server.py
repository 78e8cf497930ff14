"""Put an emulator together: document, rows, users, dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from starlette.applications import Starlette

from vegraph.catalog import csdl
from vegraph.emulator.bc.choices import BcChoices
from vegraph.emulator.bc.definitions import definitions
from vegraph.emulator.bc.dialect import BcDialect, bc_profile
from vegraph.emulator.bc.webhooks import Webhooks, WebhookTimes
from vegraph.emulator.engine.access import Anyone, Door, Tokens
from vegraph.emulator.engine.asgi import App
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.control import control_app
from vegraph.emulator.engine.dialect import Dialect
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.engine.service import Service
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.users import Directory, User

__all__ = ["BC_ROOT", "Emulator", "assemble", "bc_document", "create_bc"]

BC_ROOT = "/v2.0/production/api/v2.0"
"""Path of the standard route in the emulated environment."""


class SeedBatch(Protocol):
    """Rows of one set; `company` by id or name where companies stand outside the rows."""

    @property
    def set(self) -> str:
        """Entity set."""

    @property
    def company(self) -> str | None:
        """Company, or None."""

    @property
    def rows(self) -> Iterable[Any]:
        """Plain dictionaries under wire names."""


class Rows(NamedTuple):
    """A batch of seed rows."""

    set: str
    company: str | None
    rows: Iterable[Any]


@dataclass(slots=True)
class Emulator:
    """An emulated ERP: its application, its control port, and what is behind."""

    app: App
    control: Starlette
    service: Service

    @property
    def store(self) -> Store:
        """Its rows."""
        return self.service.store

    def load(self, batches: Iterable[SeedBatch]) -> int:
        """Insert seed rows and make the indexes; gives how many rows."""
        count = sum(self.store.load(b.set, b.rows, b.company) for b in batches)
        self.store.finish_loading()
        return count


def assemble(
    document: bytes,
    dialect: Dialect,
    *,
    name: str,
    tokens: Tokens | Anyone,
    users: Iterable[User] = (),
    clock: Clock | None = None,
    path: Path | None = None,
) -> Emulator:
    """An emulator of any dialect over a CSDL document; rows are loaded afterwards."""
    catalog = csdl.read(document, name=name)
    store = Store(catalog, dialect.profile, path)
    service = Service(catalog, dialect, store, Door(tokens, Directory.of(users)), document=document, clock=clock)
    app = App(service)
    return Emulator(app, control_app(app), service)


def bc_document() -> bytes:
    """Business Central's metadata document of this project."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "_documents", here.parents[2] / "schema"):
        found = folder / "bc" / "metadata.xml"
        if found.is_file():
            return found.read_bytes()
    raise FileNotFoundError("schema/bc/metadata.xml is missing from this installation; reinstall vegraph.")


def create_bc(
    *,
    tokens: Tokens | Anyone,
    users: Iterable[User] = (),
    rows: Iterable[SeedBatch] = (),
    document: bytes | None = None,
    choices: BcChoices | None = None,
    limits: Limits | None = None,
    page_size: int = 20_000,
    default_company: str | None = None,
    environments: Iterable[str] = ("production",),
    routes: Mapping[str, bytes] | None = None,
    webhook_times: WebhookTimes | None = None,
    path: Path | None = None,
) -> Emulator:
    """A Business Central emulator. `limits=Limits()` switches throttling off; None: the published limits.

    `routes` are custom APIs: `publisher/group/version` → their CSDL document. A database file at `path` that already
    has rows is used as it is.
    """
    choices, clock = choices or BcChoices(), Clock()
    dialect = BcDialect(
        bc_profile(choices, limits=limits, page_size=page_size),
        choices=choices,
        clock=clock,
        environments=frozenset(e.lower() for e in environments),
        default_company=default_company,
    )
    emulator = assemble(
        document or bc_document(), dialect, name="bc", tokens=tokens, users=users, clock=clock, path=path
    )
    if not emulator.store.loaded:
        emulator.load(rows)
    _system_rows(emulator, routes or {})
    webhooks = Webhooks(emulator.store, clock, webhook_times or WebhookTimes())
    dialect.webhooks = webhooks
    emulator.store.listeners.append(webhooks.heard)
    for route, custom in (routes or {}).items():
        dialect.others[route] = _route(emulator, dialect, route, custom)
    return emulator


def _system_rows(emulator: Emulator, routes: Mapping[str, bytes]) -> None:
    """Definitions and the list of routes."""
    store = emulator.store
    for name, rows in (
        ("entityDefinitions", definitions(emulator.service.catalog)),
        ("apicategoryroutes", (_route_row(r) for r in ("v2.0", *routes))),
    ):
        if name in store.shape.tables:
            store.connection.execute(f"DELETE FROM {store.table(name).sql}")
            store.load(name, rows)


def _route_row(route: str) -> dict[str, str]:
    publisher, group, version = route.split("/") if "/" in route else ("", "", route)
    return {"route": route, "publisher": publisher, "group": group, "version": version}


def _route(emulator: Emulator, main: BcDialect, route: str, document: bytes) -> Service:
    """The service of a custom route: own tables, the same companies, users and clock."""
    dialect = BcDialect(
        main.profile,
        choices=main.choices,
        clock=main.clock,
        environments=main.environments,
        default_company=main.default_company,
        route=route,
    )
    catalog = csdl.read(document, name=route)
    store = Store(catalog, main.profile)
    known = emulator.store.company_list
    for _, company_id, name in known:
        store.add_company(company_id, name)
    if "companies" in store.shape.tables:
        store.load("companies", [{"id": i, "name": name} for _, i, name in known])
    return Service(catalog, dialect, store, emulator.service.door, document=document, clock=main.clock)
