"""A cursor leads back to its place in its own query, and in no other."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.sample_entities import CUSTOMER
from vegraph.errors import BadUserInput
from vegraph.plan.cursors import Place, decode, decode_place, digest, encode, encode_place
from vegraph.plan.global_ids import pack
from vegraph.plan.ordering import orders

GUID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"
QUERY = digest("BcCustomer", "customers", ["CRONUS"], {"number": {"eq": "a"}}, [{"balance": "ASC"}], None)
ORDERS = orders([{"number": "ASC"}, {"balance": "DESC"}, {"seen": "ASC"}, {"taxable": "ASC"}], CUSTOMER)
VALUES = ("ä'💶", Decimal("1.10"), "2019-08-18T20:05:51.6031234Z", "Yes", GUID)


def test_a_cursor_gives_back_the_values_of_its_row():
    found = decode(encode(QUERY, VALUES), QUERY, ORDERS)
    assert found == VALUES
    assert str(found[1]) == "1.10"  # no digit lost
    assert decode(encode(QUERY, (None,) * 5), QUERY, ORDERS) == (None,) * 5


places = st.builds(
    Place,
    st.just(VALUES),
    st.none() | st.text("aB ", max_size=3),
    st.lists(st.tuples(st.text("cD", max_size=3), st.none() | st.just(VALUES)), max_size=2).map(tuple),
    st.integers(0, 2**31 - 1),
)


@given(places)
def test_a_place_over_several_companies_or_without_a_key_comes_back_whole(place):
    text = encode_place(QUERY, place)
    assert decode_place(text, QUERY, ORDERS) == place
    if place == Place(VALUES):
        assert decode(text, QUERY, ORDERS) == VALUES
    else:
        with pytest.raises(BadUserInput, match="another query"):
            decode(text, QUERY, ORDERS)


def test_it_depends_on_nothing_but_the_query():
    """Another process makes the same text: cursors survive a restart and another replica."""
    assert QUERY == "DQNZHFRpIsUf"
    assert encode(QUERY, ("a",)) == "WyJEUU5aSEZScElzVWYiLFsiYSJdXQ"


PARTS = {
    "entity": "BcCustomer",
    "set": "customers",
    "company": ["CRONUS"],
    "where": {"balance": {"gt": Decimal(1)}, "since": {"lt": date(2020, 1, 1)}, "number": {"in": ["a", "b"]}},
    "orderBy": [{"number": "ASC"}, {"balance": "DESC"}],
    "search": "x",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"entity": "BcVendor"},
        {"set": "vendors"},
        {"company": ["My Company"]},
        {"company": None},
        {"where": None},
        {"where": PARTS["where"] | {"balance": {"gt": Decimal(2)}}},
        {"where": PARTS["where"] | {"number": {"in": ["b"]}}},
        {"orderBy": [{"balance": "DESC"}, {"number": "ASC"}]},
        {"search": None},
    ],
    ids=str,
)
def test_a_cursor_of_another_query_is_refused(changed):
    here, there = digest(*PARTS.values()), digest(*(PARTS | changed).values())
    with pytest.raises(BadUserInput, match=r"^before: this cursor belongs to another query"):
        decode(encode(there, VALUES), here, ORDERS, "before")


def test_the_order_of_members_in_a_filter_makes_no_other_query():
    where = PARTS["where"]
    turned = dict(reversed(where.items()))
    assert list(turned) != list(where)
    assert digest(*PARTS.values()) == digest(*(PARTS | {"where": turned}).values())


def test_every_coerced_value_can_stand_in_a_filter():
    values = [UUID(GUID), datetime(2020, 1, 1, tzinfo=UTC), Decimal("1.5"), b"\xff", True, 1.5, "a", None, {"b": [1]}]
    assert len({digest(value) for value in values}) == len(values)
    with pytest.raises(BadUserInput, match="surrogate"):
        digest({"number": {"eq": "\ud800"}})


def tampered(*parts):
    return encode(QUERY, parts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no cursor"),
        ("next page, please", "no cursor"),
        ("ä", "no cursor"),
        ("A" * 10_000, "no cursor"),
        (pack(b"[1,2"), "no cursor"),
        (pack(b"[" * 3000), "no cursor"),
        (pack(b"null"), "no cursor"),
        (pack(b'[1,["a"]]'), "no cursor"),
        (pack(b'["a",[],{},4]'), "no cursor"),
        (encode("AAAAAAAAAAAA", VALUES), "another query"),
        (tampered("a"), "another query"),  # too few values
        (tampered(*VALUES, "x"), "another query"),
        (tampered(5, *VALUES[1:]), "another query"),  # no text
        (tampered("a\x00", *VALUES[1:]), "another query"),
        (tampered("a", "1 or 1 eq 1", *VALUES[2:]), "another query"),
        (tampered("a", "1e999999", *VALUES[2:]), "another query"),
        (tampered("a", 1, "2019-13-18T20:05:51Z", *VALUES[3:]), "another query"),
        (tampered("a", 1, "now()", *VALUES[3:]), "another query"),
        (tampered("a", 1, None, "Perhaps", GUID), "another query"),
        (tampered("a", 1, None, True, GUID), "another query"),
        (tampered("a", 1, None, "No", "' or ''"), "another query"),
        (tampered("a", 1, None, "No", [GUID]), "another query"),
        (pack(f'["{QUERY}",{{}}]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],[]]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],{{"s":-1}}]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],{{"s":true}}]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],{{"c":1}}]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],{{"o":[["A",[1]]]}}]'.encode()), "another query"),
        (pack(f'["{QUERY}",[null,null,null,null,null],{{"o":[[1,null]]}}]'.encode()), "another query"),
    ],
)
def test_garbage_and_tampered_cursors_are_refused_with_a_sentence(text, says):
    with pytest.raises(BadUserInput, match=rf"^after: this .*{says}"):
        decode_place(text, QUERY, ORDERS)
