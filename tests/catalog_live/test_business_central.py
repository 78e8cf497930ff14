"""Business Central over real HTTP: several API routes as one source, captions in one language, data behind both."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.catalog_live.erps import ROUTE, Told, bc, business_central, token
from tests.emulator.bc import books
from vegraph.app.composition import compose
from vegraph.app.graph import make
from vegraph.app.pulling import TOKEN, pull
from vegraph.app.settings import parse
from vegraph.catalog import folder
from vegraph.errors import ConfigError

ENVIRON = {TOKEN: token()}
CARS = "/v2.0/production/api/contoso/fleet/v1.0"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with business_central() as (_, found):
        with httpx.Client(base_url=found + CARS, headers={"authorization": f"Bearer {token()}"}) as client:
            car = client.post("/cars", json={"model": "Elva", "status": "Sold"}).json()
            client.post("/items", json={"carId": car["id"], "part": "Wheel"})
        yield found


async def test_captions_are_in_the_language_of_the_source(url: str):
    found = {}
    for language in ("en-US", "da-DK", "de-AT"):
        source = bc(url, language=language)
        catalog = folder.taken(await pull(source, ENVIRON), name="bc", language=language)
        order = catalog.entity_types["Microsoft.NAV.salesOrder"]
        found[language] = (order.label, order.property("number").label, catalog.entity_sets["salesOrders"].label)
    assert found == {
        "en-US": ("Sales order", "Number", "Sales orders"),
        "da-DK": ("Salgsordre", "Nummer", "Salgsordre"),
        "de-AT": ("Verkaufsauftrag", "Nr.", "Verkaufsauftrag"),
    }


async def test_a_language_that_windows_has_no_number_for_is_told(url: str):
    told = Told()
    pulled = await pull(bc(url, language="tlh"), ENVIRON, progress=told)
    assert pulled.entity_definitions is None
    assert "there are no captions in 'tlh'" in told.text


async def test_several_routes_are_one_catalog(url: str):
    told = Told()
    pulled = await pull(bc(url, routes=(ROUTE,)), ENVIRON, progress=told)
    catalog = folder.taken(pulled, name="bc")
    cars, items = catalog.entity_sets["cars"], catalog.entity_sets[f"{ROUTE}/items"]
    assert (cars.api, items.api, items.segment) == (ROUTE, ROUTE, "items")
    assert catalog.entity_types[items.type].property("part") is not None
    assert catalog.entity_types[catalog.entity_sets["items"].type].property("unitPrice") is not None
    assert [step for step in told.steps if "$metadata" in step] == [
        "bc: fetching $metadata",
        f"bc: fetching {ROUTE}/$metadata",
    ]


CONFIG = """
[server]
profile = "development"

