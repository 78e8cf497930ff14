"""A predicate run over rows keeps those, and only those, that the filter means."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.rows_and_filters import filters, naively, read, related, rows
from tests.plan.sample_entities import CITY, CUSTOMER, LINE, ORDER, STATUS, ZERO_GUID, value
from vegraph.errors import PlanError
from vegraph.plan.evaluate import Target, columns, compile_predicate, needs
from vegraph.plan.logic import opposite, positive
from vegraph.plan.predicates import TRUE, And, Compare, IsNull, Match, Not, OneOf, Or, Path, Related, Within
from vegraph.plan.where import predicate
from vegraph.schema.values import Kind

GUID = "5D115C9C-44E3-EA11-BB43-000D3A2FECA1"


def at(kind, **more):
    return Path(("x",), value(kind, **more))


NUMBER = at(Kind.DECIMAL)
DATE = at(Kind.DATE, empty="0001-01-01")


@pytest.mark.parametrize(
    ("wire", "fits", "fits_not"),
    [
        (Decimal("1.10"), [Compare(NUMBER, "eq", Decimal("1.1")), Compare(NUMBER, "le", Decimal("1.100"))],
         [Compare(NUMBER, "lt", Decimal("1.1")), IsNull(NUMBER), OneOf(NUMBER, ()), OneOf(NUMBER, (Decimal(1),))]),
        (None, [IsNull(NUMBER), Compare(NUMBER, "ne", Decimal(5)), Not(Compare(NUMBER, "lt", Decimal(5)))],
         [Compare(NUMBER, op, Decimal(5)) for op in ("eq", "lt", "le", "gt", "ge")] + [OneOf(NUMBER, (Decimal(5),))]),
        ("0001-01-01", [IsNull(DATE), Compare(DATE, "ne", date(2020, 1, 1))],
         [Compare(DATE, "lt", date(2020, 1, 1)), Compare(DATE, "ge", date(1, 1, 1))]),
        (GUID, [Compare(at(Kind.UUID), "eq", UUID(GUID)), OneOf(at(Kind.UUID), (UUID(int=1), UUID(GUID)))],
         [Compare(at(Kind.UUID), "ne", UUID(GUID)), Compare(at(Kind.UUID), "lt", UUID(int=1))]),
        (ZERO_GUID, [IsNull(at(Kind.UUID, empty=ZERO_GUID)), Compare(at(Kind.UUID), "eq", UUID(int=0))], []),
        ("Aß", [Match(at(Kind.STRING), "contains", "ß"), Match(at(Kind.STRING), "startswith", "A"),
                Match(at(Kind.STRING), "endswith", "Aß"), Compare(at(Kind.STRING), "gt", "AZ")],
         [Match(at(Kind.STRING), "contains", "a"), Match(at(Kind.STRING), "endswith", "ss")]),
        ("On Hold", [Compare(at(Kind.ENUM, enum=STATUS), "eq", "On_x0020_Hold")],
         [Compare(at(Kind.ENUM, enum=STATUS), "eq", "Open")]),
        ("Yes", [Compare(at(Kind.NO_YES), "eq", True), Compare(at(Kind.NO_YES), "gt", False)],
         [Compare(at(Kind.NO_YES), "ne", True)]),
        ("Fast,Free", [Match(at(Kind.FLAGS), "has", "Free"), Compare(at(Kind.FLAGS), "eq", ["Free", "Fast"])],
         [Match(at(Kind.FLAGS), "has", "Fre"), Compare(at(Kind.FLAGS), "eq", ["Free"])]),
        ("2020-01-01T00:00:00.0000001Z", [Compare(at(Kind.DATE_TIME), "gt", datetime(2020, 1, 1, tzinfo=UTC))],
         [Compare(at(Kind.DATE_TIME), "eq", datetime(2020, 1, 1, tzinfo=UTC))]),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_fits_and_does_not_fit(wire, fits, fits_not):
    row = {"x": wire}
    assert [p for p in fits if not compile_predicate(p, read)(row)] == []
    assert [p for p in fits_not if compile_predicate(p, read)(row)] == []


@settings(max_examples=400)
@given(filters, st.lists(rows, min_size=1, max_size=6))
def test_it_agrees_with_an_evaluator_written_for_the_test(where, some_rows):
    found = predicate(where, CUSTOMER)
    expected = [naively(where, row) for row in some_rows]
    assert list(map(compile_predicate(found, read, related), some_rows)) == expected
    assert list(map(compile_predicate(positive(found), read, related), some_rows)) == expected
    assert list(map(compile_predicate(opposite(found), read, related), some_rows)) == [not e for e in expected]


def test_a_to_one_target_must_be_there_to_fit():
    buyer = ORDER.relations["customer"]
    row_id = CUSTOMER.members["rowId"]
    there = Related(buyer, "one", Not(IsNull(Path((row_id.wire,), row_id.value))))
    test = compile_predicate(there, read, lambda _: Target(lambda row: [row["c"]] if row["c"] else [], read))
    assert test({"c": {"id": GUID}})
    assert not test({"c": None})
    assert compile_predicate(Not(there), read, lambda _: Target(lambda row: [], read))({"c": None})


def test_related_rows_that_nobody_fetched_are_an_error_and_not_a_silent_no():
    with pytest.raises(PlanError, match=r"^orders: "):
        compile_predicate(Related(CUSTOMER.relations["orders"], "some", TRUE), read)


def test_key_sets_are_compared_as_links_are():
    guid, company, count = (
        at(Kind.UUID, empty=ZERO_GUID),
        Path(("dataAreaId",), value(Kind.STRING, folds_case=True)),
        at(Kind.LONG),
    )
    one = compile_predicate(Within((guid,), frozenset({(GUID.lower(),)})), read)
    assert [one({"x": GUID}), one({"x": ZERO_GUID}), one({"x": None})] == [True, False, False]
    both = compile_predicate(Within((company, count), frozenset({("usmf", "7")})), read)
    assert [both({"dataAreaId": c, "x": n}) for c, n in [("USMF", 7), ("usmf", "7"), ("usmf", 8), (None, 7)]] == [
        True, True, False, False,
    ]  # fmt: skip


def test_needs_name_the_columns_of_the_row_and_of_what_is_related():
    where = {
        "number": {"eq": "a"},
        "or": [{"address": {"city": {"eq": "Ulm"}}}, {"not": {"orders": {"some": {"amount": {"gt": Decimal(1)}}}}}],
    }
    found = needs(predicate(where, CUSTOMER))
    assert found.columns == {"number", "address", "id"}  # id: orders are found by it
    relation, below = found.relations["orders"]
    assert relation is CUSTOMER.relations["orders"]
    assert (below.columns, dict(below.relations)) == ({"amount"}, {})
    assert columns(predicate(where, CUSTOMER)) == found.columns
    assert columns(TRUE) == frozenset()


def test_a_path_across_relations_needs_the_link_here_and_the_column_there():
    path = Path(("customer", "address", "City"), CITY.value, (ORDER.relations["customer"],))
    found = needs(And((IsNull(path), Or((Compare(Path(("number",), value(Kind.STRING)), "eq", "a"),)))))
    assert found.columns == {"customerId", "number"}
    assert found.relations["customer"][1].columns == {"address"}
    keys = Within((Path(("price",), LINE.members["price"].value),), frozenset())
    assert needs(keys).columns == {"price"}
