"""The README's queries and mutations, run as they are printed."""

import re
from pathlib import Path

import pytest

from tests.stack import Stack, small

README = Path(__file__).resolve().parents[1] / "README.md"
PRINTED = {
    re.search(r"(?:query|mutation) (\w+)", text)[1]: text
    for text in re.findall(r"```graphql\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
}


@pytest.fixture(scope="module")
def stack() -> Stack:
    return small()


def run(stack: Stack, name: str, **variables: object) -> dict:
    answer = stack.ask(PRINTED.pop(name), variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def test_the_pages_of_the_readme_do_what_they_say(stack: Stack) -> None:
    orders = run(stack, "Orders")["bcSalesOrders"]
    assert len(orders["nodes"]) == 3
    assert orders["totalCount"] > 3
    assert orders["pageInfo"]["hasNextPage"]
    assert all(any(float(x["quantity"]) >= 2 for x in o["salesOrderLines"]["nodes"]) for o in orders["nodes"])
    assert [o["orderDate"] for o in orders["nodes"]] == sorted((o["orderDate"] for o in orders["nodes"]), reverse=True)

    one = run(stack, "OneAndMany")
    assert one["bcCustomer"]["etag"]
    assert sum(g["count"] for g in one["bcSalesOrdersAggregate"]) >= orders["totalCount"]

    made = run(stack, "Create")["createBcCustomer"]
    assert made["userErrors"] == []
    row = made["bcCustomer"]
    assert row["number"]
    assert row["displayName"] == "Søren's Bikes"

    renamed = run(stack, "Rename", id=row["id"], etag=row["etag"])["updateBcCustomer"]
    assert renamed["bcCustomer"]["displayName"] == "Søren's Bicycles"
    assert renamed["bcCustomer"]["etag"] != row["etag"]
    assert run(stack, "Remove", id=row["id"])["deleteBcCustomer"] == {"deletedId": row["id"], "userErrors": []}

    item = stack.ask("{ bcItems(first: 1) { nodes { id } } }")["data"]["bcItems"]["nodes"][0]["id"]
    both = run(stack, "Order", item=item)
    assert both["customer"]["userErrors"] == both["order"]["userErrors"] == []
    assert both["order"]["bcSalesOrder"]["customer"] == {"displayName": "Bike Repair"}
    assert len(both["order"]["bcSalesOrder"]["salesOrderLines"]["nodes"]) == 1

    draft = "{ bcSalesInvoices(first: 1, where: { status: { eq: DRAFT } }) { nodes { id } } }"
    invoice = stack.ask(draft)["data"]["bcSalesInvoices"]["nodes"][0]["id"]
    posted = run(stack, "Post", id=invoice)["postBcSalesInvoice"]
    assert posted["userErrors"] == []
    assert posted["bcSalesInvoice"]["status"] != "DRAFT"

    assert not PRINTED, "a page of the README is not run"
