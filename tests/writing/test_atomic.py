"""All or nothing: one change set or snapshot, rows referred to before they are there, everything undone."""

import pytest

from tests.writing.books import ERRORS, Books
from vegraph.emulator.data.people import MANAGER

BC = f"""
mutation($customer: ID!, $item: ID, $number: String) @atomic {{
  order: createBcSalesOrder(input: {{ bcSalesOrder: {{ customer: $customer }} }}) {{
    bcSalesOrder {{ number totalAmountExcludingTax salesOrderLines {{ nodes {{ quantity }} }} }} {ERRORS} }}
  line: createBcSalesOrderLine(input: {{ bcSalesOrderLine: {{
      salesOrder: "$ref:order", lineType: ITEM, item: $item, lineObjectNumber: $number, quantity: "5" }} }}) {{
    bcSalesOrderLine {{ quantity salesOrder {{ number }} }} {ERRORS} }}
  named: updateBcSalesOrder(input: {{ id: "$ref:order", patch: {{ externalDocumentNumber: "E1" }} }}) {{
    bcSalesOrder {{ externalDocumentNumber }} {ERRORS} }}
}}"""
FO = f"""
mutation($customer: ID!, $product: ID, $item: String, $number: String) @atomic {{
  order: createFoSalesOrderHeaderV2(input: {{ foSalesOrderHeaderV2: {{ salesOrderNumber: $number, currencyCode: "USD",
      orderingCustomer: $customer, invoiceCustomer: $customer }} }}) {{
    foSalesOrderHeaderV2 {{ id salesOrderNumber }} {ERRORS} }}
  line: createFoSalesOrderLine(input: {{ foSalesOrderLine: {{
      salesOrderHeader: "$ref:order", releasedProduct: $product, itemNumber: $item, orderedSalesQuantity: "5" }} }}) {{
    foSalesOrderLine {{ orderedSalesQuantity salesOrderNumber }} {ERRORS} }}
  total: calculateTotalFoSalesOrderHeaderV2(input: {{ id: "$ref:order" }}) {{ result {ERRORS} }}
}}"""


def test_a_snapshot_of_business_central(books: Books):
    given = {"customer": books.a("bcCustomers")["id"], "item": books.a("bcItems")["id"]}
    books.wire()
    found = books.data(BC, given)
    assert books.writes() == ["POST salesOrders", "POST salesOrderLines", "PATCH salesOrders(…)"]
    order = found["order"]["bcSalesOrder"]
    assert [n["quantity"] for n in order["salesOrderLines"]["nodes"]] == ["5"]
    assert order["totalAmountExcludingTax"] != "0"  # rows are shown as they are after all of it
    assert found["line"]["bcSalesOrderLine"]["salesOrder"] == {"number": order["number"]}
    assert found["named"]["bcSalesOrder"] == {"externalDocumentNumber": "E1"}
    assert [record[-1] for record in books.records] == ["done"] * 3


def test_a_change_set_of_finance_and_operations(books: Books):
    number = books.new_name("AX")
    given = {"customer": books.a("foCustomersV3")["id"], "product": books.a("foReleasedProductsV2")["id"]}
    books.wire()
    found = books.data(FO, {**given, "number": number})
    assert books.writes() == [
        "POST SalesOrderHeadersV2",
        "POST SalesOrderLines",
        "POST SalesOrderHeadersV2(…)/Microsoft.Dynamics.DataEntities.calculateTotal",
    ]
    assert found["line"]["foSalesOrderLine"] == {"orderedSalesQuantity": "5", "salesOrderNumber": number}
    assert float(found["total"]["result"]) > 0


def told(found: dict) -> dict[str, list[str]]:
    return {key: [e["code"] for e in payload["userErrors"]] for key, payload in found.items()}


def test_one_refusal_undoes_all_and_every_payload_says_so(books: Books):
    before = books.data("{ bcSalesOrders { totalCount } }")
    found = books.data(BC, {"customer": books.a("bcCustomers")["id"], "number": "NOPE"})
    assert told(found) == {"order": ["REJECTED"], "line": ["REJECTED"], "named": ["REJECTED"]}
    assert "another mutation" in found["order"]["userErrors"][0]["message"]
    assert books.data("{ bcSalesOrders { totalCount } }") == before


def test_the_same_in_a_change_set(books: Books):
    number = books.new_name("AX")
    found = books.data(FO, {"customer": books.a("foCustomersV3")["id"], "item": "NOPE", "number": number})
    assert told(found) == {"order": ["REJECTED"], "line": ["REJECTED"], "total": ["REJECTED"]}
    assert "NOPE" in found["line"]["userErrors"][0]["message"]
    assert found["line"]["userErrors"][0]["path"] == ["input", "foSalesOrderLine"]
    assert sorted(record[-1] for record in books.records) == ["BAD_USER_INPUT", "ROLLED_BACK", "ROLLED_BACK"]
    count = f'{{ foSalesOrderHeadersV2(where: {{ salesOrderNumber: {{ eq: "{number}" }} }}) {{ totalCount }} }}'
    assert books.data(count) == {"foSalesOrderHeadersV2": {"totalCount": 0}}


