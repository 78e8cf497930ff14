"""Orders end in the key, and rows in memory follow them as a service's rows do."""

import enum
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.sample_entities import CITY, CUSTOMER, GENERAL, LINE, ORDER, SOURCE, entity, member
from vegraph.catalog.model import EntityType
from vegraph.errors import BadUserInput
from vegraph.plan.ordering import key_paths, merge, orders, reverse, sort, sort_key
from vegraph.plan.predicates import Path
from vegraph.plan.steps import Order
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Kind


class Direction(enum.Enum):
    ASC = "ascending"
    DESC = "descending"


def order(field, descending=False, entity_=CUSTOMER):
    found = entity_.members[field]
    return Order(Path((found.wire,), found.value), descending)


def reads(orders_):
    return [(lambda row, name=o.path.names[0]: row.get(name)) for o in orders_]


def sorted_by(rows, given_orders):
    return sort(rows, given_orders, reads(given_orders))


def key_of(given_orders):
    return sort_key(given_orders, reads(given_orders))


def key(field, descending=False, entity_=CUSTOMER):
    found = entity_.members[field]
    return Order(Path((found.wire,), replace(found.value, empty=None, never_null=True)), descending)


ROW_ID = key("rowId")


@pytest.mark.parametrize(
    ("order_by", "means"),
    [
        (None, (ROW_ID,)),
        ([], (ROW_ID,)),
        ([{"number": "ASC"}], (order("number"), ROW_ID)),
        ([{"number": Direction.DESC}, {"balance": "ASC"}], (order("number", True), order("balance"), ROW_ID)),
        ([{"rowId": "DESC"}, {"number": "ASC"}], (key("rowId", True), order("number"))),
        ([{"number": "ASC"}, {"number": "ASC"}], (order("number"), ROW_ID)),
        ([{"address": {"city": "DESC"}}], (Order(Path(("address", "City"), CITY.value), True), ROW_ID)),
    ],
    ids=str,
)
def test_order_by_means(order_by, means):
    assert orders(order_by, CUSTOMER) == means


def test_an_order_may_cross_to_one_relations():
    buyer = ORDER.relations["customer"]
    first, *_ = orders([{"customer": {"address": {"city": "ASC"}}}], ORDER)
    assert first.path == Path(("customer", "address", "City"), CITY.value, (buyer,))


def test_every_part_of_a_composite_key_is_added_and_a_keyless_type_has_none_to_add():
    assert [o.path.names for o in orders([{"price": "DESC"}], LINE)] == [
        ("price",),
        ("dataAreaId",),
        ("taxed",),
        ("count",),
    ]
    assert orders(None, entity("Log", (member("text", Kind.STRING),))) == ()
    assert orders(None, GENERAL) == (key("symbol", entity_=GENERAL),)


def test_a_key_part_may_be_an_enumeration():
    setting = entity("Setting", (member("status", Kind.ENUM, key=True), member("site", Kind.STRING, key=True)))
    assert [order.path.names for order in orders(None, setting)] == [("status",), ("site",)]


def test_a_key_inside_a_complex_value_is_found():
    place = EntityBinding(
        source=SOURCE,
        graph_name="Place",
        type=EntityType(name="NS.Place", key=("address/City",)),
        sets=(),
        load=CUSTOMER.load,
    )
    assert [path.names for path in key_paths(place)] == [("address", "City")]


@pytest.mark.parametrize(
    ("order_by", "says"),
    [
        ([{"number": "ASC"}, {"number": "DESC"}], r"^orderBy\[1\]: .*other way round"),
        ([{}], r"^orderBy\[0\]: .*one member"),
        ([{"number": None}], r"^orderBy\[0\]: .*one member"),
        ([{"number": "ASC", "rank": "ASC"}], r"^orderBy\[0\]: .*items of their own"),
        ([{"nmber": "ASC"}], r"^orderBy\[0\]\.nmber: there is nothing"),
        ([{"orders": {"number": "ASC"}}], r"^orderBy\[0\]\.orders: "),
        ([{"perks": "ASC"}], r"^orderBy\[0\]\.perks: .*type"),
        ([{"number": "UP"}], r"^orderBy\[0\]\.number: .*ASC or DESC"),
    ],
    ids=str,
)
def test_an_order_that_cannot_be_is_refused_with_its_path(order_by, says):
    with pytest.raises(BadUserInput, match=says):
        orders(order_by, CUSTOMER)


def test_nulls_and_stand_ins_come_first_ascending_and_last_descending():
    rows = [{"since": "2020-01-01"}, {"since": None}, {"since": "2019-05-05"}, {"since": "0001-01-01"}, {}]
    since = order("since")
    ascending = sorted_by(rows, (since,))
    assert ascending == [rows[1], rows[3], rows[4], rows[2], rows[0]]
    assert sorted_by(rows, reverse((since,))) == [rows[0], rows[2], rows[1], rows[3], rows[4]]


def test_moments_are_ordered_as_moments_to_the_last_digit():
    texts = [
        "2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00.0000001Z",
        "2020-01-01T00:00:00.000001Z",
        "2020-01-01T02:00:00.5+02:00",
        "2019-12-31T23:00:01-01:00",
    ]
    rows = [{"seen": t} for t in reversed(texts)]
    assert [r["seen"] for r in sorted_by(rows, (order("seen"),))] == texts


ROWS = st.lists(
    st.fixed_dictionaries({
        "number": st.sampled_from(["", "a", "B", "ä", "💶"]),
        "rank": st.none() | st.integers(-2, 2),
        "since": st.sampled_from([None, "0001-01-01", "2020-02-02", "2021-01-01"]),
        "blocked": st.sampled_from([None, "_x0020_", "Open", "On Hold"]),
    }),
    max_size=12,
)  # fmt: skip
ORDERS = st.lists(
    st.builds(order, st.sampled_from(["number", "rank", "since", "blocked"]), st.booleans()),
    max_size=4,
)


@given(ROWS, ORDERS)
def test_one_key_and_repeated_sorting_agree(rows, given_orders):
    assert sorted(rows, key=key_of(given_orders)) == sorted_by(rows, given_orders)


@given(st.lists(ROWS, max_size=4), ORDERS)
def test_merged_streams_are_the_sorted_whole_and_equal_rows_keep_the_order_of_streams(streams, given_orders):
    ordered = [sorted_by(stream, given_orders) for stream in streams]
    merged = list(merge(ordered, key_of(given_orders)))
    everything = [(i, row) for i, stream in enumerate(ordered) for row in stream]
    expected = sorted(everything, key=lambda numbered: key_of(given_orders)(numbered[1]))
    assert merged == expected


def test_merging_reads_no_further_than_it_is_asked():
    def endless(number):
        while True:
            yield {"rank": number}
            number += 2

    merged = merge([endless(0), endless(1)], key_of((order("rank"),)))
    assert [row["rank"] for _, (_, row) in zip(range(5), merged, strict=False)] == [0, 1, 2, 3, 4]
