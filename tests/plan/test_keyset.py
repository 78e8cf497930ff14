"""What lies after a row: read range by range, or as one condition, it is the rest of the sorted rows."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.rows_and_filters import GUIDS, read, rows
from tests.plan.sample_entities import CUSTOMER
from vegraph.plan.evaluate import compile_predicate
from vegraph.plan.ordering import after, orders, position, reverse, segments, sort, sort_key
from vegraph.plan.predicates import And, Compare, IsNull, Not, Or
from vegraph.plan.steps import Order

FIELDS = ["number", "balance", "rank", "blocked", "since", "seen", "taxable", "rowId"]
order_bys = st.lists(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(["ASC", "DESC"])), max_size=3, unique_by=lambda item: item[0]
).map(lambda items: [{field: direction} for field, direction in items])
tables = st.lists(rows, min_size=1, max_size=len(GUIDS), unique_by=lambda row: row["id"])


def reads(given_orders):
    return [read(order.path) for order in given_orders]


def fitting(predicate, some_rows):
    return list(filter(compile_predicate(predicate, read), some_rows))


@settings(max_examples=300)
@given(tables, order_bys, st.booleans(), st.booleans(), st.data())
def test_ranges_in_order_and_the_one_condition_give_the_rows_after(table, order_by, backward, inclusive, data):
    given_orders = orders(order_by, CUSTOMER)
    forward = sort(table, given_orders, reads(given_orders))
    at = data.draw(st.integers(0, len(table) - 1))
    values = [get(forward[at]) for get in reads(given_orders)]
    expected = forward[: at + inclusive][::-1] if backward else forward[at + (not inclusive) :]

    way = reverse(given_orders) if backward else given_orders
    ranges = segments(given_orders, values, backward=backward, inclusive=inclusive)
    assert [row for part in ranges for row in sort(fitting(part, table), way, reads(way))] == expected
    assert not any(isinstance(part, Or) for part in ranges)

    whole = after(given_orders, values, backward=backward, inclusive=inclusive)
    assert sort(fitting(whole, table), way, reads(way)) == expected


@given(tables, order_bys, st.data())
def test_a_position_cuts_rows_in_memory_at_the_same_place(table, order_by, data):
    given_orders = orders(order_by, CUSTOMER)
    key = sort_key(given_orders, reads(given_orders))
    forward = sorted(table, key=key)
    at = data.draw(st.integers(0, len(table) - 1))
    start = position(given_orders, [get(forward[at]) for get in reads(given_orders)])
    assert [row for row in forward if key(row) > start] == forward[at + 1 :]
    assert [row for row in forward if key(row) < start] == forward[:at]


def the(field, descending=False):
    (order, *_) = orders([{field: "DESC" if descending else "ASC"}], CUSTOMER)
    return order


RANK, FALLING, ID = the("rank"), the("rank", True), the("rowId")
SAME_RANK, LATER_ID = Compare(RANK.path, "eq", 5), Compare(ID.path, "gt", GUIDS[0])


@pytest.mark.parametrize(
    ("given_orders", "values", "ranges"),
    [
        ((ID,), (GUIDS[0],), (LATER_ID,)),
        ((RANK, ID), (5, GUIDS[0]), (And((SAME_RANK, LATER_ID)), Compare(RANK.path, "gt", 5))),
        ((FALLING, ID), (5, GUIDS[0]),
         (And((SAME_RANK, LATER_ID)), Compare(RANK.path, "lt", 5), IsNull(RANK.path))),
        ((RANK, ID), (None, GUIDS[0]), (And((IsNull(RANK.path), LATER_ID)), Not(IsNull(RANK.path)))),
        ((FALLING, ID), (None, GUIDS[0]), (And((IsNull(RANK.path), LATER_ID)),)),
        ((the("since"), ID), ("0001-01-01", GUIDS[0]),
         (And((IsNull(the("since").path), LATER_ID)), Not(IsNull(the("since").path)))),
        ((the("taxable"), ID), ("No", GUIDS[0]),
         (And((Compare(the("taxable").path, "eq", "No"), LATER_ID)), Compare(the("taxable").path, "eq", True))),
        ((the("taxable"), ID), ("Yes", GUIDS[0]), (And((Compare(the("taxable").path, "eq", "Yes"), LATER_ID)),)),
        ((), (), ()),
    ],
    ids=str,
)  # fmt: skip
def test_the_ranges_after_a_place_are(given_orders, values, ranges):
    assert segments(given_orders, values) == ranges


def test_a_key_is_never_asked_for_null_and_text_that_has_none_neither():
    assert segments((the("rowId", True),), (GUIDS[0],)) == (Compare(ID.path, "lt", GUIDS[0]),)
    assert segments((the("number", True),), ("a",)) == (Compare(the("number").path, "lt", "a"),)
    text = replace(the("number").path, value=replace(the("number").path.value, never_null=False))
    assert segments((Order(text, True),), ("a",)) == (Compare(text, "lt", "a"), IsNull(text))


def test_digits_of_a_place_are_kept():
    (balance, *_) = orders([{"balance": "ASC"}], CUSTOMER)
    (beyond,) = segments((balance,), (Decimal("0.10"),))
    assert str(beyond.value) == "0.10"
