"""Lists mean what they say: random rows, random `where`, `orderBy` and paging, against a plain evaluation.

Every example goes through the whole read path into the emulators and back. `scripts/fuzz` runs many more of them
(VEGRAPH_EXAMPLES).
"""

import os
from collections.abc import Mapping
from functools import cache
from itertools import permutations
from typing import Any

import pytest
from graphql import coerce_input_value
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.plan.books import ENTITIES, Book, Entity, bc_batches, books, fits, fo_batches, in_order
from tests.stack import Stack, kept
from vegraph.emulator.data.people import MANAGER, PORTAL_CONTACT, PORTAL_CUSTOMER
from vegraph.plan.paging import Limits
from vegraph.plan.predicates import TRUE
from vegraph.plan.where import predicate as where_predicate

pytestmark = pytest.mark.timeout(1200)

EXAMPLES = int(os.environ.get("VEGRAPH_EXAMPLES", "1600"))
SEED = int(os.environ.get("VEGRAPH_SEED", "7"))
BOOKS = books(SEED, int(os.environ.get("VEGRAPH_BOOKS", "12")))

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="VEGRAPH_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@cache
def stack() -> Stack:
    return kept(Stack(bc_rows=bc_batches(BOOKS), fo_rows=fo_batches(BOOKS)))


@cache
def query_for(entity: Entity) -> str:
    key = " ".join(entity.key)
    return (
        f"query($where: {entity.type}Filter, $orderBy: [{entity.type}Order!], $company: [String!], $count: Boolean!"
        " $first: Int, $after: String, $last: Int, $before: String)"
        f"{{ rows: {entity.root}(where: $where, orderBy: $orderBy, company: $company, first: $first, after: $after,"
        f" last: $last, before: $before) {{ nodes {{ {key} }} totalCount @include(if: $count)"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )


# What may be asked


