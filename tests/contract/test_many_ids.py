"""`node`, `nodes` and `_entities`: places are kept, and one that fails leaves the others alone (design.md §5.2)."""

import pytest

from tests.contract.program import CLERK, Program, codes

NODES = "query($i: [ID!]!) { nodes(ids: $i) { __typename id } }"
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on BcItem { number } } }"


@pytest.fixture(scope="module")
def ids(demo: Program) -> dict[str, str]:
    sets = ("bcItems", "bcCustomers", "foCustomersV3")
    found = demo.data(" ".join(["{", *(f"{name}(first: 1) {{ nodes {{ id }} }}" for name in sets), "}"]))
    return {name: found[name]["nodes"][0]["id"] for name in sets}


def test_nodes_keep_their_places(demo: Program, ids):
    found = demo.data(NODES, {"i": [ids["foCustomersV3"], "nonsense", ids["bcItems"], ids["foCustomersV3"]]})["nodes"]
    assert [row and row["__typename"] for row in found] == ["FoCustomerV3", None, "BcItem", "FoCustomerV3"]


def test_nodes_that_one_may_not_see_fail_alone(demo: Program, ids):
    answer = demo.ask(NODES, {"i": [ids["bcCustomers"], ids["bcItems"], ids["foCustomersV3"]]}, CLERK)
    assert [row and row["__typename"] for row in answer["data"]["nodes"]] == [None, "BcItem", None]
    assert codes(answer) == [(["nodes", 0], "FORBIDDEN"), (["nodes", 2], "FORBIDDEN")]


def test_an_erp_that_is_down_takes_its_own_nodes_only(demo: Program, ids):
    with demo.fault("fo", status=503):
        answer = demo.ask(NODES, {"i": [ids["bcCustomers"], ids["foCustomersV3"]]})
    assert [row and row["__typename"] for row in answer["data"]["nodes"]] == ["BcCustomer", None]
    assert codes(answer) == [(["nodes", 1], "UNAVAILABLE")]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "BcItem", "id": "x"},
        {"__typename": "BcItem", "id": None},
        {"__typename": "BcItem"},
        {"__typename": "BcItemFilter", "id": "x"},
        {"__typename": "Nothing", "id": "x"},
        {"__typename": 5, "id": 5},
        {"id": "x"},
        {},
        "text",
        5,
        True,
        [],
    ],
    ids=str,
)
def test_entities_that_do_not_exist_are_null(demo: Program, ids, representation):
    good = {"__typename": "BcItem", "id": ids["bcItems"]}
    found = demo.data(ENTITIES, {"r": [good, representation, good]})["_entities"]
    assert found[1] is None
    assert found[0] == found[2]
    assert found[0]["number"]


def test_an_entity_of_another_type_is_null(demo: Program, ids):
    assert demo.data(ENTITIES, {"r": [{"__typename": "BcItem", "id": ids["bcCustomers"]}]}) == {"_entities": [None]}


def test_entities_that_one_may_not_see_are_null(demo: Program, ids):
    representations = [
        {"__typename": "BcCustomer", "id": ids["bcCustomers"]},
        {"__typename": "BcItem", "id": ids["bcItems"]},
        {"__typename": "FoCustomerV3", "id": ids["foCustomersV3"]},
    ]
    found = demo.data(ENTITIES, {"r": representations}, CLERK)["_entities"]
    assert [row and row["__typename"] for row in found] == [None, "BcItem", None]


def test_entities_of_an_erp_that_is_down_are_null_with_the_reason(demo: Program, ids):
    representations = [
        {"__typename": "FoCustomerV3", "id": ids["foCustomersV3"]},
        {"__typename": "BcItem", "id": ids["bcItems"]},
    ]
    with demo.fault("fo", status=503):
        answer = demo.ask(ENTITIES, {"r": representations})
    assert [row and row["__typename"] for row in answer["data"]["_entities"]] == [None, "BcItem"]
    assert codes(answer) == [(["_entities", 0], "UNAVAILABLE")]


def test_entities_of_one_type_come_together(demo: Program):
    many = demo.data("{ bcItems(first: 40) { nodes { id } } }")["bcItems"]["nodes"]
    with demo.wire("bc") as seen:
        demo.data(ENTITIES, {"r": [{"__typename": "BcItem", "id": row["id"]} for row in many]})
    assert len(seen) <= 2


@pytest.mark.parametrize(("query", "variable"), [(NODES, "i"), (ENTITIES, "r")], ids=["nodes", "_entities"])
def test_there_is_a_most(demo: Program, query, variable):
    many = ["x"] * 1001 if variable == "i" else [{"__typename": "BcItem", "id": "x"}] * 1001
    assert [code for _, code in codes(demo.ask(query, {variable: many}))] == ["BAD_USER_INPUT"]


def test_what_is_below_nodes_counts_as_well(demo: Program):
    many = demo.data("{ bcSalesOrders(first: 200) { nodes { id } } }")["bcSalesOrders"]["nodes"]
    lines = "... on BcSalesOrder { salesOrderLines(first: 1000) { nodes { id } } }"
    query = f"query($i: [ID!]!) {{ nodes(ids: $i) {{ {lines} }} }}"
    assert [code for _, code in codes(demo.ask(query, {"i": [row["id"] for row in many]}))] == ["TOO_COMPLEX"]
