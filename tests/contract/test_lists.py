"""Lists as design.md §5.2 has them: `where`, `first` and `last`, cursors, `orderBy`, `company`."""

import pytest

from tests.contract.program import VISITOR, Program, codes

COUNT = "query($w: BcSalesOrderFilter) { bcSalesOrders(where: $w) { totalCount } }"
NONE, EVERY = "none", "every"


@pytest.mark.parametrize(
    ("where", "which"),
    [
        (None, EVERY),
        ({}, EVERY),
        ({"and": []}, EVERY),
        ({"or": []}, NONE),
        ({"or": [{}]}, EVERY),
        ({"not": {}}, NONE),
        ({"not": {"or": []}}, EVERY),
        ({"and": [{"or": []}, {}]}, NONE),
        ({"number": {}}, EVERY),
        ({"number": {"in": []}}, NONE),
        ({"number": {"notIn": []}}, EVERY),
        ({"customer": {}}, EVERY),
        ({"salesOrderLines": {}}, EVERY),
        ({"salesOrderLines": {"some": {}}}, EVERY),
        ({"salesOrderLines": {"some": {"or": []}}}, NONE),
        ({"salesOrderLines": {"none": {}}}, NONE),
        ({"salesOrderLines": {"none": {"or": []}}}, EVERY),
        ({"salesOrderLines": {"every": {}}}, EVERY),
        ({"salesOrderLines": {"every": {"or": []}}}, NONE),
        ({"number": {"isNull": True}}, NONE),
        ({"number": {"isNull": False}}, EVERY),
    ],
    ids=str,
)
def test_what_a_condition_means(demo: Program, where, which):
    everything = demo.data(COUNT)["bcSalesOrders"]["totalCount"]
    assert demo.data(COUNT, {"w": where})["bcSalesOrders"]["totalCount"] == (everything if which == EVERY else 0)


@pytest.mark.parametrize(
    "where",
    [
        {"number": {"eq": None}},
        {"number": {"ne": None}},
        {"number": {"in": None}},
        {"number": {"contains": None}},
        {"number": {"isNull": None}},
        {"orderDate": {"lt": None}},
        {"number": None},
        {"and": None},
        {"or": None},
        {"not": None},
        {"customer": None},
        {"salesOrderLines": {"some": None}},
    ],
    ids=str,
)
def test_an_explicit_null_is_an_error(demo: Program, where):
    answer = demo.ask(COUNT, {"w": where})
    assert answer["data"] == {"bcSalesOrders": None}
    assert codes(answer) == [(["bcSalesOrders"], "BAD_USER_INPUT")]


@pytest.mark.parametrize(
    "arguments",
    [
        "first: -1",
        "last: -1",
        "first: 1001",
        "last: 1001",
        "first: 1, last: 1",
        'after: "x"',
        'after: ""',
        'before: ""',
        'company: ["Nowhere Ltd."]',
        'company: [""]',
        r'company: ["a\r\nb"]',
    ],
)
def test_arguments_that_are_wrong(demo: Program, arguments):
    assert codes(demo.ask(f"{{ bcCustomers({arguments}) {{ nodes {{ id }} }} }}")) == [
        (["bcCustomers"], "BAD_USER_INPUT")
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        "orderBy: [{}]",
        "orderBy: [{number: null}]",
        "orderBy: [{number: ASC, displayName: ASC}]",
        "where: {number: {in: [null]}}",
        "where: {nothing: {eq: 1}}",
        "where: {number: {like: 1}}",
        "first: 99999999999",
    ],
)
def test_arguments_that_do_not_validate(demo: Program, arguments):
    answer = demo.ask(f"{{ bcCustomers({arguments}) {{ nodes {{ id }} }} }}")
    assert "data" not in answer
    assert {code for _, code in codes(answer)} == {"GRAPHQL_VALIDATION_FAILED"}


def test_pages_default_to_fifty_and_go_up_to_a_thousand(demo: Program):
    pages = demo.data("{ a: bcCustomers { nodes { id } } b: bcCustomers(first: 1000) { nodes { id } } }")
    assert [len(pages[key]["nodes"]) for key in "ab"] == [50, 1000]


