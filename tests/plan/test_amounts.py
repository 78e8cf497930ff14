"""Decimals in rows are text with the digits that came, and what is no decimal is told as it is for every other type."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vegraph.plan.amounts import are_plain, text_of, texts


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("0", "0"),
        ("-0.0", "-0.0"),
        ("1000.00", "1000.00"),  # OB-124: zeros at the end stay
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ("0.0000001", "0.0000001"),
        ("1e3", "1000"),
        ("-2.50E-3", "-0.00250"),
        ("null", None),
        ('"12.50"', "12.50"),  # IEEE754Compatible
        ('"1E+2"', "100"),
    ],
)
def test_a_decimal_keeps_its_digits(sent, text):
    assert text_of(msgspec.Raw(sent.encode())) == text


@pytest.mark.parametrize("sent", ['"NaN"', '"12,5"', '""', '"1.2.3"', '"-"', "true", "[1]", '{"a":1}', '"1e99999"'])
def test_what_is_no_decimal_is_refused(sent):
    with pytest.raises(msgspec.ValidationError):
        text_of(msgspec.Raw(sent.encode()))
    with pytest.raises(msgspec.ValidationError):
        texts([msgspec.Raw(b"1"), msgspec.Raw(sent.encode())])


@pytest.mark.parametrize(
    ("column", "read"),
    [
        (["1", "null", "2.50"], ["1", None, "2.50"]),
        (['"1.10"', "null", '"-2"', "3"], ["1.10", None, "-2", "3"]),
        (['"007"', "1"], ["007", "1"]),
        (["null"], [None]),
        ([], []),
    ],
)
def test_a_column_with_nulls_and_quotes(column, read):
    assert texts([msgspec.Raw(sent.encode()) for sent in column]) == read


@pytest.mark.parametrize("column", [['"1,2"', "3"], ['"null"', "1"], ['"n"'], ['""', "1"], ['"-"', "1"], ['"1."']])
def test_a_column_with_something_else_in_it_is_refused(column):
    with pytest.raises(msgspec.ValidationError):
        texts([msgspec.Raw(sent.encode()) for sent in column])


numbers = st.one_of(
    st.none(),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(lambda d: f'"{d}"'),
    st.just("null"),
).map(lambda text: None if text is None else msgspec.Raw(text.replace("E+", "e").encode()))


@given(st.lists(numbers, max_size=8))
def test_a_column_is_read_as_each_of_its_values(column):
    try:
        alone = [text_of(value) for value in column]
    except msgspec.ValidationError:  # an exponent of more than three digits
        return
    assert texts(column) == alone
    for value, text in zip(column, alone, strict=True):
        if text is not None:
            assert Decimal(text) == Decimal(bytes(value).decode().strip('"'))


written = st.one_of(st.none(), st.text("0123456789.,-eE ١", max_size=4), st.decimals(places=2).map(str))


@given(st.lists(written, max_size=5))
def test_texts_are_taken_as_they_are_only_where_each_is_its_own_text(column):
    if are_plain(column):
        assert texts([None if t is None else msgspec.Raw(msgspec.json.encode(t)) for t in column]) == column
