"""Predicates as `$filter`: what is written for each dialect, and what may not be pushed and why."""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote
from uuid import UUID

import msgspec
import pytest

from tests.backend.serving import EMPTY, entity, member, value
from vegraph.backend.dialects import dialect_for
from vegraph.backend.filters import why_not, why_not_superset, write
from vegraph.catalog.model import Catalog, EntitySet, Relationship
from vegraph.errors import NotSupported
from vegraph.plan.predicates import FALSE, TRUE, And, Compare, IsNull, Match, Not, OneOf, Or, Path, Related
from vegraph.schema.binding import RelationField
from vegraph.schema.values import EnumValues, Kind

ODATA = dialect_for("odata", EMPTY)
NEWER = dialect_for("odata", Catalog(version="4.01"))
BC = dialect_for("business-central", EMPTY)
FO = dialect_for("finance-operations", EMPTY)

NAME = Path(("name",), value(Kind.STRING))
SURE = Path(("name",), value(Kind.STRING, never_null=True))
CITY = Path(("address", "city"), value(Kind.STRING))
PRICE = Path(("price",), value(Kind.DECIMAL))
DAY = Path(("day",), value(Kind.DATE, empty="0001-01-01"))
NOON = Path(("day",), value(Kind.NOON_DATE, empty="1900-01-01T12:00:00Z"))
ID = Path(("parentId",), value(Kind.UUID, empty=str(UUID(int=0))))
STATUS = Path(
    ("status",),
    value(
        Kind.ENUM,
        "NS.Status",
        never_null=True,
        enum=EnumValues(graph_name="S", wire_type="NS.Status", to_graph={"Open": "OPEN"}, to_wire={}),
    ),
)
COLORS = Path(("colors",), value(Kind.FLAGS, "NS.Color"))

CUSTOMER = entity(member("id", Kind.INT, key=True), member("city"), name="Customer")
ORDERS = RelationField(
    name="orders",
    relationship=Relationship(source="NS.C", name="Orders", target="NS.O", many=True),
    resolve=lambda: CUSTOMER,
)
OWNER = RelationField(
    name="owner",
    relationship=Relationship(source="NS.C", name="Owner", target="NS.O", many=False),
    resolve=lambda: CUSTOMER,
)
DECLARED = replace(
    OWNER, relationship=Relationship(source="NS.C", name="far", target="X.O", many=False, declared=False)
)
OWNER_CITY = Path(("Owner", "city"), value(Kind.STRING), (OWNER,))
TOTAL = Path(("total",), value(Kind.DECIMAL, never_null=True))


def text(predicate, dialect=ODATA):
    return unquote(write(predicate, dialect.rules, dialect.style))


