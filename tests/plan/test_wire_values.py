"""A graph value goes to the wire in its type's own form, or is refused with a sentence."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.sample_entities import STATUS, ZERO_GUID, value
from vegraph.plan.comparable import normaliser, operand
from vegraph.plan.wire_values import null_of, wire_value
from vegraph.schema.values import Kind

GUID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"
CET = timezone(timedelta(hours=1))


def sent(given, kind, **facets):
    return msgspec.json.encode(wire_value(given, value(kind, **facets))).decode()


@pytest.mark.parametrize(
    ("kind", "given", "facets", "json"),
    [
        (Kind.STRING, "O'Neil \"💶\"", {}, '"O\'Neil \\"💶\\""'),
        (Kind.STRING, "💶💶", {"max_length": 2}, '"💶💶"'),  # code points, not UTF-16 units
        (Kind.UUID, UUID(GUID), {}, f'"{GUID}"'),
        (Kind.INT, -5, {}, "-5"),
        (Kind.LONG, 2**63 - 1, {}, "9223372036854775807"),
        (Kind.DECIMAL, Decimal("1000.00"), {}, "1000.00"),  # a number with every digit
        (Kind.DECIMAL, Decimal("0.0000000001"), {}, "0.0000000001"),
        (Kind.DECIMAL, Decimal("1E+3"), {}, "1000"),
        (Kind.DECIMAL, Decimal("12345678901234567890.123456789"), {}, "12345678901234567890.123456789"),
        (Kind.DECIMAL, Decimal("99.90"), {"precision": 3, "scale": 1}, "99.90"),
        (Kind.DECIMAL, Decimal("0.005"), {"precision": 3, "scale": 3}, "0.005"),
        (Kind.DECIMAL, Decimal("123.45"), {"precision": 5, "scale": "variable"}, "123.45"),
        (Kind.DECIMAL, Decimal("12300000"), {"precision": 3, "scale": "floating"}, "12300000"),
        (Kind.DECIMAL, Decimal("1.2345"), {"precision": 3}, "1.2345"),  # no scale said: the service rounds
        (Kind.FLOAT, 0.1, {}, "0.1"),
        (Kind.BOOLEAN, True, {}, "true"),
        (Kind.NO_YES, True, {}, '"Yes"'),
        (Kind.NO_YES, False, {}, '"No"'),
        (Kind.DATE, date(2020, 2, 29), {}, '"2020-02-29"'),
        (Kind.NOON_DATE, date(2020, 2, 29), {}, '"2020-02-29T12:00:00Z"'),
        (Kind.DATE_TIME, datetime(2020, 1, 1, 0, 30, tzinfo=CET), {}, '"2019-12-31T23:30:00Z"'),
        (Kind.DATE_TIME, datetime(2020, 1, 1, 0, 0, 0, 120_000, UTC), {"precision": 2}, '"2020-01-01T00:00:00.12Z"'),
        (Kind.TIME, time(9, 30), {"precision": 0}, '"09:30:00"'),
        (Kind.SECONDS, time(9, 30), {}, "34200"),
        (Kind.DURATION, "+PT1H", {}, '"PT1H"'),
        (Kind.BASE64, b"\xfb\xff", {"max_length": 2}, '"-_8="'),
        (Kind.ENUM, "On_x0020_Hold", {}, '"On_x0020_Hold"'),
        (Kind.FLAGS, ["Free", "Late", "Free"], {}, '"Free,Late"'),
        (Kind.FLAGS, [], {}, '"0"'),
        (Kind.JSON, {"a": [1, None]}, {}, '{"a":[1,null]}'),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_is_sent_as(kind, given, facets, json):
    assert sent(given, kind, **facets) == json


@pytest.mark.parametrize(
    ("kind", "given", "facets", "says"),
    [
        (Kind.STRING, "abc", {"max_length": 2}, "At most 2 characters fit, and 3 were given."),
        (Kind.STRING, "a\x00", {}, "NUL"),
        (Kind.STRING, "a\ud800", {}, "surrogate"),
        (Kind.STRING, 5, {}, "A text is expected"),
        (Kind.INT, 2**31, {}, "from -2147483648 to 2147483647"),
        (Kind.INT, 256, {"edm": "Edm.Byte"}, "from 0 to 255"),
        (Kind.INT, -129, {"edm": "Edm.SByte"}, "from -128 to 127"),
        (Kind.INT, 40_000, {"edm": "Edm.Int16"}, "from -32768 to 32767"),
        (Kind.INT, True, {}, "A whole number"),
        (Kind.LONG, 2**63, {}, "from -9223372036854775808"),
        (Kind.DECIMAL, Decimal("1.25"), {"precision": 5, "scale": 1}, "At most 1 decimal places fit, and 2"),
        (Kind.DECIMAL, Decimal("1000"), {"precision": 5, "scale": 2}, "At most 3 digits before the point fit, and 4"),
        (Kind.DECIMAL, Decimal("123.456"), {"precision": 5, "scale": "variable"}, "At most 5 digits fit, and 6"),
        (Kind.DECIMAL, Decimal("1234000"), {"precision": 3, "scale": "floating"}, "At most 3 digits fit, and 4"),
        (Kind.DECIMAL, Decimal("12345"), {"precision": 4}, "At most 4 digits before the point"),
        (Kind.DECIMAL, Decimal("NaN"), {}, "finite"),
        (Kind.DECIMAL, Decimal("1e5000"), {}, "400 digits"),
        (Kind.DECIMAL, 0.1, {}, "A decimal is expected"),
        (Kind.FLOAT, float("inf"), {}, "range"),
        (Kind.FLOAT, 1e39, {"edm": "Edm.Single"}, "range"),
        (Kind.BOOLEAN, 1, {}, "True or false"),
        (Kind.DATE, datetime(2020, 1, 1, tzinfo=UTC), {}, "A date is expected"),
        (Kind.DATE_TIME, datetime(2020, 1, 1), {}, "offset"),
        (Kind.DATE_TIME, datetime(1, 1, 1, tzinfo=CET), {}, "years 1 to 9999"),
        (Kind.DATE_TIME, datetime(2020, 1, 1, 0, 0, 0, 1, UTC), {"precision": 3}, "At most 3 decimal places of a"),
        (Kind.TIME, time(0, 0, 0, 5), {"precision": 0}, "At most whole seconds"),
        (Kind.SECONDS, time(0, 0, 0, 5), {}, "whole seconds"),
        (Kind.BASE64, b"abc", {"max_length": 2}, "At most 2 bytes fit, and 3"),
        (Kind.ENUM, "Closed", {}, "member of the enumeration"),
        (Kind.FLAGS, ["Free", "Cheap"], {}, "member of the enumeration"),
        (Kind.MEDIA, "x", {}, "can't be written here"),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_in_words(kind, given, facets, says):
    with pytest.raises(ValueError, match=says) as refused:
        wire_value(given, value(kind, **facets))
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("kind", "facets", "clears"),
    [
        (Kind.STRING, {}, None),
        (Kind.STRING, {"never_null": True}, ""),
        (Kind.UUID, {"empty": ZERO_GUID}, ZERO_GUID),
        (Kind.DATE, {"empty": "0001-01-01"}, "0001-01-01"),
        (Kind.NOON_DATE, {"empty": "1900-01-01T12:00:00Z"}, "1900-01-01T12:00:00Z"),
        (Kind.INT, {"empty": "0"}, 0),
        (Kind.DECIMAL, {}, None),
        (Kind.ENUM, {"enum": STATUS}, "_x0020_"),  # BC's blank member
        (Kind.FLAGS, {}, None),
    ],
    ids=str,
)
def test_null_is_what_the_type_has_for_it(kind, facets, clears):
    assert null_of(value(kind, **facets)) == clears


def test_a_type_without_any_null_says_so():
    with pytest.raises(ValueError, match="has no null"):
        null_of(value(Kind.DECIMAL, never_null=True))


GIVEN = {
    Kind.STRING: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    Kind.UUID: st.uuids(),
    Kind.INT: st.integers(-(2**31), 2**31 - 1),
    Kind.LONG: st.integers(-(2**63), 2**63 - 1),
    Kind.DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, places=6),
    Kind.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    Kind.NO_YES: st.booleans(),
    Kind.DATE: st.dates(),
    Kind.NOON_DATE: st.dates(),
    Kind.DATE_TIME: st.datetimes(timezones=st.just(CET), min_value=datetime(2, 1, 1)),
    Kind.TIME: st.times(),
    Kind.SECONDS: st.times().map(lambda t: t.replace(microsecond=0)),
    Kind.BASE64: st.binary(),
    Kind.FLAGS: st.lists(st.sampled_from(["Free", "Fast", "Late"])),
}


@given(st.sampled_from(sorted(GIVEN, key=str)).flatmap(lambda kind: st.tuples(st.just(kind), GIVEN[kind])))
def test_what_was_sent_and_comes_back_is_the_value_that_was_given(kind_and_value):
    kind, given_value = kind_and_value
    type_ = value(kind)
    returned = msgspec.json.decode(sent(given_value, kind), type=Decimal if kind is Kind.DECIMAL else object)
    assert normaliser(type_)(returned) == operand(given_value, type_)
