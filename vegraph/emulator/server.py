"""Put an emulator together: document, rows, users, dialect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from starlette.applications import Starlette

from vegraph.catalog import csdl
from vegraph.emulator.bc.choices import BcChoices
from vegraph.emulator.bc.dialect import BcDialect, bc_profile
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
    path: Path | None = None,
) -> Emulator:
    """A Business Central emulator. `limits=Limits()` switches throttling off; None: the published limits."""
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
    emulator.load(rows)
    return emulator
