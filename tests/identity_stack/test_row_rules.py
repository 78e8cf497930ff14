"""Row rules (I8, T19): contacts share one user of Business Central, and no request widens what the rule leaves them.

Two judges look at random requests. Employee n has, in the ERP itself, exactly the rights that contact n has by the
portal's rules: both must get the same answer. And every read of a ruled set that the ERP saw carries the rule.
"""

import os
import re
from random import Random
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity_stack.people import SHARED, Contact, Employee, customer_of
from tests.plan.questions import Asker

thorough = settings(
    max_examples=int(os.environ.get("VEGRAPH_EXAMPLES", "60")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

RULED = {"customers": "number", "salesOrders": "customerNumber"}
ROOTS = [
    ("bcCustomers", "BcCustomer"),
    ("bcSalesOrders", "BcSalesOrder"),
    ("foSalesOrderHeadersV2", "FoSalesOrderHeaderV2"),
]


@pytest.fixture(scope="module")
def ids(_estate):
    """Global ids of customers and orders, one's own and others', as somebody found them who sees all."""
    query = """{ bcCustomers(first: 8) { nodes { id rowId number } } bcSalesOrders(first: 40) { nodes { id rowId number
      customerNumber } } }"""
    found = _estate.ask(query, Employee(1)).data
    return {name: page["nodes"] for name, page in found.items()}


def only_own_rows_were_read(stack, answer, number):
    """Every read of a ruled set carries the rule, in conjunction with all else; no ruled row is read inside another."""
    for seen in stack.seen(answer, source="bc"):
        if seen.user != SHARED:
            continue
        parts = re.findall(r"^GET (\S+) HTTP/1.1\r?$", seen.body, re.MULTILINE) if seen.body else [seen.url]
        parts = parts or re.findall(r'"url":"([^"]+)"', seen.body)
        assert parts or seen.method != "GET"
        for part in parts:
            path, _, query = unquote(part).partition("?")
            assert "$expand" not in query
            name = path.rpartition("/")[2]
            assert "(" not in name or name.startswith("companies("), f"{path}: a row read by key, past the rule"
            if (property_ := RULED.get(name)) is not None:
                [condition] = re.findall(r"\$filter=(.*?)(?:&\$|$)", query)
                assert f"{property_} eq '{customer_of(number)}'" in conjuncts(condition), condition


def conjuncts(condition):
    """The terms that are joined by `and` outside all parentheses and texts."""
    found, depth, text, start, at = [], 0, False, 0, 0
    while at < len(condition):
        char = condition[at]
        if char == "'":
            text = not text
        elif not text and char in "()":
            depth += 1 if char == "(" else -1
        elif not text and depth == 0 and condition.startswith(" and ", at):
            found.append(condition[start:at])
            start = at + 5
        elif not text and depth == 0 and condition.startswith(" or ", at):
            return set()
        at += 1
    return {*found, condition[start:]}


def both(stack, query, variables, number):
    """The contact's answer, which must be the one that the ERP itself would give with such rights."""
    answer = stack.ask(query, Contact(number), variables=variables)
    only_own_rows_were_read(stack, answer, number)
    expected = stack.ask(query, Employee(number), variables=variables)
    if "errors" not in answer.json and "errors" not in expected.json:
        assert answer.json == expected.json
    return answer


@thorough
@given(random=st.randoms(use_true_random=False), number=st.sampled_from((3, 5)))
def test_random_selections_show_what_the_erp_would_show_such_a_user(stack, ids, random: Random, number):
    graph = stack.server.app.state.views["support"].serving.graph._schema
    some = [row["id"] for rows in ids.values() for row in rows]
    asked = Asker(graph, random, depth=3).question(ROOTS, some)
    answer = both(stack, asked.query, asked.variables, number)
    assert "data" in answer.json, answer.json


# Conditions

_numbers = st.sampled_from([customer_of(n) for n in range(1, 8)])
_texts = st.sampled_from(["C", "C0000", "a", "'", "' or 1 eq 1 or '", "", "%", "O'Neil"])
_member = st.one_of(
    st.builds(lambda op, n: {op: n}, st.sampled_from(["eq", "ne", "lt", "lte", "gt", "gte"]), _numbers),
    st.builds(lambda op, ns: {op: ns}, st.sampled_from(["in", "notIn"]), st.lists(_numbers, max_size=4)),
    st.builds(lambda op, t: {op: t}, st.sampled_from(["contains", "startsWith", "endsWith"]), _texts),
    st.builds(lambda null: {"isNull": null}, st.booleans()),
)


def _conditions(leaves, depth=3):
    def joined(inner):
        return st.one_of(
            st.builds(lambda op, terms: {op: terms}, st.sampled_from(["and", "or"]), st.lists(inner, max_size=3)),
            st.builds(lambda term: {"not": term}, inner),
            st.builds(lambda a, b: {**a, **b}, inner, inner),
        )

    return st.recursive(leaves, joined, max_leaves=6)


_customers = _conditions(
    st.builds(lambda name, m: {name: m}, st.sampled_from(["number", "displayName", "email", "city"]), _member)
)
_orders = _conditions(
    st.one_of(
        st.builds(lambda name, m: {name: m}, st.sampled_from(["number", "customerNumber", "customerName"]), _member),
        st.builds(lambda where: {"customer": where}, _customers),
    )
)
_ordering = st.lists(
    st.builds(
        lambda name, way: {name: way},
        st.sampled_from(["number", "phoneNumber", "rowId"]),
        st.sampled_from(["ASC", "DESC"]),
    ),
    max_size=2,
)
_search = st.one_of(st.none(), _texts.filter(bool), _numbers)

PAGES = """query ($c: BcCustomerFilter, $o: BcSalesOrderFilter, $first: Int, $after: String, $search: String,
    $by: [BcCustomerOrder!], $companies: [String!]) {
  customers: bcCustomers(where: $c, first: $first, search: $search, orderBy: $by, company: $companies) {
    totalCount nodes { number displayName } pageInfo { hasNextPage } }
  orders: bcSalesOrders(where: $o, first: $first, after: $after) {
    totalCount nodes { number customerNumber customer { number } } pageInfo { hasNextPage endCursor } }
  one: bcSalesOrdersAggregate(where: $o) { count sum { totalAmountIncludingTax } min { number } max { number } }
  each: bcCustomersAggregate(where: $c, groupBy: [NUMBER]) { group { number } count }
  across: foSalesOrderHeadersV2(first: 5) { nodes { bcCustomer { number } } }
}"""


@thorough
@given(
    number=st.sampled_from((3, 5)),
    customers=_customers,
    orders=_orders,
    first=st.integers(1, 3),
    search=_search,
    ordering=_ordering,
    companies=st.sampled_from([None, ["CRONUS USA, Inc."]]),
)
def test_no_condition_widens_the_rule(stack, number, customers, orders, first, search, ordering, companies):
    given_ = {"c": customers, "o": orders, "first": first, "search": search, "by": ordering, "companies": companies}
    after, pages = None, 0
    while pages < 5:
        answer = both(stack, PAGES, {**given_, "after": after}, number)
        data = answer.json.get("data")
        if data is None:
            break  # the question itself was refused
        names = re.findall(r"'(?:number|customerNumber|customer_number)': '(C\d+)'", str(data))
        assert set(names) <= {customer_of(number)}
        page = data["orders"]
        if not page or not page["pageInfo"]["hasNextPage"]:
            break
        after, pages = page["pageInfo"]["endCursor"], pages + 1


def test_the_rule_is_no_oracle_either(stack):
    """What others' rows hold cannot be found out by whether something comes back."""
    query = """query ($o: BcSalesOrderFilter, $f: FoSalesOrderHeaderV2Filter) {
      bcSalesOrders(where: $o) { totalCount } foSalesOrderHeadersV2(where: $f) { totalCount } }"""
    for name in ("C00004", "C00042"):
        others = {"o": {"customer": {"number": {"eq": name}}}, "f": {"bcCustomer": {"number": {"eq": name}}}}
        assert stack.ask(query, Contact(3), variables=others).data == {
            "bcSalesOrders": {"totalCount": 0},
            "foSalesOrderHeadersV2": {"totalCount": 0},
        }
    absent = stack.ask(query, Contact(3), variables={"o": {"customer": {"number": {"ne": customer_of(3)}}}, "f": {}})
    assert absent.data["bcSalesOrders"] == {"totalCount": 0}


def test_anothers_row_is_not_there_by_whatever_name(stack, ids):
    other = next(row for row in ids["bcCustomers"] if row["number"] == customer_of(4))
    own = next(row for row in ids["bcCustomers"] if row["number"] == customer_of(3))
    order = next(row for row in ids["bcSalesOrders"] if row["customerNumber"] != customer_of(3))
    query = """query ($id: ID!, $own: ID!, $order: ID!, $row: UUID!, $number: String!, $r: [_Any!]!) {
      node(id: $id) { id } nodes(ids: [$id, $own, $order]) { id }
      byId: bcCustomer(by: { id: $id }) { number } byRow: bcCustomer(by: { rowId: $row }) { number }
      byNumber: bcCustomer(by: { number: $number }) { number } order: bcSalesOrder(by: { id: $order }) { number }
    }"""
    given_ = {
        "id": other["id"],
        "own": own["id"],
        "order": order["id"],
        "row": other["rowId"],
        "number": other["number"],
    }
    answer = stack.ask(query.replace(", $r: [_Any!]!", ""), Contact(3), variables=given_)
    only_own_rows_were_read(stack, answer, 3)
    assert answer.data == {
        "node": None, "nodes": [None, {"id": own["id"]}, None], "byId": None, "byRow": None, "byNumber": None,
        "order": None,
    }  # fmt: skip


def test_federation_is_no_way_around(stack, ids):
    others = [{"__typename": "BcCustomer", "id": row["id"]} for row in ids["bcCustomers"]]
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on BcCustomer { number } } }"
    answer = stack.ask(query, Contact(3), variables={"r": others})
    if answer.status == 400 or "data" not in answer.json:
        assert answer.codes == {"GRAPHQL_VALIDATION_FAILED"}  # a portal's graph is no subgraph
        return
    only_own_rows_were_read(stack, answer, 3)
    assert [row["number"] for row in answer.data["_entities"] if row] == [customer_of(3)]


