"""Random filters, orders and pages over random rows: SQLite answers as plain Python does."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator.engine import things
from tests.emulator.engine.oracle import Oracle
from vegraph.emulator.engine.dialect import Dialect
from vegraph.emulator.engine.reading import Reader
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.engine.syntax import QueryOptions
from vegraph.emulator.engine.translate import Predicate
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, User

EVERYBODY = Scope(user=User(id="A", roles=(SYSTEM_ADMINISTRATOR,)), root="http://erp")

DIALECTS = {
    "nulls, case matters": {"nulls": True, "insensitive": False, "wildcards": False},
    "empty values, case matters, wildcards": {"nulls": False, "insensitive": False, "wildcards": True},
    "empty values, ASCII case folded, wildcards": {"nulls": False, "insensitive": True, "wildcards": True},
}


def reader_of(rows: list[dict[str, Any]], **kind: bool) -> Reader:
    profile = things.profile(**kind)
    store = Store(things.CATALOG, profile)
    dialect = Dialect(profile)
    store.connection.create_function("etag_json", 2, lambda v, n: dialect.etag(v, n).replace('"', '\\"'))
    store.load("Things", map(things.loaded, rows))
    return Reader(store, dialect, EVERYBODY)


def page_of(reader: Reader, options: QueryOptions, size: int) -> tuple[list[int], str | None]:
    page = reader.collection(reader.store.table("Things"), options, Predicate(), page_size=size)
    return [json.loads(text)["id"] for text in page.rows], page.token


@pytest.mark.parametrize("kind", DIALECTS.values(), ids=DIALECTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_sqlite_and_python_give_the_same_rows_in_the_same_order(kind, data):
    rows = data.draw(things.rows(nulls=kind["nulls"]))
    expression, terms = data.draw(things.filters), data.draw(things.orders)
    size = data.draw(st.integers(1, 5))
    oracle = Oracle(things.KINDS, things.COLORS, kind["insensitive"], kind["nulls"], kind["wildcards"], things.EMPTIES)
    wanted = [row["id"] for row in oracle.ordered(terms, [r for r in rows if oracle.keeps(expression, r)])]

    reader = reader_of(rows, **kind)
    try:
        options = QueryOptions(filter=expression, orderby=terms, count=True)
        found, token = page_of(reader, options, size)
        while token is not None:
            following, token = page_of(reader, QueryOptions(filter=expression, orderby=terms, skiptoken=token), size)
            assert following, "a page behind a next link has rows"
            found += following
    finally:
        reader.store.close()
    assert found == wanted
