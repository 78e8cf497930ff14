from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vegraph.emulator.engine.decimals import arithmetic, plain, sort_key, value_of

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=12)


@given(numbers, numbers)
def test_keys_order_as_the_numbers_do(a, b):
    assert (sort_key(a) < sort_key(b)) == (a < b)
    assert (sort_key(a) == sort_key(b)) == (a == b)


@given(numbers)
def test_a_key_keeps_the_number(number):
    assert value_of(sort_key(number)) == number


@pytest.mark.parametrize(
    ("operator", "a", "b", "result"),
    [
        ("add", "12345678901234567890.12", "0.01", "12345678901234567890.13"),
        ("sub", "0.3", "0.1", "0.2"),
        ("mul", "1.1", "1.1", "1.21"),
        ("div", "7", "2", "3.5"),
        ("mod", "-7.5", "2", "-1.5"),
        ("round", "2.5", "0", "3"),
        ("round", "-2.5", "0", "-3"),
        ("floor", "-0.1", "0", "-1"),
        ("ceiling", "0.1", "0", "1"),
    ],
)
def test_arithmetic_is_exact(operator, a, b, result):
    assert arithmetic(operator, sort_key(Decimal(a)), sort_key(Decimal(b))) == sort_key(Decimal(result))


def test_division_by_zero_has_no_result():
    assert arithmetic("div", sort_key(Decimal(1)), sort_key(Decimal(0))) is None


def test_digits_are_written_as_they_were_sent():
    assert plain(Decimal("1000.00")) == "1000.00"
    assert plain(Decimal("1E+3")) == "1000"
