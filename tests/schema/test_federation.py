"""The graph as an Apollo Federation subgraph."""

from graphql import graphql_sync

from tests.catalog.documents import entity, prop, sets
from tests.schema.graphs import fields, graph, source
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
