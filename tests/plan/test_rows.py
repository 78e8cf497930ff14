"""What a body is taken for: rows that fit, rows to be looked at by graphql-core, or no rows at all."""

import msgspec
import pytest

from tests.plan.sample_entities import ORDER
from vegraph.plan.rows import attribute, row_type

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


@pytest.mark.parametrize("body", ['{"value":1}', '{"value":[1]}', "[]"])
def test_what_is_no_collection_is_refused(body):
    with pytest.raises(ValueError, match="collection"):
        ORDERS.page(body.encode())


def test_what_is_no_json_is_refused():
    with pytest.raises(msgspec.DecodeError):
        ORDERS.page(b"<html>")