@pytest.mark.parametrize(
    ("predicate", "written"),
    [
        (Compare(NAME, "eq", "O'Neil"), "name eq 'O''Neil'"),
        (Compare(NAME, "ne", "x"), "name ne 'x' or name eq null"),  # null is a value
        (Compare(SURE, "ne", "x"), "name ne 'x'"),
        (Compare(CITY, "eq", "x"), "address/city eq 'x'"),
        (Compare(PRICE, "gt", 5), "price gt 5"),
        (Not(Compare(PRICE, "gt", 5)), "price le 5 or price eq null"),  # the exact opposite
        (Not(Compare(NAME, "eq", "x")), "name ne 'x' or name eq null"),
        (Not(Not(Compare(NAME, "eq", "x"))), "name eq 'x'"),
        (Compare(DAY, "lt", date(2020, 1, 1)), "day lt 2020-01-01 and day ne 0001-01-01"),  # without the stand-in
        (Compare(DAY, "gt", date(2020, 1, 1)), "day gt 2020-01-01"),
        (Compare(DAY, "ge", date(1, 1, 1)), "day ge 0001-01-01 and day ne 0001-01-01"),
        (Not(Compare(DAY, "gt", date(2020, 1, 1))), "day le 2020-01-01"),
        (Not(Compare(DAY, "lt", date(2020, 1, 1))), "day ge 2020-01-01 or day eq 0001-01-01"),
        (Compare(DAY, "ne", date(2020, 1, 1)), "day ne 2020-01-01"),
        (Compare(NOON, "le", date(2020, 1, 1)), "day le 2020-01-01T12:00:00Z and day ne 1900-01-01T12:00:00Z"),
        (IsNull(DAY), "day eq 0001-01-01"),
        (IsNull(ID), f"parentId eq {UUID(int=0)}"),
        (Not(IsNull(ID)), f"parentId ne {UUID(int=0)}"),
        (IsNull(NAME), "name eq null"),
        (OneOf(NAME, ("a", "b")), "name eq 'a' or name eq 'b'"),
        (OneOf(NAME, ("a",)), "name eq 'a'"),
        (And((OneOf(NAME, ("a", "b")), Compare(PRICE, "gt", 1))), "(name eq 'a' or name eq 'b') and price gt 1"),
        (Not(OneOf(SURE, ("a", "b"))), "name ne 'a' and name ne 'b'"),
        (Not(OneOf(NAME, ("a", "b"))), "name ne 'a' and name ne 'b' or name eq null"),
        (Match(NAME, "contains", "a&b"), "contains(name,'a&b')"),
        (Not(Match(NAME, "startswith", "a")), "not startswith(name,'a') or name eq null"),
        (Match(NAME, "contains", ""), "name ne null"),
        (Match(COLORS, "has", "Red"), "colors has NS.Color'Red'"),
        (Compare(STATUS, "eq", "Open"), "status eq NS.Status'Open'"),
        (
            Or((Compare(NAME, "eq", "a"), And((Compare(NAME, "eq", "b"), Compare(PRICE, "gt", 1))))),
            "name eq 'a' or name eq 'b' and price gt 1",
        ),
        (Not(Or((Compare(SURE, "eq", "a"), Compare(TOTAL, "gt", 1)))), "name ne 'a' and total le 1"),
        (Compare(OWNER_CITY, "eq", "x"), "Owner/city eq 'x'"),
        (Related(ORDERS, "some", Compare(TOTAL, "gt", 5)), "Orders/any(r0:r0/total gt 5)"),
        (Related(ORDERS, "some", TRUE), "Orders/any()"),
        (Related(ORDERS, "none", TRUE), "not Orders/any()"),
        (Related(ORDERS, "none", Compare(TOTAL, "gt", 5)), "not Orders/any(r0:r0/total gt 5)"),
        (Related(ORDERS, "every", Compare(TOTAL, "gt", 5)), "not Orders/any(r0:r0/total le 5)"),
        (Not(Related(ORDERS, "every", Compare(TOTAL, "gt", 5))), "Orders/any(r0:r0/total le 5)"),
        (
            Related(ORDERS, "some", Related(ORDERS, "some", Compare(TOTAL, "gt", 5))),
            "Orders/any(r0:r0/Orders/any(r1:r1/total gt 5))",
        ),
        (
            Related(OWNER, "one", Compare(NAME, "ne", "x")),
            "(Owner/id ne null and (Owner/name ne 'x' or Owner/name eq null))",
        ),
        (
            Not(Related(OWNER, "one", Compare(NAME, "eq", "x"))),
            "(Owner/id eq null or (Owner/name ne 'x' or Owner/name eq null))",
        ),
        (Related(ORDERS, "some", Related(OWNER, "one", TRUE)), "Orders/any(r0:r0/Owner/id ne null)"),
        (TRUE, ""),
        (And(()), ""),
        (Or((TRUE, Compare(NAME, "eq", "a"))), ""),
        (Not(IsNull(SURE)), ""),
        (And((TRUE, Compare(NAME, "eq", "a"))), "name eq 'a'"),
    ],
    ids=str,
)
def test_what_is_written(predicate, written):
    assert text(predicate) == written


@pytest.mark.parametrize(
    "predicate",
    [FALSE, Or(()), OneOf(NAME, ()), IsNull(SURE), Compare(DAY, "eq", date(1, 1, 1)), OneOf(ID, (UUID(int=0),))],
    ids=str,
)
def test_what_is_never_true_is_not_written(predicate):
    with pytest.raises(NotSupported):
        text(predicate)


@pytest.mark.parametrize(
    ("dialect", "predicate", "written"),
    [
        (NEWER, OneOf(NAME, ("a", "b")), "name in ('a','b')"),
        (BC, Compare(STATUS, "eq", "Open"), "status eq 'Open'"),
        (BC, Compare(PRICE, "ne", 5), "price ne 5"),  # no nulls there
        (BC, Not(Compare(PRICE, "gt", 5)), "price le 5"),
        (FO, Match(SURE, "contains", "A&B"), "name eq '*A&B*'"),  # OF-42
        (FO, Match(SURE, "startswith", "A&B"), "name eq 'A&B*'"),
        (FO, Match(SURE, "endswith", "AB"), "endswith(name,'AB')"),
    ],
    ids=str,
)
def test_what_a_dialect_writes_otherwise(dialect, predicate, written):
    assert text(predicate, dialect) == written


