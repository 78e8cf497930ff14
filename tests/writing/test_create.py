"""New rows: defaults read back, companies, links by global id, rows in rows."""

import base64
import json

import pytest

from tests.writing.books import Books

BC, OTHER = "CRONUS USA, Inc.", "usrt"
LINES = "salesOrderLines { nodes { quantity } }"


def test_the_service_s_own_values_come_back(books: Books):
    found = books.payload("createBcCustomer", {"bcCustomer": {"displayName": "O'Neil & Søn"}},
                          "bcCustomer { id number displayName company etag }")  # fmt: skip
    row = found["bcCustomer"]
    assert (row["displayName"], row["company"], found["userErrors"]) == ("O'Neil & Søn", BC, [])
    assert row["number"].startswith("C")
    assert books.writes() == ["POST customers"]
    assert books.row("bcCustomer", row["id"], "id number displayName company etag") == row


def test_relations_in_the_payload_are_read_as_always(books: Books):
    customer = books.a("bcCustomers", "id number")
    found = books.payload("createBcSalesOrder", {"bcSalesOrder": {"customer": customer["id"]}},
                          "bcSalesOrder { customer { number } salesOrderLines { totalCount } }")  # fmt: skip
    assert found["bcSalesOrder"] == {"customer": {"number": customer["number"]}, "salesOrderLines": {"totalCount": 0}}


def test_nested_rows_go_in_one_deep_insert_where_the_service_takes_it(books: Books):
    item, customer = books.a("bcItems")["id"], books.a("bcCustomers")["id"]
    books.wire()
    lines = [{"lineType": "ITEM", "item": item, "quantity": q} for q in ("2", "3.5")]
    found = books.payload("createBcSalesOrder", {"bcSalesOrder": {"customer": customer, "salesOrderLines": lines}},
                          f"bcSalesOrder {{ {LINES} }}")  # fmt: skip
    assert sorted(n["quantity"] for n in found["bcSalesOrder"]["salesOrderLines"]["nodes"]) == ["2", "3.5"]
    assert books.writes() == ["POST salesOrders"]


def fo_order(books: Books, **values):
    customer = books.a("foCustomersV3")["id"]
    return {"currencyCode": "USD", "orderingCustomer": customer, "invoiceCustomer": customer, **values}


def test_else_they_are_ordered_creates_in_one_change_set(books: Books):
    product, number = books.a("foReleasedProductsV2")["id"], books.new_name("SX")
    lines = [{"releasedProduct": product, "orderedSalesQuantity": q} for q in ("2", "3")]
    given = fo_order(books, salesOrderNumber=number, salesOrderLines=lines)
    books.wire()
    selection = "foSalesOrderHeaderV2 { salesOrderNumber salesOrderLines { nodes { orderedSalesQuantity } } }"
    found = books.payload("createFoSalesOrderHeaderV2", {"foSalesOrderHeaderV2": given}, selection)
    assert found["foSalesOrderHeaderV2"]["salesOrderNumber"] == number
    nodes = found["foSalesOrderHeaderV2"]["salesOrderLines"]["nodes"]
    assert [n["orderedSalesQuantity"] for n in nodes] == ["2", "3"]
    assert books.writes() == ["POST SalesOrderHeadersV2", "POST SalesOrderLines", "POST SalesOrderLines"]


def test_a_refused_nested_row_undoes_its_parent_and_says_where_it_stands(books: Books):
    product, number = books.a("foReleasedProductsV2")["id"], books.new_name("SX")
    lines = [{"releasedProduct": product}, {"itemNumber": "NOPE"}]
    given = fo_order(books, salesOrderNumber=number, salesOrderLines=lines)
    found = books.payload("createFoSalesOrderHeaderV2", {"foSalesOrderHeaderV2": given}, "foSalesOrderHeaderV2 { id }")
    (error,) = found["userErrors"]
    assert (error["code"], error["path"]) == ("REJECTED", ["input", "foSalesOrderHeaderV2", "salesOrderLines", "1"])
    assert "NOPE" in error["message"]
    where = f'{{ salesOrderNumber: {{ eq: "{number}" }} }}'
    assert books.data(f"{{ foSalesOrderHeadersV2(where: {where}) {{ totalCount }} }}") == {
        "foSalesOrderHeadersV2": {"totalCount": 0}
    }


