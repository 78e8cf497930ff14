"""The graph as an Apollo Federation subgraph."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import graphql_sync

from tests import node
from tests.catalog.documents import entity, prop, sets
from tests.schema.graphs import fields, graph, source
from tests.schema.nasty import NASTY
from tests.schema.test_shape import a_shop
from vegraph.schema.binding import BINDING, EntitiesRoot
from vegraph.schema.build import build
from vegraph.schema.printing import print_sdl


def test_types_with_a_global_id_are_federation_entities():
    printed = print_sdl(a_shop(), federation=True)
    assert 'type BcCustomer implements Node @key(fields: "id") {' in printed
    assert "type PageInfo @shareable {" in printed
    assert printed.startswith(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])'
    )


def test_the_version_can_be_chosen():
    [view] = a_shop().views.values()
    printed = print_sdl(build([source(view.catalog)], federation_version="2.7"), federation=True)
    assert "federation/v2.7" in printed


def test_what_a_router_adds_is_not_printed():
    for federation in (False, True):
        printed = print_sdl(a_shop(), federation=federation)
        assert not any(name in printed for name in ("_service", "_entities", "_Any", "_Entity", "_Service"))


def test_the_plain_print_knows_nothing_of_federation():
    assert not any(word in print_sdl(a_shop()) for word in ("@key", "@shareable", "@link"))


def test_service_gives_what_is_printed():
    found = a_shop()
    result = graphql_sync(found.schema, "{ _service { sdl } }")
    assert (result.errors, result.data) == (None, {"_service": {"sdl": print_sdl(a_shop(), federation=True)}})


def test_entities_give_any_of_them():
    found = a_shop()
    field = found.schema.query_type.fields["_entities"]
    assert (str(field.type), str(field.args["representations"].type)) == ("[_Entity]!", "[_Any!]!")
    assert isinstance(field.extensions[BINDING], EntitiesRoot)
    assert [type_.name for type_ in found.schema.type_map["_Entity"].types] == ["BcCustomer", "BcOrder"]


def test_a_graph_without_entities_has_no_entities_field():
    found = graph(entity("total", prop("a"), key=()), container=sets("total"))
    assert "_entities" not in found.schema.query_type.fields
    assert "_Entity" not in found.schema.type_map
    assert "_service" in fields(found, "Query")


BESIDE = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
type Query { ratings: Ratings }
type Ratings { pageInfo: PageInfo! }
type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type BcCustomer @key(fields: "id") { id: ID! rating: Int }
"""


@pytest.mark.parametrize("make", [a_shop, NASTY["families"], NASTY["names"]], ids=["shop", "families", "names"])
def test_composers_take_the_subgraph_beside_another(make, tmp_path):
    folder = node.package(Path(__file__).parent / "composition")
    (tmp_path / "vegraph.graphql").write_text(print_sdl(make(), federation=True), "utf-8")
    (tmp_path / "ratings.graphql").write_text(BESIDE, "utf-8")
    command = [shutil.which("node"), str(folder / "compose.mjs"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"apollo": [], "guild": []}
