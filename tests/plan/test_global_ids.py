"""A global id leads back to its row, and nothing else is taken for one."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.documents import entity, prop, sets, xml
from tests.plan.sample_entities import CUSTOMER, GRAPH, LINE
from tests.small_odata import SmallOData
from tests.stack import Stack
from vegraph.errors import BadUserInput
from vegraph.plan.global_ids import MAX_LENGTH, decode, encode, encoder, find, pack, unpack

GUID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"


def test_an_id_leads_back_to_type_company_and_key():
    found = decode(encode("BcCustomer", "CRONUS USA, Inc.", (GUID,)), GRAPH)
    assert found.entity is CUSTOMER
    assert found.company == "CRONUS USA, Inc."
    assert found.key.members == CUSTOMER.key
    assert found.key.values == (GUID,)


def test_a_composite_key_keeps_the_type_of_each_part():
    key = ("usmf", Decimal("1.50"), "Yes", 2**62)
    found = decode(encode("FoLine", None, key), GRAPH)
    assert found.key.values == key
    assert [type(v) for v in found.key.values] == [str, Decimal, str, int]


def test_a_long_decimal_is_not_rounded():
    price = Decimal("1234567890123456789012345678901234567890.125")
    assert decode(encode("FoLine", None, ("a", price, "No", 1)), GRAPH).key.values[1] == price


def test_one_row_has_one_id_however_its_key_was_come_by():
    assert encode("BcCustomer", "A", (UUID(GUID),)) == encode("BcCustomer", "A", (GUID,))
    assert encode("FoLine", None, ("a", Decimal("1.50"), "No", 1)) == encode(
        "FoLine", None, ("a", Decimal("1.5"), "No", 1)
    )


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.none() | st.text("aÄ 💶"))
def test_the_compiled_encoder_agrees_and_any_text_comes_back(text, company):
    values = (text, Decimal("-0.00"), "No", -1)
    assert encoder("FoLine", 4)(company, *values) == encode("FoLine", company, values)
    assert encoder("BcCustomer", 1)(company, text) == encode("BcCustomer", company, (text,))
    found = decode(encode("FoLine", company, values), GRAPH)
    assert (found.company, found.key.values) == (company, values)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no global id"),
        ("customer 1", "no global id"),
        ("ÄÖ", "no global id"),
        (encode("BcCustomer", "A", (GUID,)) + "=", "no global id"),  # padded: another spelling
        (encode("BcCustomer", "A", (GUID,))[:-1], "no global id"),
        ("A" * (MAX_LENGTH + 1), "no global id"),
        (pack(b"not json"), "no global id"),
        (pack(b'{"a": 1}'), "no global id"),
        (pack(b'["BcCustomer"]'), "no global id"),
        (pack(b'["BcCustomer",null]'), "no global id"),
        (pack(b'["BcCustomer", null,"' + GUID.encode() + b'"]'), "no global id"),  # a blank: another spelling
        (pack(b'["BcCustomer",7,"' + GUID.encode() + b'"]'), "no global id"),
        (pack(b"[" * 5000), "no global id"),
        (encode("BcVendor", "A", (GUID,)), "does not show"),
        (encode("BcCustomer", "A", ("' or 1 eq 1",)), "Edm.Guid"),
        (encode("BcCustomer", "A", (7,)), "Edm.Guid"),
        (encode("BcCustomer", "A", (GUID, GUID)), "2 key values"),
        (encode("FoUnit", "A", ("kg",)), "names a company"),
        (encode("FoUnit", None, ("k\x00g",)), "Edm.String"),
        (encode("FoLine", None, ("a", True, "No", 1)), "Edm.Decimal"),
        (encode("FoLine", None, ("a", "1e999", "No", 1)), "Edm.Decimal"),
        (encode("FoLine", None, ("a", "1_0", "No", 1)), "Edm.Decimal"),
        (encode("FoLine", None, ("a", 1, True, 1)), "NS.NoYes"),
        (encode("FoLine", None, ("a", 1, "No", 1.5)), "Edm.Int64"),
        (encode("FoLine", None, ("a", 1, "No", "9223372036854775808")), "Edm.Int64"),
        (encode("FoLine", None, ("a", 1, "No", None)), "Edm.Int64"),
    ],
)  # fmt: skip
def test_what_is_no_id_of_this_graph_is_refused_with_a_reason(text, says):
    with pytest.raises(BadUserInput, match=says) as refused:
        decode(text, GRAPH, argument="input.id")
    assert str(refused.value).startswith("input.id: ")
    assert find(text, GRAPH) is None


@given(st.text("ABab01-_=+/ ", max_size=30))
def test_only_one_text_stands_for_the_same_bytes(text):
    content = unpack(text)
    assert content is None or pack(content) == text


def test_a_number_in_quotes_is_taken_as_services_that_quote_int64_send_it():
    assert decode(encode("FoLine", None, ("a", Decimal(1), "No", "12")), GRAPH).key.values[3] == 12
    assert LINE.key[3].wire == "count"


def test_a_number_with_a_fraction_may_be_a_key():
    document = xml(entity("rate", prop("k", "Edm.Double"), prop("name"), key=("k",)), container=sets("rate"))
    service = SmallOData({"rates": [{"k": 0.5, "name": "half"}, {"k": 1e300, "name": "much"}]}, key="k")
    with Stack(odata=(service.app, document)) as stack:
        rows = stack.both("{ rates { nodes { id name } } }")["data"]["rates"]["nodes"]
        assert stack.both("{ rate(by: { k: 0.5 }) { id } }")["data"]["rate"]["id"] == rows[0]["id"]
        [found] = stack.both("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [rows[0]["id"]]})["data"][
            "nodes"
        ]
    assert found == {"id": rows[0]["id"]}
