"""`catalog`, `me` and the catalog's mutations, through Strawberry over the built schema."""

import datetime
import re
from dataclasses import dataclass

import strawberry
from graphql import GraphQLObjectType
from strawberry.extensions import SchemaExtension

from tests.catalog.documents import entity as a_type
from tests.catalog.documents import many, nav, prop, sets
from tests.schema.graphs import graph
from tests.schema.test_shape import a_shop
from vegraph.errors import Forbidden
from vegraph.schema import hand_written as hand
from vegraph.schema.catalog_report import lister, settlements
from vegraph.schema.naming import RESERVED_TYPES
from vegraph.schema.root_names import FIXED

WHEN = datetime.datetime(2026, 11, 25, 8, 30, tzinfo=datetime.UTC)


class Office:
    """A desk over the shop's graph."""

    def __init__(self, found):
        self._found = found

    async def catalog(self):
        source = hand.CatalogSource(
            name="s", kind="business-central", company="CRONUS", last_refresh=WHEN, problem=None,
            lister=lister(self._found, "s"),
        )  # fmt: skip
        return hand.Catalog(sources=[source])

    async def viewer(self):
        runs = hand.ViewerSource(name="s", runs_as="anna", why="on behalf of Anna")
        return hand.Viewer(door="entra", kind="person", name="Anna", id=strawberry.ID("1"), sources=[runs])

    async def make_visible(self, source, entities):
        change = hand.CatalogChange(source=source, subject=entities[0], member=None, what="added", breaking=False)
        return hand.CatalogPayload(catalog=await self.catalog(), changes=[change], user_errors=[])

    async def hide(self, source, entities):
        raise Forbidden("Only administrators change the catalog.")

    async def refresh(self, source, accept_breaking):
        error = hand.UserError(message=f"{source} {accept_breaking}", code="REJECTED")
        return hand.CatalogPayload(catalog=None, changes=[], user_errors=[error])


@dataclass
class Context:
    desk: Office


async def _ask(query, found=None, **options):
    found = found or a_shop()
    schema = hand.strawberry_schema(found.schema, **options)
    return await schema.execute(query, context_value=Context(Office(found)))


async def test_the_catalog_tells_of_sources_and_entities():
    result = await _ask(
        '{ catalog { sources { name kind company lastRefresh problem entities(matching: "cust*") '
        "{ name type graphName visible readable creatable deletable "
        "relationships { name graphName target many fetch } } } } }"
    )
    assert result.errors is None
    [source] = result.data["catalog"]["sources"]
    assert source["lastRefresh"] == "2026-11-25T08:30:00Z"
    assert source["entities"] == [
        {
            "name": "customers", "type": "NS.customer", "graphName": "BcCustomer", "visible": True, "readable": True,
            "creatable": True, "deletable": True,
            "relationships": [
                {"name": "orders", "graphName": "orders", "target": "NS.order", "many": True, "fetch": "field"}
            ],
        }
    ]  # fmt: skip


async def test_hidden_entities_are_listed_too():
    query = "{ catalog { sources { entities { name visible relationships { graphName } } } } }"
    result = await _ask(query, a_shop(visible={"customers"}))
    assert result.data["catalog"]["sources"][0]["entities"] == [
        {"name": "customers", "visible": True, "relationships": [{"graphName": None}]},
        {"name": "orders", "visible": False, "relationships": [{"graphName": None}]},
    ]


def test_a_portal_is_told_of_visible_entities_only():
    found = a_shop(visible={"customers"})
    names = [entity.name for entity in lister(found, "s", hidden=False)(matching=None, visible=None)]
    assert names == ["customers"]
    assert lister(found, "s", hidden=False)(matching=None, visible=False) == []


async def test_inputs_of_exactly_one_member_say_so():
    """Strawberry puts a resolver of its own in place of the language's, which knows nothing of generated inputs."""
    by, where, customer = "BcCustomerBy", "BcCustomerFilter", "BcCustomer"
    fields = " ".join(f'{name}: __type(name: "{name}") {{ isOneOf }}' for name in (by, where, customer))
    result = await _ask(f"{{ {fields} }}")
    assert result.data == {by: {"isOneOf": True}, where: {"isOneOf": False}, customer: {"isOneOf": None}}


async def test_me_tells_who_asks():
    result = await _ask("{ me { door kind name id sources { name runsAs why } } }")
    assert (result.errors, result.data["me"]["sources"]) == (
        None, [{"name": "s", "runsAs": "anna", "why": "on behalf of Anna"}],
    )  # fmt: skip


async def test_the_catalog_is_changed_by_mutations():
    result = await _ask(
        'mutation { makeVisible(input: {source: "s", entities: ["items"]}) '
        "{ catalog { sources { name } } changes { subject what breaking } userErrors { code } } "
        "refreshCatalog(input: {}) { catalog { sources { name } } userErrors { message code path } } }"
    )
    assert result.errors is None
    assert result.data["makeVisible"]["changes"] == [{"subject": "items", "what": "added", "breaking": False}]
    assert result.data["refreshCatalog"] == {
        "catalog": None, "userErrors": [{"message": "None False", "code": "REJECTED", "path": None}],
    }  # fmt: skip


async def test_whoever_may_not_is_refused():
    result = await _ask('mutation { hide(input: {source: "s", entities: []}) { changes { what } } }')
    assert result.data == {"hide": None}
    assert [error.message for error in result.errors] == ["Only administrators change the catalog."]


async def test_strawberry_extensions_run_over_the_whole_graph():
    seen = []

    class Watch(SchemaExtension):
        def on_execute(self):
            seen.append(self.execution_context.schema._schema.get_type("BcCustomer").name)
            yield

    result = await _ask('{ me { name } __type(name: "BcOrder") { name } }', extensions=[Watch])
    assert (result.errors, seen) == (None, ["BcCustomer"])
    assert result.data["__type"] == {"name": "BcOrder"}


def test_a_portal_graph_has_no_mutations_of_the_catalog():
    from tests.schema.graphs import source
    from vegraph.schema.build import build

    [view] = a_shop().views.values()
    allowed = {"customers": frozenset({"read"})}
    found = build([source(view.catalog, allowed=allowed)], administration=False)
    assert found.schema.mutation_type is None
    assert "CatalogPayload" not in found.schema.type_map
    assert "Catalog" in found.schema.type_map


def test_hand_written_names_are_reserved():
    schema = hand._made()
    own = {name for name, type_ in schema.type_map.items() if not name.startswith("__")}
    assert own <= RESERVED_TYPES
    for root in (schema.query_type, schema.mutation_type):
        assert isinstance(root, GraphQLObjectType)
        assert set(root.fields) <= FIXED


def test_settled_names_are_told():
    body = a_type("thing", prop("a_b"), prop("aB"), nav("ab_", many("thing"))) + (
        '<EnumType Name="e"><Member Name="a b"/><Member Name="a_b"/></EnumType>'
    )
    found = graph(body, container=sets("me:thing"), prefix="")
    told = {(s.place, s.wire): s for s in settlements(found, "s")}
    assert told.keys() == {("NS.thing", "a_b"), ("NS.e", "a_b"), ("Query", "me")} | {
        key for key in told if key[1] == "me"
    }
    assert re.fullmatch(r"aB_[0-9a-f]{4}", told["NS.thing", "a_b"].name)
    assert told["NS.thing", "a_b"].why == "'aB' has the name"
