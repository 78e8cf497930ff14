"""A payload is the same whether it is written in one pass or by graphql-core."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.writing.books import Books
from tests.writing.test_golden import CASES, _variables
from vegraph.backend.runner import RequestInfo
from vegraph.emulator.data.people import MANAGER
from vegraph.plan.engine import Scope
from vegraph.plan.selection import find_operation

TYPENAMES = """mutation {
  __typename
  createBcItem(input: { bcItem: { displayName: "x" } }) {
    __typename
    bcItem { __typename picture { pictureContent { url contentType } } }
    userErrors { __typename }
    again: userErrors { message }
  }
  foPing { __typename result }
  bad: createBcItem(input: { bcItem: { displayName: "%s" } }) { userErrors { __typename code target p: path } }
}""" % ("x" * 101)  # fmt: skip


async def completed(books: Books, query: str, variables: dict[str, Any]) -> tuple[Any, Any]:
    document, memo = books._document(query)
    operation = find_operation(document, None)
    runner = books.backend.runner(books._delegate(MANAGER), RequestInfo(deadline=time.monotonic() + 60))
    compiled, run = await books.planner.fetched(document, operation, variables, Scope(runner=runner), memo)
    fast = books.planner._fast(compiled, run) if not run.suspect else None
    exact = await books.planner._exact(document, operation, variables, run)
    return fast and json.loads(fast)["data"], exact


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_each_kind_of_write(books: Books, case: Path):
    before = case / "before.graphql"
    given = books.data(before.read_text("utf-8")) if before.exists() else {}
    query = (case / "query.graphql").read_text("utf-8").replace("SX-1", books.new_name("SX"))
    fast, exact = books.run(completed(books, query, _variables(case, given)))
    if fast is None:
        assert exact.errors or "result" in query  # values of actions are always completed there
    else:
        assert (fast, None) == (exact.data, exact.errors or None)


def test_names_of_types_aliases_and_mistakes(books: Books):
    document_errors = books.ask(TYPENAMES)
    assert "errors" not in document_errors, document_errors
    fast, exact = books.run(completed(books, TYPENAMES.replace("foPing { __typename result }", ""), {}))
    assert fast == exact.data
    assert fast["createBcItem"]["__typename"] == "CreateBcItemPayload"