@cache
def wheres(entity: Entity, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    entries = [conditions(entity, f.name) for f in entity.fields]
    if depth > 0:
        some = st.deferred(lambda: wheres(entity, depth - 1))
        entries += [
            st.lists(some, max_size=3).map(lambda w: ("and", w)),
            st.lists(some, max_size=3).map(lambda w: ("or", w)),
            st.lists(some, min_size=2, max_size=3).map(lambda w: ("or", w)),
            some.map(lambda w: ("not", w)),
        ]
        entries += [relations(entity, link.name, depth - 1) for link in entity.links] * 2
    return st.lists(st.one_of(entries), min_size=0 if depth < 2 else 1, max_size=2).map(dict)


@cache
def relations(entity: Entity, name: str, depth: int) -> st.SearchStrategy[tuple[str, Any]]:
    link = entity.link(name)
    inner = st.deferred(lambda: wheres(ENTITIES[link.target], depth))
    if not link.many:
        return inner.map(lambda w: (name, w))
    quantified = st.dictionaries(st.sampled_from(("some", "none", "every")), inner, min_size=1, max_size=2)
    return quantified.map(lambda w: (name, w))


@cache
def conditions(entity: Entity, name: str) -> st.SearchStrategy[tuple[str, Any]]:
    f = entity.field(name)
    pool = {*f.pool, *(row[name] for book in BOOKS[:6] for row in book.rows[entity.name])} - {None}
    values = st.sampled_from(sorted(pool, key=str)).map(lambda v: _json(f.kind, v))
    operators = {"eq": values, "ne": values}
    if f.kind != "Boolean":
        operators |= {"in": st.lists(values, max_size=4), "notIn": st.lists(values, max_size=3)}
    if not f.kind.startswith("enum"):
        operators["isNull"] = st.booleans()
    if f.kind in ("Int", "Long", "Decimal", "Date", "DateTime") or (f.kind == "String" and f.ordered):
        operators |= dict.fromkeys(("lt", "lte", "gt", "gte"), values)
    if f.kind == "String":
        pieces = st.sampled_from(("a", "lph", "*", "'", "%", "& C", "", "(x), ", "?", "b", "eil", "\U0001f389", "c"))
        operators |= dict.fromkeys(("contains", "startsWith", "endsWith"), pieces)
    several = [st.fixed_dictionaries({op: value}) for op, value in operators.items()]
    return st.one_of(several).map(lambda w: (name, w))


def _json(kind: str, value: Any) -> Any:
    return str(value) if kind in ("Decimal", "Long") else value


@cache
def orderings(entity: Entity, depth: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    direction = st.sampled_from(("ASC", "DESC"))
    found = [st.fixed_dictionaries({f.name: direction}) for f in entity.fields if f.ordered]
    if depth > 0:
        found += [
            st.fixed_dictionaries({link.name: orderings(ENTITIES[link.target], depth - 1)})
            for link in entity.links
            if not link.many
        ]
    return st.one_of(found)


@cache
def order_lists(entity: Entity) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(orderings(entity), max_size=2, unique_by=lambda item: str(item).replace("DESC", "ASC"))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Entity, Book, bool, dict[str, Any], list[Any], int, bool, bool]:
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    portal = draw(st.integers(0, 7)) == 0
    book = BOOKS[0] if portal else draw(st.sampled_from(BOOKS))
    where = draw(wheres(entity, draw(st.integers(0, 3))))
    order_by = draw(order_lists(entity))
    size = draw(st.integers(1, 6) | st.sampled_from((50, 1000)))
    return entity, book, portal, where, order_by, size, draw(st.booleans()), draw(st.booleans())


# What comes back


def visible(book: Book) -> Book:
    """The portal contact's part of the default company."""
    rows = dict(book.rows)
    rows["customer"] = [r for r in rows["customer"] if r["number"] == PORTAL_CUSTOMER]
    rows["order"] = [r for r in rows["order"] if r["customerNumber"] == PORTAL_CUSTOMER]
    seen = {r["rowId"] for r in rows["order"]}
    rows["line"] = [r for r in rows["line"] if r["documentId"] in seen]
    rows["foCustomer"] = [r for r in rows["foCustomer"] if r["customerAccount"] == PORTAL_CUSTOMER]
    rows["foOrder"] = [r for r in rows["foOrder"] if r["orderingCustomerAccountNumber"] == PORTAL_CUSTOMER]
    numbers = {r["salesOrderNumber"] for r in rows["foOrder"]}
    rows["foLine"] = [r for r in rows["foLine"] if r["salesOrderNumber"] in numbers]
    return Book(book.bc, book.fo, rows)


def pages(entity: Entity, variables: Mapping[str, Any], size: int, backward: bool, **asking: Any) -> list[Any]:
    """All rows, page by page; what a page says of itself is checked on the way."""
    found: list[Any] = []
    total, cursor, turns = None, None, 0
    while True:
        window = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = stack().data(query_for(entity), {**variables, **window}, **asking)["rows"]
        info, nodes = page["pageInfo"], page["nodes"]
        assert len(nodes) <= size
        assert page.get("totalCount", total) == (page.get("totalCount") if total is None else total)
        total = page.get("totalCount")
        found = [*nodes, *found] if backward else [*found, *nodes]
        more, back = info["hasPreviousPage"], info["hasNextPage"]
        if not backward:
            more, back = back, more
        assert back is (cursor is not None)
        if not more:
            assert total is None or total == len(found)
            return found
        assert len(nodes) == size
        cursor = info["startCursor" if backward else "endCursor"]
        turns += 1
        assert turns < 100


@thorough
@given(asked())
def test_a_list_walked_page_by_page_holds_the_rows_that_fit_in_order(given_):
    entity, book, portal, where, order_by, size, backward, count = given_
    seen = visible(book) if portal else book
    rows = [(seen, r) for r in seen.rows[entity.name] if fits(seen, entity, r, where)]
    expected = [{k: r[k] for k in entity.key} for r in in_order(entity, rows, order_by)]
    variables = {"where": where, "orderBy": order_by, "company": [company(entity, book)], "count": count}
    found = pages(entity, variables, size, backward, person=PORTAL_CONTACT if portal else MANAGER)
    assert found == expected


def company(entity: Entity, book: Book) -> str:
    return book.bc if entity.source == "bc" else book.fo


@settings(thorough, max_examples=EXAMPLES // 5)
@given(asked(), st.lists(st.sampled_from(BOOKS), min_size=2, max_size=4, unique_by=lambda book: book.bc))
def test_rows_of_several_companies_are_one_list(given_, several):
    entity, _, _, where, order_by, size, backward, count = given_
    rows = [(book, r) for book in several for r in book.rows[entity.name] if fits(book, entity, r, where)]
    expected = [{k: r[k] for k in entity.key} for r in in_order(entity, rows, order_by)]
    companies = [company(entity, book) for book in several]
    variables = {"where": where, "orderBy": order_by, "company": companies, "count": count}
    assert pages(entity, variables, size, backward) == expected


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "several",
    list(permutations([b for b in BOOKS if b.rows["line"]][:3], 2)),
    ids=lambda books: "+".join(b.bc for b in books),
)
def test_a_company_whose_rows_have_all_come_ends_no_page_early(several, backward):
    line = ENTITIES["line"]
    order_by = [{"salesOrder": {"rowId": "ASC"}}]  # across a relation: rows are sorted here, not by the service
    rows = in_order(line, [(book, r) for book in several for r in book.rows["line"]], order_by)
    variables = {"orderBy": order_by, "company": [book.bc for book in several], "count": False}
    assert pages(line, variables, 1, backward) == [{k: r[k] for k in line.key} for r in rows]


@pytest.fixture(autouse=True)
def _urls():
    """Every URL that was sent follows the grammar."""
    yield
    stack().wire()


# Related rows, with pages of their own


@st.composite
def trees(draw: st.DrawFn, entity: Entity, depth: int, number: list[int]) -> Any:
    """(selection, variables by name: (type, value), (book, row) → what it gives)."""
    parts, variables, made = list(entity.key), {}, []
    for link in draw(st.lists(st.sampled_from(entity.links), max_size=2)) if entity.links and depth else []:
        number[0] += 1
        alias, target = f"r{number[0]}", ENTITIES[link.target]
        below, more, give = draw(trees(target, depth - 1, number))
        variables |= more
        if not link.many:
            parts.append(f"{alias}: {link.name} {{ {below} }}")
            made.append((alias, one_of(link, give)))
            continue
        where = draw(st.none() | wheres(target, draw(st.integers(0, 1))))
        order_by = draw(st.none() | order_lists(target))
        window = draw(st.sampled_from(("first", "last", None)))
        size = draw(st.integers(0, 3))
        count = draw(st.booleans())
        given_ = {
            "where": (f"{target.type}Filter", where),
            "orderBy": (f"[{target.type}Order!]", order_by),
            **({window: ("Int", size)} if window else {}),
        }
        arguments = []
        for name, (type_, value) in given_.items():
            if value is not None:
                variables[f"{alias}{name}"] = (type_, value)
                arguments.append(f"{name}: ${alias}{name}")
        listed = f"({', '.join(arguments)})" if arguments else ""
        total = " totalCount" if count else ""
        info = "pageInfo { hasNextPage hasPreviousPage }"
        parts.append(f"{alias}: {link.name}{listed} {{ nodes {{ {below} }} {info}{total} }}")
        made.append((alias, list_of(link, give, where or {}, order_by or [], window, size, count)))
    return " ".join(parts), variables, lambda book, row: {
        **{k: row[k] for k in entity.key}, **{alias: make(book, row) for alias, make in made}
    }  # fmt: skip


def one_of(link, give):
    def make(book, row):
        found = book.related(row, link)
        return give(book.at(link), found[0]) if found else None

    return make


def list_of(link, give, where, order_by, window, size, count):
    target = ENTITIES[link.target]

    def make(book, row):
        there = book.at(link)
        rows = [(there, r) for r in book.related(row, link) if fits(there, target, r, where)]
        rows = in_order(target, rows, order_by)
        cut = rows if window is None else rows[:size] if window == "first" else rows[max(0, len(rows) - size) :]
        more = len(rows) > len(cut)
        info = {"hasNextPage": more and window != "last", "hasPreviousPage": more and window == "last"}
        page = {"nodes": [give(there, r) for r in cut], "pageInfo": info}
        return {**page, "totalCount": len(rows)} if count else page

    return make


@settings(thorough, max_examples=EXAMPLES // 4)
@given(st.data(), st.sampled_from(list(ENTITIES.values())), st.sampled_from(BOOKS))
def test_related_rows_are_those_that_fit_in_order_page_by_page(data, entity, book):
    selection, variables, give = data.draw(trees(entity, 3, [0]))
    declared = "".join(f", ${name}: {type_}" for name, (type_, _) in variables.items())
    query = (
        f"query($company: [String!]{declared})"
        f"{{ rows: {entity.root}(company: $company, first: 20) {{ nodes {{ {selection} }} }} }}"
    )
    values = {name: value for name, (_, value) in variables.items()}
    values["company"] = [company(entity, book)]
    note(f"{query}\n{values}")
    found = stack().data(query, values, limits=Limits(max_cost=10**9))["rows"]["nodes"]
    rows = in_order(entity, [(book, r) for r in book.rows[entity.name]], [])
    assert found == [give(book, r) for r in rows]

    rules = data.draw(row_rules)
    seen = ruled(book, rules)
    found = stack().data(query, values, limits=Limits(max_cost=10**9), **under(rules))["rows"]["nodes"]
    rows = in_order(entity, [(seen, r) for r in seen.rows[entity.name]], [])
    assert found == [give(seen, r) for r in rows]


# A portal's row rules


row_rules = st.dictionaries(st.sampled_from(sorted(ENTITIES)), st.none(), min_size=1, max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: wheres(ENTITIES[name], 0) for name in names})
)
"""Entity → the condition its rows must fulfil, whoever asks for them however."""


