"""What a body is taken for: rows that fit, rows to be looked at by graphql-core, or no rows at all."""

import msgspec
import pytest

from tests.plan.sample_entities import CUSTOMER, ORDER
from vegraph.plan.rows import Expanded, RowType, attribute, expanded_attribute, row_type

ORDERS = row_type(ORDER, frozenset({"id", "number", "amount"}))
ID = '"id":"7e610001-0000-4eed-a001-000000000001"'


@pytest.mark.parametrize(
    ("body", "amounts", "suspect"),
    [
        ('{"value":[{%s,"amount":10.50},{%s,"amount":null},{%s}]}', ["10.50", None, None], False),
        ('{"value":[]}', [], False),
        ('{"value":[{%s,"amount":1e2}]}', ["100"], False),
        ('{"value":[{%s,"amount":true}]}', [True], True),
        ('{"value":[{%s,"number":7,"amount":1}]}', [1], True),
    ],
)
def test_a_page(body, amounts, suspect):
    page = ORDERS.page(body.replace("%s", ID).encode())
    assert ([getattr(row, attribute("amount")) for row in page.rows], page.suspect) == (amounts, suspect)


@pytest.mark.parametrize(
    ("body", "amounts", "suspect"),
    [
        ('{%s,"amount":10.50}', ["10.50"], False),
        ('{"value":[]}', [], False),  # a related row that is not there
        ('{"value":[{%s,"amount":2}]}', [2], True),
        ('{%s,"amount":"ten"}', ["ten"], True),
    ],
)
def test_a_row(body, amounts, suspect):
    page = ORDERS.row(body.replace("%s", ID).encode())
    assert ([getattr(row, attribute("amount")) for row in page.rows], page.suspect) == (amounts, suspect)


INSIDE = (Expanded("orders", row_type(ORDER, frozenset({"id", "amount"})), many=True),)
QUOTED = ('"10.50"', '"3"'), ("10.50", "3")


@pytest.mark.parametrize(
    "bodies",
    [
        [QUOTED, QUOTED, (("null", '"3"'), (None, "3")), (("null", "null"), (None, None)), QUOTED],
        [QUOTED, (("10.50", "3"), ("10.50", "3")), QUOTED],  # a service that changes its mind
        [QUOTED, (('"10.50"', "3"), ("10.50", "3")), QUOTED],
        [QUOTED, (('"1E+2"', '"007"'), ("100", "007")), QUOTED],
        [QUOTED, (('"ten"', '"3"'), ("ten", "3"), True), QUOTED],
        [QUOTED, (('"1,2"', '"3"'), ("1,2", "3"), True), QUOTED],
        [(('"ten"', '"3"'), ("ten", "3"), True), QUOTED, QUOTED],
    ],
)
def test_decimals_in_quotes_are_read_alike_whatever_came_before(bodies):
    customers = RowType(CUSTOMER, frozenset({"id", "balance"}), INSIDE)
    for (balance, amount), read, *suspect in bodies:
        row = f'{{{ID},"balance":{balance},"orders":[{{{ID},"amount":{amount}}},{{{ID}}}]}}'
        page = customers.page(f'{{"value":[{row}]}}'.encode())
        [customer] = page.rows
        amounts = [getattr(order, attribute("amount")) for order in getattr(customer, expanded_attribute("orders"))]
        assert (getattr(customer, attribute("balance")), *amounts) == (*read, None)
        assert (page.suspect, customers.row(row.encode()).suspect) == (bool(suspect), bool(suspect))


@pytest.mark.parametrize(
    "body",
    [
        '{"value":1}',
        '{"value":[1]}',
        "[]",
        '{"value":[],"@odata.nextLink":5}',  # there is more, nobody knows where
        '{"value":[],"error":{"code":"","message":"out of memory"}}',  # the service failed after 200
        '{"value":[{%s,"amount":true}],"error":{"code":""}}',
    ],
)
def test_what_is_no_whole_collection_is_refused(body):
    with pytest.raises(ValueError, match="collection"):
        ORDERS.page(body.replace("%s", ID).encode())


def test_what_is_no_json_is_refused():
    with pytest.raises(msgspec.DecodeError):
        ORDERS.page(b"<html>")
