"""The engine without an ERP: a plain OData service of a document, over real HTTP semantics."""

import httpx
import pytest

from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.engine.dialect import ActionAnswer, Dialect
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.server import Rows, assemble
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, User

DOCUMENT = b"""<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Shop" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="Author"><Key><PropertyRef Name="ID"/></Key>
  <Property Name="ID" Type="Edm.Int32" Nullable="false"/><Property Name="name" Type="Edm.String" MaxLength="50"/>
  <Property Name="born" Type="Edm.Date"/>
  <NavigationProperty Name="books" Type="Collection(Shop.Book)" Partner="author"/></EntityType>
 <EntityType Name="Book"><Key><PropertyRef Name="ID"/></Key>
  <Property Name="ID" Type="Edm.Int32" Nullable="false"/><Property Name="title" Type="Edm.String"/>
  <Property Name="stock" Type="Edm.Int32"/><Property Name="price" Type="Edm.Decimal" Scale="variable"/>
  <Property Name="author_ID" Type="Edm.Int32"/><Property Name="tags" Type="Collection(Edm.String)"/>
  <NavigationProperty Name="author" Type="Shop.Author" Partner="books">
   <ReferentialConstraint Property="author_ID" ReferencedProperty="ID"/></NavigationProperty></EntityType>
 <EntityType Name="Price"><Key><PropertyRef Name="book"/><PropertyRef Name="currency"/></Key>
  <Property Name="book" Type="Edm.Int32" Nullable="false"/>
  <Property Name="currency" Type="Edm.String" Nullable="false"/><Property Name="amount" Type="Edm.Double"/></EntityType>
 <EntityType Name="Settings"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.String" Nullable="false"/>
  <Property Name="open" Type="Edm.Boolean"/></EntityType>
 <Action Name="order" IsBound="true"><Parameter Name="in" Type="Shop.Book"/>
  <Parameter Name="count" Type="Edm.Int32" Nullable="false"/><ReturnType Type="Edm.Int32"/></Action>
 <Function Name="longest">
  <Parameter Name="atLeast" Type="Edm.Int32"/><ReturnType Type="Collection(Shop.Book)"/></Function>
 <EntityContainer Name="C">
  <EntitySet Name="Authors" EntityType="Shop.Author">
   <NavigationPropertyBinding Path="books" Target="Books"/></EntitySet>
  <EntitySet Name="Books" EntityType="Shop.Book"><NavigationPropertyBinding Path="author" Target="Authors"/></EntitySet>
  <EntitySet Name="Prices" EntityType="Shop.Price"/><Singleton Name="Settings" Type="Shop.Settings"/>
  <FunctionImport Name="longest" Function="Shop.longest"/>
 </EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""

ROWS = (
    Rows("Authors", None, [{"ID": 1, "name": "Ann", "born": "1950-01-01"}, {"ID": 2, "name": "Bo"}, {"ID": 3}]),
    Rows(
        "Books",
        None,
        [
            {"ID": n, "title": title, "stock": stock, "author_ID": author, "tags": ["a", "b"] if n == 1 else None}
            for n, title, stock, author in (
                (1, "One", 5, 1),
                (2, "Two", None, 1),
                (3, "Three", 0, 2),
                (4, None, 9, None),
            )
        ],
    ),
    Rows("Prices", None, [{"book": 1, "currency": "O'X", "amount": 1.5}, {"book": 1, "currency": "EUR"}]),
    Rows("Settings", None, [{"id": "s", "open": True}]),
)  # fmt: skip


class Shop(Dialect):
    """Orders take from stock; the longest titles are a function."""

    prefix = "/shop"

    def act(self, tx, call):
        if call.operation.short_name == "longest":
            least = int(call.parameters.get("atLeast", 0))
            rows = [row for row in tx.find("Books", None, {}) if len(row["title"] or "") >= least]
            return ActionAnswer(table=tx.store.table("Books"), rows=tuple(rows), many=True)
        left = (call.row["stock"] or 0) - call.parameters["count"]
        if left < 0:
            raise Problem(409, "sold_out", "Not so many are left.", target="count")
        tx.update("Books", call.row, {"stock": left})
        return ActionAnswer(value=left, has_value=True)


@pytest.fixture
async def shop():
    emulator = assemble(
        DOCUMENT,
        Shop(Profile(name="shop", namespace="Shop")),
        name="shop",
        tokens=Anyone(user=User(id="A", roles=(SYSTEM_ADMINISTRATOR,))),
    )
    emulator.load(ROWS)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=emulator.app), base_url="http://shop.test/shop"
    ) as client:
        yield client
    emulator.store.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("$filter=author/name eq 'Ann'", [1, 2]),
        ("$filter=author/born lt 1960-01-01", [1, 2]),
        ("$filter=stock eq null", [2]),
        ("$filter=not (stock gt 1)", [2, 3]),
        ("$filter=contains(title,'e') and stock add 1 ge 1", [1, 3]),
        ("$orderby=author/name desc,stock", [3, 2, 1, 4]),
        ("$orderby=stock desc&$top=2", [4, 1]),
        ("$filter=stock in (5,9)", [1, 4]),
        ("$filter=stock eq @s&@s=5", [1]),
        ("$filter=length(title) eq 3", [1, 2]),
    ],
)
async def test_rows(shop, query, ids):
    answer = await shop.get(f"/Books?{query}")
    assert [row["ID"] for row in answer.json()["value"]] == ids, answer.text


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("$filter=books/any(b:b/stock eq 0)", [2]),
        ("$filter=books/any()", [1, 2]),
        ("$filter=books/all(b:b/stock ge 0)", [2, 3]),
        ("$filter=books/$count ge 2", [1]),
        ("$filter=books/any(b:b/title eq 'One' and $it/name eq 'Ann')", [1]),
    ],
)
async def test_rows_by_their_children(shop, query, ids):
    answer = await shop.get(f"/Authors?{query}")
    assert [row["ID"] for row in answer.json()["value"]] == ids, answer.text


async def test_children_come_with_their_parents_and_parents_with_their_children(shop):
    authors = (await shop.get("/Authors?$expand=books($select=ID;$orderby=ID desc)&$orderby=ID")).json()["value"]
    assert [[book["ID"] for book in author["books"]] for author in authors] == [[2, 1], [3], []]
    books = (await shop.get("/Books?$expand=author&$filter=ID gt 2")).json()["value"]
    assert [(book["author"] or {}).get("name") for book in books] == ["Bo", None]


@pytest.mark.parametrize(
    ("path", "status", "content"),
    [
        ("/Books(1)/title", 200, "One"),
        ("/Books(4)/title", 204, None),
        ("/Books(1)/tags", 200, ["a", "b"]),
        ("/Books(1)/author/name", 200, "Ann"),
        ("/longest(atLeast=4)", 200, [3]),
        ("/longest(atLeast=@n)?@n=3", 200, [1, 2, 3]),
    ],
)
async def test_single_values_and_functions(shop, path, status, content):
    answer = await shop.get(path)
    assert answer.status_code == status, answer.text
    if content is not None:
        found = answer.json()["value"]
        assert ([row["ID"] for row in found] if path.startswith("/longest") else found) == content


async def test_a_raw_value_a_singleton_and_a_composite_key(shop):
    assert (await shop.get("/Books(1)/title/$value")).text == "One"
    assert (await shop.get("/Settings")).json()["open"] is True
    assert (await shop.get("/Prices(currency='O''X',book=1)")).json()["amount"] == 1.5
    assert (await shop.get("/Prices(book=1)")).status_code == 400
    assert (await shop.get("/Prices(1)")).status_code == 400


async def test_writes(shop):
    made = await shop.post("/Authors", json={"ID": 9, "name": "Cy", "books": [{"ID": 90, "title": "New"}]})
    assert (made.status_code, made.headers["location"]) == (201, "http://shop.test/shop/Authors(9)")
    assert (await shop.get("/Authors(9)/books")).json()["value"][0]["title"] == "New"
    assert (await shop.post("/Authors", json={"ID": 9})).status_code == 409
    changed = await shop.patch("/Authors(9)", json={"born": "1999-09-09"})
    assert (changed.status_code, "etag" in changed.headers) == (204, True)
    assert (await shop.put("/Authors(9)", json={"name": "Dee"})).status_code == 204
    row = (await shop.get("/Authors(9)")).json()
    assert (row["name"], row["born"]) == ("Dee", None)
    stale = {"if-match": made.headers["etag"]}
    assert (await shop.delete("/Authors(9)", headers=stale)).status_code == 412
    assert (await shop.delete("/Authors(9)", headers={"if-match": row["@odata.etag"]})).status_code == 204
    assert (await shop.get("/Authors(9)")).status_code == 404


async def test_a_row_made_under_its_parent_belongs_to_it(shop):
    made = (await shop.post("/Authors(2)/books", json={"ID": 91, "title": "Below"})).json()
    assert made["author_ID"] == 2


async def test_an_action_changes_a_row_or_nothing(shop):
    bought = await shop.post("/Books(1)/Shop.order", json={"count": 2})
    assert (bought.status_code, bought.json()["value"]) == (200, 3)
    refused = await shop.post("/Books(1)/Shop.order", json={"count": 4})
    assert (refused.status_code, refused.json()["error"]["target"]) == (409, "count")
    assert (await shop.get("/Books(1)")).json()["stock"] == 3


CHANGE_SET = """--b
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST Authors HTTP/1.1
Content-Type: application/json

