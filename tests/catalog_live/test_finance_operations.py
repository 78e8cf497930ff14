"""F&O over real HTTP: its document or its metadata services give the same catalog, with labels in one language."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.catalog_live.erps import Told, finance_operations, fo, token
from vegraph.app import pulling
from vegraph.app.pulling import TOKEN, pull
from vegraph.catalog import folder
from vegraph.catalog.model import Catalog
from vegraph.errors import BackendError, ConfigError

ENVIRON = {TOKEN: token()}
NS = "Microsoft.Dynamics.DataEntities"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with finance_operations() as (_, found):
        yield found


async def catalog(url: str, told: Told | None = None, **settings: Any) -> Catalog:
    source = fo(url, **settings)
    pulled = await pull(source, ENVIRON, progress=told)
    return folder.taken(pulled, name="fo", language=source.language)


def told_apart(found: Catalog) -> dict[str, Any]:
    """What two readings of one ERP must agree on."""
    return {
        "sets": {name: each.type for name, each in found.entity_sets.items()},
        "keys": {name: set(each.key) for name, each in found.entity_types.items()},
        "properties": {
            name: {(p.name, p.type.text, p.ax_type, p.insertable, p.updatable) for p in each.properties}
            for name, each in found.entity_types.items()
        },
        "relations": {
            (name, each.name, each.target, each.many) for name, group in found.relationships.items() for each in group
        },
        "enums": {
            name: [(m.name, m.value) for m in each.members]
            for name, each in found.enum_types.items()
            if name.startswith(("enum:" + NS, NS + "."))
        },
        "actions": {(o.name, o.binding and o.binding.text) for o in found.operations if o.bound},
    }


async def test_the_services_tell_what_the_document_tells(url: str):
    document = told_apart(await catalog(url, metadata_from="document"))
    services = told_apart(await catalog(url, metadata_from="services"))
    assert document["sets"]
    assert services == document


async def test_the_services_know_which_relations_are_narrowed_by_fixed_values(url: str):
    found = {}
    for choice in ("document", "services"):
        relations = (await catalog(url, metadata_from=choice)).relationships[f"{NS}.PurchaseOrderHeaderV2"]
        found[choice] = next(each for each in relations if each.name == "ReceivedLines")
    assert (found["document"].fetch, found["services"].fetch) == ("field", "follow")
    assert "fixed values" in found["services"].why


@pytest.mark.parametrize(
    ("language", "company", "customer"),
    [("en-US", "Company", "Customer account"), ("da", "Firma", "Debitorkonto"), ("de-DE", "Unternehmen", None)],
)
@pytest.mark.parametrize("choice", ["document", "services"])
async def test_labels_are_in_the_language_of_the_source(
    url: str, choice: str, language: str, company: str, customer: str | None
):
    found = await catalog(url, metadata_from=choice, language=language, entities=("CustomersV3",))
    properties = {p.name: p.label for p in found.entity_types[f"{NS}.CustomerV3"].properties}
    assert properties["dataAreaId"] == company
    assert customer is None or properties["CustomerAccount"] == customer


async def test_labels_are_fetched_for_what_is_visible(url: str):
    found = await catalog(url, entities=("CustomersV3",))
    labelled = {name for name, each in found.entity_types.items() if each.label}
    assert labelled == {f"{NS}.CustomerV3"}
    none = await pull(fo(url, entities=()), ENVIRON)
    assert none.labels == {}


async def test_each_step_is_told(url: str):
    told = Told()
    await catalog(url, told, metadata_from="services", entities=("CustomersV3",), language="da")
    assert [step.partition(": ")[2] for step in told.steps[:3]] == [
        "fetching PublicEntities",
        "fetching PublicEnumerations",
        "fetching DataEntities",
    ]
    assert told.steps[3].endswith("labels in da")
    assert told.parts[-1].endswith("labels")


class Between:
    """Stands before the emulator: some paths stall, are refused, or are told to wait."""

    def __init__(self, app: Any, **stands: Any) -> None:
        self.app = app
        self.stands = stands
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        self.asked.append(path)
        for part, answer in self.stands.items():
            if part in path and (status := answer(len([p for p in self.asked if part in p]))):
                if status == "stalls":
                    await asyncio.sleep(1.0)
                    status = 200
                headers = [(b"retry-after", b"0")] if status == 429 else []
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        await self.app(scope, receive, send)


async def test_a_document_that_does_not_come_in_time_is_replaced_by_the_services(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pulling, "DOCUMENT_S", 0.2)
    told = Told()
    with finance_operations(lambda app: Between(app, **{"$metadata": lambda _: "stalls"})) as (_, url):
        found = await catalog(url, told)
        assert "CustomersV3" in found.entity_sets
        assert "did not give $metadata within 0.2 seconds. Asking its metadata services instead." in told.text
        with pytest.raises(BackendError, match="did not give"):
            await catalog(url, metadata_from="document")


async def test_a_document_that_is_refused_is_not():
    with (
        finance_operations(lambda app: Between(app, **{"$metadata": lambda _: 404})) as (_, url),
        pytest.raises(BackendError, match=r"fo answered 404 for \$metadata\. Check sources\.fo\.url"),
    ):
        await catalog(url)


async def test_a_source_that_throttles_is_waited_for():
    with finance_operations(lambda app: Between(app, Labels=lambda n: 429 if n < 4 else None)) as (_, url):
        found = await catalog(url, entities=("CustomersV3",))
    assert found.entity_types[f"{NS}.CustomerV3"].property("dataAreaId").label == "Company"


@pytest.mark.parametrize(
    ("path", "says"),
    [("Labels", "labels are left out. fo answered 500"), ("DataEntities", "DataEntities are left out. fo answered")],
)
async def test_what_only_adds_is_done_without(path: str, says: str):
    told = Told()
    with finance_operations(lambda app: Between(app, **{path: lambda _: 500})) as (_, url):
        found = await catalog(url, told, metadata_from="services", entities=("CustomersV3",))
    assert says in told.text
    assert "CustomersV3" in found.entity_sets


async def test_the_services_without_a_token_are_a_sentence(url: str):
    with pytest.raises(ConfigError, match=r"refused \(401\) for PublicEntities. Put an access token .* VEGRAPH_PULL"):
        await pull(fo(url, metadata_from="services"), {})
