"""A server put together from settings, with the toy in place of the graph."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.odata import shop
from tests.app.server import served
from tests.app.toy import PEM, Toy
from vegraph.app import composition
from vegraph.app.catalogs import Catalogs
from vegraph.app.composition import Server, compose
from vegraph.app.settings import parse
from vegraph.errors import ConfigError

QUERY = {"query": "{ who }"}


class ToyGraphs:
    """`Graphs` that remember what they were asked to make."""

    def __init__(self, *_: Any) -> None:
        self.made: list[tuple[tuple[str, ...], str | None]] = []
        self.closed = False

    def graph(self, catalogs: Catalogs, delegation: Any, portal: Any) -> Any:
        self.made.append((tuple(catalogs.entities), portal.name if portal else None))
        return Toy()

    def states(self) -> Mapping[str, str]:
        return {"shop": "up"}

    def prepare(self) -> None:
        pass

    async def retire(self, served: Catalogs, after_s: float) -> None:
        pass

    async def close(self) -> None:
        self.closed = True


async def made(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("VEGRAPH_CACHE", str(folder / "cache"))
    return await compose(parse(text, folder / "vegraph.toml", {}), ToyGraphs)


def source(url: str, name: str = "shop", prefix: str = "") -> str:
    return f'[sources.{name}]\nkind = "odata"\nurl = "{url}/odata"\nprefix = "{prefix}"\n'


def asking(server: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=server.app), base_url="http://toy")


async def test_without_a_door_everybody_may_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with served(shop()) as url:
        server = await made(source(url), tmp_path, monkeypatch)
    async with asking(server) as client:
        response = await client.post("/graphql", json=QUERY)
        assert response.json()["data"]["who"].startswith("Anonymous visitor ")


async def test_a_token_that_nobody_can_check_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with served(shop()) as url:
        server = await made(source(url), tmp_path, monkeypatch)
    async with asking(server) as client:
        response = await client.post("/graphql", json=QUERY, headers={"Authorization": "Bearer x"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


DOORS = """
[identity.entra]
issuer = "https://login.example/tenant"
audience = "api://vegraph"

[portals.support]
issuer = "https://support.example"
public_key = "support.pem"
audience = "client"
entities = ["shop.*"]
anonymous = "shop:visitor"

[portals.closed]
issuer = "https://closed.example"
public_key = "support.pem"
audience = "client"
entities = ["shop.*"]
"""


async def test_each_door_has_its_own_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "support.pem").write_text(PEM)
    with served(shop()) as url:
        server = await made(source(url) + DOORS, tmp_path, monkeypatch)
    assert server.graphs.made == [(("shop",), None), (("shop",), "support"), (("shop",), "closed")]
    async with asking(server) as client:
        asked = {
            path: await client.post(path, json=QUERY)
            for path in ("/graphql", "/portal/support/graphql", "/portal/closed/graphql", "/portal/nope/graphql")
        }
    assert {path: response.status_code for path, response in asked.items()} == {
        "/graphql": 401,
        "/portal/support/graphql": 200,
        "/portal/closed/graphql": 401,
        "/portal/nope/graphql": 404,
    }
    assert asked["/graphql"].headers["WWW-Authenticate"].startswith("Bearer")


async def test_one_source_that_is_down_does_not_keep_the_others_and_joins_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(composition, "AGAIN_S", 0.05)
    late = shop()
    with served(shop()) as up, served(httpx_switch := Switch(late)) as down:
        server = await made(source(up) + source(down, "late", "Late"), tmp_path, monkeypatch)
        assert list(server.catalogs.missing) == ["late"]
        assert "503" in server.catalogs.missing["late"]
        async with server.app.router.lifespan_context(server.app), asking(server) as client:
            ready = (await client.get("/readyz")).json()
            assert ready == {"status": "ready", "sources": {"shop": "up", "late": "down"}}
            httpx_switch.on = True
            for _ in range(200):
                if not server.catalogs.missing:
                    break
                await asyncio.sleep(0.05)
            assert (await client.post("/graphql", json=QUERY)).status_code == 200
            assert (await client.get("/readyz")).json()["sources"] == {"shop": "up"}
    assert server.graphs.made[-1] == (("shop", "late"), None)
    assert server.graphs.closed


class Switch:
    """An application that answers 503 until it is switched on."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.on = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.on or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_when_every_source_is_down_there_is_nothing_to_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with served(shop(status=500)) as url, pytest.raises(ConfigError, match=r"shop answered 500 for \$metadata"):
        await made(source(url), tmp_path, monkeypatch)


async def test_declared_relationships_are_part_of_the_catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = '[[relationships]]\nfrom = "shop.Orders"\nto = "other.Customers"\nname = "otherCustomer"\n'
    text += 'on = { CustomerNo = "No" }\ninverse = "shopOrders"\n'
    with served(shop()) as url:
        whole = source(url) + source(url, "other", "Other") + text
        server = await made(whole, tmp_path, monkeypatch)
    names = [each.name for each in server.catalogs.entities["shop"]["Orders"].relationships]
    assert "otherCustomer" in names
    names = [each.name for each in server.catalogs.entities["other"]["Customers"].relationships]
    assert "shopOrders" in names


async def test_a_declared_relationship_that_cannot_be_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = '[[relationships]]\nfrom = "shop.Orders"\nto = "shop.Custommers"\nname = "x"\non = { CustomerNo = "No" }\n'
    with served(shop()) as url, pytest.raises(ConfigError, match="Did you mean 'Customers'"):
        await made(source(url) + text, tmp_path, monkeypatch)


async def test_the_answer_is_json_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with served(shop()) as url:
        server = await made(source(url), tmp_path, monkeypatch)
    async with asking(server) as client:
        response = await client.get("/nothing/here")
    assert json.loads(response.text)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