# Writes

CHANGES = """mutation ($create: CreateBcCustomerInput!, $update: UpdateBcCustomerInput!,
    $delete: DeleteBcCustomerInput!) {
  createBcCustomer(input: $create) { bcCustomer { number } userErrors { code } }
  updateBcCustomer(input: $update) { bcCustomer { number } userErrors { code } }
  deleteBcCustomer(input: $delete) { deletedId userErrors { code } } }"""


@pytest.mark.parametrize("atomic", ["", " @atomic"])
def test_nothing_is_written_outside_the_rule(stack, ids, atomic):
    other = next(row for row in ids["bcCustomers"] if row["number"] == customer_of(4))
    variables = {
        "create": {"bcCustomer": {"number": "C99999", "displayName": "Not mine"}},
        "update": {"id": other["id"], "overwrite": True, "patch": {"displayName": "Mine now"}},
        "delete": {"id": other["id"], "overwrite": True},
    }
    answer = stack.ask(CHANGES.replace(") {\n", f"){atomic} {{\n", 1), Contact(3), variables=variables)
    assert not {"C99999", customer_of(4)} & set(re.findall(r"C\d{5}", str(answer.json.get("data"))))
    assert written(stack, answer) == []


def test_a_row_can_not_be_given_away_or_taken(stack, ids):
    own, other = (next(r for r in ids["bcCustomers"] if r["number"] == customer_of(n)) for n in (3, 4))
    query = """mutation ($u: UpdateBcCustomerInput!) { updateBcCustomer(input: $u) {
      bcCustomer { number } userErrors { code } } }"""
    for id_, number in ((own["id"], customer_of(4)), (other["id"], customer_of(3))):
        change = {"id": id_, "overwrite": True, "patch": {"number": number}}
        answer = stack.ask(query, Contact(3), variables={"u": change})
        changed = answer.json["data"]["updateBcCustomer"]
        assert answer.codes or changed["userErrors"]
        assert changed is None or changed["bcCustomer"] is None
        assert written(stack, answer) == []


def test_ones_own_row_can_be_written(stack, ids):
    own = next(row for row in ids["bcCustomers"] if row["number"] == customer_of(3))
    query = """mutation ($u: UpdateBcCustomerInput!) { updateBcCustomer(input: $u) {
      bcCustomer { number phoneNumber } userErrors { code } } }"""
    change = {"id": own["id"], "overwrite": True, "patch": {"phoneNumber": "555-0103"}}
    answer = stack.ask(query, Contact(3), variables={"u": change})
    assert answer.data["updateBcCustomer"] == {
        "bcCustomer": {"number": customer_of(3), "phoneNumber": "555-0103"},
        "userErrors": [],
    }
    [write] = [seen for seen in stack.seen(answer) if seen.method == "PATCH"]
    assert write.user == SHARED


def written(stack, answer):
    """What changes rows, in batches too."""
    found = [seen for seen in stack.seen(answer) if seen.method != "GET"]
    return [
        seen
        for seen in found
        if "$batch" not in seen.url or re.search(r"\b(POST|PATCH|DELETE)\b(?! \S*\$batch)", seen.body)
    ]
