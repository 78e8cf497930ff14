"""Actions, bound and unbound: parameters and returns of every type, and the row as it is afterwards."""

from tests.writing.books import ERRORS, Books


def test_a_row_that_an_action_moves_is_followed(books: Books):
    invoice = books.a("bcSalesInvoices", "id number", where="{ status: { eq: DRAFT } }")
    found = books.payload("postBcSalesInvoice", {"id": invoice["id"]}, "bcSalesInvoice { id number status }")
    row = found["bcSalesInvoice"]
    assert (row["status"], found["userErrors"]) == ("OPEN", [])
    assert row["id"] != invoice["id"]
    assert books.row("bcSalesInvoice", invoice["id"], "id") is None


def test_a_row_that_an_action_takes_away_is_null_and_no_error(books: Books):
    lines = [{"lineType": "ITEM", "item": books.a("bcItems")["id"], "quantity": "1"}]
    given = {"bcSalesQuote": {"customer": books.a("bcCustomers")["id"], "salesQuoteLines": lines}}
    quote = books.payload("createBcSalesQuote", given, "bcSalesQuote { id }")["bcSalesQuote"]
    found = books.payload("makeOrderBcSalesQuote", {"id": quote["id"]}, "bcSalesQuote { id }")
    assert found == {"bcSalesQuote": None, "userErrors": []}


def test_a_business_rule_of_an_action_is_the_user_s_affair(books: Books):
    invoice = books.a("bcSalesInvoices", "id", where="{ status: { eq: OPEN } }")
    found = books.payload("postBcSalesInvoice", {"id": invoice["id"]}, "bcSalesInvoice { id }")
    assert [(e["code"], e["path"]) for e in found["userErrors"]] == [("REJECTED", ["input"])]
    assert "Draft" in found["userErrors"][0]["message"]


def test_the_infolog_of_a_failed_action_is_no_doubt_about_it(books: Books):
    given = {"amount": "1", "fromCurrency": "USD", "toCurrency": "XXX", "onDate": "2026-01-01T00:00:00Z"}
    found = books.payload("foConvertAmount", given, "result")
    assert (found["result"], [e["code"] for e in found["userErrors"]]) == (None, ["REJECTED"])
    assert found["userErrors"][0]["message"].startswith("Exchange rate from USD to XXX")


def fo_order(books: Books) -> str:
    customer = books.a("foCustomersV3")["id"]
    given = {"currencyCode": "USD", "orderingCustomer": customer, "invoiceCustomer": customer}
    fields = "foSalesOrderHeaderV2 { id }"
    return books.payload("createFoSalesOrderHeaderV2", {"foSalesOrderHeaderV2": given}, fields)[
        "foSalesOrderHeaderV2"
    ]["id"]  # fmt: skip


def test_an_action_s_value_and_row_come_in_one_batch(books: Books):
    order = fo_order(books)
    books.wire()
    given = {"id": order, "confirmationDate": "2026-11-25T00:00:00Z"}
    found = books.payload("confirmFoSalesOrderHeaderV2", given, "result foSalesOrderHeaderV2 { salesOrderNumber }")
    assert found["result"].startswith(found["foSalesOrderHeaderV2"]["salesOrderNumber"])
    (seen,) = books.wire()
    assert [method for method, _ in seen.parts] == ["POST", "GET"]


def test_returned_rows_are_read_further_like_any(books: Books):
    given = {"threshold": "100000000"}
    query = f"""mutation($input: GetLowStockFoReleasedProductsV2Input!) {{
      getLowStockFoReleasedProductsV2(input: $input) {{
        result {{ totalCount nodes {{ itemNumber productName product {{ productNumber }} }} }} {ERRORS} }} }}"""
    found = books.data(query, {"input": given})["getLowStockFoReleasedProductsV2"]["result"]
    assert found["totalCount"] == len(found["nodes"]) > 0
    assert all(n["product"] is None or n["product"]["productNumber"] for n in found["nodes"])


def test_a_returned_row_and_the_bound_one(books: Books):
    worker = books.a("foWorkers", "id personnelNumber")
    given = {"id": worker["id"], "terminationDate": "2027-01-01T12:00:00Z"}
    found = books.payload("terminateFoWorker", given, "result { id personnelNumber } foWorker { id }")
    if not found["userErrors"]:
        assert found["result"] == worker
        assert found["foWorker"] == {"id": worker["id"]}


def test_values_come_back_digit_for_digit(books: Books):
    order = fo_order(books)
    item = books.a("foReleasedProductsV2")["id"]
    line = {"salesOrderHeader": order, "releasedProduct": item, "orderedSalesQuantity": "3", "salesPrice": "0.10"}
    books.payload("createFoSalesOrderLine", {"foSalesOrderLine": line}, "foSalesOrderLine { id }")
    found = books.payload("calculateTotalFoSalesOrderHeaderV2", {"id": order}, "result")
    assert found["result"] == "0.30"


def test_what_is_bound_to_nothing(books: Books):
    assert books.data("mutation { foPing { result } }")["foPing"]["result"] == "sofia@usmf"
    gone = {"dryRun": True, "sessionId": "5d115c9c-44e3-ea11-bb43-000d3a2feca1", "maxRows": 1}
    assert books.payload("foCleanUpSessions", gone, "__typename")["userErrors"] == []
    user = books.a("foSystemUsers", "id userID")
    found = books.payload("foFindSystemUser", {"userId": user["userID"]}, "result { id userID }")
    assert found["result"] == user


def test_mistakes_in_parameters_come_at_once(books: Books):
    given = {"id": "nonsense", "confirmationDate": "2026-11-25T00:00:00Z"}
    found = books.payload("confirmFoSalesOrderHeaderV2", given, "result")
    assert [e["path"] for e in found["userErrors"]] == [["input", "id"]]
    assert books.writes() == []
