"""Which type has which name, over whole documents and several sources."""

import pytest

from tests.catalog.documents import entity, read
from vegraph.schema.binding import SourceBinding
from vegraph.schema.names import Names
from vegraph.schema.naming import RESERVED_TYPES, Helper


def names(*bodies: str, prefixes: tuple[str, ...] = ("X",)) -> Names:
    return Names(
        tuple(
            SourceBinding(name=f"s{i}", kind="odata", prefix=prefix, catalog=read(body))
            for i, (body, prefix) in enumerate(zip(bodies, prefixes, strict=True))
        )
    )


def test_types_have_the_prefix_of_their_source():
    found = names(entity("thing"), entity("thing"), prefixes=("Bc", "Fo"))
    assert found.of("s0", "NS.thing").name == "BcThing"
    assert found.of("s1", "NS.thing").name == "FoThing"


def test_entity_types_come_before_complex_types_and_enumerations():
    enum = '<EnumType Name="ORDER"><Member Name="a"/></EnumType>'
    found = names(enum + '<ComplexType Name="order_"/>' + entity("order"))
    assert found.of("s0", "NS.order").name == "XOrder"
    assert found.of("s0", "NS.order_").name.startswith("XOrder_")
    assert found.of("s0", "NS.ORDER").name == "XORDER"


def test_of_two_sources_with_one_prefix_the_first_keeps_its_names():
    found = names(entity("thing"), entity("thing"), prefixes=("", ""))
    assert found.of("s0", "NS.thing").name == "Thing"
    assert found.of("s1", "NS.thing").name.startswith("Thing_")


@pytest.mark.parametrize("name", ["query", "node", "pageInfo", "catalog", "string", "stringFilter", "media"])
def test_a_name_that_every_graph_needs_is_no_entitys(name):
    found = names(entity(name), prefixes=("",))
    assert found.of("s0", f"NS.{name}").name not in RESERVED_TYPES


def test_a_declared_type_keeps_its_name_before_a_helper_of_another():
    found = names(entity("customer") + entity("customerGroup"))
    assert found.of("s0", "NS.customerGroup").name == "XCustomerGroup"
    helper = found.helper(Helper.GROUP, found.of("s0", "NS.customer"))
    assert helper.startswith("XCustomerGroup_")
    assert found.read(helper) == (found.of("s0", "NS.customer"), Helper.GROUP)


def test_of_two_helpers_that_meet_the_one_of_the_longer_type_name_keeps_it():
    found = names(entity("a") + entity("aList"))
    longer, shorter = found.of("s0", "NS.aList"), found.of("s0", "NS.a")
    assert found.helper(Helper.FILTER, longer) == "XAListFilter"
    assert found.helper(Helper.LIST_FILTER, shorter).startswith("XAListFilter_")


@pytest.mark.parametrize("helper", list(Helper), ids=lambda helper: helper.name)
def test_every_helper_name_is_read_back(helper):
    found = names("".join(entity(name) for name in ("order", "orderList", "createOrder", "orderGroup", "orderBy")))
    for named in found.by_name.values():
        assert found.read(found.helper(helper, named)) == (named, helper)


def test_a_name_that_is_nobodys_is_read_as_nothing():
    found = names(entity("customer"))
    assert [found.read(name) for name in ("XNothing", "Filter", "XCustomerFilter_0000", "")] == [None] * 4
