"""The entity catalog at run time: what administrators change through the real app, and what nobody else may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.emulator.bc import books
from vegraph.app import composition
from vegraph.app.composition import Server, compose
from vegraph.app.graph import make
from vegraph.app.settings import parse
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.running import running
from vegraph.emulator.server import BC_ROOT, create_bc
from vegraph.emulator.users import EVERYTHING, SYSTEM_ADMINISTRATOR, User
from vegraph.identity.development import Contact, DevelopmentIssuer, Person

ADMIN = Person(object_id="ad000000-0000-4000-8000-000000000001", name="Ada")
CLERK = Person(object_id="ad000000-0000-4000-8000-000000000002", name="Cleo")
ISSUER = DevelopmentIssuer(
    issuer="https://sign-in.vegraph.invalid/7e9a9400-0000-4000-8000-00000000de30/v2.0",
    tenant="7e9a9400-0000-4000-8000-00000000de30",
    audience="api://vegraph",
    clock=time.time,
    development=True,
)
SITE, CLIENT = "support.contoso.example", "vegraph-support"

CONFIG = """
[server]
profile = "development"
administrators = ["{admin}"]
{server}

[sources.bc]
kind = "business-central"
url = "{url}{root}"
prefix = "Bc"
company = "{company}"
entities = ["customers", "salesOrders"]
delegation = "development"
scope = "https://erp.test/.default"
{source}

[identity.demo]
issuer = "{issuer}"
audience = "api://vegraph"

[portals.support]
issuer = "https://{site}"
public_key = "portal.pem"
audience = "{client}"
entities = ["bc.customers"]
mapping = "sqlite:///portal.db"
anonymous = "bc:visitor"
"""


class Erp:
    """Stands before the emulator: holds answers back, changes the document, is away, remembers who asked for it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.open = asyncio.Event()
        self.open.set()
        self.reached = asyncio.Event()
        self.away = False
        self.edits: list[tuple[bytes, bytes]] = []
        self.readers: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.away:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        if "$metadata" in scope["path"]:
            token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
            self.readers.append(jwt.decode(token, options={"verify_signature": False})["oid"] if token else "nobody")
            await self.app(scope, receive, self._edited(send))
            return
        self.reached.set()
        await self.open.wait()
        await self.app(scope, receive, send)

    def _edited(self, send: Any) -> Any:
        async def edited(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() != b"content-length"]
                message = {**message, "headers": kept}
            else:
                for old, new in self.edits:
                    assert old in message["body"]
                    message = {**message, "body": message["body"].replace(old, new)}
            await send(message)

        return edited


class World:
    """The app over the emulator, asked as a person."""

    def __init__(self, server: Server, erp: Erp, client: httpx.AsyncClient) -> None:
        self.server = server
        self.erp = erp
        self.client = client

    async def ask(
        self, query: str, *, who: Person | Contact | None = ADMIN, portal: bool = False, **variables: Any
    ) -> dict[str, Any]:
        match who:
            case Person():
                token = ISSUER.person_token(who).reveal()
            case Contact():
                token = ISSUER.contact_token(SITE, CLIENT, who).reveal()
            case _:
                token = None
        path = "/portal/support/graphql" if portal else "/graphql"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent = {"query": query, "variables": variables}
        found: dict[str, Any] = (await self.client.post(path, json=sent, headers=headers)).json()
        return found

    async def change(self, name: str, *, who: Person = ADMIN, **given: Any) -> dict[str, Any]:
        """A catalog mutation that is allowed."""
        type_ = "RefreshCatalogInput" if name == "refreshCatalog" else "VisibilityInput"
        answer = await self.ask(f"mutation ($input: {type_}!) {{ done: {name}(input: $input) {PAYLOAD} }}", input=given)
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["done"]
        return found

    async def visible(self) -> set[str]:
        found = await self.ask("{ catalog { sources { entities(visible: true) { name } } } }")
        return {entity["name"] for source in found["data"]["catalog"]["sources"] for entity in source["entities"]}

    async def problem(self, source: str) -> str:
        found = await self.ask("{ catalog { sources { name problem } } }")
        return next(s["problem"] or "" for s in found["data"]["catalog"]["sources"] if s["name"] == source)


