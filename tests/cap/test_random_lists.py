"""Random conditions, orders and pages: through vegraph over SAP CAP they give what plain Python gives."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cap.asking import Vegraph
from tests.cap.plain import Plain
from tests.cap.questions import TYPES, conditions, orders

_SLOWLY = settings(
    max_examples=int(os.environ.get("VEGRAPH_EXAMPLES", "1500")) // 30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", ["books", "authors", "genres", "orders"])
def test_a_list_holds_the_rows_that_fit_in_the_order_asked_for(press: Vegraph, plain: Plain, name: str) -> None:
    type_ = TYPES[name]
    query = f"""query($w: {type_}Filter, $o: [{type_}Order!]) {{
        {name}(where: $w, orderBy: $o, first: 200) {{ totalCount nodes {{ rowId }} }} }}"""

    @_SLOWLY
    @given(conditions(name), orders(name))
    def compare(where: dict[str, Any], order: list[dict[str, Any]]) -> None:
        rows = plain.list(name, where, order)
        found = press.data(query, {"w": where, "o": order})[name]
        assert [node["rowId"] for node in found["nodes"]] == [row["ID"] for row in rows]
        assert found["totalCount"] == len(rows)

    compare()


@_SLOWLY
@given(conditions("books", 1), orders("books"), st.integers(1, 50), st.booleans())
def test_pages_one_after_the_other_are_the_list(
    press: Vegraph, plain: Plain, where: dict[str, Any], order: list[dict[str, Any]], size: int, backward: bool
) -> None:
    size_name, from_name = ("last", "before") if backward else ("first", "after")
    query = f"""query($w: BooksFilter, $o: [BooksOrder!], $n: Int, $c: String) {{
        books(where: $w, orderBy: $o, {size_name}: $n, {from_name}: $c) {{
            nodes {{ rowId }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    rows = [row["ID"] for row in plain.list("books", where, order)]
    found: list[int] = []
    cursor = None
    for _ in range(len(rows) // size + 1):
        page = press.data(query, {"w": where, "o": order, "n": size, "c": cursor})["books"]
        ids = [node["rowId"] for node in page["nodes"]]
        found = [*ids, *found] if backward else [*found, *ids]
        info = page["pageInfo"]
        assert info["hasPreviousPage" if backward else "hasNextPage"] == (len(found) < len(rows))
        cursor = info["startCursor" if backward else "endCursor"]
        if len(found) >= len(rows):
            break
    assert found == rows
