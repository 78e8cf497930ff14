"""Typed values as literals: a table by type, and that what is written can be read back."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.abnf import grammar
from tests.backend.serving import value
from vegraph.backend.literals import Style, key_literal, literal, literals
from vegraph.errors import BadUserInput
from vegraph.schema.values import EnumValues, Kind

QUALIFIED = Style()
BC = Style(enum="quoted", key_enum="quoted")
FO = Style(key_enum="quoted", key_guid="quoted")

STATUS = value(
    Kind.ENUM,
    "NS.Status",
    enum=EnumValues(
        graph_name="Status",
        wire_type="NS.Status",
        to_graph={"Open": "OPEN", "In_x0020_Review": "IN_REVIEW", "_x0020_": "BLANK", "Sales Order": "SALES_ORDER"},
        to_wire={"OPEN": "Open"},
    ),
)
FLAGS = value(Kind.FLAGS, "NS.Color", enum=STATUS.enum)
NO_YES = value(Kind.NO_YES, "Microsoft.Dynamics.DataEntities.NoYes")


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        (Kind.STRING, "O'Neil", "'O''Neil'"),  # doubled, not escaped
        (Kind.STRING, "", "''"),
        (Kind.STRING, "a b", "'a%20b'"),  # never +
        (Kind.STRING, "1+1=2 & 50%", "'1%2B1%3D2%20%26%2050%25'"),
        (Kind.STRING, "%27 or 1 eq 1", "'%2527%20or%201%20eq%201'"),  # encoded once
        (Kind.STRING, "a/b?c#d", "'a%2Fb%3Fc%23d'"),
        (Kind.STRING, "ä😀", "'%C3%A4%F0%9F%98%80'"),
        (Kind.STRING, "line\r\nbreak", "'line%0D%0Abreak'"),
        (Kind.UUID, UUID(int=1), "00000000-0000-0000-0000-000000000001"),  # bare in v4
        (Kind.UUID, "5D115C9C-44E3-EA11-BB43-000D3A2FECA1", "5D115C9C-44E3-EA11-BB43-000D3A2FECA1"),
        (Kind.INT, -7, "-7"),
        (Kind.LONG, 9_223_372_036_854_775_807, "9223372036854775807"),
        (Kind.LONG, "9223372036854775807", "9223372036854775807"),  # as the wire gives it
        (Kind.DECIMAL, Decimal("1.10"), "1.10"),  # trailing zero kept
        (Kind.DECIMAL, Decimal("1E+3"), "1000"),
        (Kind.DECIMAL, Decimal("-12345678901234567890.123456789"), "-12345678901234567890.123456789"),
        (Kind.DECIMAL, "0.10", "0.10"),
        (Kind.FLOAT, 1e16, "1e16"),  # no sign that a URL would read as a blank
        (Kind.FLOAT, 1.5e-7, "1.5e-07"),
        (Kind.FLOAT, float("inf"), "INF"),
        (Kind.FLOAT, float("nan"), "NaN"),
        (Kind.BOOLEAN, True, "true"),
        (Kind.DATE, date(2019, 5, 1), "2019-05-01"),
        (Kind.DATE, "0001-01-01", "0001-01-01"),
        (Kind.NOON_DATE, date(2019, 10, 4), "2019-10-04T12:00:00Z"),
        (Kind.DATE_TIME, datetime(2019, 8, 18, 20, 5, 51, 603000, tzinfo=UTC), "2019-08-18T20:05:51.603Z"),
        (Kind.DATE_TIME, datetime(2019, 8, 18, 22, 5, tzinfo=timezone(timedelta(hours=2))), "2019-08-18T20:05:00Z"),
        (Kind.DATE_TIME, "2019-08-18T22:05:00+02:00", "2019-08-18T22:05:00%2B02:00"),
        (Kind.TIME, time(7, 59, 59, 999000), "07:59:59.999"),
        (Kind.SECONDS, time(1, 0, 1), "3601"),
        (Kind.DURATION, "P12DT23H59M59.999999999999S", "duration'P12DT23H59M59.999999999999S'"),
        (Kind.BASE64, b"\xfb\xff", "binary'-_8'"),
        (Kind.BASE64, "+/8=", "binary'-_8'"),
    ],
    ids=str,
)
def test_a_literal_by_kind(kind, given, text):
    written = literal(given, value(kind), QUALIFIED)
    assert written == text
    assert grammar().matches("primitiveLiteral", written)


@pytest.mark.parametrize(
    ("type_", "given", "style", "in_filter", "in_key"),
    [
        (STATUS, "Open", QUALIFIED, "NS.Status'Open'", "NS.Status'Open'"),
        (STATUS, "In_x0020_Review", BC, "'In_x0020_Review'", "'In_x0020_Review'"),
        (STATUS, "_x0020_", BC, "'_x0020_'", "'_x0020_'"),
        (STATUS, "Sales Order", BC, "'Sales%20Order'", "'Sales%20Order'"),  # decoded spelling of the service
        (STATUS, "Open", FO, "NS.Status'Open'", "'Open'"),  # OF-24
        (NO_YES, True, FO, "Microsoft.Dynamics.DataEntities.NoYes'Yes'", "'Yes'"),
        (NO_YES, "No", FO, "Microsoft.Dynamics.DataEntities.NoYes'No'", "'No'"),
        (FLAGS, ["Open", "_x0020_"], QUALIFIED, "NS.Status'Open,_x0020_'", "NS.Status'Open,_x0020_'"),
        (FLAGS, [], QUALIFIED, "NS.Status'0'", "NS.Status'0'"),
        (value(Kind.UUID), UUID(int=0), FO, str(UUID(int=0)), f"'{UUID(int=0)}'"),
    ],
    ids=str,
)
def test_what_dialects_spell_otherwise(type_, given, style, in_filter, in_key):
    assert (literal(given, type_, style), key_literal(given, type_, style)) == (in_filter, in_key)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Kind.STRING, "a\x00b"),
        (Kind.STRING, "\ud800"),
        (Kind.STRING, True),
        (Kind.STRING, None),
        (Kind.UUID, "00000000-0000-0000-0000-00000000000g"),
        (Kind.UUID, "00000000-0000-0000-0000-000000000000) or (1 eq 1"),
        (Kind.INT, "1 or 1 eq 1"),
        (Kind.INT, True),
        (Kind.INT, "１"),  # a digit, but not ASCII
        (Kind.DECIMAL, "1,0"),
        (Kind.DECIMAL, Decimal("NaN")),
        (Kind.DECIMAL, Decimal("1E+999999")),
        (Kind.DECIMAL, "1e999999"),
        (Kind.BOOLEAN, "true"),
        (Kind.DATE, "2019-05-01 or 1 eq 1"),
        (Kind.DATE, datetime(2019, 5, 1, tzinfo=UTC)),
        (Kind.DATE_TIME, datetime(2019, 5, 1)),
        (Kind.DATE_TIME, "2019-05-01T00:00:00Z\n"),
        (Kind.DURATION, "P'"),
        (Kind.DURATION, "P"),
        (Kind.BASE64, "a'b"),
        (Kind.COMPLEX, {"a": 1}),
        (Kind.JSON, {"a": 1}),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_refused(kind, given):
    with pytest.raises(BadUserInput):
        literal(given, value(kind), QUALIFIED)


@pytest.mark.parametrize("name", ["Open' or 'a' eq 'a", "Open)", "", "Ope n"])
def test_a_member_that_is_no_name_is_refused(name):
    with pytest.raises(BadUserInput):
        literal(name, STATUS, BC)


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(text)
def test_a_text_comes_back_from_its_literal_and_never_leaves_its_quotes(given):
    written = literal(given, value(Kind.STRING), QUALIFIED)
    assert re.fullmatch(r"'(?:[A-Za-z0-9._~-]|%[0-9A-F]{2}|'')*'", written)
    assert unquote(written, errors="strict")[1:-1].replace("''", "'") == given


@given(st.lists(st.one_of(text, st.text("AZ09-_.~'", max_size=6), st.integers()), max_size=6))
def test_many_are_written_as_each_would_be(given):
    assert literals(given, value(Kind.STRING), QUALIFIED) == [literal(v, value(Kind.STRING), QUALIFIED) for v in given]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_a_decimal_keeps_its_digits(given):
    assert Decimal(literal(given, value(Kind.DECIMAL), QUALIFIED)).as_tuple() == given.as_tuple()


@given(st.datetimes(timezones=st.timezones()))
def test_a_date_time_names_the_same_moment(given):
    written = literal(given, value(Kind.DATE_TIME), QUALIFIED)
    assert grammar().matches("dateTimeOffsetLiteral", written)
    assert datetime.fromisoformat(written) == given.astimezone(UTC)