@pytest.mark.parametrize("orders", ["", "orderBy: [{city: DESC}]", "orderBy: [{currency: {code: ASC}}, {city: ASC}]"])
def test_pages_meet_forward_and_backward(demo: Program, orders):
    query = f"""query($f: Int, $a: String, $l: Int, $b: String) {{
      bcCustomers(first: $f, after: $a, last: $l, before: $b, {orders} where: {{number: {{lt: "C00040"}}}}) {{
        nodes {{ number }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    whole = [row["number"] for row in demo.data(query, {"f": 100})["bcCustomers"]["nodes"]]
    assert len(whole) == 39
    for size, cursor, more, mine in (
        ("f", "a", "hasNextPage", "endCursor"),
        ("l", "b", "hasPreviousPage", "startCursor"),
    ):
        seen, variables = [], {size: 7}
        while True:
            page = demo.data(query, variables)["bcCustomers"]
            numbers = [row["number"] for row in page["nodes"]]
            seen = seen + numbers if size == "f" else numbers + seen
            if not page["pageInfo"][more]:
                break
            variables = {size: 7, cursor: page["pageInfo"][mine]}
        assert seen == whole


@pytest.mark.parametrize(
    "other",
    [
        'bcSalesOrders(after: $c, where: {number: {ne: "x"}})',
        "bcSalesOrders(after: $c, orderBy: [{number: ASC}])",
        'bcSalesOrders(after: $c, company: ["CRONUS International Ltd."])',
        "bcCustomers(after: $c)",
        "foSalesOrderHeadersV2(after: $c)",
    ],
)
def test_a_cursor_of_another_query(demo: Program, other):
    cursor = demo.data("{ bcSalesOrders(first: 1) { pageInfo { endCursor } } }")["bcSalesOrders"]["pageInfo"][
        "endCursor"
    ]
    answer = demo.ask(f"query($c: String) {{ {other} {{ nodes {{ id }} }} }}", {"c": cursor})
    assert [code for _, code in codes(answer)] == ["BAD_USER_INPUT"]


def test_no_company_is_no_row_and_no_request(demo: Program):
    with demo.wire("bc") as seen:
        found = demo.data(
            """{ bcCustomers(company: []) { totalCount nodes { id } }
                 foCustomersV3(company: []) { totalCount nodes { id } }
                 bcCustomersAggregate(company: []) { count }
                 grouped: bcCustomersAggregate(company: [], groupBy: [CITY]) { count } }"""
        )
    nothing = {"totalCount": 0, "nodes": []}
    assert found == {
        "bcCustomers": nothing,
        "foCustomersV3": nothing,
        "bcCustomersAggregate": [{"count": 0}],
        "grouped": [],
    }
    assert not [request for request in seen if "customers" in request["url"]]


@pytest.mark.parametrize(
    ("field", "number", "once", "twice"),
    [
        ("bcCustomers", "balanceDue", ["CRONUS USA, Inc."], ["CRONUS USA, Inc.", "cronus usa, inc."]),
        ("foCustomersV3", "creditLimit", ["USMF"], ["USMF", "usmf"]),
    ],
)
def test_a_company_named_twice_counts_once(demo: Program, field, number, once, twice):
    query = f"""query($c: [String!]) {{
      list: {field}(first: 5, company: $c) {{ totalCount nodes {{ id }} }}
      sums: {field}Aggregate(company: $c) {{ count sum {{ {number} }} }} }}"""
    assert demo.data(query, {"c": twice}) == demo.data(query, {"c": once})


def test_rows_say_which_company_they_are_of(demo: Program):
    query = "query($c: [String!]) { bcCustomers(first: 3, company: $c) { totalCount nodes { company } } }"
    names = ["CRONUS International Ltd.", "CRONUS USA, Inc."]
    apart = [demo.data(query, {"c": [name]})["bcCustomers"] for name in names]
    for name, found in zip(names, apart, strict=True):
        assert {row["company"] for row in found["nodes"]} == {name}
    both = demo.data(query, {"c": names})["bcCustomers"]
    assert both["totalCount"] == sum(found["totalCount"] for found in apart)


def test_whoever_may_not_read_a_set_keeps_the_others(demo: Program):
    answer = demo.ask("{ bcCustomers { totalCount } foCustomersV3 { totalCount } bcItems { totalCount } }", who=VISITOR)
    assert codes(answer) == [(["bcCustomers"], "FORBIDDEN"), (["foCustomersV3"], "FORBIDDEN")]
    assert [error["extensions"]["source"] for error in answer["errors"]] == ["bc", "fo"]
    assert answer["data"]["bcCustomers"] is None
    assert answer["data"]["bcItems"]["totalCount"] > 0
