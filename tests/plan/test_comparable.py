"""What the wire sends and what a client gives meet in one form, in the order the graph promises."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from tests.plan.sample_entities import ZERO_GUID, value
from vegraph.errors import PlanError
from vegraph.plan.comparable import normaliser, operand, stands_for_null
from vegraph.schema.values import Kind

GUID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("kind", "wire", "given"),
    [
        (Kind.STRING, "ä", "ä"),
        (Kind.UUID, GUID.upper(), UUID(GUID)),
        (Kind.INT, 5, 5),
        (Kind.LONG, "9007199254740993", 2**53 + 1),
        (Kind.LONG, 2**53 + 1, 2**53 + 1),
        (Kind.DECIMAL, Decimal("1.10"), Decimal("1.1")),
        (Kind.DECIMAL, 0.1, Decimal("0.1")),  # a row that was decoded without types
        (Kind.DECIMAL, "0.1000", Decimal("0.1")),
        (Kind.DECIMAL, 3, Decimal("3.00")),
        (Kind.FLOAT, 2, 2.0),
        (Kind.BOOLEAN, True, True),
        (Kind.NO_YES, "Yes", True),
        (Kind.NO_YES, "No", False),
        (Kind.DATE, "2020-02-29", date(2020, 2, 29)),
        (Kind.NOON_DATE, "2020-02-29T12:00:00Z", date(2020, 2, 29)),
        (Kind.DATE_TIME, "2020-02-29T10:00:00Z", datetime(2020, 2, 29, 11, tzinfo=timezone(timedelta(hours=1)))),
        (Kind.DATE_TIME, "2020-02-29T10:00:00.250Z", datetime(2020, 2, 29, 10, 0, 0, 250_000, UTC)),
        (Kind.DATE_TIME, "2020-02-29T10:00:00.2500000Z", "2020-02-29T12:00:00.25+02:00"),
        (Kind.DATE_TIME, "2020-02-29T10:00Z", datetime(2020, 2, 29, 10, tzinfo=UTC)),
        (Kind.DATE_TIME, "0001-01-01T00:00:00+14:00", datetime(1, 1, 1, tzinfo=EAST)),
        (Kind.DATE_TIME, "9999-12-31T23:59:59-12:00", datetime(9999, 12, 31, 23, 59, 59, tzinfo=WEST)),
        (Kind.TIME, "09:30:00.500", time(9, 30, 0, 500_000)),
        (Kind.TIME, "09:30", time(9, 30)),
        (Kind.SECONDS, 34_200, time(9, 30)),
        (Kind.DURATION, "PT90M", "+PT1H30M0.0S"),
        (Kind.DURATION, "-P1DT0.5S", "-PT24H0M0.500S"),
        (Kind.BASE64, "-_8=", b"\xfb\xff"),
        (Kind.BASE64, "+/8", b"\xfb\xff"),
        (Kind.ENUM, "On Hold", "On_x0020_Hold"),
        (Kind.ENUM, "Unheard_of", "Unheard_of"),
        (Kind.FLAGS, "Late, Free", ["Free", "Late", "Free"]),
        (Kind.FLAGS, "0", []),
    ],
    ids=str,
)
def test_a_wire_value_equals_what_a_client_gives(kind, wire, given):
    type_ = value(kind)
    assert normaliser(type_)(wire) == operand(given, type_)
    assert normaliser(type_)(None) is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.STRING, ["", "B", "a", "ä", "ﬀ", "💶"]),  # by code points
        (Kind.DECIMAL, ["-1e2", "-0.00", "0.01", "1e2"]),
        (Kind.DATE_TIME, [
            "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.0000001Z",
            "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:01Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00",
        ]),
        (Kind.TIME, ["00:00", "00:00:00.001", "00:00:01", "23:59:59.999999999999"]),
        (Kind.DURATION, ["-P2D", "-PT1S", "PT0S", "PT59.9S", "PT1M", "P1D"]),
        (Kind.ENUM, ["On Hold", "Open", " "]),  # by wire name: On_x0020_Hold, Open, _x0020_
    ],
    ids=str,
)  # fmt: skip
def test_values_are_ordered(kind, values):
    forms = [normaliser(value(kind))(v) for v in values]
    assert forms == sorted(forms)
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize(
    ("kind", "empty", "wires"),
    [
        (Kind.UUID, ZERO_GUID, [ZERO_GUID]),
        (Kind.DATE, "0001-01-01", ["0001-01-01"]),
        (Kind.NOON_DATE, "1900-01-01T12:00:00Z", ["1900-01-01T12:00:00Z", "1900-01-01T00:00:00Z"]),
        (Kind.DATE_TIME, "1900-01-01T00:00:00Z", ["1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"]),
        (Kind.INT, "0", [0]),
        (Kind.STRING, "-", ["-"]),
    ],
    ids=str,
)
def test_an_empty_stand_in_is_null(kind, empty, wires):
    type_ = value(kind, empty=empty)
    assert [normaliser(type_)(w) for w in wires] == [None] * len(wires)
    assert all(stands_for_null(w, type_) for w in wires)
    assert not stands_for_null(wires[0], value(kind))


def test_what_is_no_number_cannot_be_compared_and_counts_as_null():
    assert normaliser(value(Kind.DECIMAL))(Decimal("NaN")) is None
    assert normaliser(value(Kind.FLOAT))("NaN") is None
    assert normaliser(value(Kind.FLOAT))("INF") == float("inf")


@pytest.mark.parametrize(
    ("kind", "wire"),
    [(Kind.DECIMAL, "much"), (Kind.DECIMAL, [1]), (Kind.DATE_TIME, "soon"), (Kind.DATE_TIME, 5),
     (Kind.NO_YES, "Perhaps"), (Kind.DURATION, "P1Y"), (Kind.UUID, 7), (Kind.BASE64, "a"), (Kind.LONG, 1.5),
     (Kind.STRING, 5), (Kind.INT, "5"), (Kind.BOOLEAN, "true")],
    ids=str,
)  # fmt: skip
def test_a_value_that_its_type_cannot_hold_is_named_by_place_and_never_shown(kind, wire):
    with pytest.raises(PlanError) as refused:
        normaliser(value(kind), "customers.balance")(wire)
    type_name = value(kind).edm.removeprefix("Edm.")
    assert str(refused.value) == (
        f"customers.balance: the service sent what is no {type_name}, so rows cannot be compared by it."
    )
