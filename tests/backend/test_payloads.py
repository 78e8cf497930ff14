"""Coerced values as the wire wants them."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest

from tests.backend.serving import entity, member, value
from vegraph.backend.payloads import body, exact, wire_value
from vegraph.backend.rows import etag_of, holds, key_in
from vegraph.catalog.model import Relationship
from vegraph.errors import BadUserInput
from vegraph.schema.binding import RelationField
from vegraph.schema.values import ComplexValue, Kind

ADDRESS = ComplexValue(
    graph_name="Address", wire_type="NS.Address", members={"city": member("City"), "size": member("Size", Kind.DECIMAL)}
)


@pytest.mark.parametrize(
    ("kind", "given", "wire"),
    [
        (Kind.STRING, "a", "a"),
        (Kind.UUID, UUID(int=1), str(UUID(int=1))),
        (Kind.INT, 5, 5),
        (Kind.LONG, 2**60, 2**60),
        (Kind.DECIMAL, Decimal("1.10"), Decimal("1.10")),
        (Kind.BOOLEAN, True, True),
        (Kind.NO_YES, False, "No"),
        (Kind.DATE, date(2020, 1, 2), "2020-01-02"),
        (Kind.NOON_DATE, date(2020, 1, 2), "2020-01-02T12:00:00Z"),
        (Kind.DATE_TIME, datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02T00:00:00Z"),
        (Kind.TIME, time(1, 2), "01:02:00"),
        (Kind.SECONDS, time(1, 0), 3600),
        (Kind.DURATION, "PT1S", "PT1S"),
        (Kind.BASE64, b"\xfb\xff", "-_8="),
        (Kind.BASE64, "+/8", "-_8="),
        (Kind.FLAGS, ["A", "B"], "A,B"),
        (Kind.FLAGS, [], "0"),
        (Kind.FLOAT, float("-inf"), "-INF"),
        (Kind.FLOAT, 1.5, 1.5),
        (Kind.ENUM, "Open", "Open"),
        (Kind.JSON, {"a": [1]}, {"a": [1]}),
    ],
    ids=str,
)
def test_a_value_by_kind(kind, given, wire):
    assert wire_value(given, value(kind)) == wire


def test_null_is_what_the_service_has_for_it():
    assert wire_value(None, value(Kind.DATE, empty="0001-01-01")) == "0001-01-01"
    assert wire_value(None, value(Kind.STRING, never_null=True)) == ""
    assert wire_value(None, value(Kind.STRING)) is None


def test_complex_values_and_collections():
    type_ = value(Kind.COMPLEX, "NS.Address", complex=ADDRESS, collection=True)
    assert wire_value([{"city": "x", "size": Decimal(1)}, None], type_) == [{"City": "x", "Size": Decimal(1)}, None]
    with pytest.raises(BadUserInput, match="'town' is no member of Address"):
        wire_value([{"town": "x"}], type_)


@pytest.mark.parametrize("given", ["\ud800", object()])
def test_what_has_no_json_is_refused(given):
    with pytest.raises(BadUserInput):
        body({"a": given})


LINE = entity(member("amount", Kind.DECIMAL), name="Line")
ORDER = entity(
    member("id", Kind.INT, edm="Edm.Int32", key=True),
    member("big", Kind.LONG),
    member("amount", Kind.DECIMAL),
    member("place", Kind.COMPLEX, complex=ADDRESS),
    member("many", Kind.DECIMAL, collection=True),
    name="Order",
)
ORDER.__dict__["relations"] = {
    "lines": RelationField(
        name="lines",
        relationship=Relationship(source="NS.Order", name="Lines", target="NS.Line", many=True),
        resolve=lambda: LINE,
    )
}


def test_exact_services_get_digits_as_text_at_any_depth():
    given = {
        "id": 1,
        "big": 2**60,
        "amount": Decimal("1.10"),
        "place": {"Size": Decimal("2.0"), "City": "x"},
        "many": [Decimal(1)],
        "Lines": [{"amount": Decimal("3.00")}],
        "Customer@odata.bind": "x",
    }
    assert json.loads(body(exact(given, ORDER))) == {
        "id": 1,
        "big": str(2**60),
        "amount": "1.10",
        "place": {"Size": "2.0", "City": "x"},
        "many": ["1"],
        "Lines": [{"amount": "3.00"}],
        "Customer@odata.bind": "x",
    }


@pytest.mark.parametrize(
    ("row", "values", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1.10}, {"a": Decimal("1.1")}, True),
        ({"a": "1.10"}, {"a": Decimal("1.1")}, True),
        ({"a": "2020-01-01T00:00:00Z"}, {"a": "2020-01-01T01:00:00+01:00"}, True),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, True),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": None}, {"a": None}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {"a": 0}, False),
        ({"a": "x"}, {"a": "y"}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({}, {"a": 1}, False),
        ({"a": 1}, {}, False),
        ([], {"a": 1}, False),
    ],
    ids=str,
)
def test_whether_a_row_holds_what_was_sent(row, values, same):
    assert holds(json.dumps(row).encode(), values) is same


def test_etag_and_key_of_a_row():
    assert etag_of(b'{"@odata.etag":"W/\\"1\\"","id":1}') == 'W/"1"'
    assert etag_of(b'{"@etag":"x"}') == "x"
    assert etag_of(b"[") is None
    found = key_in(b'{"id":7,"amount":1}', ORDER)
    assert found is not None
    assert found.values == (7,)
    assert key_in(b'{"amount":1}', ORDER) is None
