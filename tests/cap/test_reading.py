"""Reading an OData service that is not ours: what is asked of it, and what comes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.cap.asking import Vegraph
from tests.cap.plain import Plain
from tests.cap.rows import COVER, seed
from tests.cap.serving import Cap


@pytest.fixture(autouse=True)
def _nothing_asked_yet(cap: Cap) -> None:
    cap.asked()


BOOKS = {row["ID"]: row for row in seed()["Books"]}


def test_every_kind_of_value_comes_as_its_scalar(press: Vegraph) -> None:
    query = """{ booksByKey(by: {rowId: 3}) {
        rowId title format pages sold price rating inPrint published approved reviewed opensAt isbn tags
        links { kind url } } }"""
    found = press.data(query)["booksByKey"]
    row = BOOKS[3]
    assert Decimal(found.pop("price")) == Decimal(row["price"])
    assert found == {
        "rowId": 3, "title": row["title"], "format": row["format"], "pages": row["pages"], "sold": row["sold"],
        "rating": row["rating"], "inPrint": row["inPrint"], "published": row["published"],
        "approved": row["approved"], "reviewed": row["reviewed"], "opensAt": row["opensAt"], "isbn": row["isbn"],
        "tags": row["tags"], "links": row["links"],
    }  # fmt: skip


OPERATORS: list[tuple[str, str, Any]] = [
    ("rowId", "eq", 7), ("rowId", "ne", 7), ("rowId", "in", [3, 5, 999]), ("rowId", "notIn", [3, 5]),
    ("rowId", "lt", 7), ("rowId", "lte", 7), ("rowId", "gt", 110), ("rowId", "gte", 110),
    ("pages", "ne", 12), ("pages", "notIn", [0, 12]), ("pages", "isNull", True), ("pages", "isNull", False),
    ("title", "contains", "O'Hara"), ("title", "startsWith", "Größe"), ("title", "endsWith", "a_b"),
    ("title", "contains", "%"), ("title", "eq", "Sea a_b"), ("title", "lt", "Sea"), ("title", "contains", ""),
    ("title", "contains", "& Meer"), ("sold", "eq", "9007199254740991"), ("sold", "gt", "9007199254740990"),
    ("price", "eq", "0"), ("price", "gt", "12.3456"), ("rating", "gte", 4.0), ("inPrint", "eq", True),
    ("inPrint", "ne", True), ("published", "lt", "1980-01-01"), ("approved", "gte", "2021-06-01T02:00:00+02:00"),
    ("reviewed", "isNull", True), ("opensAt", "gt", "12:00:00"), ("format", "in", ["ebook", "hardcover"]),
    ("isbn", "eq", BOOKS[3]["isbn"]), ("isbn", "isNull", True),
]  # fmt: skip


@pytest.mark.parametrize(("field", "op", "value"), OPERATORS, ids=str)
def test_an_operator_is_evaluated_by_the_service(
    press: Vegraph, cap: Cap, plain: Plain, field: str, op: str, value: Any
) -> None:
    where = {field: {op: value}}
    query = "query($w: BooksFilter) { books(where: $w, first: 200) { nodes { rowId } } }"
    found = [node["rowId"] for node in press.data(query, {"w": where})["books"]["nodes"]]
    assert found == [row["ID"] for row in plain.list("books", where)]
    assert found
    (asked,) = cap.asked()
    assert "$filter=" in asked


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("authors", {"books": {"some": {"pages": {"gt": 1500}}}}),
        ("authors", {"books": {"none": {"pages": {"isNull": True}}}}),
        ("authors", {"books": {"every": {"pages": {"gt": 10}}}}),
        ("authors", {"books": {"every": {"genre": {"name": {"isNull": False}}}}}),
        ("authors", {"books": {"some": {"or": [{"genre": {"name": {"eq": "Crime"}}}, {"pages": {"gt": 1800}}]}}}),
        ("authors", {"books": {"some": {}}}),
        ("authors", {"books": {"none": {}}}),
        ("genres", {"children": {"some": {"books": {"some": {"author": {"name": {"contains": "O'N"}}}}}}}),
        ("genres", {"parent": {"parent": {"name": {"eq": "All"}}}}),
        ("orders", {"items": {"some": {"book": {"genre": {"name": {"in": ["Novels", "Crime"]}}}}}}),
        ("orders", {"items": {"every": {"quantity": {"lt": 10}}}, "buyer": {"isNull": False}}),
        ("books", {"not": {"author": {"born": {"lt": "1930-01-01"}}}}),
        ("books", {"or": [{"author": {"rowId": {"eq": 10}}}, {"pages": {"gt": 9}, "genre": {"rowId": {"lt": 5}}}]}),
    ],
    ids=str,
)  # fmt: skip
def test_a_condition_on_related_rows_is_one_request(
    press: Vegraph, cap: Cap, plain: Plain, name: str, where: dict[str, Any]
) -> None:
    type_ = name.capitalize()
    query = f"query($w: {type_}Filter) {{ {name}(where: $w, first: 200) {{ totalCount nodes {{ rowId }} }} }}"
    found = press.data(query, {"w": where})[name]
    expected = [row["ID"] for row in plain.list(name, where)]
    assert [node["rowId"] for node in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)
    assert len(cap.asked()) == 1


def test_relations_to_any_depth_are_one_request(press: Vegraph, cap: Cap) -> None:
    query = """{ orders(first: 30) { nodes { rowId items { nodes { line book { rowId
        author { name } genre { name parent { name parent { name } } } } } } } } }"""
    found = press.data(query)["orders"]["nodes"]
    (asked,) = cap.asked()
    assert "$expand=items(" in asked
    genres = {row["ID"]: row for row in seed()["Genres"]}
    authors = {row["ID"]: row for row in seed()["Authors"]}

    def genre(key: int | None, depth: int) -> Any:
        if key is None:
            return None
        below = {"parent": genre(genres[key]["parent_ID"], depth - 1)} if depth else {}
        return {"name": genres[key]["name"], **below}

    def book(key: int | None) -> Any:
        if key is None:
            return None
        author = BOOKS[key]["author_ID"]
        return {
            "rowId": key,
            "author": None if author is None else {"name": authors[author]["name"]},
            "genre": genre(BOOKS[key]["genre_ID"], 2),
        }

    lines: dict[str, list[Any]] = {order["ID"]: [] for order in seed()["Orders"]}
    for item in sorted(seed()["Orders_items"], key=lambda item: item["line"]):
        lines[item["up__ID"]].append({"line": item["line"], "book": book(item["book_ID"])})
    assert found == [{"rowId": key, "items": {"nodes": lines[key]}} for key in sorted(lines)]


def test_first_rows_below_each_parent_come_with_their_number_in_one_request(press: Vegraph, cap: Cap) -> None:
    query = """{ authors(first: 14) { nodes { rowId books(first: 2) {
        totalCount nodes { rowId } pageInfo { hasNextPage } } } } }"""
    found = press.data(query)["authors"]["nodes"]
    assert len(cap.asked()) == 1
    for author in found:
        books = sorted(row["ID"] for row in BOOKS.values() if row["author_ID"] == author["rowId"])
        assert author["books"] == {
            "totalCount": len(books),
            "nodes": [{"rowId": key} for key in books[:2]],
            "pageInfo": {"hasNextPage": len(books) > 2},
        }


def test_pages_below_each_parent_are_one_batch(press: Vegraph, cap: Cap, plain: Plain) -> None:
    where, order = {"pages": {"gt": 5}}, [{"pages": "DESC"}]
    query = """query($w: BooksFilter, $o: [BooksOrder!]) { authors(first: 14) { nodes { rowId
        books(first: 2, where: $w, orderBy: $o) { totalCount nodes { rowId } pageInfo { endCursor } } } } }"""
    found = press.data(query, {"w": where, "o": order})["authors"]["nodes"]
    assert [line.split("?")[0] for line in cap.asked()] == ["GET Authors", "POST $batch"]
    rows = plain.list("books", where, order)
    for author in found:
        books = [row["ID"] for row in rows if row["author_ID"] == author["rowId"]]
        assert [book["rowId"] for book in author["books"]["nodes"]] == books[:2]
        assert author["books"]["totalCount"] == len(books)
    author = next(a for a in found if a["books"]["totalCount"] > 2)
    query = """query($k: Int!, $w: BooksFilter, $o: [BooksOrder!], $c: String) { authorsByKey(by: {rowId: $k}) {
        books(first: 50, after: $c, where: $w, orderBy: $o) { nodes { rowId } } } }"""
    given = {"k": author["rowId"], "w": where, "o": order, "c": author["books"]["pageInfo"]["endCursor"]}
    rest = press.data(query, given)["authorsByKey"]["books"]["nodes"]
    books = [row["ID"] for row in rows if row["author_ID"] == author["rowId"]]
    assert [book["rowId"] for book in rest] == books[2:]


def test_search_is_the_services_own_where_it_says_so(press: Vegraph, cap: Cap) -> None:
    found = press.data('{ books(search: "River", first: 200) { totalCount nodes { rowId } } }')["books"]
    expected = sorted(key for key, row in BOOKS.items() if "river" in (row["title"] or "").lower())
    assert [node["rowId"] for node in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)
    assert "$search=" in cap.asked()[0]


def test_search_looks_in_natural_texts_where_the_service_does_not_say(press: Vegraph, cap: Cap) -> None:
    found = press.data("""{ authors(search: "O'Neil") { nodes { name } } }""")["authors"]["nodes"]
    assert [node["name"] for node in found] == ["Ada O'Neil", "Ada O'Neil jr."]
    assert "contains(name," in cap.asked()[0]


def test_the_service_aggregates_where_its_document_says_so(press: Vegraph, cap: Cap) -> None:
    query = """{ booksAggregate(where: {rowId: {lte: 100}}, groupBy: [FORMAT]) { group { format } count
        sum { pages price } average { rating } min { published } max { title } } }"""
    found = press.data(query)["booksAggregate"]
    (asked,) = cap.asked()
    assert "$apply=filter(" in asked
    rows = [row for key, row in BOOKS.items() if key <= 100]
    assert [group["group"]["format"] for group in found] == [None, "ebook", "hardcover", "paperback"]
    for group in found:
        some = [row for row in rows if row["format"] == group["group"]["format"]]
        ratings = [row["rating"] for row in some if row["rating"] is not None]
        assert group["count"] == len(some)
        assert int(group["sum"]["pages"]) == sum(row["pages"] or 0 for row in some)
        assert Decimal(group["sum"]["price"]) == sum(Decimal(row["price"] or 0) for row in some)
        assert group["average"]["rating"] == pytest.approx(sum(ratings) / len(ratings))
        assert group["min"]["published"] == min(row["published"] for row in some if row["published"])
        assert group["max"]["title"] == max(row["title"] for row in some if row["title"])


def test_a_sum_that_the_service_rounded_is_added_again_exactly(press: Vegraph, cap: Cap) -> None:
    found = press.data("{ booksAggregate { sum { sold } } }")["booksAggregate"]
    assert int(found[0]["sum"]["sold"]) == sum(int(row["sold"] or 0) for row in BOOKS.values())
    assert [line.split("=")[0] for line in cap.asked()] == ["GET Books?$apply", "GET Books?$select"]


def test_other_sets_are_aggregated_here(press: Vegraph, cap: Cap) -> None:
    found = press.data("{ ordersAggregate(groupBy: [BUYER]) { group { buyer } count sum { total } } }")
    assert not any("$apply" in line for line in cap.asked())
    for group in found["ordersAggregate"]:
        some = [row for row in seed()["Orders"] if row["buyer"] == group["group"]["buyer"]]
        assert group["count"] == len(some)
        assert Decimal(group["sum"]["total"]) == sum(Decimal(row["total"]) for row in some)


def test_a_number_alone_is_asked_for_as_one(press: Vegraph, cap: Cap) -> None:
    found = press.data("{ booksAggregate(where: {pages: {gt: 100}}) { count } }")["booksAggregate"]
    assert found == [{"count": sum((row["pages"] or 0) > 100 for row in BOOKS.values())}]
    assert cap.asked() == ["GET Books/$count?$filter=pages%20gt%20100"]


def test_rows_are_found_by_their_global_ids(press: Vegraph, cap: Cap) -> None:
    ids = [node["id"] for node in press.data("{ books(first: 3) { nodes { id } } }")["books"]["nodes"]]
    author = press.data("{ authors(first: 1) { nodes { id } } }")["authors"]["nodes"][0]["id"]
    cap.asked()
    query = "query($i: [ID!]!) { nodes(ids: $i) { __typename id ... on Books { rowId } ... on Authors { name } } }"
    found = press.data(query, {"i": [ids[2], author, ids[0]]})["nodes"]
    assert found == [
        {"__typename": "Books", "id": ids[2], "rowId": 3},
        {"__typename": "Authors", "id": author, "name": "Ada O'Neil"},
        {"__typename": "Books", "id": ids[0], "rowId": 1},
    ]
    assert len(cap.asked()) == 2


def test_what_is_not_there_is_null(press: Vegraph) -> None:
    assert press.data("{ booksByKey(by: {rowId: 4711}) { title } }") == {"booksByKey": None}


def test_functions_are_called_with_their_parameters(press: Vegraph, cap: Cap) -> None:
    query = """{ cheapest(count: 3) { nodes { rowId author { name } } } longest { rowId pages }
        booksOf(author: 10, before: "2000-01-01") }"""
    found = press.data(query)
    priced = sorted((Decimal(row["price"]), key) for key, row in BOOKS.items() if row["price"])
    assert [node["rowId"] for node in found["cheapest"]["nodes"]] == [key for _, key in priced[:3]]
    assert found["longest"]["pages"] == max(row["pages"] or 0 for row in BOOKS.values())
    early = [row for row in BOOKS.values() if row["author_ID"] == 10 and (row["published"] or "9") < "2000"]
    assert found["booksOf"] == len(early)
    assert sum(line.startswith("GET booksOf(author=10,before=2000-01-01)") for line in cap.asked()) == 1


def test_bound_functions_are_called_on_their_row(press: Vegraph) -> None:
    query = """{ booksByKey(by: {rowId: 5}) { priceTimes(factor: "2.5") inSameGenre { nodes { rowId } } } }"""
    found = press.data(query)["booksByKey"]
    assert Decimal(found["priceTimes"]) == pytest.approx(Decimal(BOOKS[5]["price"]) * Decimal("2.5"))
    same = [key for key, row in BOOKS.items() if row["genre_ID"] == BOOKS[5]["genre_ID"] and key != 5]
    assert [node["rowId"] for node in found["inSameGenre"]["nodes"]] == sorted(same)


def test_texts_come_in_the_language_asked_for(press: Vegraph) -> None:
    query = "{ booksByKey(by: {rowId: 3}) { title } }"
    assert press.data(query)["booksByKey"]["title"] == BOOKS[3]["title"]
    assert press.data(query, **{"Accept-Language": "de"})["booksByKey"]["title"] == "Meer und Äther"


def test_a_picture_comes_through_vegraph(press: Vegraph) -> None:
    cover = press.data("{ booksByKey(by: {rowId: 1}) { cover { url contentType } } }")["booksByKey"]["cover"]
    assert cover["contentType"] == "image/png"
    answer = press.http.get(cover["url"])
    assert answer.content == COVER
    assert answer.headers["content-type"] == "image/png"


def test_a_set_that_the_service_does_not_show_on_its_own_fails_alone(press: Vegraph) -> None:
    found = press.ask("{ ordersItems(first: 1) { nodes { line } } books(first: 1) { nodes { rowId } } }")
    assert found["data"] == {"ordersItems": None, "books": {"nodes": [{"rowId": 1}]}}
    (error,) = found["errors"]
    assert error["path"] == ["ordersItems"]
    assert error["extensions"] == {"code": "FORBIDDEN", "source": "it"}


def test_a_cursor_of_another_query_is_refused(press: Vegraph) -> None:
    cursor = press.data("{ books(first: 1) { pageInfo { endCursor } } }")["books"]["pageInfo"]["endCursor"]
    query = "query($c: String) { books(first: 1, after: $c, orderBy: [{title: ASC}]) { nodes { rowId } } }"
    assert press.codes(query, {"c": cursor}) == [("BAD_USER_INPUT", ("books",))]
