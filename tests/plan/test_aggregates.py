"""Aggregates are exact, skip nulls, and are the same however the rows came in."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.rows_and_filters import read, rows
from tests.plan.sample_entities import CUSTOMER, entity, member
from vegraph.errors import BadUserInput, PlanError
from vegraph.plan.aggregates import AVERAGE_DIGITS, Aggregation, Group, Totals, aggregation
from vegraph.schema.values import Kind

BALANCE, RANK, NUMBER, SINCE, BLOCKED = (
    CUSTOMER.members[name] for name in ("balance", "rank", "number", "since", "blocked")
)
EVERYTHING = Aggregation(
    group_by=(BLOCKED,),
    values=(
        ("sum", BALANCE), ("average", BALANCE), ("min", BALANCE), ("max", BALANCE), ("sum", RANK), ("average", RANK),
        ("min", NUMBER), ("max", SINCE),
    ),
)  # fmt: skip


def totals(asked, *pages):
    found = Totals(asked, read)
    for page in pages:
        found.add(page)
    return found.groups()


def of(kind, wires, *functions, **facets):
    column = member("x", kind, **facets)
    asked = Aggregation(values=tuple((f, column) for f in functions))
    (group,) = totals(asked, [{"x": wire} for wire in wires])
    return [group.results[f, "x"] for f in functions]


@pytest.mark.parametrize(
    ("kind", "wires", "function", "result"),
    [
        (Kind.DECIMAL, [Decimal("0.1")] * 10, "sum", "1.0"),
        (Kind.DECIMAL, [Decimal("1e30"), Decimal("0.01"), Decimal("-1e30")], "sum", "0.01"),  # beyond 28 digits
        (Kind.DECIMAL, [Decimal("1.10"), None, Decimal("2.20")], "sum", "3.30"),
        (Kind.DECIMAL, [Decimal("10.00"), Decimal("0"), None], "average", "5.00"),
        (Kind.DECIMAL, [Decimal(1), Decimal(1), Decimal(0)], "average", "0." + "6" * 33 + "7"),
        (Kind.DECIMAL, [Decimal("2.50"), Decimal("10")], "max", "10"),
        (Kind.DECIMAL, [Decimal("2.50"), Decimal("10")], "min", "2.50"),
        (Kind.INT, [2**31 - 1] * 3, "sum", str(3 * (2**31 - 1))),
        (Kind.INT, [1, 2], "average", "1.5"),
        (Kind.LONG, ["9223372036854775807", 2**63 - 1], "sum", str(2 * (2**63 - 1))),
        (Kind.FLOAT, [1e308, 1e-308, -1e308], "sum", "1e-308"),
        (Kind.FLOAT, [0.1] * 10, "sum", "1.0"),
        (Kind.FLOAT, [1e308, 1e308], "sum", "None"),  # beyond the largest float
        (Kind.FLOAT, [1e308, 1e308], "average", "1e+308"),
        (Kind.STRING, ["b", "", "ä"], "min", ""),
        (Kind.DATE_TIME, ["2020-01-01T01:00:00+02:00", "2020-01-01T00:00:00Z"], "min", "2020-01-01T01:00:00+02:00"),
        (Kind.DECIMAL, [None, None], "sum", "None"),
        (Kind.DECIMAL, [], "average", "None"),
        (Kind.STRING, [], "max", "None"),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_taken_together(kind, wires, function, result):
    assert str(of(kind, wires, function)[0]) == result


def test_sums_have_the_type_of_their_field():
    assert [type(of(kind, [1], "sum")[0]) for kind in (Kind.INT, Kind.LONG, Kind.DECIMAL, Kind.FLOAT)] == [
        int, Decimal, Decimal, float,
    ]  # fmt: skip


def test_empty_stand_ins_are_skipped():
    assert of(Kind.DATE, ["0001-01-01", "2020-01-01", None], "min", "max", empty="0001-01-01") == ["2020-01-01"] * 2


def test_values_too_far_apart_are_an_error_and_not_a_guess():
    with pytest.raises(PlanError, match=r"^x: .*exactly"):
        of(Kind.DECIMAL, [Decimal("1e9000"), Decimal(1)], "sum")


def test_without_groups_there_is_one_answer_however_few_rows_there_are():
    assert totals(Aggregation(values=(("sum", BALANCE),))) == [Group((), 0, {("sum", "balance"): None})]
    assert totals(EVERYTHING) == []


def test_groups_come_by_their_values_nulls_first_and_spellings_of_one_value_are_one_group():
    page = [{"blocked": b, "balance": Decimal(1)} for b in ("Open", "On Hold", None, "On_x0020_Hold", "_x0020_")]
    found = totals(Aggregation(group_by=(BLOCKED,), values=(("sum", BALANCE),)), page)
    assert [(g.values, g.count, g.results["sum", "balance"]) for g in found] == [
        ((None,), 1, 1), (("On Hold",), 2, 2), (("Open",), 1, 1), (("_x0020_",), 1, 1),
    ]  # fmt: skip


pages = st.lists(st.lists(rows, max_size=5), max_size=4)


@given(pages)
def test_it_is_what_plain_python_makes_of_all_rows(some_pages):
    table = [row for page in some_pages for row in page]
    blocked = {"On Hold": "On_x0020_Hold", " ": "_x0020_"}
    keys = {blocked.get(row["blocked"], row["blocked"]) for row in table}
    found = totals(EVERYTHING, *some_pages)
    assert [g.count for g in found] == [
        sum(blocked.get(row["blocked"], row["blocked"]) == key for row in table)
        for key in sorted(keys, key=lambda k: (k is not None, k or ""))
    ]
    for group in found:
        shown = blocked.get(group.values[0], group.values[0])
        mine = [row for row in table if blocked.get(row["blocked"], row["blocked"]) == shown]
        balances = [row["balance"] for row in mine if row["balance"] is not None]
        assert group.results["sum", "balance"] == (sum(map(Fraction, balances)) if balances else None)
        assert group.results["min", "balance"] == min(balances, default=None)
        assert group.results["max", "balance"] == max(balances, default=None)
        assert group.results["min", "number"] == min(row["number"] for row in mine)
        dates = [row["since"] for row in mine if row["since"] not in (None, "0001-01-01")]
        assert group.results["max", "since"] == max(dates, default=None)
        if balances:
            exact = sum(map(Fraction, balances)) / len(balances)
            error = abs(Fraction(group.results["average", "balance"]) - exact)
            assert error <= abs(exact) * Fraction(1, 10 ** (AVERAGE_DIGITS - 1))


@given(pages, st.integers(0, 4))
def test_pages_may_be_cut_and_merged_anyhow(some_pages, at):
    def numbers(groups):
        return [(g.count, {k: v for k, v in g.results.items() if k[0] in ("sum", "average")}) for g in groups]

    first, second = Totals(EVERYTHING, read), Totals(EVERYTHING, read)
    for page in some_pages[:at]:
        first.add(page)
    for page in some_pages[at:]:
        second.add(page)
    first.merge(second)
    assert numbers(first.groups()) == numbers(totals(EVERYTHING, [row for page in some_pages for row in page]))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
def test_floats_are_added_exactly_and_rounded_once(values):
    assert of(Kind.FLOAT, values, "sum") == [math.fsum(values)]
    assert of(Kind.FLOAT, values, "average") == [float(sum(map(Fraction, values)) / len(values))]


def test_a_selection_says_what_must_be_read():
    selected = [("count", ()), ("group", (BLOCKED,)), ("sum", (BALANCE, None)), ("max", (NUMBER,)), ("sum", (BALANCE,))]
    asked = aggregation(selected, ["blocked", "since", "blocked"], CUSTOMER)
    assert asked == Aggregation(group_by=(BLOCKED, SINCE), values=(("sum", BALANCE), ("max", NUMBER)))
    assert asked.columns == {"blocked", "since", "balance", "number"}
    assert aggregation([], None, CUSTOMER) == Aggregation()


@pytest.mark.parametrize(
    ("selected", "group_by", "says"),
    [
        ([("sum", (NUMBER,))], None, r"^sum\.number: "),
        ([], ["blocked", "orders"], r"^groupBy\[1\]: "),
        ([], ["nothing"], r"^groupBy\[0\]: "),
    ],
)
def test_what_cannot_be_added_or_grouped_is_refused(selected, group_by, says):
    with pytest.raises(BadUserInput, match=says):
        aggregation(selected, group_by, CUSTOMER)


def test_lists_are_no_group():
    tagged = entity("Tagged", (member("tags", Kind.STRING, collection=True),))
    with pytest.raises(BadUserInput, match=r"^groupBy\[0\]: "):
        aggregation([], ["tags"], tagged)
