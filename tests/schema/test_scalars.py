"""Scalars: what comes in, what is refused and how it is said, what goes out."""

import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from graphql import GraphQLError, parse_value

from vegraph.schema.scalars import SCALAR_OF, SCALARS
from vegraph.schema.values import Kind

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("scalar", "literal", "value"),
    [
        ("UUID", '"5D115C9C-44E3-EA11-BB43-000D3A2FECA1"', UUID("5d115c9c-44e3-ea11-bb43-000d3a2feca1")),
        ("Long", '"9223372036854775807"', 2**63 - 1),
        ("Long", "-42", -42),
        ("Decimal", '"1.10"', Decimal("1.10")),
        ("Decimal", "1.10", Decimal("1.10")),  # a literal keeps its digits
        ("Decimal", "12345678901234567890.12345", Decimal("12345678901234567890.12345")),
        ("Decimal", "1e3", Decimal("1000")),
        ("Date", '"2026-11-25"', datetime.date(2026, 11, 25)),
        ("DateTime", '"2026-11-25T08:30:00Z"', datetime.datetime(2026, 11, 25, 8, 30, tzinfo=UTC)),
        ("DateTime", '"2026-11-25T08:30Z"', datetime.datetime(2026, 11, 25, 8, 30, tzinfo=UTC)),
        ("DateTime", '"2026-11-25T08:30:00.1230000Z"', datetime.datetime(2026, 11, 25, 8, 30, 0, 123000, tzinfo=UTC)),
        ("Time", '"08:30:00"', datetime.time(8, 30)),
        ("Time", '"08:30"', datetime.time(8, 30)),
        ("Duration", '"P1DT2H30M"', "P1DT2H30M"),
        ("Duration", '"-PT1.5S"', "-PT1.5S"),
        ("Base64", '"aGk="', b"hi"),
        ("Base64", '"-_8"', b"\xfb\xff"),  # URL-safe, without padding
        ("JSON", '{a: [1, "x", null]}', {"a": [1, "x", None]}),
    ],
    ids=str,
)
def test_literals_that_fit(scalar, literal, value):
    assert SCALARS[scalar].coerce_input_literal(parse_value(literal)) == value


@pytest.mark.parametrize(
    ("scalar", "literal", "words"),
    [
        ("UUID", '"5d115c9c"', "UUID cannot be '5d115c9c'. Write it as a string like"),
        ("UUID", '"{5d115c9c-44e3-ea11-bb43-000d3a2feca1}"', "UUID cannot be"),
        ("Long", '"9223372036854775808"', "64 bits"),
        ("Long", "1.5", "whole number"),
        ("Long", "true", "Long cannot be true"),
        ("Decimal", '"NaN"', "Decimal cannot be 'NaN'"),
        ("Decimal", '"1e999999999"', "Decimal cannot be"),
        ("Decimal", '"1e101"', "at most 100"),
        ("Decimal", "{a: 1}", "Decimal cannot be { a: 1 }"),
        ("Decimal", '"' + "9" * 300 + '"', "…"),  # long texts are not repeated whole
        ("Date", '"2026-02-30"', "Date cannot be '2026-02-30'"),
        ("Date", '"20261125"', "like"),
        ("Date", '"2026-11-25T00:00:00Z"', "Date cannot be"),
        ("DateTime", '"2026-11-25T08:30:00"', "with an offset"),
        ("DateTime", '"2026-11-25T08:30:00.1234567Z"', "at most six decimals"),
        ("DateTime", '"2026-11-25 08:30:00Z"', "DateTime cannot be"),
        ("Time", '"25:00"', "Time cannot be"),
        ("Time", '"08:30:00Z"', "Time cannot be"),
        ("Duration", '"P"', "Duration cannot be"),
        ("Duration", '"P1M"', "Duration cannot be"),  # months have no length
        ("Base64", '"a$"', "Base64 cannot be"),
    ],
    ids=str,
)
def test_literals_that_do_not_fit_are_refused_in_a_sentence(scalar, literal, words):
    with pytest.raises(GraphQLError) as refused:
        SCALARS[scalar].coerce_input_literal(parse_value(literal))
    assert words in refused.value.message
    assert len(refused.value.message) < 250


@pytest.mark.parametrize(
    ("scalar", "given", "value"),
    [
        ("Decimal", 12, Decimal(12)),
        ("Decimal", 100.5, Decimal("100.5")),
        ("Long", 7, 7),
        ("Date", "2026-11-25", datetime.date(2026, 11, 25)),
        ("JSON", [1, {"a": None}], [1, {"a": None}]),
    ],
    ids=str,
)
def test_variables_that_fit(scalar, given, value):
    assert SCALARS[scalar].coerce_input_value(given) == value


@pytest.mark.parametrize(
    ("scalar", "given"),
    [("Decimal", 0.1 + 0.2), ("Decimal", True), ("Long", True), ("Long", 1.0), ("Date", 20261125), ("UUID", None)],
    ids=str,
)
def test_variables_that_do_not_fit(scalar, given):
    with pytest.raises(GraphQLError, match=f"{scalar} cannot be"):
        SCALARS[scalar].coerce_input_value(given)


@pytest.mark.parametrize(
    ("scalar", "value", "text"),
    [
        ("Decimal", Decimal("1000.00"), "1000.00"),
        ("Decimal", Decimal("1E+3"), "1000"),
        ("Decimal", 7, "7"),
        ("Long", 2**62, str(2**62)),
        ("UUID", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("Date", datetime.date(2026, 11, 25), "2026-11-25"),
        ("DateTime", datetime.datetime(2026, 11, 25, 8, 30, tzinfo=UTC), "2026-11-25T08:30:00Z"),
        ("DateTime", "2026-11-25T08:30:00.1234567Z", "2026-11-25T08:30:00.1234567Z"),  # as the service wrote it
        ("Time", datetime.time(8, 30), "08:30:00"),
        ("Base64", b"\xfb\xff", "-_8="),
        ("JSON", {"a": 1}, {"a": 1}),
    ],
    ids=str,
)
def test_output(scalar, value, text):
    assert SCALARS[scalar].coerce_output_value(value) == text


@pytest.mark.parametrize(("scalar", "value"), [("Decimal", True), ("Date", 5), ("UUID", b"x")], ids=str)
def test_output_of_another_type_is_an_error(scalar, value):
    with pytest.raises(GraphQLError, match="cannot represent"):
        SCALARS[scalar].coerce_output_value(value)


def test_every_scalar_says_what_it_is():
    for scalar in SCALARS.values():
        assert scalar.description
        assert scalar.specified_by_url.startswith("https://")


def test_every_kind_that_is_one_value_has_a_scalar():
    assert set(Kind) - set(SCALAR_OF) == {Kind.MEDIA, Kind.ENUM, Kind.FLAGS, Kind.COMPLEX}
