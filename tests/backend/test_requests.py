"""Steps as URLs: every one a URL by the OASIS grammar, and no value able to change its shape."""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote
from uuid import UUID

import pytest

from tests.abnf import check_url
from tests.backend.serving import EMPTY, entity, member, value
from vegraph.backend import requests, writes
from vegraph.backend.dialects import dialect_for
from vegraph.catalog.model import Catalog, EntitySet, Operation, Parameter, TypeRef
from vegraph.errors import BadUserInput, NotSupported
from vegraph.plan.predicates import FALSE, And, Compare, Match, OneOf, Path
from vegraph.plan.steps import (
    Aggregate,
    Call,
    Company,
    Create,
    Delete,
    Expand,
    Key,
    Lookup,
    Order,
    Read,
    ReadOne,
    Update,
)
from vegraph.schema.values import EnumValues, Kind

ODATA = dialect_for("odata", EMPTY)
BC = dialect_for("business-central", EMPTY)
FO = dialect_for("finance-operations", EMPTY)
CRONUS = Company("CRONUS", str(UUID(int=7)))

NUMBER = member("number", key=True)
CUSTOMER = entity(
    member("id", Kind.UUID, key=True), member("number"), member("city"), name="customer",
    set_=EntitySet(name="customers", type="NS.customer"), company="context",
)  # fmt: skip
COMPOUND = entity(
    member("dataAreaId", key=True),
    member("Type", Kind.ENUM, edm="NS.T", enum=EnumValues(graph_name="T", wire_type="NS.T", to_graph={}, to_wire={}), key=True),
    member("From", Kind.NOON_DATE, key=True),
    member("Line", Kind.DECIMAL, key=True),
    name="Line", company="dataAreaId",
)  # fmt: skip
PERSON = entity(
    member("name", key=True), member("age", Kind.INT), name="Person", set_=EntitySet(name="People", type="NS.Person")
)
NAME = Path(("name",), value(Kind.STRING, never_null=True))
CITY = Path(("city",), value(Kind.STRING))


def people(**more):
    return Read(source="s", set=PERSON.sets[0], entity=PERSON, **more)


def customers(**more):
    return Read(source="s", set=CUSTOMER.sets[0], entity=CUSTOMER, company=CRONUS, **more)


def key(of, *values):
    return Key(of.key, values)


def target(wire):
    check_url(wire.target)
    return unquote(wire.target)


@pytest.mark.parametrize(
    ("step", "dialect", "url"),
    [
        (people(), ODATA, "People"),
        (
            people(select=("name", "age"), filter=Compare(NAME, "eq", "O'N"), order=(Order(NAME, True), Order(CITY)),
                   top=5, skip=10, count=True, search='two "words" NOT'),
            ODATA,
            "People?$filter=name eq 'O''N'&$search=\"two\" \"words\" \"NOT\"&$select=name,age"
            "&$orderby=name desc,city&$top=5&$skip=10&$count=true",
        ),
        (
            people(select=("name",), expand=(
                Expand(name="Friends", select=("name",), many=True, filter=Compare(NAME, "eq", "a;b)"), top=2,
                       order=(Order(NAME),), count=True, expand=(Expand(name="Boss", select=("name",)),)),
                Expand(name="Airline", select=("Code",), cast="NS.Flight"),
            )),
            ODATA,
            "People?$select=name&$expand=Friends($select=name;$filter=name eq 'a;b)';$orderby=name;$top=2;$count=true"
            ";$expand=Boss($select=name)),NS.Flight/Airline($select=Code)",
        ),
        (people(under=(key(PERSON, "a/b"), "Friends"), top=1), ODATA, "People('a/b')/Friends?$top=1"),
        (people(top=0), ODATA, "People?$top=0"),
        (customers(select=("id",)), BC, f"companies({UUID(int=7)})/customers?$select=id"),
        (
            Read(source="s", set=COMPOUND.sets[0], entity=COMPOUND, cross_company=True, select=("Line",)), FO,
            "Lines?cross-company=true&$select=Line",
        ),
        (Read(source="s", set=COMPOUND.sets[0], entity=COMPOUND, cross_company=False), FO, "Lines"),
    ],
)  # fmt: skip
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
            COMPOUND, ("usmf", "Sales", date(2020, 1, 2), "1.50"), FO,
            "Lines(dataAreaId='usmf',Type='Sales',From=2020-01-02T12:00:00Z,Line=1.50)?cross-company=true",
        ),
        (
            COMPOUND, ("usmf", "Sales", "2020-01-02T12:00:00Z", 1), ODATA,
            "Lines(dataAreaId='usmf',Type=NS.T'Sales',From=2020-01-02T12:00:00Z,Line=1)",
        ),
    ],
)  # fmt: skip
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
        source="s", set=PERSON.sets[0], entity=PERSON, filter=Compare(NAME, "ne", "a b"), group_by=(CITY,),
        values=(("age", "sum", "total"), ("$count", "sum", "n")),
    )  # fmt: skip
    able = dialect_for("dataverse", EMPTY)
    query = unquote(requests.aggregate(step, able).query)
    assert query == "$apply=filter(name ne 'a b')/groupby((city),aggregate(age with sum as total,$count as n))"
    with pytest.raises(NotSupported):
        requests.aggregate(step, FO)