PAYLOAD = """{ catalog { sources { name lastRefresh problem entities(visible: true) { name graphName } } }
  changes { source subject member what breaking } userErrors { message code path } }"""


def _config(folder: Path, url: str, source: str = "", server: str = "") -> str:
    (folder / "portal.pem").write_bytes(ISSUER.portal_pem())
    return CONFIG.format(
        admin=ADMIN.object_id,
        server=server,
        url=url,
        root=BC_ROOT,
        company=books.MAIN_NAME,
        source=source,
        issuer=ISSUER.issuer,
        site=SITE,
        client=CLIENT,
    )


@asynccontextmanager
async def world_of(folder: Path, **more: str) -> AsyncIterator[World]:
    admin = User(id="ADMIN", roles=(SYSTEM_ADMINISTRATOR,), rights=EVERYTHING)
    emulator = create_bc(tokens=Anyone(user=admin), rows=books.batches(), limits=Limits())
    erp = Erp(emulator.app)
    async with running(erp) as url:
        text = _config(folder, url, **more)
        (folder / "bc.xml").write_bytes(emulator.service.document)
        server = await compose(parse(text, folder / "vegraph.toml", {}), make, issuer=ISSUER)
        transport = httpx.ASGITransport(app=server.app)
        async with (
            server.app.router.lifespan_context(server.app),
            httpx.AsyncClient(transport=transport, base_url="http://graph", timeout=60) as client,
        ):
            yield World(server, erp, client)
    emulator.store.close()


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    async with world_of(tmp_path, source='metadata = "bc.xml"') as found:
        yield found


CUSTOMERS = "{ bcCustomers(first: 2) { nodes { number } } }"
ITEMS = "{ bcItems(first: 2) { nodes { number } } }"


