"""Variables that pass their own coercion and still do not fit where they stand: the client's mistake, told as one."""

import pytest

from tests.stack import small

CREATE = 'createBcCustomer(input: {bcCustomer: {displayName: "never"}})'


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("query($x: String) { bcCustomer(by: {number: $x}) { number } }", ["bcCustomer"]),
        ("query($x: OrderDirection) { bcItems(orderBy: [{number: $x}]) { totalCount } }", ["bcItems"]),
        (
            "query($x: OrderDirection) { bcSalesOrders(first: 1) { nodes {"
            " salesOrderLines(orderBy: [{quantity: $x}]) { totalCount } } } }",
            ["bcSalesOrders", "nodes", 0, "salesOrderLines"],
        ),
        ('query($x: ID = "a") { node(id: $x) { id } }', ["node"]),
        ("query($x: Boolean = true) { bcItems @include(if: $x) { totalCount } }", None),
        ("query($x: Boolean = true) { bcItems { nodes { number @skip(if: $x) } } }", None),
        ("query($x: Boolean = true) { bcItems { ... on BcItemConnection @skip(if: $x) { totalCount } } }", None),
        (f"mutation($x: Boolean = true) {{ {CREATE} {{ bcCustomer {{ id @skip(if: $x) }} }} }}", None),
        (f'mutation($x: String = "k") {{ {CREATE} @idempotent(key: $x) {{ bcCustomer {{ id }} }} }}',
         ["createBcCustomer"]),
        ('mutation($x: CreateBcCustomerInput = {bcCustomer: {displayName: "never"}}) @atomic {'
         " createBcCustomer(input: $x) { bcCustomer { id } } }", ["createBcCustomer"]),
    ],
    ids=str,
)  # fmt: skip
def test_null_where_there_can_be_none(query, path):
    small().wire()
    answer = small().both(query, {"x": None})
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error.get("path")) == ("BAD_USER_INPUT", path)
    assert not [seen for seen in small().wire() if seen.method != "GET"]


def test_rows_of_a_type_that_comes_up_later_are_selected_by_the_same_rules():
    (item,) = small().data("{ bcItems(first: 1) { nodes { id } } }")["bcItems"]["nodes"]
    query = "query($id: ID!, $x: Boolean = true) { node(id: $id) { ... on BcItem { number @include(if: $x) } } }"
    (error,) = small().both(query, {"id": item["id"], "x": None})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
