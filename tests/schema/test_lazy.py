"""The lazy schema: makes what is asked for and no more, and is the same as the eager one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from graphql import GraphQLSchema, get_introspection_query, graphql_sync, lexicographic_sort_schema, parse, validate
from graphql.utilities import introspection_from_schema
from graphql.utilities import print_schema as core_print

from tests.schema.graphs import SHARED, shared
from tests.schema.nasty import NASTY
from tests.schema.test_shape import a_shop
from vegraph.schema.deferred import Deferred
from vegraph.schema.lazy import LazySchema, MadeOnLookUp
from vegraph.schema.printing import print_sdl

DOCUMENTS = {**{name: lambda name=name: shared(name) for name in SHARED}, **NASTY}
QUERY = '{ bcSalesOrders(first: 3, where: {number: {eq: "1"}}) { nodes { number customer { displayName } } } }'


@pytest.mark.parametrize("document", list(DOCUMENTS))
def test_it_prints_what_an_eager_one_prints(document):
    found = DOCUMENTS[document]()
    assert isinstance(found.schema, LazySchema)
    lazy = core_print(lexicographic_sort_schema(found.schema))
    eager = DOCUMENTS[document]().eager()
    assert type(eager) is GraphQLSchema
    assert core_print(lexicographic_sort_schema(eager)) == lazy


def test_it_prints_the_same_whatever_was_asked_before():
    asked = shared("bc-api-v2.0.xml")
    validate(asked.schema, parse(QUERY))
    assert print_sdl(asked) == print_sdl(shared("bc-api-v2.0.xml"))


def test_a_query_makes_the_types_it_names_and_their_neighbours():
    found = shared("bc-api-v2.0.xml")
    assert not found.types.made
    assert validate(found.schema, parse(QUERY)) == []
    made = {name for name, type_ in found.types.made.items() if type_ is not None}
    assert {"BcSalesOrder", "BcSalesOrderConnection", "BcSalesOrderFilter", "BcCustomer"} <= made
    assert len(made) < 150 < len(found.schema.type_map)


def test_a_misspelt_field_makes_nothing():
    found = shared("bc-api-v2.0.xml")
    [error] = validate(found.schema, parse("{ bcCustomerz { nodes { id } } }"), hide_suggestions=True)
    assert "bcCustomerz" in error.message
    assert not found.types.made


def test_fragments_on_node_make_the_types_they_name():
    found = shared("bc-api-v2.0.xml")
    query = '{ node(id: "x") { id ... on BcCustomer { number } ... on BcItem { number } } }'
    assert validate(found.schema, parse(query)) == []
    assert "BcVendor" not in found.types.made


@pytest.mark.parametrize(
    "query",
    [
        "query ($by: BcCustomerBy!) { bcCustomer(by: $by) { id } }",
        "query ($where: BcCustomerFilter!, $blocked: BcBlocked) "
        "{ bcCustomers(where: {and: [$where, {blocked: {eq: $blocked}}]}) { totalCount } }",
        "query ($key: BcOrderKey!) { bcOrder(by: {key: $key}) { id } }",
        "mutation ($input: CreateBcCustomerInput!) { createBcCustomer(input: $input) { bcCustomer { id } } }",
        "mutation ($input: BlockBcCustomerInput!) { blockBcCustomer(input: $input) { userErrors { code } } }",
        "mutation ($input: VisibilityInput!) { hide(input: $input) { changes { what } } }",
        "query ($given: [_Any!]!) { _entities(representations: $given) { ... on BcCustomer { number } } }",
        '{ _service { sdl } __type(name: "BcMarks") { name } }',
    ],
)
def test_variables_and_fragments_name_types_that_nothing_has_led_to(query):
    assert validate(a_shop().schema, parse(query)) == []


@pytest.mark.parametrize(
    "name",
    ["BcNothing", "BcCustomerNothing", "NoYes", "BcNoYes", "BcNoYesFilter", "__Nothing", "", "BcCustomerFilter_00",
     "BcCustomerInterface", "BcOrderKeyNothing", "BcAddressEdge", "_Nothing"],
)  # fmt: skip
def test_a_name_that_is_nobodys_is_not_there(name):
    found = a_shop()
    assert name not in found.schema.type_map
    assert found.schema.get_type(name) is None


@pytest.mark.parametrize("name", ["BcBlocked", "BcCustomer", "BcCustomerFilter", "BcAddress", "BlockBcCustomerInput"])
def test_types_that_only_hidden_entities_use_are_not_there(name):
    assert name in a_shop().schema.type_map
    assert name not in a_shop(visible=()).schema.type_map


def test_introspection_is_whole():
    found = a_shop()
    names = {type_["name"] for type_ in introspection_from_schema(found.schema)["__schema"]["types"]}
    assert names == set(found.schema.type_map)
    result = graphql_sync(found.schema, get_introspection_query(input_value_deprecation=True))
    assert result.errors is None


def test_one_type_can_be_described_without_making_the_others():
    found = shared("bc-api-v2.0.xml")
    result = graphql_sync(found.schema, '{ __type(name: "BcCustomer") { fields { name type { name } } } }')
    assert {"number", "currency"} <= {field["name"] for field in result.data["__type"]["fields"]}
    assert "BcVendor" not in found.types.made


def test_threads_that_ask_at_once_get_the_same_types():
    found = shared("bc-api-v2.0.xml")
    with ThreadPoolExecutor(4) as pool:
        printed = [pool.submit(print_sdl, found) for _ in range(2)]
        checked = [pool.submit(validate, found.schema, parse(QUERY)) for _ in range(20)]
    assert all(future.result() == [] for future in checked)
    assert printed[0].result() == printed[1].result()
    for type_ in found.schema.type_map.values():
        assert found.schema.type_map[type_.name] is type_


def test_what_was_not_found_is_not_asked_again():
    asked = []

    def make(name):
        asked.append(name)
        return name.upper() if name == "a" else None

    found = MadeOnLookUp(make, lambda: ["a"])
    assert ("b" in found, found.get("b"), "a" in found, found["a"]) == (False, None, True, "A")
    assert asked == ["b", "a"]
    assert (dict(found), list(found.values()), len(found), bool(found)) == ({"a": "A"}, ["A"], 1, True)
    with pytest.raises(KeyError):
        found["b"]


def test_makers_wait_for_nobody_and_the_first_entry_stored_is_everybodys():
    both = Barrier(2)  # passed only while two threads are inside the maker

    def make(name):
        both.wait(10)
        return [name]

    found = MadeOnLookUp(make, lambda: ["a"])
    with ThreadPoolExecutor(2) as pool:
        one, other = (pool.submit(found.__getitem__, "a") for _ in range(2))
    assert one.result() is other.result() is found["a"]


def test_a_deferred_mapping_is_the_same_for_threads_that_look_at_once():
    both = Barrier(2)

    def make():
        both.wait(10)
        return {"member": object()}

    found = Deferred(make)
    with ThreadPoolExecutor(2) as pool:
        one, other = (pool.submit(found.__getitem__, "member") for _ in range(2))
    assert one.result() is other.result() is found["member"]


def test_lookups_while_everything_is_put_in_order_find_what_is_there():
    names = [f"n{number}" for number in range(3000)]
    found = MadeOnLookUp(lambda name: [name], lambda: names)
    before = {name: found[name] for name in reversed(names)}
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(lambda: [found[name] for name in names]) for _ in range(3)]
        assert list(pool.submit(lambda: list(found)).result()) == names
    assert all(entry is before[name] for job in asked for name, entry in zip(names, job.result(), strict=True))
