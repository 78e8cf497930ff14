import pytest
from graphql import build_schema

from vegraph.app.documents import Documents
from vegraph.app.execution import RequestErrors
from vegraph.app.settings import Limits

SCHEMA = build_schema("type Query { customers(first: Int): [Query] name: String }")


def documents(*, introspection: bool = True, **limits: int) -> Documents:
    return Documents(SCHEMA, Limits(**limits), introspection=introspection)


def test_a_document_is_prepared_once():
    kept = documents()
    assert kept.prepare("{ name }") is kept.prepare("{ name }")


def test_a_wrong_document_is_remembered_too():
    kept = documents()
    for _ in range(2):
        with pytest.raises(RequestErrors):
            kept.prepare("{ nme }")
    assert kept.seen("{ nme }")


def test_the_least_recently_used_document_goes_first():
    kept = documents(documents=2)
    for text in ("{ name }", "{ a: name }", "{ name }", "{ b: name }"):
        kept.prepare(text)
    assert [kept.seen(text) for text in ("{ name }", "{ a: name }", "{ b: name }")] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("{", "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ("", "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
        ("{ nme }", "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nme' on type 'Query'."),
        ("{ customers(frist: 1) { name } }", "GRAPHQL_VALIDATION_FAILED", "Unknown argument 'frist' on field"),
        ("{" + " name" * 600 + "}", "TOO_COMPLEX", "The document is too long: more than 500 tokens."),
        ("{ name }" + "\n# comment" * 600, "TOO_COMPLEX", "The document is too long: more than 500 tokens."),
        ("{" + "name " * 400 + "}", "TOO_COMPLEX", "too many fields share a name"),
        ("{ customers" * 20 + "}" * 20, "TOO_COMPLEX", "20 fields deep, 15 are allowed"),
    ],
    ids=lambda text: text[:25],
)
def test_what_is_wrong_with_a_document_has_a_code(text: str, code: str, says: str):
    with pytest.raises(RequestErrors) as caught:
        documents(max_tokens=500, max_root_fields=500).prepare(text)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_no_error_suggests_a_name():
    with pytest.raises(RequestErrors) as caught:
        documents().prepare("{ nam custmers(first: 1) { nam } ...F } fragment F on Qery { name }")
    assert [e.message for e in caught.value.errors if "mean" in e.message] == []


def test_as_many_errors_are_listed_as_allowed():
    with pytest.raises(RequestErrors) as caught:
        documents(max_errors=3).prepare("{" + " ".join(f"x{i}" for i in range(50)) + "}")
    assert len(caught.value.errors) == 4
    assert "error limit reached" in caught.value.errors[-1].message


def test_a_document_nested_beyond_reason_is_refused_by_the_parser():
    with pytest.raises(RequestErrors, match="nested too deeply"):
        documents(max_tokens=100_000).prepare("{ customers" * 3000 + "}" * 3000)


def test_introspection_can_be_switched_off():
    with pytest.raises(RequestErrors, match="introspection"):
        documents(introspection=False).prepare("{ __schema { types { name } } }")
    documents(introspection=False).prepare("{ __typename }")


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("query A { name } query B { name }", None, "several operations; say which one in operationName"),
        ("query A { name }", "C", "no operation named 'C'"),
        ("fragment F on Query { name } { ...F }", "C", "no operation named 'C'"),
    ],
)
def test_an_operation_that_cannot_be_told_is_a_request_error(text: str, name: str | None, says: str):
    with pytest.raises(RequestErrors, match=says) as caught:
        documents().prepare(text).operation(name)
    assert caught.value.code == "OPERATION_RESOLUTION_FAILURE"


def test_a_lone_operation_needs_no_name():
    assert documents().prepare("query A { name }").operation(None).name.value == "A"