{"ID": 20, "name": "Twenty"}
--c
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 2

POST $1/books HTTP/1.1
Content-Type: application/json

{"ID": %s, "title": "Child"}
--c--
--b
Content-Type: application/http
Content-Transfer-Encoding: binary

GET http://shop.test/shop/Authors/$count HTTP/1.1


--b--
"""


@pytest.mark.parametrize(("child", "statuses", "authors"), [(200, [201, 201, 200], "4"), (1, [409, 200], "3")])
async def test_a_change_set_is_all_or_nothing(shop, child, statuses, authors):
    answer = await shop.post(
        "/$batch",
        content=(CHANGE_SET % child).replace("\n", "\r\n"),
        headers={"content-type": "multipart/mixed; boundary=b"},
    )
    assert answer.status_code == 200
    lines = answer.text.split("\r\n")
    assert [int(line.split()[1]) for line in lines if line.startswith("HTTP/1.1")] == statuses
    assert authors in lines


async def test_the_document_and_the_list_of_sets(shop):
    assert (await shop.get("/$metadata")).content == DOCUMENT
    names = [row["name"] for row in (await shop.get("/")).json()["value"]]
    assert names == ["Authors", "Books", "Prices", "Settings"]


async def test_numbers_may_be_strings(shop):
    await shop.patch("/Books(1)", json={"price": 1})
    headers = {"accept": "application/json;IEEE754Compatible=true"}
    assert (await shop.get("/Books(1)", headers=headers)).json()["price"] == "1"