# Injection: the shape of a request never depends on a value (issue 4; threats T20)

HOSTILE = [
    "O'Neil", "%27", "'' or 1 eq 1", "' or '1' eq '1", "a'\r\nHost: evil\r\n", "&$filter=x", "&cross-company=true", ")", "(", "\\",
    "/$metadata", "../..", "?x", "#frag", "%00", "%2527", "+", "a+b", "𝔘𝔫𝔦", "‮abc", ";$top=1", ",", "*", "$it", "null", "true",
    "eq", "😀'😀", " ", "\t", "x" * 500,
]  # fmt: skip


def shape(target_: str) -> str:
    """The URL with every string literal replaced by one sign."""
    return re.sub(r"'(?:[^']|'')*'", "'…'", target_)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("dialect", [ODATA, BC, FO], ids=lambda d: d.name)
def test_a_hostile_text_does_not_change_a_request(text, dialect):
    def steps(t):
        one_key = key(PERSON, t)
        read = people(filter=And((Compare(NAME, "eq", t), OneOf(NAME, (t, "x")), Match(NAME, "startswith", t + "."))))
        return [
            requests.read(read, dialect),
            requests.read(people(expand=(Expand(name="F", select=("a",), filter=Compare(NAME, "gt", t)),)), dialect),
            requests.read(people(under=(one_key, "Friends")), dialect),
            requests.read_one(ReadOne(source="s", set=PERSON.sets[0], entity=PERSON, key=one_key), dialect),
            requests.lookup(
                Lookup(source="s", set=PERSON.sets[0], entity=PERSON, members=PERSON.key, values=((t,), ("x",))), dialect
            )[0],
            writes.wire(Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=one_key), dialect),
            writes.wire(
                Call(source="s", operation=FUNCTION, import_name="F", arguments=(("text", value(Kind.STRING), t),)), dialect
            ),
        ]  # fmt: skip

    for hostile, harmless in zip(steps(text), steps("harmless"), strict=True):
        check_url(hostile.target)
        assert hostile.target.isascii()
        if "&" not in text and "#" not in text and "%" not in text and "+" not in text or dialect is not FO:
            assert shape(hostile.target) == shape(harmless.target)
        assert text.replace("'", "''") in unquote(hostile.target, errors="strict")


@pytest.mark.parametrize("text", ["a\x00", "\ud800"])
def test_a_text_that_no_erp_can_hold_is_refused(text):
    with pytest.raises(BadUserInput):
        requests.read(people(filter=Compare(NAME, "eq", text)), ODATA)


@pytest.mark.parametrize("text", ['" OR "', "a AND NOT b", "$count", "&$top=1", "')", "\\"])
def test_a_hostile_search_stays_a_search(text):
    wire = requests.read(people(search=text), ODATA)
    check_url(wire.target)
    assert wire.query.count("&") == 0


