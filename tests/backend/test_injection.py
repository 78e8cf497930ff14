"""The shape of a request never depends on a value (threats T20)."""

import re
from urllib.parse import unquote

import pytest

from tests.abnf import check_url
from tests.backend.people import (
    BC,
    FO,
    FUNCTION,
    NAME,
    ODATA,
    PERSON,
    key,
    people,
)
from tests.backend.serving import value
from vegraph.backend import requests, writes
from vegraph.errors import BadUserInput
from vegraph.plan.predicates import And, Compare, Match, OneOf
from vegraph.plan.steps import (
    Call,
    Delete,
    Expand,
    Lookup,
    ReadOne,
)
from vegraph.schema.values import Kind

HOSTILE = [
    "O'Neil",
    "%27",
    "'' or 1 eq 1",
    "' or '1' eq '1",
    "a'\r\nHost: evil\r\n",
    "&$filter=x",
    "&cross-company=true",
    ")",
    "(",
    "\\",
    "/$metadata",
    "../..",
    "?x",
    "#frag",
    "%00",
    "%2527",
    "+",
    "a+b",
    "𝔘𝔫𝔦",
    "‮abc",
    ";$top=1",
    ",",
    "*",
    "$it",
    "null",
    "true",
    "eq",
    "😀'😀",
    " ",
    "\t",
    "x" * 500,
]


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
                Lookup(source="s", set=PERSON.sets[0], entity=PERSON, members=PERSON.key, values=((t,), ("x",))),
                dialect,
            )[0],
            writes.wire(Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=one_key), dialect),
            writes.wire(
                Call(source="s", operation=FUNCTION, import_name="F", arguments=(("text", value(Kind.STRING), t),)),
                dialect,
            ),
        ]

    for hostile, harmless in zip(steps(text), steps("harmless"), strict=True):
        check_url(hostile.target)
        assert hostile.target.isascii()
        if ("&" not in text and "#" not in text and "%" not in text and "+" not in text) or dialect is not FO:
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