def test_a_number_that_the_service_gives_cannot_be_referred_to(books: Books):
    found = books.data(FO, {"customer": books.a("foCustomersV3")["id"], "item": "1001"})
    assert told(found) == {"order": ["REJECTED"], "line": ["BAD_USER_INPUT"], "total": ["BAD_USER_INPUT"]}
    assert "salesOrderNumber" in found["total"]["userErrors"][0]["message"]
    assert books.writes() == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            'a: deleteBcCustomer(input: { id: "x", overwrite: true }) { deletedId } foPing { result }',
            "bc and fo can't share one transaction",
        ),
        (
            'a: deleteBcCustomer(input: { id: "x", overwrite: true }) @idempotent(key: "1") { deletedId }'
            ' b: deleteBcCustomer(input: { id: "x", overwrite: true }) @idempotent(key: "2") { deletedId }',
            "Give one key",
        ),
    ],
)
def test_what_cannot_be_kept_together_is_refused_before_anything_is_asked(books: Books, fields, reason):
    answer = books.ask(f"mutation @atomic {{ {fields} }}")
    assert set(answer["data"].values()) == {None}
    assert all(reason in e["message"] for e in answer["errors"])
    assert books.wire() == []
    assert books.records == []


def test_mistakes_of_one_keep_all_from_being_sent(books: Books):
    mutation = f"""mutation @atomic {{
      a: createBcItem(input: {{ bcItem: {{ displayName: "fine" }} }}) {{ bcItem {{ id }} {ERRORS} }}
      b: createBcItem(input: {{ bcItem: {{ displayName: "{"x" * 101}" }} }}) {{ bcItem {{ id }} {ERRORS} }} }}"""
    found = books.data(mutation)
    assert told(found) == {"a": ["REJECTED"], "b": ["BAD_USER_INPUT"]}
    assert books.writes() == []


def test_a_stale_one_among_them_undoes_the_others_and_shows_its_row(books: Books):
    row = books.payload("createBcItem", {"bcItem": {"displayName": "one"}}, "bcItem { id etag }")["bcItem"]
    patch = {"id": row["id"], "overwrite": True, "patch": {"displayName": "two"}}
    books.payload("updateBcItem", patch, "bcItem { id }")
    mutation = f"""mutation($id: ID!, $etag: String) @atomic {{
      a: createBcItem(input: {{ bcItem: {{ displayName: "fine" }} }}) {{ bcItem {{ id }} {ERRORS} }}
      b: updateBcItem(input: {{ id: $id, ifMatch: $etag, patch: {{ displayName: "three" }} }}) {{
        bcItem {{ displayName }} {ERRORS} }} }}"""
    found = books.data(mutation, {"id": row["id"], "etag": row["etag"]})
    assert told(found) == {"a": ["REJECTED"], "b": ["CONFLICT"]}
    assert found["b"]["bcItem"] == {"displayName": "two"}


def test_an_empty_patch_among_them_is_compared_and_not_sent(books: Books):
    row = books.payload("createBcItem", {"bcItem": {"displayName": "one"}}, "bcItem { id etag }")["bcItem"]
    mutation = f"""mutation($id: ID!, $etag: String) @atomic {{
      a: createBcItem(input: {{ bcItem: {{ displayName: "fine" }} }}) {{ bcItem {{ displayName }} {ERRORS} }}
      b: updateBcItem(input: {{ id: $id, ifMatch: $etag, patch: {{}} }}) {{ bcItem {{ displayName }} {ERRORS} }} }}"""
    books.wire()
    found = books.data(mutation, {"id": row["id"], "etag": row["etag"]})
    assert (found["a"]["bcItem"], found["b"]["bcItem"]) == ({"displayName": "fine"}, {"displayName": "one"})
    assert books.writes() == ["POST items"]
    found = books.data(mutation, {"id": row["id"], "etag": 'W/"JzE5Oyc="'})
    assert told(found) == {"a": ["REJECTED"], "b": ["CONFLICT"]}
    assert books.writes() == []


def test_without_it_each_answers_for_itself_in_order(books: Books):
    mutation = f"""mutation {{
      a: createBcItem(input: {{ bcItem: {{ displayName: "one" }} }}) {{ bcItem {{ displayName }} {ERRORS} }}
      b: createBcSalesOrderLine(input: {{ bcSalesOrderLine: {{ quantity: "1" }} }}) {{ {ERRORS} }}
      c: createBcItem(input: {{ bcItem: {{ displayName: "two" }} }}) {{ bcItem {{ displayName }} {ERRORS} }} }}"""
    found = books.data(mutation, person=MANAGER)
    assert told(found) == {"a": [], "b": ["REJECTED"], "c": []}
    assert books.writes() == ["POST items", "POST salesOrderLines", "POST items"]


def test_a_later_payload_shows_what_an_earlier_write_did(books: Books):
    customer, order = books.a("bcCustomers")["id"], books.a("bcSalesOrders", "customer { id displayName }")
    name, named = books.new_name(), "bcSalesOrder { customer { displayName } }"
    mutation = f"""mutation($id: ID!, $name: String, $customer: ID!) {{
      a: createBcSalesOrder(input: {{ bcSalesOrder: {{ customer: $id }} }}) {{ {named} }}
      b: updateBcCustomer(input: {{ id: $id, overwrite: true, patch: {{ displayName: $name }} }}) {{ {ERRORS} }}
      c: createBcSalesOrder(input: {{ bcSalesOrder: {{ customer: $id }} }}) {{ {named} }}
      d: createBcSalesOrder(input: {{ bcSalesOrder: {{ customer: $customer }} }}) {{ {ERRORS} }} }}"""
    found = books.data(mutation, {"id": order["customer"]["id"], "name": name, "customer": customer})
    assert found["a"]["bcSalesOrder"]["customer"]["displayName"] == order["customer"]["displayName"]
    assert found["c"]["bcSalesOrder"]["customer"]["displayName"] == name