OTHER = Path(("other",), value(Kind.STRING, never_null=True))


@pytest.mark.parametrize(
    ("dialect", "predicate", "why"),
    [
        (BC, Or((Compare(SURE, "eq", "a"), Compare(OTHER, "eq", "b"))), "over one property only"),
        (BC, Not(And((Compare(SURE, "eq", "a"), Compare(OTHER, "eq", "b")))), "over one property only"),
        (BC, Or((Compare(SURE, "eq", "a"), Compare(SURE, "gt", "b"))), None),
        (BC, Not(Match(SURE, "contains", "a")), "not"),
        (BC, Related(ORDERS, "some", TRUE), "related rows"),
        (BC, Compare(OWNER_CITY, "eq", "x"), "behind a relation"),
        (BC, IsNull(PRICE), None),
        (BC, IsNull(DAY), None),
        (BC, Compare(STATUS, "gt", "Open"), "eq and ne only"),
        (BC, Match(COLORS, "has", "Red"), "has"),
        (BC, Compare(SURE, "ne", "a*"), "pattern"),
        (FO, Related(ORDERS, "none", TRUE), "related rows"),
        (FO, Compare(SURE, "ne", "a"), "case"),
        (FO, Not(Match(SURE, "contains", "a")), "case"),
        (FO, Compare(OWNER_CITY, "ne", "a"), "does not tell rows"),
        (FO, Compare(SURE, "gt", "a"), None),  # ordered as the service orders
        (FO, Compare(PRICE, "ne", 5), None),
        (ODATA, Related(DECLARED, "one", TRUE), "does not know"),
        (ODATA, Related(ORDERS, "some", Related(DECLARED, "one", TRUE)), "does not know"),
        (ODATA, Compare(Path(("tags",), value(Kind.STRING, collection=True)), "eq", "a"), "no literal"),
        (ODATA, And((Related(ORDERS, "every", Compare(NAME, "ne", "a")), Match(COLORS, "has", "Red"))), None),
    ],
    ids=str,
)
def test_why_a_filter_is_not_pushed(dialect, predicate, why):
    found, wider = why_not(predicate, dialect.rules), why_not_superset(predicate, dialect.rules)
    assert (found is None and wider is None) if why is None else (why in found and why in wider)


@pytest.mark.parametrize(
    ("dialect", "predicate"),
    [
        (FO, Compare(SURE, "eq", "a")),  # case
        (FO, OneOf(SURE, ("a", "b"))),
        (FO, Match(SURE, "contains", "a&b")),
        (FO, And((Compare(SURE, "eq", "a"), Compare(PRICE, "gt", 1)))),
        (BC, Compare(SURE, "eq", "a*b")),  # pattern (OB-79)
        (BC, OneOf(SURE, ("a", "b*"))),
        (BC, Match(SURE, "startswith", "a?")),
    ],
    ids=str,
)
def test_a_filter_that_finds_too_much_says_so(dialect, predicate):
    assert why_not(predicate, dialect.rules) is not None
    assert why_not_superset(predicate, dialect.rules) is None


def test_a_document_that_forbids_filtering_is_believed():
    set_ = EntitySet(name="Things", type="NS.Thing")
    thing = entity(msgspec.structs.replace(member("a"), filterable=False), member("b"), set_=set_)
    path = Path(("a",), value(Kind.STRING))
    assert "'a' cannot be filtered by" in (ODATA.why_not_filter(Not(Compare(path, "eq", "x")), thing) or "")
    assert ODATA.why_not_filter(Compare(Path(("b",), value(Kind.STRING)), "eq", "x"), thing) is None


def test_a_hostile_text_stays_in_its_literal():
    hostile = "') or 1 eq 1 or ('' eq '&$filter=x\r\n"
    written = write(Compare(SURE, "eq", hostile), ODATA.rules, ODATA.style)
    harmless = write(Compare(SURE, "eq", "x"), ODATA.rules, ODATA.style)
    start = harmless[:-2]
    assert written.startswith(start)
    assert re.fullmatch(r"'([A-Za-z0-9._~-]|%[0-9A-F]{2}|'')*'", written[len(start) - 1 :])
    assert unquote(written[len(start) :])[:-1].replace("''", "'") == hostile
