"""Steps as URLs, every one of them a URL by the OASIS grammar."""

import re
from datetime import date
from urllib.parse import unquote
from uuid import UUID

import pytest

from tests.backend.people import (
    BC,
    CITY,
    COMPOUND,
    CRONUS,
    CUSTOMER,
    FO,
    NAME,
    ODATA,
    PERSON,
    customers,
    key,
    people,
    target,
)
from tests.backend.serving import EMPTY
from vegraph.backend import requests
from vegraph.backend.dialects import dialect_for
from vegraph.catalog.model import Catalog, EntitySet
from vegraph.errors import BadUserInput, NotSupported
from vegraph.plan.predicates import FALSE, Compare
from vegraph.plan.steps import (
    Aggregate,
    Expand,
    Lookup,
    Order,
    Read,
    ReadOne,
)


@pytest.mark.parametrize(
    ("step", "dialect", "url"),
    [
        (people(), ODATA, "People"),
        (
            people(
                select=("name", "age"),
                filter=Compare(NAME, "eq", "O'N"),
                order=(Order(NAME, True), Order(CITY)),
                top=5,
                skip=10,
                count=True,
                search='two "words" NOT',
            ),
            ODATA,
            'People?$filter=name eq \'O\'\'N\'&$search="two" "words" "NOT"&$select=name,age'
            "&$orderby=name desc,city&$top=5&$skip=10&$count=true",
        ),
        (
            people(
                select=("name",),
                expand=(
                    Expand(
                        name="Friends",
                        select=("name",),
                        many=True,
                        filter=Compare(NAME, "eq", "a;b)"),
                        top=2,
                        order=(Order(NAME),),
                        count=True,
                        expand=(Expand(name="Boss", select=("name",)),),
                    ),
                    Expand(name="Airline", select=("Code",), cast="NS.Flight"),
                ),
            ),
            ODATA,
            "People?$select=name&$expand=Friends($select=name;$filter=name eq 'a;b)';$orderby=name;$top=2;$count=true"
            ";$expand=Boss($select=name)),NS.Flight/Airline($select=Code)",
        ),
        (people(under=(key(PERSON, "a/b"), "Friends"), top=1), ODATA, "People('a/b')/Friends?$top=1"),
        (people(top=0), ODATA, "People?$top=0"),
        (customers(select=("id",)), BC, f"companies({UUID(int=7)})/customers?$select=id"),
        (
            Read(source="s", set=COMPOUND.sets[0], entity=COMPOUND, cross_company=True, select=("Line",)),
            FO,
            "Lines?cross-company=true&$select=Line",
        ),
        (Read(source="s", set=COMPOUND.sets[0], entity=COMPOUND, cross_company=False), FO, "Lines"),
    ],
)
def test_a_read(step, dialect, url):
    assert target(requests.read(step, dialect)) == url


def test_a_page_size_is_a_preference():
    assert requests.read(people(page_size=7), ODATA).headers == {"Prefer": "odata.maxpagesize=7"}


@pytest.mark.parametrize(
    ("of", "values", "dialect", "url"),
    [
        (PERSON, ("O'Neil/ß",), ODATA, "People('O''Neil/ß')"),
        (CUSTOMER, (UUID(int=1),), BC, f"companies({UUID(int=7)})/customers({UUID(int=1)})"),
        (CUSTOMER, (str(UUID(int=1)),), BC, f"companies({UUID(int=7)})/customers({UUID(int=1)})"),
        (
            COMPOUND,
            ("usmf", "Sales", date(2020, 1, 2), "1.50"),
            FO,
            "Lines(dataAreaId='usmf',Type='Sales',From=2020-01-02T12:00:00Z,Line=1.50)?cross-company=true",
        ),
        (
            COMPOUND,
            ("usmf", "Sales", "2020-01-02T12:00:00Z", 1),
            ODATA,
            "Lines(dataAreaId='usmf',Type=NS.T'Sales',From=2020-01-02T12:00:00Z,Line=1)",
        ),
    ],
)
def test_one_row(of, values, dialect, url):
    step = ReadOne(source="s", set=of.sets[0], entity=of, key=key(of, *values), company=CRONUS)
    assert target(requests.read_one(step, dialect)) == url


