"""What a portal shows and lets be done: its own graph, operations by entity, visitors, `me` and introspection."""

import pytest

from tests.identity_stack.estate import contact_token
from tests.identity_stack.people import SHARED, VISITOR, Contact, Employee

FIELDS = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }"


def fields(stack, who, **more):
    """Names of the fields of queries and of mutations."""
    found = stack.ask(FIELDS, who, **more).data["__schema"]
    return [{field["name"] for field in (type_ or {"fields": []})["fields"]} for type_ in found.values()]


def test_each_door_has_the_graph_of_what_is_listed_for_it(stack):
    queries, mutations = fields(stack, Employee(2))
    assert {"bcSalesOrderLines", "bcSalesInvoices", "bcCustomers", "foSalesOrderLines"} <= queries
    assert {"createBcCustomer", "updateBcItem", "postBcSalesInvoice"} <= mutations
    queries, mutations = fields(stack, Contact(2))
    assert {"bcCustomers", "bcSalesOrders", "foSalesOrderLines"} <= queries
    assert not {"bcSalesOrderLines", "bcSalesInvoices"} & queries
    assert mutations == {"createBcCustomer", "updateBcCustomer", "deleteBcCustomer"}
    queries, mutations = fields(stack, Contact(2), token=contact_token(2, portal="kiosk"), portal="kiosk")
    assert {name for name in queries if name.startswith(("bc", "fo"))} == {"bcItem", "bcItems", "bcItemsAggregate"}
    assert mutations == set()


@pytest.mark.parametrize(
    "query",
    [
        "{ bcSalesInvoices { nodes { number } } }",
        "{ bcSalesOrderLines { nodes { sequence } } }",
        "{ bcSalesOrders { nodes { salesOrderLines { nodes { sequence } } } } }",
        'mutation { createBcItem(input: { bcItem: { displayName: "x" } }) { bcItem { number } } }',
        'mutation { refreshCatalog(input: { source: "bc" }) { catalog { sources { name } } } }',
    ],
)
def test_what_is_not_listed_is_not_in_the_graph(stack, query):
    answer = stack.ask(query, Contact(2))
    assert answer.codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert stack.seen(answer) == []


def test_a_global_id_of_what_is_not_listed_leads_nowhere(stack):
    order = stack.ask("{ bcSalesOrderLines(first: 1) { nodes { id } } }", Employee(1))
    id_ = order.data["bcSalesOrderLines"]["nodes"][0]["id"]
    answer = stack.ask(
        "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", Contact(2), variables={"id": id_}
    )
    assert (answer.json["data"] or {"nodes": [None]})["nodes"] == [None]
    assert stack.seen(answer) == []


def test_the_catalog_shows_a_portal_its_own_entities_only(stack):
    query = "{ catalog { sources { name entities { name } } } }"
    found = stack.ask(query, Contact(2)).data["catalog"]["sources"]
    names = {source["name"]: {entity["name"] for entity in source["entities"]} for source in found}
    assert names == {
        "bc": {"customers", "items", "itemCategories", "salesOrders"},
        "fo": {"CustomersV3", "SalesOrderHeadersV2", "SalesOrderLines", "ReleasedProductsV2"},
    }


ME = "{ me { door kind name id sources { name runsAs why } } }"


def test_me_says_by_which_door_and_as_whom(stack):
    person = stack.ask(ME, Employee(30)).data["me"]
    assert (person["door"], person["kind"], person["name"], person["id"]) == (
        "entra", "person", "Employee 30", Employee(30).oid,
    )  # fmt: skip
    assert [source["runsAs"].rpartition(":")[2] for source in person["sources"]] == [Employee(30).oid] * 2
    contact = stack.ask(ME, Contact(4)).data["me"]
    assert (contact["door"], contact["kind"], contact["name"], contact["id"]) == (
        "support", "contact", "Contact 4", Contact(4).id,
    )  # fmt: skip
    assert [source["runsAs"] for source in contact["sources"]] == [f"bc:app:{SHARED}", "fo:app:portal-4"]
    visitor = stack.ask(ME, None).data["me"]
    assert (visitor["door"], visitor["kind"], visitor["id"]) == ("support", "anonymous", None)
    assert [source["runsAs"] for source in visitor["sources"]] == ["bc:app:VISITOR", f"fo:app:{VISITOR}"]


def test_me_says_why_not(stack):
    sources = stack.ask(ME, Contact(98)).data["me"]["sources"]
    assert sources[1]["runsAs"] is None
    assert "not mapped" in sources[1]["why"]


def test_a_visitor_may_what_is_said_for_visitors(stack):
    query = """{ bcItems(first: 1) { nodes { number } } bcCustomers { nodes { number } } bcSalesOrders { totalCount }
      foCustomersV3 { nodes { customerAccount } } foReleasedProductsV2(first: 1) { nodes { itemNumber } } }"""
    answer = stack.ask(query, None)
    assert answer.data["bcItems"]["nodes"]
    assert answer.data["foReleasedProductsV2"]["nodes"]
    assert (answer.data["bcCustomers"], answer.data["foCustomersV3"]) == ({"nodes": []}, {"nodes": []})
    assert answer.data["bcSalesOrders"] == {"totalCount": 0}
    assert {seen.url.split("?")[0].rpartition("/")[2] for seen in stack.seen(answer)} <= {
        "items", "ReleasedProductsV2", "companies",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        'createBcCustomer(input: { bcCustomer: { displayName: "x" } }) { bcCustomer { number } userErrors { code } }',
        'deleteBcCustomer(input: { id: "ID", overwrite: true }) { deletedId userErrors { code } }',
        'updateBcCustomer(input: { id: "ID", overwrite: true, patch: { displayName: "x" } }) { userErrors { code } }',
    ],
    ids=["create", "delete", "update"],
)
def test_a_visitor_changes_nothing(stack, change):
    id_ = stack.ask("{ bcCustomers(first: 1) { nodes { id } } }", Employee(1)).data["bcCustomers"]["nodes"][0]["id"]
    answer = stack.ask(f"mutation {{ {change.replace('ID', id_)} }}", None)
    assert "FORBIDDEN" in str(answer.json)
    assert [seen for seen in stack.seen(answer) if seen.method != "GET"] == []


def test_a_contact_of_one_portal_is_nobody_at_another(stack):
    answer = stack.ask(ME, Contact(4), portal="kiosk")
    assert answer.status == 401


def test_a_contact_comes_to_a_portal_and_not_to_graphql(stack):
    response = stack.http.post(
        f"{stack.url}/graphql", json={"query": ME}, headers={"Authorization": f"Bearer {stack.token(Contact(4))}"}
    )
    assert response.status_code == 401


def test_a_portal_that_does_not_exist_is_404(stack):
    assert stack.http.post(f"{stack.url}/portal/nowhere/graphql", json={"query": ME}).status_code == 404
