"""Patches and deletes: what is absent, null or stale, and never somebody else's change lost."""

import pytest

from tests.writing.books import Books

ROW = "bcCustomer { id etag displayName email }"


def bc_customer(books: Books, **values: object) -> dict[str, str]:
    given = {"displayName": books.new_name(), "email": "a@b.example", **values}
    return books.payload("createBcCustomer", {"bcCustomer": given}, ROW)["bcCustomer"]


def fo_customer(books: Books) -> dict[str, str]:
    given = {"organizationName": books.new_name(), "customerGroupId": "10", "salesCurrencyCode": "USD"}
    fields = "foCustomerV3 { id etag organizationName }"
    return books.payload("createFoCustomerV3", {"foCustomerV3": given}, fields)["foCustomerV3"]


def update(books: Books, row: dict[str, str], patch: dict[str, object], **how: object) -> dict[str, object]:
    given = {"id": row["id"], "patch": patch, **(how or {"ifMatch": row["etag"]})}
    return books.payload("updateBcCustomer", given, ROW)


def test_what_is_absent_stays_and_null_clears(books: Books):
    row = bc_customer(books)
    found = update(books, row, {"displayName": "Else"})["bcCustomer"]
    assert (found["displayName"], found["email"]) == ("Else", "a@b.example")
    assert found["etag"] != row["etag"]
    assert update(books, found, {"email": None})["bcCustomer"]["email"] == ""


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ifMatch": None}, "PRECONDITION_REQUIRED"),
        ({"ifMatch": None, "overwrite": False}, "PRECONDITION_REQUIRED"),
        ({"ifMatch": '"x"', "overwrite": True}, "BAD_USER_INPUT"),
        ({"ifMatch": "*"}, "BAD_USER_INPUT"),
        ({"ifMatch": 'W/"x"\r\nX: y'}, "BAD_USER_INPUT"),
    ],
)
def test_a_change_says_what_it_was_made_from_or_that_it_overwrites(books: Books, how, code):
    row = bc_customer(books)
    books.wire()
    found = update(books, row, {"displayName": "Else"}, **how)
    assert [(e["code"], e["path"]) for e in found["userErrors"]] == [(code, ["input", "ifMatch"])]
    assert (found["bcCustomer"], books.writes()) == (None, [])


def test_a_stale_etag_writes_nothing_and_shows_the_row_as_it_is_now(books: Books):
    row = bc_customer(books)
    update(books, row, {"displayName": "First"})
    found = update(books, row, {"displayName": "Second"})
    assert [e["code"] for e in found["userErrors"]] == ["CONFLICT"]
    assert found["bcCustomer"]["displayName"] == "First"
    assert books.row("bcCustomer", row["id"], "displayName") == {"displayName": "First"}
    found = update(books, row, {"displayName": "Second"}, overwrite=True)
    assert (found["userErrors"], found["bcCustomer"]["displayName"]) == ([], "Second")


def test_the_same_of_finance_and_operations_with_the_read_in_the_same_batch(books: Books):
    row = fo_customer(books)
    books.wire()
    given = {"id": row["id"], "ifMatch": row["etag"], "patch": {"organizationName": "First"}}
    found = books.payload("updateFoCustomerV3", given, "foCustomerV3 { etag organizationName }")
    (seen,) = books.wire()
    assert [method for method, _ in seen.parts] == ["PATCH", "GET"]
    assert found["foCustomerV3"]["organizationName"] == "First"
    given["patch"] = {"organizationName": "Second"}
    again = books.payload("updateFoCustomerV3", given, "foCustomerV3 { etag organizationName }")
    assert [e["code"] for e in again["userErrors"]] == ["CONFLICT"]
    assert again["foCustomerV3"] == found["foCustomerV3"]


def test_an_empty_patch_sends_no_write_and_still_minds_the_etag(books: Books):
    row = bc_customer(books)
    books.wire()
    assert update(books, row, {}) == {"bcCustomer": row, "userErrors": []}
    assert books.writes() == []
    update(books, row, {"displayName": "First"})
    assert [e["code"] for e in update(books, row, {})["userErrors"]] == ["CONFLICT"]


def test_deleting_gives_the_id_and_minds_the_etag(books: Books):
    row = bc_customer(books)
    update(books, row, {"displayName": "First"})
    stale = books.payload("deleteBcCustomer", {"id": row["id"], "ifMatch": row["etag"]}, "deletedId")
    assert (stale["deletedId"], [e["code"] for e in stale["userErrors"]]) == (None, ["CONFLICT"])
    gone = books.payload("deleteBcCustomer", {"id": row["id"], "overwrite": True}, "deletedId")
    assert gone == {"deletedId": row["id"], "userErrors": []}
    assert books.row("bcCustomer", row["id"], "id") is None
    again = books.answer("deleteBcCustomer", {"id": row["id"], "overwrite": True}, "deletedId")
    assert again["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_the_service_s_rules_speak_its_own_words(books: Books):
    order = books.a("bcSalesOrders", "customer { id }")
    given = {"id": order["customer"]["id"], "overwrite": True}
    found = books.payload("deleteBcCustomer", given, "deletedId")
    (error,) = found["userErrors"]
    assert (error["code"], error["path"]) == ("REJECTED", ["input"])
    assert "outstanding Sales Order" in error["message"]
    assert "CorrelationId" not in error["message"]


def test_who_may_not_write_is_told_so(books: Books):
    from vegraph.emulator.data.people import CLERK

    item = books.a("bcItems", "id")
    given = {"id": item["id"], "overwrite": True, "patch": {"displayName": "mine"}}
    answer = books.answer("updateBcItem", given, "bcItem { id }", person=CLERK)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert [record[-1] for record in books.records] == ["FORBIDDEN"]


def test_a_wrong_id_does_not_hide_the_other_mistakes(books: Books):
    given = {"id": "nonsense", "patch": {"displayName": "x" * 101}}
    found = books.payload("updateBcCustomer", given, "__typename")
    assert [tuple(e["path"]) for e in found["userErrors"]] == [
        ("input", "id"),
        ("input", "ifMatch"),
        ("input", "patch", "displayName"),
    ]
    assert books.writes() == []


def test_a_link_is_changed_and_cleared(books: Books):
    terms = books.a("bcPaymentTerms", "id code", at=1)
    row = bc_customer(books)
    given = {"id": row["id"], "overwrite": True, "patch": {"paymentTerm": terms["id"]}}
    found = books.payload("updateBcCustomer", given, "bcCustomer { paymentTerm { code } }")
    assert found["bcCustomer"] == {"paymentTerm": {"code": terms["code"]}}
    given["patch"] = {"paymentTerm": None}
    found = books.payload("updateBcCustomer", given, "bcCustomer { paymentTerm { code } }")
    assert found["bcCustomer"] == {"paymentTerm": None}