async def test_what_is_made_visible_can_be_asked_for_and_what_is_hidden_cannot(world: World):
    assert (await world.ask(ITEMS))["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    done = await world.change("makeVisible", source="bc", entities=["item*"])
    assert {change["subject"] for change in done["changes"]} >= {"items", "itemCategories"}
    assert all(c["what"] == "made visible" and not c["breaking"] for c in done["changes"])
    listed = {e["name"]: e["graphName"] for e in done["catalog"]["sources"][0]["entities"]}
    assert listed["items"] == "BcItem"
    assert (await world.ask(ITEMS))["data"]["bcItems"]["nodes"] == [{"number": "1001"}, {"number": "1002"}]
    done = await world.change("hide", source="bc", entities=["items"])
    assert [(c["subject"], c["what"], c["breaking"]) for c in done["changes"]] == [("items", "hidden", True)]
    assert (await world.ask(ITEMS))["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert await world.visible() >= {"customers", "itemCategories"}


async def test_what_is_visible_already_is_no_change(world: World):
    before = world.server.catalogs
    done = await world.change("makeVisible", source="bc", entities=["customers"])
    assert (done["changes"], done["userErrors"]) == ([], [])
    assert world.server.catalogs is before


async def test_200_requests_in_flight_end_well_while_an_entity_is_made_visible(world: World):
    world.erp.open.clear()
    crowd = [Person(object_id=f"ad000000-0000-4000-8000-0000000001{n:02}", name=f"Nr. {n}") for n in range(20)]
    flying = [asyncio.create_task(world.ask(CUSTOMERS, who=crowd[n % 20])) for n in range(200)]
    await world.erp.reached.wait()
    await asyncio.sleep(0.2)
    assert not any(task.done() for task in flying)
    done = await world.change("makeVisible", source="bc", entities=["items"])
    assert [change["subject"] for change in done["changes"]] == ["items"]
    later = [asyncio.create_task(world.ask(ITEMS, who=person)) for person in crowd]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in flying)
    world.erp.open.set()
    rows = {"data": {"bcCustomers": {"nodes": [{"number": "C1"}, {"number": "C2"}]}}}
    assert [answer for answer in await asyncio.gather(*flying) if answer != rows] == []
    for answer in await asyncio.gather(*later):
        assert answer == {"data": {"bcItems": {"nodes": [{"number": "1001"}, {"number": "1002"}]}}}


MUTATIONS = {
    "makeVisible": 'mutation { makeVisible(input: {source: "bc", entities: ["*"]}) { changes { what } } }',
    "hide": 'mutation { hide(input: {source: "bc", entities: ["*"]}) { changes { what } } }',
    "refreshCatalog": "mutation { refreshCatalog(input: {}) { changes { what } } }",
}


@pytest.mark.parametrize("query", MUTATIONS.values(), ids=MUTATIONS)
async def test_nobody_else_may(world: World, query: str):
    before = world.server.catalogs
    refused = await world.ask(query, who=CLERK)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "administrators" in refused["errors"][0]["message"]
    contact = Contact(contact_id=ADMIN.object_id, name="Ada at the portal")
    for who in (contact, None):
        unknown = await world.ask(query, who=who, portal=True)
        assert unknown["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", unknown
    assert (await world.ask(query, who=None))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert world.server.catalogs is before
    assert world.erp.readers == []


async def test_a_portals_graph_follows_what_is_visible_and_shows_no_more_than_its_own(world: World):
    await world.change("makeVisible", source="bc", entities=["items"])
    assert (await world.ask(ITEMS, who=None, portal=True))["errors"][0]["extensions"]["code"] == (
        "GRAPHQL_VALIDATION_FAILED"
    )
    query = "{ catalog { sources { entities { name relationships { name graphName } } } } }"
    [source] = (await world.ask(query, who=None, portal=True))["data"]["catalog"]["sources"]
    assert [entity["name"] for entity in source["entities"]] == ["customers"]
    assert all(each["graphName"] for each in source["entities"][0]["relationships"])


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("makeVisible", {"source": "bc", "entities": ["custommers"]}, "Did you mean 'customers'?"),
        ("hide", {"source": "bc", "entities": ["nothing*"]}, "bc has no entity set 'nothing*'"),
        ("makeVisible", {"source": "cb", "entities": ["items"]}, "there is no source 'cb'"),
        ("refreshCatalog", {"source": "cb"}, "there is no source 'cb'"),
        ("hide", {"source": "bc", "entities": ["customers"]}, "portals.support.entities: 'bc.customers' is no visible"),
    ],
    ids=[
        "a set misspelt",
        "a pattern of nothing",
        "a source misspelt",
        "a refresh of no source",
        "what a portal shows",
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(world: World, name: str, given: dict[str, Any], says: str):
    before = world.server.catalogs
    done = await world.change(name, **given)
    assert [error["code"] for error in done["userErrors"]] == ["BAD_USER_INPUT"]
    assert says in done["userErrors"][0]["message"]
    assert world.server.catalogs is before
    assert "data" in await world.ask(CUSTOMERS)


PHONE = b'<Property Name="phoneNumber" Type="Edm.String" MaxLength="30"/>'
MORE = b'<Property Name="loyalty" Type="Edm.Int32"/>'


def _phone(document: bytes) -> bytes:
    """The customer's phone number as the document has it."""
    start = document.index(b'<Property Name="phoneNumber"', document.index(b'EntityType Name="customer"'))
    return document[start : document.index(b"/>", start) + 2]


async def test_a_refresh_takes_what_is_new_as_the_administrator_who_asks(world: World):
    phone = _phone((world.server.settings.base / "bc.xml").read_bytes())
    world.erp.edits = [(phone, phone + MORE)]
    await world.change("makeVisible", source="bc", entities=["items"])
    done = await world.change("refreshCatalog", source="bc")
    added = {(c["subject"], c["member"], c["what"], c["breaking"]) for c in done["changes"]}
    assert ("customers", "loyalty", "property added", False) in added
    assert done["userErrors"] == []
    assert world.erp.readers == [ADMIN.object_id]
    answer = await world.ask('{ __type(name: "BcCustomer") { fields { name } } }')
    assert "loyalty" in {field["name"] for field in answer["data"]["__type"]["fields"]}
    assert "items" in await world.visible()


async def test_a_refresh_that_breaks_programs_asks_to_be_accepted(world: World):
    query = "{ bcCustomers(first: 1) { nodes { phoneNumber } } }"
    world.erp.edits = [(_phone((world.server.settings.base / "bc.xml").read_bytes()), b"")]
    before = world.server.catalogs
    done = await world.change("refreshCatalog")
    assert [(e["code"], e["path"]) for e in done["userErrors"]] == [
        ("PRECONDITION_REQUIRED", ["input", "acceptBreaking"])
    ]
    broken = {(c["subject"], c["member"], c["what"]) for c in done["changes"] if c["breaking"]}
    assert ("customers", "phoneNumber", "property gone") in broken
    assert world.server.catalogs is before
    assert "errors" not in await world.ask(query)
    done = await world.change("refreshCatalog", acceptBreaking=True)
    assert done["userErrors"] == []
    assert (await world.ask(query))["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "errors" not in await world.ask(CUSTOMERS)


async def test_a_source_that_does_not_answer_is_an_error_and_changes_nothing(world: World):
    before = world.server.catalogs
    world.erp.away = True
    answer = await world.ask(MUTATIONS["refreshCatalog"])
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert "bc answered 503" in answer["errors"][0]["message"]
    assert "bc answered 503" in await world.problem("bc")
    world.erp.away, world.erp.edits = False, [(b"<edmx:DataServices>", b"<edmx:DataServices><oops>")]
    done = await world.change("refreshCatalog")
    assert "sources.bc: " in done["userErrors"][0]["message"]
    assert "XML" in await world.problem("bc")
    assert world.server.catalogs is before
    world.erp.edits = []
    await world.change("refreshCatalog")
    assert await world.problem("bc") == ""


async def test_a_source_that_joins_late_keeps_what_was_changed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(composition, "AGAIN_S", 0.05)
    late = create_bc(tokens=Anyone(user=User(id="A", rights=EVERYTHING)), rows=books.batches(), limits=Limits())
    erp = Erp(late.app)
    erp.away = True
    async with running(erp) as url:
        more = f'metadata = "bc.xml"\n[sources.late]\nkind = "odata"\nurl = "{url}{BC_ROOT}"\nprefix = "Late"\n'
        async with world_of(tmp_path, source=more) as world:
            done = await world.change("makeVisible", source="late", entities=["*"])
            assert "'late' is down" in done["userErrors"][0]["message"]
            done = await world.change("makeVisible", source="bc", entities=["items"])
            assert [s["name"] for s in done["catalog"]["sources"] if s["problem"]] == ["late"]
            erp.away = False
            for _ in range(500):
                if not world.server.catalogs.missing:
                    break
                await asyncio.sleep(0.02)
            assert "errors" not in await world.ask(ITEMS)
            assert "items" in await world.visible()
    late.store.close()


async def test_connections_of_a_source_outlive_a_change_of_what_is_visible(world: World):
    await world.ask(CUSTOMERS)
    graphs: Any = world.server.graphs
    [source] = graphs._sources
    await world.change("makeVisible", source="bc", entities=["items"])
    assert graphs._sources == [source]
    world.erp.edits = [(_phone((world.server.settings.base / "bc.xml").read_bytes()), b"")]
    await world.change("refreshCatalog", acceptBreaking=True)
    assert graphs._sources[0] is source
    assert len(graphs._sources) == 2
    await graphs.retire(world.server.catalogs, 0.0)
    assert len(graphs._sources) == 1
    assert graphs._sources[0] is not source
    assert "errors" not in await world.ask(CUSTOMERS)


async def test_a_server_of_several_workers_says_where_to_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    async with world_of(tmp_path, source='metadata = "bc.xml"', server="workers = 2") as world:
        done = await world.change("makeVisible", source="bc", entities=["items"])
    assert "only one of them would see the change" in done["userErrors"][0]["message"]