def test_a_singleton_has_no_key():
    set_ = EntitySet(name="Me", type="NS.Person", singleton=True)
    step = ReadOne(source="s", set=set_, entity=PERSON, key=None, select=("name",))
    assert target(requests.read_one(step, ODATA)) == "Me?$select=name"


def test_counts_are_asked_for_as_the_service_answers_them():
    assert (
        target(requests.count(people(filter=Compare(NAME, "eq", "a"), top=3), ODATA))
        == "People/$count?$filter=name eq 'a'"
    )
    assert target(requests.count(customers(top=3), BC)) == f"companies({UUID(int=7)})/customers?$top=0&$count=true"


def lookup(dialect, of, members, values, **more):
    step = Lookup(
        source="s", set=of.sets[0], entity=of, members=members, values=tuple(values), **{"select": ("name",), **more}
    )
    return [target(wire) for wire in requests.lookup(step, dialect)]


def test_a_look_up_is_one_chain_or_an_in():
    newer = dialect_for("odata", Catalog(version="4.01"))
    values = [("a",), ("b",), ("a",)]
    assert lookup(ODATA, PERSON, PERSON.key, values) == ["People?$filter=name eq 'a' or name eq 'b'&$select=name"]
    assert lookup(newer, PERSON, PERSON.key, values) == ["People?$filter=name in ('a','b')&$select=name"]
    assert lookup(ODATA, PERSON, PERSON.key, [("a",)]) == ["People?$filter=name eq 'a'&$select=name"]


def test_a_look_up_of_several_members_says_what_they_share_once():
    company, line = COMPOUND.key[0], COMPOUND.key[3]
    values = [("usmf", 1), ("usmf", 2), ("dat", 3)]
    assert lookup(FO, COMPOUND, (company, line), values, select=("Line",), cross_company=True) == [
        "Lines?cross-company=true&$filter=dataAreaId eq 'usmf' and (Line eq 1 or Line eq 2)"
        " or dataAreaId eq 'dat' and Line eq 3&$select=Line"
    ]


def test_a_look_up_s_own_filter_goes_with_every_chunk():
    found = lookup(ODATA, PERSON, PERSON.key, [("a",), ("b",)], filter=Compare(CITY, "eq", "x"), top=4)
    assert found == ["People?$filter=(name eq 'a' or name eq 'b') and city eq 'x'&$select=name&$top=4"]


def test_chunks_fit_the_query_and_lose_nothing():
    short = dialect_for("business-central", EMPTY)
    short.max_query = 300
    values = [(str(UUID(int=i)),) for i in range(50)]
    wires = requests.lookup(
        Lookup(source="s", set=CUSTOMER.sets[0], entity=CUSTOMER, members=CUSTOMER.key[:1], values=tuple(values)), short
    )
    assert max(len(w.query) for w in wires) <= 300
    assert len(wires) < 20
    assert [m for w in wires for m in re.findall(r"[0-9a-f-]{36}", unquote(w.query))] == [v for (v,) in values]


def test_a_value_longer_than_the_limit_goes_alone():
    short = dialect_for("odata", EMPTY)
    short.max_query = 50
    found = lookup(short, PERSON, PERSON.key, [("a" * 100,), ("b",)], select=())
    assert len(found) == 2


@pytest.mark.parametrize("values", [[(None,)], [("a", "b")]])
def test_a_look_up_for_null_is_a_mistake(values):
    with pytest.raises(BadUserInput):
        lookup(ODATA, PERSON, PERSON.key, values)


def test_aggregates():
    step = Aggregate(
        source="s",
        set=PERSON.sets[0],
        entity=PERSON,
        filter=Compare(NAME, "ne", "a b"),
        group_by=(CITY,),
        values=(("age", "sum", "total"), ("$count", "sum", "n")),
    )
    able = dialect_for("dataverse", EMPTY)
    query = unquote(requests.aggregate(step, able).query)
    assert query == "$apply=filter(name ne 'a b')/groupby((city),aggregate(age with sum as total,$count as n))"
    with pytest.raises(NotSupported):
        requests.aggregate(step, FO)


def test_nothing_that_is_never_true_is_sent():
    with pytest.raises(NotSupported):
        requests.read(people(filter=FALSE), ODATA)
