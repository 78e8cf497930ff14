"""`vegraph demo` as a newcomer meets it: one program, real ports, real people."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from vegraph.app.demo.queries import QUERIES


@dataclass
class Started:
    """The demo, and what it printed."""

    process: subprocess.Popen[str]
    url: str
    printed: str

    def people(self) -> dict[str, dict[str, Any]]:
        return {person["name"]: person for person in httpx.get(f"{self.url}/demo/people").json()}

    def ask(self, person: dict[str, Any], query: str) -> Any:
        headers = {"Authorization": f"Bearer {person['token']}"} if person["token"] else {}
        return httpx.post(self.url + person["endpoint"], json={"query": query}, headers=headers, timeout=30).json()


@pytest.fixture(scope="module")
def demo() -> Iterator[Started]:
    """Started once, ended by the signal that a terminal sends."""
    command = [sys.executable, "-m", "vegraph.app.cli", "demo", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    printed = ""
    while "Ctrl-C ends it." not in printed:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        printed += line
    [url] = re.findall(r"GraphiQL +(http://127\.0\.0\.1:\d+)/graphql", printed)
    yield Started(process, url, printed)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err


def test_it_prints_three_queries_that_work(demo: Started):
    sales_manager = demo.people()["Sofia Marchetti"]
    assert len(QUERIES) == 3
    for _, query in QUERIES:
        assert query in demo.printed
        answer = demo.ask(sales_manager, query)
        assert "errors" not in answer
        [connection] = answer["data"].values()
        assert len(connection["nodes"]) in (10, 100)


def test_a_hundred_orders_have_customers_lines_and_items(demo: Started):
    for query in (QUERIES[0][1], QUERIES[1][1]):
        [connection] = demo.ask(demo.people()["Sofia Marchetti"], query)["data"].values()
        lines = [line for order in connection["nodes"] for line in order["salesOrderLines"]["nodes"]]
        assert len(connection["nodes"]) == 100
        assert all(order.get("customer") or order.get("orderingCustomer") for order in connection["nodes"])
        assert len(lines) > 200
        assert any(line.get("item") or line.get("releasedProduct") for line in lines)


def test_one_query_crosses_both_erps(demo: Started):
    answer = demo.ask(demo.people()["Sofia Marchetti"], QUERIES[2][1])
    orders = answer["data"]["foSalesOrderHeadersV2"]["nodes"]
    found = [order for order in orders if order["bcCustomer"]]
    assert found
    assert all(order["bcCustomer"]["number"] == order["invoiceCustomerAccountNumber"] for order in found)


CUSTOMERS = "{ bcCustomers(first: 3) { totalCount nodes { number } } }"
ITEMS = "{ bcItems(first: 1) { nodes { number } } }"
ORDERS = """{ bcSalesOrders(first: 20) { totalCount nodes { customerNumber
  salesOrderLines(first: 2) { nodes { item { number } } } } } }"""
FO_ORDERS = "{ foSalesOrderHeadersV2(first: 20) { totalCount nodes { orderingCustomerAccountNumber } } }"
OWN = {"totalCount": 1, "nodes": [{"number": "C00042"}]}


def test_the_sales_manager_sees_everything(demo: Started):
    sofia = demo.people()["Sofia Marchetti"]
    assert demo.ask(sofia, CUSTOMERS)["data"]["bcCustomers"]["totalCount"] > 1000
    for query in (ORDERS, FO_ORDERS):
        [orders] = demo.ask(sofia, query)["data"].values()
        assert orders["totalCount"] > 5000
        assert len({str(order) for order in orders["nodes"]}) > 5
    create = """mutation { createBcItem(input: { bcItem: { displayName: "A lamp" } }) { bcItem { displayName } } }"""
    assert demo.ask(sofia, create)["data"]["createBcItem"]["bcItem"] == {"displayName": "A lamp"}


def test_the_warehouse_clerk_reads_items_and_orders_and_no_customers(demo: Started):
    noah = demo.people()["Noah Berg"]
    assert demo.ask(noah, ITEMS)["data"]["bcItems"]["nodes"]
    orders = demo.ask(noah, ORDERS)["data"]["bcSalesOrders"]
    assert orders["totalCount"] > 5000
    assert any(line["item"] for order in orders["nodes"] for line in order["salesOrderLines"]["nodes"])
    assert refused(demo.ask(noah, CUSTOMERS)) == {"bcCustomers": None}
    order = demo.ask(noah, "{ bcSalesOrders(first: 1) { nodes { number customer { number } } } }")
    assert order["data"]["bcSalesOrders"]["nodes"][0]["customer"] is None
    assert order["errors"][0]["path"][-1] == "customer"
    create = """mutation { createBcItem(input: { bcItem: { displayName: "A lamp" } }) { bcItem { displayName } } }"""
    assert refused(demo.ask(noah, create)) == {"createBcItem": None}


def test_the_portal_contact_sees_her_own_company_and_its_orders(demo: Started):
    aoife = demo.people()["Aoife O'Neil"]
    assert demo.ask(aoife, CUSTOMERS)["data"]["bcCustomers"] == OWN
    orders = demo.ask(aoife, ORDERS)["data"]["bcSalesOrders"]
    assert {order["customerNumber"] for order in orders["nodes"]} == {"C00042"}
    assert any(order["salesOrderLines"]["nodes"] for order in orders["nodes"])
    found = demo.ask(aoife, FO_ORDERS)["data"]["foSalesOrderHeadersV2"]
    assert {order["orderingCustomerAccountNumber"] for order in found["nodes"]} == {"C00042"}
    assert demo.ask(aoife, ITEMS)["data"]["bcItems"]["nodes"]


def test_the_portal_contact_sees_the_same_where_all_contacts_are_one_user(demo: Started):
    people = demo.people()
    by_rule, by_erp = people["Aoife O'Neil, by a shared user"], people["Aoife O'Neil"]
    for query in (CUSTOMERS, ITEMS, "{ bcSalesOrders { totalCount nodes { number customer { number } } } }"):
        assert demo.ask(by_rule, query) == demo.ask(by_erp, query)
    [runs] = demo.ask(by_rule, "{ me { sources { name runsAs } } }")["data"]["me"]["sources"]
    assert runs == {"name": "bc", "runsAs": "bc:app:e7000000-0000-4000-8000-000000000007"}


def test_the_visitor_sees_items_only(demo: Started):
    visitor = demo.people()["Visitor"]
    assert visitor["token"] is None
    assert demo.ask(visitor, ITEMS)["data"]["bcItems"]["nodes"]
    assert refused(demo.ask(visitor, CUSTOMERS)) == {"bcCustomers": None}
    assert refused(demo.ask(visitor, ORDERS)) == {"bcSalesOrders": None}
    assert refused(demo.ask(visitor, FO_ORDERS)) == {"foSalesOrderHeadersV2": None}


def refused(answer: dict[str, Any]) -> Any:
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    return answer["data"]


def test_each_person_is_told_who_they_are(demo: Started):
    for person in demo.people().values():
        found = demo.ask(person, "{ me { name } }")["data"]["me"]["name"]
        assert found == ("Anonymous visitor" if person["token"] is None else person["name"].partition(", by")[0])


def test_without_a_token_nobody_gets_in_at_the_front_door(demo: Started):
    response = httpx.post(f"{demo.url}/graphql", json={"query": "{ me { name } }"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", ["/graphql", "/portal/support/graphql"])
def test_a_bad_token_is_401_everywhere(demo: Started, endpoint: str):
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    response = httpx.post(demo.url + endpoint, json={"query": "{ me { name } }"}, headers=headers)
    assert response.status_code == 401


def test_its_configuration_can_be_read(demo: Started):
    text = httpx.get(f"{demo.url}/demo/config").text
    found = tomllib.loads(text)
    assert {name: source["prefix"] for name, source in found["sources"].items()} == {"bc": "Bc", "fo": "Fo"}
    controls = re.findall(r"http://127\.0\.0\.1:\d+/control/requests", text)
    assert len(controls) == 2
    for control in controls:
        assert isinstance(json.loads(httpx.get(control).text), list | dict)


def test_graphiql_opens_with_the_list_of_people(demo: Started):
    page = httpx.get(f"{demo.url}/graphql", headers={"Accept": "text/html"}).text
    assert 'data-people="/demo/people"' in page
    assert "bcSalesOrders(first: 100)" in page


def test_it_is_ready(demo: Started):
    assert httpx.get(f"{demo.url}/readyz").status_code == 200


REFRESH = """mutation { refreshCatalog(input: {}) {
  changes { source subject member what breaking } userErrors { message }
  catalog { sources { name entities(visible: true) { name label } } }
} }"""


def test_its_administrator_may_refresh_the_catalog_and_others_may_not(demo: Started):
    people = demo.people()
    assert demo.ask(people["Sofia Marchetti"], REFRESH)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    found = demo.ask(people["Ingrid Sørensen"], REFRESH)
    assert "errors" not in found, found
    done = found["data"]["refreshCatalog"]
    assert (done["changes"], done["userErrors"]) == ([], [])
    labels = {f"{s['name']}.{e['name']}": e["label"] for s in done["catalog"]["sources"] for e in s["entities"]}
    assert (labels["bc.salesOrders"], labels["fo.CustomersV3"]) == ("Sales orders", "Customers")
