"""`where` becomes a predicate: what each filter means, and which filters are refused."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from tests.plan.sample_entities import CITY, CUSTOMER, ORDER
from vegraph.errors import BadUserInput
from vegraph.plan.predicates import FALSE, TRUE, And, Compare, IsNull, Match, Not, OneOf, Or, Path, Related
from vegraph.plan.where import MAX_DEPTH, predicate


def path(field, entity=CUSTOMER):
    member = entity.members[field]
    return Path((member.wire,), member.value)


NUMBER, BALANCE, SINCE, ROW_ID = path("number"), path("balance"), path("since"), path("rowId")
CITY_PATH = Path(("address", "City"), CITY.value)
ORDERS = CUSTOMER.relations["orders"]
BUYER = ORDER.relations["customer"]
A = Compare(NUMBER, "eq", "a")
B = Compare(NUMBER, "eq", "b")
ORDER_A, ORDER_B = (Compare(path("number", ORDER), "eq", text) for text in "ab")
a, b = {"number": {"eq": "a"}}, {"number": {"eq": "b"}}


@pytest.mark.parametrize(
    ("where", "means"),
    [
        (None, TRUE),
        ({}, TRUE),
        ({"number": {}}, TRUE),
        (a, A),
        ({"number": {"ne": "a"}}, Compare(NUMBER, "ne", "a")),
        ({"balance": {"gt": Decimal("1.50"), "lte": Decimal(9)}},
         And((Compare(BALANCE, "gt", Decimal("1.50")), Compare(BALANCE, "le", Decimal(9))))),
        ({"balance": {"lt": Decimal(1)}}, Compare(BALANCE, "lt", Decimal(1))),
        ({"balance": {"gte": Decimal(1)}}, Compare(BALANCE, "ge", Decimal(1))),
        ({"number": {"in": ["a", "b", "a"]}}, OneOf(NUMBER, ("a", "b"))),
        ({"number": {"in": ["a"]}}, A),
        ({"number": {"in": []}}, FALSE),
        ({"number": {"notIn": ["a", "b"]}}, Not(OneOf(NUMBER, ("a", "b")))),
        ({"number": {"notIn": ["a"]}}, Compare(NUMBER, "ne", "a")),
        ({"number": {"notIn": []}}, TRUE),
        ({"number": {"contains": "x"}}, Match(NUMBER, "contains", "x")),
        ({"number": {"startsWith": "x"}}, Match(NUMBER, "startswith", "x")),
        ({"number": {"endsWith": "x"}}, Match(NUMBER, "endswith", "x")),
        ({"number": {"contains": ""}}, Not(IsNull(NUMBER))),  # every text contains the empty one
        ({"number": {"isNull": True}}, IsNull(NUMBER)),
        ({"number": {"isNull": False}}, Not(IsNull(NUMBER))),
        ({"perks": {"has": "Free"}}, Match(path("perks"), "has", "Free")),
        ({"perks": {"has": ["Free", "Fast"]}},
         And((Match(path("perks"), "has", "Free"), Match(path("perks"), "has", "Fast")))),
        ({"perks": {"eq": ["Free"]}}, Compare(path("perks"), "eq", ["Free"])),
        ({"address": {"city": {"eq": "Ulm"}}}, Compare(CITY_PATH, "eq", "Ulm")),
        # and, or, not
        ({"and": []}, TRUE),
        ({"or": []}, FALSE),
        ({"not": {}}, FALSE),
        ({"not": {"or": []}}, TRUE),
        ({"and": [a, {}, b]}, And((A, B))),
        ({"or": [a, {}]}, TRUE),
        ({"or": [a, {"or": [b, a]}]}, Or((A, B))),
        ({"and": [a, {"and": [b, a]}], "not": {"or": []}}, And((A, B))),
        ({"not": a}, Compare(NUMBER, "ne", "a")),
        ({"not": {"not": {"balance": {"lt": Decimal(1)}}}}, Compare(BALANCE, "lt", Decimal(1))),
        ({"not": {"balance": {"lt": Decimal(1)}}}, Not(Compare(BALANCE, "lt", Decimal(1)))),  # null fits it: no `ge`
        ({"or": [{**a, "balance": {"isNull": True}}, b]}, Or((And((A, IsNull(BALANCE))), B))),
        # empty stand-ins are null
        ({"since": {"eq": date(1, 1, 1)}}, IsNull(SINCE)),
        ({"since": {"ne": date(1, 1, 1)}}, Not(IsNull(SINCE))),
        ({"since": {"in": [date(1, 1, 1), date(2020, 1, 1)]}},
         Or((Compare(SINCE, "eq", date(2020, 1, 1)), IsNull(SINCE)))),
        ({"rowId": {"eq": UUID(int=0)}}, IsNull(ROW_ID)),
        ({"since": {"gt": date(1, 1, 1)}}, Compare(SINCE, "gt", date(1, 1, 1))),
        # relations
        ({"orders": {}}, TRUE),
        ({"orders": {"some": {}}}, Related(ORDERS, "some", TRUE)),
        ({"orders": {"none": {}}}, Related(ORDERS, "none", TRUE)),
        ({"orders": {"every": {}}}, TRUE),
        ({"orders": {"some": {"or": []}}}, FALSE),
        ({"orders": {"none": {"or": []}}}, TRUE),
        ({"not": {"orders": {"some": {}}}}, Related(ORDERS, "none", TRUE)),
        ({"orders": {"some": {"customer": a}}}, Related(ORDERS, "some", Related(BUYER, "one", A))),
        # several conditions on one relation are one, where that means the same
        ({"or": [{"orders": {"some": a}}, {"orders": {"some": b}}]}, Related(ORDERS, "some", Or((ORDER_A, ORDER_B)))),
        ({"and": [{"orders": {"none": a}}, {"orders": {"none": b}}]}, Related(ORDERS, "none", Or((ORDER_A, ORDER_B)))),
        ({"and": [{"orders": {"some": a}}, {"orders": {"some": b}}]},
         And((Related(ORDERS, "some", ORDER_A), Related(ORDERS, "some", ORDER_B)))),
        ({"orders": {"some": {"and": [{"customer": a}, {"customer": {"balance": {"isNull": True}}}]}}},
         Related(ORDERS, "some", Related(BUYER, "one", And((A, IsNull(BALANCE)))))),
    ],
    ids=str,
)  # fmt: skip
def test_a_filter_means(where, means):
    assert predicate(where, CUSTOMER) == means


def test_a_to_one_relation_takes_the_targets_filter_and_an_empty_one_is_no_condition():
    assert predicate({"customer": a}, ORDER) == Related(BUYER, "one", A)
    assert predicate({"customer": {}}, ORDER) == TRUE
    assert predicate({"customer": {"or": []}}, ORDER) == FALSE
    there = predicate({"customer": {"rowId": {"isNull": False}}}, ORDER)
    assert there == Related(BUYER, "one", Not(IsNull(ROW_ID)))


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"balance": {"eq": None}}, r"^where\.balance\.eq: .*isNull: true"),
        ({"balance": {"ne": None}}, r"^where\.balance\.ne: .*isNull: false"),
        ({"balance": {"isNull": None}}, r"^where\.balance\.isNull: .*true or false"),
        ({"balance": None}, r"^where\.balance: .*isNull: true"),
        ({"number": {"in": None}}, r"^where\.number\.in: .*isNull"),
        ({"number": {"in": ["a", None]}}, r"^where\.number\.in\[1\]: .*isNull"),
        ({"perks": {"eq": ["Free", None]}}, r"^where\.perks\.eq\[1\]: "),
        ({"address": {"city": {"gt": None}}}, r"^where\.address\.city\.gt: "),
        ({"or": [a, {"and": [{"number": {"lt": None}}]}]}, r"^where\.or\[1\]\.and\[0\]\.number\.lt: "),
        ({"or": None}, r"^where\.or: "),
        ({"or": [None]}, r"^where\.or\[0\]: "),
        ({"not": None}, r"^where\.not: "),
        ({"orders": None}, r"^where\.orders: .*none"),
        ({"orders": {"some": None}}, r"^where\.orders\.some: "),
        ({"orders": {"some": {"number": {"eq": None}}}}, r"^where\.orders\.some\.number\.eq: "),
        ({"orders": {"most": {}}}, r"^where\.orders\.most: "),
        ({"nmber": {"eq": "a"}}, r"^where\.nmber: "),
        ({"number": {"like": "a"}}, r"^where\.number\.like: "),
    ],
    ids=str,
)
def test_a_filter_that_says_nothing_clear_is_refused_with_its_path(where, says):
    with pytest.raises(BadUserInput, match=says):
        predicate(where, CUSTOMER)


def test_a_filter_may_be_nested_deep_but_not_endlessly():
    def nested(levels):
        where = a
        for _ in range(levels):
            where = {"not": where}
        return where

    assert predicate(nested(MAX_DEPTH - 2), CUSTOMER) == A
    with pytest.raises(BadUserInput, match=r"^where: .*64 levels"):
        predicate(nested(2000), CUSTOMER)


def test_a_place_of_its_own_begins_the_path():
    with pytest.raises(BadUserInput, match=r"^customers\.where\.number\.eq: "):
        predicate({"number": {"eq": None}}, CUSTOMER, place="customers.where")
