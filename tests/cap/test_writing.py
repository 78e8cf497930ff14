"""Writing to an OData service that is not ours: rows, rows with rows in them, versions, actions, and refusals."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from tests.cap.asking import Vegraph
from tests.cap.serving import Cap

_NUMBERS = count(5000)

ALL_KINDS = {
    "title": "O'Hara & Søn 😀", "format": "ebook", "pages": 12, "sold": "9007199254740993", "price": "1234567890.1234",
    "rating": 4.5, "inPrint": True, "published": "2024-02-29", "approved": "2024-02-29T10:11:12.345Z",
    "reviewed": "2024-02-29T10:11:12Z", "opensAt": "08:30:00", "isbn": "f6770640-83a4-4005-9b23-306a405e5d7b",
    "tags": ["a", "b's"], "links": [{"kind": "web", "url": "https://press.test/?a=1&b='"}],
}  # fmt: skip
SELECTION = """rowId title format pages sold price rating inPrint published approved reviewed opensAt isbn tags
    links { kind url }"""


@pytest.fixture(autouse=True)
def _nothing_asked_yet(other_cap: Cap) -> None:
    other_cap.asked()


@pytest.fixture
def book(desk: Vegraph, other_cap: Cap) -> dict[str, Any]:
    """A new book."""
    payload = desk.write("createBooks", {"books": {"rowId": next(_NUMBERS), **ALL_KINDS}}, "books { id rowId }")
    other_cap.asked()
    found: dict[str, Any] = payload["books"]
    return found


@pytest.fixture
def order(desk: Vegraph, other_cap: Cap) -> dict[str, Any]:
    """A new order of two lines."""
    lines = [{"line": 1, "quantity": 2, "bookID": 1}, {"line": 2, "quantity": 3}]
    given = {"orders": {"number": 7, "buyer": "Ada", "items": lines}}
    payload = desk.write("createOrders", given, "orders { id rowId etag }")
    other_cap.asked()
    found: dict[str, Any] = payload["orders"]
    return found


def _order(desk: Vegraph, id_: str, selection: str = "buyer etag note items { nodes { line } }") -> Any:
    return desk.data(f"query($i: ID!) {{ node(id: $i) {{ ... on Orders {{ {selection} }} }} }}", {"i": id_})["node"]


def test_every_kind_of_value_arrives_as_it_was_given(desk: Vegraph) -> None:
    number = next(_NUMBERS)
    payload = desk.write("createBooks", {"books": {"rowId": number, **ALL_KINDS}}, f"books {{ {SELECTION} }}")
    assert payload["userErrors"] == []
    again = desk.data(f"{{ booksByKey(by: {{rowId: {number}}}) {{ {SELECTION} }} }}")["booksByKey"]
    for found in (payload["books"], again):
        assert found == {"rowId": number, **ALL_KINDS}


def test_a_row_with_rows_in_it_is_one_request_and_is_read_back(desk: Vegraph, other_cap: Cap) -> None:
    lines = [{"line": 1, "quantity": 2, "amount": "9.90", "bookID": 1}, {"line": 2, "quantity": 3}]
    given = {"orders": {"number": 8, "buyer": "O'Hara", "items": lines}}
    selection = "orders { rowId number buyer revision etag items { nodes { line quantity amount book { rowId } } } }"
    payload = desk.write("createOrders", given, selection)
    assert payload["userErrors"] == []
    made = payload["orders"]
    assert made["items"]["nodes"] == [
        {"line": 1, "quantity": 2, "amount": "9.90", "book": {"rowId": 1}},
        {"line": 2, "quantity": 3, "amount": None, "book": None},
    ]
    assert made["etag"] == f'W/"{made["revision"]}"'
    assert [line.split("?")[0] for line in other_cap.asked()] == ["POST Orders", f"GET Orders({made['rowId']})"]


def test_a_row_can_be_linked_by_the_global_id_of_another(desk: Vegraph, book: dict[str, Any]) -> None:
    author = desk.data("{ authorsByKey(by: {rowId: 30}) { id name } }")["authorsByKey"]
    given = {"id": book["id"], "patch": {"author": author["id"]}}
    payload = desk.write("updateBooks", given, "books { author { name } }")
    assert payload == {"books": {"author": {"name": author["name"]}}, "userErrors": []}


def test_a_patch_leaves_what_it_does_not_name_and_clears_what_is_null(desk: Vegraph, book: dict[str, Any]) -> None:
    given = {"id": book["id"], "patch": {"title": "new", "pages": None, "tags": []}}
    payload = desk.write("updateBooks", given, f"books {{ {SELECTION} }}")
    expected = {**ALL_KINDS, "rowId": book["rowId"], "title": "new", "pages": None, "tags": []}
    assert payload == {"books": expected, "userErrors": []}


def test_an_update_with_the_current_etag_is_carried_out(desk: Vegraph, order: dict[str, Any]) -> None:
    given = {"id": order["id"], "ifMatch": order["etag"], "patch": {"buyer": "Bo"}}
    payload = desk.write("updateOrders", given, "orders { buyer etag }")
    assert payload["userErrors"] == []
    assert payload["orders"]["buyer"] == "Bo"
    assert payload["orders"]["etag"] != order["etag"]
    assert payload["orders"]["etag"] == _order(desk, order["id"])["etag"]


def test_a_stale_etag_writes_nothing_and_shows_the_row_as_it_is(desk: Vegraph, order: dict[str, Any]) -> None:
    given = {"id": order["id"], "ifMatch": order["etag"]}
    desk.write("updateOrders", {**given, "patch": {"buyer": "first"}}, "orders { id }")
    payload = desk.write("updateOrders", {**given, "patch": {"buyer": "second"}}, "orders { buyer }")
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "ifMatch"])
    assert payload["orders"] == {"buyer": "first"}
    assert _order(desk, order["id"])["buyer"] == "first"


def test_without_etag_nothing_is_sent(desk: Vegraph, other_cap: Cap, order: dict[str, Any]) -> None:
    payload = desk.write("updateOrders", {"id": order["id"], "patch": {"buyer": "x"}}, "orders { buyer }")
    assert [error["code"] for error in payload["userErrors"]] == ["PRECONDITION_REQUIRED"]
    payload = desk.write("deleteOrders", {"id": order["id"]}, "deletedId")
    assert [error["code"] for error in payload["userErrors"]] == ["PRECONDITION_REQUIRED"]
    assert other_cap.asked() == []


def test_overwriting_takes_any_version(desk: Vegraph, order: dict[str, Any]) -> None:
    given = {"id": order["id"], "overwrite": True, "patch": {"note": "any"}}
    assert desk.write("updateOrders", given, "orders { note }") == {"orders": {"note": "any"}, "userErrors": []}


def test_a_deleted_row_is_gone_with_the_rows_in_it(desk: Vegraph, order: dict[str, Any]) -> None:
    payload = desk.write("deleteOrders", {"id": order["id"], "ifMatch": order["etag"]}, "deletedId")
    assert payload == {"deletedId": order["id"], "userErrors": []}
    assert _order(desk, order["id"]) is None
    where = {"rowId": {"eq": order["rowId"]}}
    count_ = "query($w: OrdersFilter) { ordersAggregate(where: $w) { count } }"
    assert desk.data(count_, {"w": where})["ordersAggregate"] == [{"count": 0}]


def test_a_stale_delete_deletes_nothing(desk: Vegraph, order: dict[str, Any]) -> None:
    given = {"id": order["id"], "ifMatch": 'W/"2001-01-01T00:00:00.000Z"'}
    payload = desk.write("deleteOrders", given, "deletedId")
    assert payload["deletedId"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["CONFLICT"]
    assert _order(desk, order["id"])["items"]["nodes"] == [{"line": 1}, {"line": 2}]


def test_a_key_that_is_taken_is_refused_in_the_services_words(desk: Vegraph, book: dict[str, Any]) -> None:
    payload = desk.write("createBooks", {"books": {"rowId": book["rowId"], "title": "x"}}, "books { id }")
    assert payload["books"] is None
    assert payload["userErrors"] == [
        {"code": "REJECTED", "message": "Entity already exists", "path": ["input", "books"]}
    ]


def test_refused_values_are_named_by_their_place_in_the_input(desk: Vegraph) -> None:
    given = {"books": {"rowId": next(_NUMBERS), "format": "papyrus", "pages": -1}}
    payload = desk.write("createBooks", given, "books { id }")
    assert payload["books"] is None
    named = {tuple(error["path"]): error["message"] for error in payload["userErrors"]}
    assert named["input", "books", "pages"] == "Enter a value between 0 and 20000."
    assert "hardcover, paperback, ebook" in named["input", "books", "format"]


def test_refused_values_of_nested_rows_are_named_too(desk: Vegraph) -> None:
    lines = [{"line": 1, "quantity": 2}, {"line": 7, "quantity": 5000}]
    payload = desk.write("createOrders", {"orders": {"items": lines}}, "orders { id }")
    assert payload["orders"] is None
    named = {(tuple(error["path"]), error["message"]) for error in payload["userErrors"]}
    place = ("input", "orders", "items", "1", "quantity")
    # The one names it by the line's key, the other by its position.
    assert {(place, "Enter a value between 1 and 1000."), (place, "At most 100 copies of a book")} <= named


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"title": "x" * 101}, ["input", "patch", "title"]),
        ({"price": "123456789012345.6789"}, ["input", "patch", "price"]),
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_does_not_fit_its_type_is_refused_before_anything_is_sent(
    desk: Vegraph, other_cap: Cap, book: dict[str, Any], given: dict[str, Any], path: list[str]
) -> None:
    payload = desk.write("updateBooks", {"id": book["id"], "patch": given}, "books { id }")
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == ("BAD_USER_INPUT", path)
    assert other_cap.asked() == []


def test_a_bound_action_gives_its_result_and_the_row_afterwards(desk: Vegraph, book: dict[str, Any]) -> None:
    payload = desk.write(
        "restockBooks", {"id": book["id"], "copies": 3}, "books { sold } result { rowId sold author { name } }"
    )
    sold = str(int(ALL_KINDS["sold"]) - 3)
    assert payload == {
        "books": {"sold": sold}, "result": {"rowId": book["rowId"], "sold": sold, "author": None}, "userErrors": [],
    }  # fmt: skip


def test_an_action_without_a_result_is_seen_in_the_row(desk: Vegraph, book: dict[str, Any]) -> None:
    payload = desk.write("withdrawBooks", {"id": book["id"]}, "books { inPrint }")
    assert payload == {"books": {"inPrint": False}, "userErrors": []}


def test_an_action_on_a_row_with_versions_is_called_for_any_version(desk: Vegraph, order: dict[str, Any]) -> None:
    given = {"id": order["id"], "reason": "rain"}
    payload = desk.write("cancelOrders", given, "orders { note } result { state lines }")
    assert payload == {
        "orders": {"note": "cancelled: rain"}, "result": {"state": "cancelled", "lines": 2}, "userErrors": [],
    }  # fmt: skip


def test_an_unbound_action_gives_its_result(desk: Vegraph) -> None:
    number = next(_NUMBERS)
    given = {"books": {"rowId": number, "price": "200", "genreID": 11}}
    desk.write("createBooks", given, "books { id }")
    payload = desk.write("applyDiscount", {"genre": 11, "percent": "12.5"}, "result")
    assert payload["userErrors"] == []
    assert payload["result"] >= 1
    price = desk.data(f"{{ booksByKey(by: {{rowId: {number}}}) {{ price }} }}")["booksByKey"]["price"]
    assert Decimal(price) == Decimal("175")


@pytest.mark.parametrize(
    ("field", "given", "path"),
    [
        ("restockBooks", {"copies": 0}, ["input", "copies"]),
        ("restockBooks", {}, ["input", "copies"]),
    ],
    ids=["wrong", "missing"],
)
def test_an_action_that_refuses_a_parameter_names_it(
    desk: Vegraph, book: dict[str, Any], field: str, given: dict[str, Any], path: list[str]
) -> None:
    payload = desk.write(field, {"id": book["id"], **given}, "books { id }")
    assert [(error["code"], error["path"]) for error in payload["userErrors"]] == [("REJECTED", path)]


def test_several_refusals_of_an_action_are_told_at_once(desk: Vegraph) -> None:
    payload = desk.write("applyDiscount", {"genre": -3, "percent": "95"}, "result")
    named = {tuple(error["path"]): error["message"] for error in payload["userErrors"]}
    assert named["input", "percent"] == "No more than 90 percent"
    assert named["input", "genre"] == "Genres are numbered from 0"


def test_an_atomic_group_is_one_change_set_and_all_or_nothing(
    desk: Vegraph, other_cap: Cap, book: dict[str, Any]
) -> None:
    query = """mutation($i: ID!, $a: Int!, $p: Int!) @atomic {
        a: createBooks(input: {books: {rowId: $a, title: "new"}}) { books { rowId } userErrors { code } }
        b: updateBooks(input: {id: $i, patch: {pages: $p}}) { books { pages } userErrors { code path } } }"""
    number = next(_NUMBERS)
    refused = desk.data(query, {"i": book["id"], "a": number, "p": -1})
    assert refused["a"]["books"] is None
    assert refused["b"]["userErrors"] == [{"code": "REJECTED", "path": ["input", "patch", "pages"]}]
    assert [line.split("?")[0] for line in other_cap.asked()] == ["POST $batch"]
    assert desk.data(f"{{ booksByKey(by: {{rowId: {number}}}) {{ rowId }} }}") == {"booksByKey": None}
    done = desk.data(query, {"i": book["id"], "a": number, "p": 77})
    assert done["a"] == {"books": {"rowId": number}, "userErrors": []}
    assert done["b"] == {"books": {"pages": 77}, "userErrors": []}


def test_writes_without_atomic_are_in_order_and_each_answers_for_itself(desk: Vegraph, book: dict[str, Any]) -> None:
    query = """mutation($i: ID!) {
        a: updateBooks(input: {id: $i, patch: {pages: 1}}) { books { pages } userErrors { code } }
        b: updateBooks(input: {id: $i, patch: {pages: -1}}) { books { pages } userErrors { code } }
        c: updateBooks(input: {id: $i, patch: {title: "last"}}) { books { pages title } userErrors { code } } }"""
    assert desk.data(query, {"i": book["id"]}) == {
        "a": {"books": {"pages": 1}, "userErrors": []},
        "b": {"books": None, "userErrors": [{"code": "REJECTED"}]},
        "c": {"books": {"pages": 1, "title": "last"}, "userErrors": []},
    }


def test_an_id_of_another_type_is_a_mistake(desk: Vegraph, order: dict[str, Any]) -> None:
    payload = desk.write("updateBooks", {"id": order["id"], "patch": {"title": "x"}}, "books { id }")
    assert [(e["code"], e["path"]) for e in payload["userErrors"]] == [("BAD_USER_INPUT", ["input", "id"])]


def test_a_row_that_is_gone_is_not_found(desk: Vegraph, book: dict[str, Any]) -> None:
    desk.write("deleteBooks", {"id": book["id"]}, "deletedId")
    query = """mutation($i: UpdateBooksInput!, $d: DeleteBooksInput!) {
        updateBooks(input: $i) { books { id } } deleteBooks(input: $d) { deletedId } }"""
    given = {"i": {"id": book["id"], "patch": {"title": "x"}}, "d": {"id": book["id"]}}
    assert desk.codes(query, given) == [("NOT_FOUND", ("updateBooks",)), ("NOT_FOUND", ("deleteBooks",))]
