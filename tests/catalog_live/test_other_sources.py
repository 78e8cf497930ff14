"""Dataverse, Human Resources and plain OData over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.app.odata import METADATA, shop
from tests.app.server import served
from tests.catalog_live.erps import Told, finance_operations, fo, token
from vegraph.app.pulling import TOKEN, pull
from vegraph.app.settings import Source
from vegraph.catalog import folder

CRM = """<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="crmbaseentity" Abstract="true"/>
 <EntityType Name="account" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="accountid"/></Key>
  <Property Name="accountid" Type="Edm.Guid"/><Property Name="name" Type="Edm.String"/>
  <Property Name="_ownerid_value" Type="Edm.Guid"/></EntityType>
 <EntityContainer Name="System"><EntitySet Name="accounts" EntityType="Microsoft.Dynamics.CRM.account"/>
 </EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""


def label(**texts: str) -> dict[str, object]:
    numbers = {"en": 1033, "da": 1030}
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": numbers[tag]} for tag, text in texts.items()]}


TABLES = [
    [
        {
            "LogicalName": "account",
            "EntitySetName": "accounts",
            "DisplayName": label(en="Account", da="Firma"),
            "DisplayCollectionName": label(en="Accounts", da="Firmaer"),
            "Attributes": [
                {"LogicalName": "name", "DisplayName": label(en="Account name", da="Firmanavn")},
                {"LogicalName": "ownerid", "DisplayName": label(en="Owner", da="Ejer")},
                {"LogicalName": "odd", "DisplayName": {"LocalizedLabels": []}},
            ],
        }
    ],
    [{"LogicalName": "nothing", "DisplayName": None, "Attributes": None}],
]


@pytest.fixture
def crm() -> Iterator[str]:
    """A Dataverse-like service: definitions come in two pages, as its own next link says."""
    seen: list[str] = []

    async def document(request: Request) -> Response:
        seen.append(str(request.url.query))
        return Response(CRM, media_type="application/xml", status_code=200 if seen[-1] == "annotations=true" else 400)

    async def definitions(request: Request) -> Response:
        page = int(request.query_params.get("page", 0))
        following = {"@odata.nextLink": str(request.url.include_query_params(page=1))} if page == 0 else {}
        return JSONResponse({"value": TABLES[page], **following})

    root = "/api/data/v9.2"
    routes = [Route(f"{root}/$metadata", document), Route(f"{root}/EntityDefinitions", definitions)]
    with served(Starlette(routes=routes)) as url:
        yield url + root


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en-US", ("Account", "Accounts", "Account name", "Owner")),
        ("da-DK", ("Firma", "Firmaer", "Firmanavn", "Ejer")),
        ("fr-FR", (None, None, None, None)),
    ],
)
async def test_dataverse_tables_and_columns_have_their_labels(crm: str, language: str, texts: tuple[str | None, ...]):
    source = Source(name="crm", kind="dataverse", url=crm, delegation="none", language=language)
    catalog = folder.taken(await pull(source), name="crm", language=language)
    account = catalog.entity_types["Microsoft.Dynamics.CRM.account"]
    found = (account.label, catalog.entity_sets["accounts"].label)
    found += tuple(account.property(name).label for name in ("name", "_ownerid_value"))
    assert found == texts


async def test_human_resources_is_read_as_finance_and_operations_is():
    with finance_operations() as (_, url):
        for choice in ("document", "services"):
            source = fo(url, name="hr", kind="human-resources", metadata_from=choice, entities=("LeaveTypes",))
            catalog = folder.taken(await pull(source, {TOKEN: token()}), name="hr")
            leave = catalog.entity_types["Microsoft.Dynamics.DataEntities.LeaveType"]
            assert (leave.label, catalog.entity_sets["LeaveTypes"].type) == ("Leave type", leave.name)


def test_the_services_of_human_resources_are_beside_its_data():
    url = "https://x.hr.talent.dynamics.com/namespaces/0d5c/data"
    source = Source(name="hr", kind="human-resources", url=url, delegation="none")
    assert (source.services_path, source.beside) == ("/namespaces/0d5c/metadata", ("/namespaces/0d5c/metadata",))


async def test_a_plain_service_is_asked_for_its_document_and_nothing_else():
    told = Told()
    with served(shop()) as url:
        source = Source(name="shop", kind="odata", url=f"{url}/odata")
        pulled = await pull(source, progress=told)
    assert pulled.metadata == METADATA.encode()
    assert told.steps == ["shop: fetching $metadata"]
