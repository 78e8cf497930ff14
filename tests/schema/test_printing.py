"""Printing: exact descriptions, and what a change breaks."""

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    build_schema,
)
from graphql.type import GraphQLDefaultInput
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.documents import entity, prop, sets
from tests.schema.graphs import graph
from tests.schema.test_shape import a_shop
from vegraph.schema.printing import check, print_sdl, print_types

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=80)


def _query(**more):
    return GraphQLObjectType("Query", {"a": GraphQLField(GraphQLString, **more)})


def _again(type_):
    return build_schema("\n".join(print_types([type_])))


@pytest.mark.parametrize(
    "text",
    ["plain", 'ends with "', "ends with \\", 'has """ inside', "two\nlines", " indented", "trailing ", "tab\there",
     "x" * 200, "", "a\n\n  b", "\x00", "ünï 金"],
    ids=repr,
)  # fmt: skip
def test_descriptions_survive(text):
    assert _again(_query(description=text)).query_type.fields["a"].description == text


@given(TEXTS)
def test_any_description_survives(text):
    assert _again(_query(description=text)).query_type.fields["a"].description == text


@given(TEXTS)
def test_any_reason_survives(text):
    assert _again(_query(deprecation_reason=text)).query_type.fields["a"].deprecation_reason == text


def test_defaults_unions_and_urls_are_printed():
    enum = GraphQLEnumType("E", {"A": GraphQLEnumValue(1, deprecation_reason="old")})
    thing = GraphQLObjectType(
        "T", {"f": GraphQLField(GraphQLString, {"n": GraphQLArgument(enum, default=GraphQLDefaultInput("A"))})}
    )
    union = GraphQLUnionType("U", [thing])
    scalar = GraphQLScalarType("S", specified_by_url="https://example.com/s")
    assert list(print_types([enum, thing, union, scalar])) == [
        'enum E {\n  A @deprecated(reason: "old")\n}',
        "type T {\n  f(n: E = A): String\n}",
        "union U = T",
        'scalar S @specifiedBy(url: "https://example.com/s")',
    ]


def test_deprecated_members_are_printed_so():
    revised = (
        '<Annotation Term="Org.OData.Core.V1.Revisions"><Collection><Record>'
        '<PropertyValue Property="Kind" EnumMember="Org.OData.Core.V1.RevisionKind/Deprecated"/>'
        '<PropertyValue Property="Description" String="Use number."/></Record></Collection></Annotation>'
    )
    found = graph(entity("thing", prop("old", inner=revised)), container=sets("thing"))
    assert '  old: String @deprecated(reason: "Use number.")' in print_sdl(found)


def test_the_same_graph_is_printed_the_same():
    assert print_sdl(a_shop()) == print_sdl(a_shop())


def test_types_come_by_name_after_the_roots():
    names = [
        line.split()[1] for line in print_sdl(a_shop()).split("\n") if line.startswith(("type ", "input ", "enum "))
    ]
    assert names[:2] == ["Query", "Mutation"]
    assert names[2:] == sorted(names[2:])


def _after(body):
    return graph(body, container=sets("thing")).schema


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (entity("thing", prop("a")), entity("thing"), "XThing.a was removed."),
        (entity("thing", prop("a")), entity("thing", prop("a", "Edm.Int32")), "changed type from String to Int"),
        (entity("thing", prop("a")), entity("other"), "XThing was removed"),
        (entity("thing"), entity("thing", prop("a")), None),
    ],
    ids=["property gone", "type changed", "type gone", "property added"],
)
def test_a_change_that_breaks_is_named(before, after, words):
    old = print_sdl(graph(before, container=sets("thing")))
    new = _after(after) if "thing" in after else graph(after, container=sets("other")).schema
    said = [change.description for change in check(old, new)]
    assert any(words in text for text in said) if words else said == []


def test_nothing_breaks_between_a_graph_and_its_print():
    assert check(print_sdl(a_shop()), a_shop().schema) == []


@pytest.mark.parametrize("text", ["type Query {", "type Query { a: Nothing }"])
def test_what_is_no_schema_is_refused(text):
    with pytest.raises((GraphQLError, TypeError)):
        check(text, GraphQLSchema(_query()))