# Writes

FUNCTION = Operation(
    name="NS.Find", kind="function", parameters=(Parameter(name="text", type=TypeRef("Edm.String")),)
)  # fmt: skip
BOUND = Operation(name="NS.post", kind="action", bound=True, binding=TypeRef("NS.customer"))
PICK = Operation(name="NS.pick", kind="function", bound=True, binding=TypeRef("NS.Person", True),
                 parameters=(Parameter(name="who", type=TypeRef("NS.Person")),))  # fmt: skip
WITH_PEOPLE = dialect_for("odata", Catalog(entity_sets={"People": PERSON.sets[0]}))


@pytest.mark.parametrize(
    ("step", "dialect", "method", "url", "body"),
    [
        (
            Create(source="s", set=CUSTOMER.sets[0], entity=CUSTOMER, values={"number": "A"}, company=CRONUS), BC,
            "POST", f"companies({UUID(int=7)})/customers", b'{"number":"A"}',
        ),
        (
            Create(source="s", set=COMPOUND.sets[0], entity=COMPOUND, values={"Line": 1}, company=Company("usmf")), FO,
            "POST", "Lines", b'{"dataAreaId":"usmf","Line":1}',
        ),
        (
            Create(source="s", set=PERSON.sets[0], entity=PERSON, values={"name": "A"}, under=(key(PERSON, "b"), "Friends")),
            ODATA, "POST", "People('b')/Friends", b'{"name":"A"}',
        ),
        (
            Update(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), values={"age": None}), ODATA,
            "PATCH", "People('b')", b'{"age":null}',
        ),
        (Call(source="s", operation=FUNCTION, import_name="Find", arguments=(("text", value(Kind.STRING), "a"),)), ODATA,
         "GET", "Find(text='a')", None),
        (Call(source="s", operation=FUNCTION, import_name="Find", arguments=(("text", value(Kind.STRING), None),)), ODATA,
         "GET", "Find(text=null)", None),
        (
            Call(source="s", operation=FUNCTION, import_name="Find",
                 arguments=(("text", value(Kind.STRING, collection=True), ["a", "b'"]),)),
            ODATA, "GET", "Find(text=@text)?@text=[\"a\",\"b'\"]", None,
        ),
        (
            Call(source="s", operation=BOUND, set=CUSTOMER.sets[0], entity=CUSTOMER, key=key(CUSTOMER, UUID(int=1)), company=CRONUS),
            BC, "POST", f"companies({UUID(int=7)})/customers({UUID(int=1)})/NS.post", b"{}",
        ),
        (
            Call(source="s", operation=PICK, set=PERSON.sets[0], entity=PERSON, arguments=(("who", None, key(PERSON, "b")),)),
            WITH_PEOPLE, "GET", "People/NS.pick(who=@who)?@who={\"@odata.id\":\"People('b')\"}", None,
        ),
    ],
)  # fmt: skip
def test_a_write(step, dialect, method, url, body):
    wire = writes.wire(step, dialect)
    assert (wire.method, unquote(wire.target), wire.body) == (method, url, body)
    check_url(wire.target)


def test_an_etag_that_is_none_is_refused_before_it_is_a_header():
    step = Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"))
    assert writes.wire(replace(step, if_match='W/"x"'), ODATA).headers == {"If-Match": 'W/"x"'}
    for given in ('W/"x"\r\nX: y', "x", '"', "", "**"):
        with pytest.raises(BadUserInput):
            writes.wire(replace(step, if_match=given), ODATA)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), if_match='"x"'), "guarded"),
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), if_match="*"), "once"),
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b")), "once"),
        (Call(source="s", operation=FUNCTION), "read"),
        (Call(source="s", operation=BOUND), "once"),
    ],
)
def test_how_often_a_write_may_be_sent(step, kind):
    assert writes.kind_of(step) == kind


def test_nothing_that_is_never_true_is_sent():
    with pytest.raises(NotSupported):
        requests.read(people(filter=FALSE), ODATA)