def test_nested_rows_of_a_row_that_the_service_numbers_are_refused_before_anything_is_sent(books: Books):
    product = books.a("foReleasedProductsV2")["id"]
    given = fo_order(books, salesOrderLines=[{"releasedProduct": product}])
    books.wire()
    answer = books.answer("createFoSalesOrderHeaderV2", {"foSalesOrderHeaderV2": given}, "foSalesOrderHeaderV2 { id }")
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"
    assert "salesOrderNumber" in answer["errors"][0]["message"]
    assert books.writes() == []


def test_a_company_is_a_path_there_and_a_property_here(books: Books):
    name = "Møller's Værksted A/S"
    found = books.payload("createBcItem", {"company": name, "bcItem": {"displayName": "x"}}, "bcItem { company }")
    assert found["bcItem"] == {"company": name}
    customer = {"organizationName": "y", "customerGroupId": "10", "salesCurrencyCode": "USD"}
    found = books.payload(
        "createFoCustomerV3", {"company": OTHER, "foCustomerV3": customer}, "foCustomerV3 { company }"
    )
    assert found["foCustomerV3"] == {"company": OTHER}


def id_of(name: str, *key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, *key], separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"customer": "nonsense"}, ["customer"], "no global id"),
        ({"customer": id_of("BcItem", BC, "7e610003-0000-4eed-a003-000000000001")}, ["customer"], "of a BcItem"),
        ({"customer": "$ref:a"}, ["customer"], "names no earlier create"),
        (
            {"customer": id_of("BcCustomer", "Elsewhere", "7e610003-0000-4eed-a003-000000000001")},
            ["customer"],
            "a row of company Elsewhere",
        ),
        (
            {
                "customer": id_of("BcCustomer", BC, "7e610002-0000-4eed-a002-000000000001"),
                "customerId": "7e610002-0000-4eed-a002-000000000002",
            },
            ["customer"],
            "customer and customerId say two things",
        ),
    ],
)
def test_a_link_that_cannot_be_made_is_a_mistake(books: Books, given, path, sentence):
    found = books.payload("createBcSalesOrder", {"bcSalesOrder": given}, "bcSalesOrder { id }")
    (error,) = found["userErrors"]
    assert (error["code"], error["path"]) == ("BAD_USER_INPUT", ["input", "bcSalesOrder", *path])
    assert sentence in error["message"]
    assert books.writes() == []


def test_all_mistakes_of_an_input_come_at_once_and_nothing_is_sent(books: Books):
    given = {
        "company": "Nowhere",
        "bcSalesOrder": {
            "externalDocumentNumber": "x" * 40,
            "customer": "nonsense",
            "salesOrderLines": [{"quantity": "1"}, {"description": "y" * 101, "item": "nonsense"}],
        },
    }
    found = books.payload("createBcSalesOrder", given, "bcSalesOrder { id }")
    assert {tuple(e["path"]) for e in found["userErrors"]} == {
        ("input", "company"),
        ("input", "bcSalesOrder", "externalDocumentNumber"),
        ("input", "bcSalesOrder", "customer"),
        ("input", "bcSalesOrder", "salesOrderLines", "1", "description"),
        ("input", "bcSalesOrder", "salesOrderLines", "1", "item"),
    }
    assert {e["code"] for e in found["userErrors"]} == {"BAD_USER_INPUT"}
    assert books.writes() == []
    assert books.records == []


def test_the_company_is_said_once(books: Books):
    given = {"company": "usmf", "foCustomerV3": {"dataAreaId": "demf", "organizationName": "y"}}
    found = books.payload("createFoCustomerV3", given, "foCustomerV3 { id }")
    assert ["input", "company"] in [e["path"] for e in found["userErrors"]]
