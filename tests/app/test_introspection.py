import asyncio
import gzip
import json
from typing import Any

import pytest
from graphql import build_schema, execute_sync, get_introspection_query, parse

from tests.app.toy import Toy
from vegraph.app.documents import Documents
from vegraph.app.execution import RequestErrors
from vegraph.app.introspection import Introspection, asks_only_for_the_schema
from vegraph.app.settings import Limits

RICH = build_schema('''
"""Described."""
interface Node { id: ID! }
type Query implements Node { id: ID! node(id: ID!): Node find(by: By! = {number: "1"}, old: Int @deprecated): Thing }
union Thing = Query | Other
type Other { list: [[Thing!]!] gone: Colour @deprecated(reason: "no more") }
enum Colour { RED GREEN @deprecated }
input By @oneOf { number: String id: ID }
scalar Date @specifiedBy(url: "https://example.com/date")
directive @atomic(why: String = "all") repeatable on MUTATION | FIELD
''')

STANDARD = get_introspection_query(
    descriptions=True, specified_by_url=True, directive_is_repeatable=True, schema_description=True,
    input_value_deprecation=True, one_of=True, experimental_directive_deprecation=True,
)  # fmt: skip

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    (STANDARD, {}),
    (get_introspection_query(descriptions=False), {}),
    ('{ a: __type(name: "Colour") { kind enumValues(includeDeprecated: true) { name isDeprecated } } }', {}),
    ('{ __type(name: "Nothing") { name } __typename }', {}),
    ("query($n: String!, $d: Boolean) { __type(name: $n) { fields(includeDeprecated: $d) { name } } }",
     {"n": "Other", "d": True}),
    ("query($n: String! = \"Other\") { __type(name: $n) { fields { name } } }", {}),
    ('query($s: Boolean!) { __schema @skip(if: $s) { types { name } } __type(name: "By") { name @include(if: $s) } }',
     {"s": False}),
    ('{ __schema { ...A ... on __Schema { types { kind } } types { name } } } fragment A on __Schema { types { ...B } }'
     ' fragment B on __Type { possibleTypes { name } interfaces { name __typename } }', {}),
    ("{ __schema { queryType { name } mutationType { name }"
     " directives { name locations isRepeatable args { name defaultValue } } } }", {}),
]  # fmt: skip


def prepared(schema: Any, text: str):
    return Documents(schema, Limits(), introspection=True).prepare(text)


@pytest.mark.parametrize("schema", [RICH, Toy().core], ids=["rich", "toy"])
@pytest.mark.parametrize(("text", "variables"), QUESTIONS, ids=range(len(QUESTIONS)))
async def test_the_answer_is_that_of_the_executor(schema: Any, text: str, variables: dict[str, Any]):
    document = prepared(schema, text)
    operation = document.operation(None)
    assert asks_only_for_the_schema(document, operation)
    answer = json.loads(gzip.decompress(await Introspection(schema).answer(document, operation, variables)))
    expected = execute_sync(schema, parse(text), variable_values=variables)
    assert expected.errors is None
    assert json.dumps(answer["data"]) == json.dumps(expected.data)


@pytest.mark.parametrize(
    "text", ["{ id __schema { types { name } } }", "{ __typename }", "{ ...F } fragment F on Query { id }"]
)
def test_what_reads_more_than_the_schema_is_not_answered_here(text: str):
    document = prepared(RICH, text)
    assert not asks_only_for_the_schema(document, document.operation(None))


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query($n: String!) { __type(name: $n) { name } }", {}),
        ('query($n: String = "Other") { __type(name: $n) { name } }', {"n": None}),
        ("query($s: Boolean = true) { __schema { queryType { name @skip(if: $s) } } }", {"s": None}),
    ],
)
async def test_variables_that_do_not_fit_are_request_errors(text: str, variables: dict[str, Any]):
    document = prepared(RICH, text)
    with pytest.raises(RequestErrors) as caught:
        await Introspection(RICH).answer(document, document.operation(None), variables)
    assert caught.value.code == "BAD_USER_INPUT"


async def test_it_is_made_once_however_many_ask_at_the_same_time(monkeypatch: pytest.MonkeyPatch):
    made: list[int] = []
    original = Introspection._answer

    def counted(self: Introspection, *args: Any) -> bytes:
        made.append(1)
        return original(self, *args)

    monkeypatch.setattr(Introspection, "_answer", counted)
    introspection = Introspection(RICH)
    document = prepared(RICH, STANDARD)
    ask = lambda: introspection.answer(document, document.operation("IntrospectionQuery"), {})  # noqa: E731
    answers = await asyncio.gather(*(ask() for _ in range(5)), ask())
    assert len(made) == 1
    assert len(set(answers)) == 1