def ruled(book: Book, rules: Mapping[str, Any]) -> Book:
    """What is left of a book under the rules."""
    rows = {
        name: [r for r in rows if fits(book, ENTITIES[name], r, rules.get(name, {}))]
        for name, rows in book.rows.items()
    }
    return Book(book.bc, book.fo, rows, ruled(book.default, rules) if book.default is not None else None)


def under(rules: Mapping[str, Any]) -> dict[str, Any]:
    """How to ask under the rules."""
    by_type = {ENTITIES[name].type: where for name, where in rules.items()}

    def rule(entity: Any) -> Any:
        given_ = by_type.get(entity.graph_name)
        return where_predicate(coerced(entity.graph_name, given_), entity) if given_ is not None else TRUE

    return {"rule": rule, "planner": stack().planner_for(lambda entity: entity.graph_name in by_type)}


def coerced(type_: str, where: Mapping[str, Any]) -> Any:
    return coerce_input_value(where, stack().graph.schema.get_type(f"{type_}Filter"))


@settings(thorough, max_examples=EXAMPLES // 4)
@given(asked(), row_rules)
def test_rows_outside_the_rule_are_neither_shown_nor_counted_nor_looked_at(given_, rules):
    entity, book, _, where, order_by, size, backward, count = given_
    seen = ruled(book, rules)
    rows = [(seen, r) for r in seen.rows[entity.name] if fits(seen, entity, r, where)]
    expected = [{k: r[k] for k in entity.key} for r in in_order(entity, rows, order_by)]
    variables = {"where": where, "orderBy": order_by, "company": [company(entity, book)], "count": count}
    assert pages(entity, variables, size, backward, **under(rules)) == expected


# Nested pages, by their own cursors


@st.composite
def below(draw: st.DrawFn) -> Any:
    entity = draw(st.sampled_from([e for e in ENTITIES.values() if any(link.many for link in e.links)]))
    link = draw(st.sampled_from([link for link in entity.links if link.many]))
    book = draw(st.sampled_from([book for book in BOOKS if book.rows[entity.name]]))
    parent = draw(st.sampled_from(book.rows[entity.name]))
    target = ENTITIES[link.target]
    where = draw(st.just({}) | wheres(target, 1))
    return entity, link, book, parent, where, draw(order_lists(target)), draw(st.integers(1, 3)), draw(st.booleans())


@settings(thorough, max_examples=EXAMPLES // 6)
@given(below())
def test_a_nested_list_goes_on_after_its_own_cursors(given_):
    entity, link, book, parent, where, order_by, size, backward = given_
    target, there = ENTITIES[link.target], book.at(link)
    window, edge, more = (
        ("last", "startCursor", "hasPreviousPage") if backward else ("first", "endCursor", "hasNextPage")
    )
    argument = "before" if backward else "after"
    query = (
        f"query($of: {entity.type}Filter, $company: [String!], $where: {target.type}Filter,"
        f" $orderBy: [{target.type}Order!], $size: Int, $cursor: String)"
        f"{{ rows: {entity.root}(where: $of, company: $company) {{ nodes {{"
        f" {link.name}(where: $where, orderBy: $orderBy, {window}: $size, {argument}: $cursor) {{"
        f" nodes {{ {' '.join(target.key)} }} totalCount pageInfo {{ {edge} {more} }} }} }} }} }}"
    )
    variables = {
        "of": {k: {"eq": parent[k]} for k in entity.key},
        "company": [company(entity, book)],
        "where": where,
        "orderBy": order_by,
        "size": size,
    }
    rows = [(there, r) for r in book.related(parent, link) if fits(there, target, r, where)]
    expected = [{k: r[k] for k in target.key} for r in in_order(target, rows, order_by)]
    found: list[Any] = []
    cursor = None
    while True:
        (node,) = stack().data(query, {**variables, "cursor": cursor})["rows"]["nodes"]
        page = node[link.name]
        assert page["totalCount"] == len(expected)
        found = [*page["nodes"], *found] if backward else [*found, *page["nodes"]]
        if not page["pageInfo"][more]:
            break
        cursor = page["pageInfo"][edge]
        assert len(found) < 100
    assert found == expected
