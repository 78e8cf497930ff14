"""One finance-and-operations emulator, seeded once; a test that writes gets a copy of its own."""

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.data.people import MANAGER, Person, fo_users
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.asgi import App
from vegraph.emulator.engine.service import Service
from vegraph.emulator.fo.profile import Options
from vegraph.emulator.fo.server import create_fo
from vegraph.emulator.server import Emulator

SMALL = Business(orders=500, customers=300, items=100)
AUDIENCE = "https://contoso.operations.example"
ISSUER = "https://sts.example/tenant/"
SECRET = "a secret of thirty-two bytes or so"
TOKENS = Tokens(issuers=(ISSUER,), audiences=(AUDIENCE,), keys=(SECRET,), algorithms=("HS256",))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small business."""
    path = tmp_path_factory.mktemp("fo") / "seed.db"
    store = create_fo(tokens=TOKENS, rows=fo_seed(SMALL), path=path).store
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@dataclass
class Erp:
    """The emulator over HTTP, asked as a person."""

    service: Service
    client: httpx.AsyncClient
    app: App

    async def ask(
        self, method: str, url: str, body: Any = None, *, who: Person | None = MANAGER, **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            sent.setdefault("authorization", f"Bearer {token(who)}")
        content = body if isinstance(body, bytes) else None
        given = None if content is not None else body
        return await self.client.request(method, url, json=given, content=content, headers=sent)

    async def get(self, url: str, *, who: Person | None = MANAGER, **headers: str) -> Any:
        """The JSON (or text) of a read that must succeed."""
        response = await self.ask("GET", url, who=who, **headers)
        assert response.status_code == 200, response.text
        return response.json() if "json" in response.headers["content-type"] else response.text

    async def count(self, path: str) -> int:
        return int(await self.get(path))

    async def infolog(self, method: str, url: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """Status and useful text of a failure."""
        response = await self.ask(method, url, body, **more)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["error"]["innererror"]["message"]


def token(who: Person, **claims: Any) -> str:
    found = {"iss": ISSUER, "aud": AUDIENCE, "oid": who.object_id, "exp": time.time() + 3600, **claims}
    return jwt.encode(found, SECRET, algorithm="HS256")


def build(path: Path, options: Options | None = None) -> Emulator:
    return create_fo(users=fo_users(), tokens=TOKENS, path=path, options=options)


def connected(emulator: Emulator) -> Erp:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=emulator.app), base_url="http://fo.example")
    return Erp(emulator.service, client, emulator.app)


@pytest.fixture(scope="session")
def _shared(seeded: Path) -> Iterator[Emulator]:
    emulator = build(seeded)
    yield emulator
    emulator.store.close()


@pytest.fixture
async def erp(_shared: Emulator) -> AsyncIterator[Erp]:
    """For reads only."""
    found = connected(_shared)
    yield found
    await found.client.aclose()


@pytest.fixture
async def make(seeded: Path, tmp_path: Path) -> AsyncIterator[Callable[..., Erp]]:
    """An emulator of one's own, with readings chosen: `make(page_size=10)`."""
    made: list[Erp] = []

    def one(**options: Any) -> Erp:
        path = tmp_path / f"own{len(made)}.db"
        shutil.copy(seeded, path)
        made.append(connected(build(path, replace(Options(), **options))))
        return made[-1]

    yield one
    for erp in made:
        await erp.client.aclose()
        erp.service.store.close()


@pytest.fixture
def own(make: Callable[..., Erp]) -> Erp:
    """An emulator of one's own, to write to."""
    return make()
