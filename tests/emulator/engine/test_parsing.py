"""From URL text to syntax tree."""

import pytest

from vegraph.emulator.engine.expressions import expression, order_terms
from vegraph.emulator.engine.paths import resource_path
from vegraph.emulator.engine.query import query_options
from vegraph.emulator.engine.scanner import Refused
from vegraph.emulator.engine.syntax import (
    Alias,
    Arguments,
    Binary,
    Call,
    Expand,
    In,
    Lambda,
    ListOf,
    Literal,
    Member,
    OrderTerm,
    QueryOptions,
    Segment,
    SelectItem,
    Unary,
)


def name(*path: str) -> Member:
    return Member(tuple(Segment(part) for part in path))


def whole(number: int) -> Literal:
    return Literal("integer", str(number))


A, B, C = name("a"), name("b"), name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a/b", name("a", "b")),
        ("a eq 1", Binary("eq", A, whole(1))),
        (
            "a eq 1 or b eq 2 and c",
            Binary("or", Binary("eq", A, whole(1)), Binary("and", Binary("eq", B, whole(2)), C)),
        ),
        ("(a or b) and c", Binary("and", Binary("or", A, B), C)),
        ("not a and b", Binary("and", Unary("not", A), B)),
        ("not(a)", Unary("not", A)),
        ("a sub 1 sub 2", Binary("sub", Binary("sub", A, whole(1)), whole(2))),
        ("a add b mul c", Binary("add", A, Binary("mul", B, C))),
        ("-a gt -1", Binary("gt", Unary("-", A), whole(-1))),
        ("a eq 'O''Neil'", Binary("eq", A, Literal("string", "O'Neil"))),
        ("a eq null", Binary("eq", A, Literal("null", "null"))),
        ("a eq NS.Color'Red'", Binary("eq", A, Literal("enum", "Red", "NS.Color"))),
        ("a eq 2026-11-25", Binary("eq", A, Literal("date", "2026-11-25"))),
        ("a eq 2026-11-25T10:00:00Z", Binary("eq", A, Literal("datetime", "2026-11-25T10:00:00Z"))),
        ("a eq 1.50", Binary("eq", A, Literal("decimal", "1.50"))),
        (
            "a eq 0a000000-0000-4000-8000-000000000001",
            Binary("eq", A, Literal("guid", "0a000000-0000-4000-8000-000000000001")),
        ),
        ("a in (1,2)", In(A, ListOf((whole(1), whole(2))))),
        ("a in (1)", In(A, ListOf((whole(1),)))),
        ("contains(a,'x')", Call("contains", (A, Literal("string", "x")))),
        ("tolower( a ) eq b", Binary("eq", Call("tolower", (A,)), B)),
        ("a/any(x:x/b gt 1)", Lambda("any", A, "x", Binary("gt", name("x", "b"), whole(1)))),
        ("a/any()", Lambda("any", A)),
        ("a/$count gt 1", Binary("gt", name("a", "$count"), whole(1))),
        ("a eq @p", Binary("eq", A, Alias("p"))),
        ("notable", name("notable")),
        ("a eq order", Binary("eq", A, name("order"))),
    ],
    ids=str,
)
def test_an_expression(text, tree):
    assert expression(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a eq",
        "a eqb",
        "eq 1",
        "a eq 'x",
        "(a",
        "a)",
        "a eq 1)",
        "contains(a)",
        "length()",
        "a/all()",
        "a in",
        "a,b",
        "a eq 2026-02-30",
        "a eq NS.Color'a b'",
        "$nothing",
        "a eq \x00",
        "'a'b",
        "a  ",
        "(" * 150 + "a" + ")" * 150,
    ],
    ids=repr,
)
def test_what_is_no_expression(text):
    with pytest.raises(Refused):
        expression(text)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", QueryOptions()),
        ("$top=5&$skip=2&$count=true", QueryOptions(top=5, skip=2, count=True)),
        ("$filter=a%20eq%20%27x%26y%27", QueryOptions(filter=Binary("eq", A, Literal("string", "x&y")))),
        ("$filter=a eq 'x+y'", QueryOptions(filter=Binary("eq", A, Literal("string", "x+y")))),
        ("$select=a,b/c", QueryOptions(select=(SelectItem(("a",)), SelectItem(("b", "c"))))),
        ("$select=*", QueryOptions(select=(SelectItem(("*",)),))),
        ("company=x&$top=1", QueryOptions(top=1, custom=(("company", "x"),))),
        ("$filter=a eq @p&@p=5", QueryOptions(filter=Binary("eq", A, Alias("p")), aliases=(("p", whole(5)),))),
        ("$expand=a", QueryOptions(expand=(Expand(("a",)),))),
        (
            "$expand=a($filter=b eq ';)';$top=1),c",
            QueryOptions(
                expand=(
                    Expand(("a",), "", QueryOptions(filter=Binary("eq", B, Literal("string", ";)")), top=1)),
                    Expand(("c",)),
                )
            ),
        ),
        (
            "$expand=a($expand=b($expand=c))",
            QueryOptions(
                expand=(
                    Expand(
                        ("a",), "", QueryOptions(expand=(Expand(("b",), "", QueryOptions(expand=(Expand(("c",)),))),))
                    ),
                )
            ),
        ),
    ],
    ids=str,
)
def test_query_options(query, options):
    assert query_options(query) == options


@pytest.mark.parametrize(
    "query",
    [
        "$top=x",
        "$top=-1",
        "$top=5&$top=6",
        "$Top=5",
        "$nothing=1",
        "$count=maybe",
        "$select=",
        "$expand=a(",
        "$expand=a()",
        "$expand=a(top=1)",
        "$filter=a eq %zz",
        "$orderby=a up",
        "$expand=a/$ref($select=b)",
        "@1=2",
    ],
)
def test_query_options_that_are_refused(query):
    with pytest.raises(Refused):
        query_options(query)


def test_an_order():
    assert order_terms("a, b desc,c asc") == (OrderTerm(A), OrderTerm(B, True), OrderTerm(C))


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("", ()),
        ("Set", (Segment("Set"),)),
        ("Set(5)/Nav", (Segment("Set", Arguments(whole(5))), Segment("Nav"))),
        ("Set(a=1,b='x')", (Segment("Set", Arguments(None, (("a", whole(1)), ("b", Literal("string", "x"))))),)),
        ("Set('a%2Fb')", (Segment("Set", Arguments(Literal("string", "a/b"))),)),
        ("Set('O%27%27Neil')", (Segment("Set", Arguments(Literal("string", "O'Neil"))),)),
        ("Set(5)/NS.Action", (Segment("Set", Arguments(whole(5))), Segment("NS.Action"))),
        ("Set/$count", (Segment("Set"), Segment("$count"))),
        ("Fn()", (Segment("Fn", Arguments()),)),
    ],
    ids=str,
)
def test_a_path(path, segments):
    assert resource_path(path) == segments


@pytest.mark.parametrize("path", ["Set//Nav", "Set(5", "Set(5)x", "Set/$nothing", "Set/$count/x", "%ff", "Set(a=1,2)"])
def test_paths_that_are_refused(path):
    with pytest.raises(Refused):
        resource_path(path)


def test_a_long_chain_is_read_without_recursion():
    assert expression(" or ".join(["a"] * 5000)) is not None