[sources.bc]
kind = "business-central"
url = "{url}/v2.0/production/api/v2.0"
prefix = "Bc"
company = "{company}"
routes = [{routes}]
entities = ["*"]
delegation = "fixed"
fixed = {{ headers = {{ Authorization = "Bearer {token}" }} }}
{more}
"""


def configured(url: str, *, routes: str = f'"{ROUTE}"', more: str = "") -> str:
    return CONFIG.format(url=url, company=books.MAIN_NAME, token=token(), routes=routes, more=more)


async def asked(text: str, path: Any, *queries: str) -> list[dict[str, Any]]:
    server = await compose(parse(text, path, {}), make)
    transport = httpx.ASGITransport(app=server.app)
    async with (
        server.app.router.lifespan_context(server.app),
        httpx.AsyncClient(transport=transport, base_url="http://graph") as client,
    ):
        return [(await client.post("/graphql", json={"query": query})).json() for query in queries]


async def test_the_rows_of_all_routes_are_in_one_graph(url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path))
    names, filtered, both, created = await asked(
        configured(url),
        tmp_path / "vegraph.toml",
        '{ catalog { sources { entities(matching: "*items") { name type graphName } } } }',
        "{ bcCars(where: {status: {eq: SOLD}}) { nodes { model status company items { nodes { part } } } } }",
        '{ bcCars { nodes { model } } bcItems(where: {number: {eq: "1001"}}) { nodes { number } } }',
        'mutation { createBcCar(input: {bcCar: {model: "Berlin", status: IN_USE}}) '
        "{ bcCar { model status } userErrors { message } } }",
    )
    listed = {e["name"]: e["graphName"] for e in names["data"]["catalog"]["sources"][0]["entities"]}
    assert "errors" not in filtered, filtered
    assert listed["items"] == "BcItem"
    assert listed[f"{ROUTE}/items"] != "BcItem"
    assert filtered["data"]["bcCars"]["nodes"] == [
        {"model": "Elva", "status": "SOLD", "company": books.MAIN_NAME, "items": {"nodes": [{"part": "Wheel"}]}}
    ]
    assert both["data"] == {"bcCars": {"nodes": [{"model": "Elva"}]}, "bcItems": {"nodes": [{"number": "1001"}]}}
    assert created["data"]["createBcCar"] == {"bcCar": {"model": "Berlin", "status": "IN_USE"}, "userErrors": []}


@pytest.mark.parametrize(
    ("pulled", "listed", "says"),
    [
        ((ROUTE,), "", f"holds route '{ROUTE}', which is not listed"),
        ((), f'"{ROUTE}"', f"holds nothing of route '{ROUTE}'. Run 'vegraph catalog pull bc'"),
    ],
)
async def test_a_folder_and_its_source_have_the_same_routes(
    url: str, tmp_path: Any, pulled: tuple[str, ...], listed: str, says: str
):
    folder.write(tmp_path / "bc", await pull(bc(url, routes=pulled), ENVIRON), name="bc")
    text = configured(url, routes=listed, more='metadata = "bc"')
    with pytest.raises(ConfigError, match=says):
        await compose(parse(text, tmp_path / "vegraph.toml", {}), make)


class Instead:
    """Answers some paths in place of the emulator, with raw ASGI messages."""

    def __init__(self, app: Any, part: str, status: int, body: bytes, **headers: str) -> None:
        self.app, self.part, self.status, self.body = app, part, status, body
        self.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.part not in scope.get("path", ""):
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})
        await asyncio.sleep(0)


HALF = b"<edmx:Edmx xmlns:edmx='http://docs.oasis-open.org/odata/ns/edmx' Version='4.0'><edmx:Data"
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "headers", "says"),
    [
        (200, HTML, {}, "this is an HTML page"),
        (302, b"", {"location": "https://login.example/"}, r"sends to another page \(302\), to sign in"),
        (401, b"", {}, r"refused \(401\) for \$metadata"),
        (403, b"", {}, r"refused \(403\)"),
        (404, b"", {}, r"bc answered 404 for \$metadata. Check sources.bc.url"),
        (503, b"", {}, "bc answered 503 .* Try again later"),
        (200, HALF, {}, "ends in the middle"),
        (200, b"<?xml", {"content_length": "99999"}, "broke the connection before its answer was whole"),
        (200, b"not gzip", {"content_encoding": "gzip"}, "a body that cannot be inflated"),
        (200, gzip.compress(b"<?xml version='1.0'?>")[:12], {"content_encoding": "gzip"}, "cannot be inflated"),
        (200, b"", {}, "the document is empty"),
    ],
)  # fmt: skip
async def test_what_is_no_metadata_is_one_sentence(
    tmp_path: Any, status: int, body: bytes, headers: dict[str, str], says: str
):
    with business_central(lambda app: Instead(app, "$metadata", status, body, **headers)) as (_, url):
        text = configured(url, routes="")
        with pytest.raises(ConfigError, match=says) as caught:
            await compose(parse(text, tmp_path / "vegraph.toml", {}), make)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"{}"), (403, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"value": 3}'),
     (200, b'{"value": [], "@odata.nextLink": "https://stranger.example/x"}')],
)  # fmt: skip
async def test_captions_that_do_not_come_are_done_without(status: int, body: bytes):
    told = Told()
    with business_central(lambda app: Instead(app, "entityDefinitions", status, body)) as (_, url):
        pulled = await pull(bc(url), ENVIRON, progress=told)
    assert pulled.entity_definitions is None
    assert "bc: captions are left out. " in told.text
    assert "salesOrders" in folder.taken(pulled, name="bc").entity_sets
