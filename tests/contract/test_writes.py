"""Mutations as design.md §5.2 has them: what `userErrors` say, what `errors`, and that nothing is written by halves."""

import itertools

import pytest

from tests.contract.program import CLERK, CONTACT, VISITOR, Program, codes

ROW = "bcCustomer { id etag number displayName phoneNumber blocked company }"
ERRORS = "userErrors { message code path target }"
CREATE = f"mutation($i: CreateBcCustomerInput!) {{ createBcCustomer(input: $i) {{ {ROW} {ERRORS} }} }}"
UPDATE = f"mutation($i: UpdateBcCustomerInput!) {{ updateBcCustomer(input: $i) {{ {ROW} {ERRORS} }} }}"
DELETE = f"mutation($i: DeleteBcCustomerInput!) {{ deleteBcCustomer(input: $i) {{ deletedId {ERRORS} }} }}"
STALE = 'W/"JzE5OzEwMDAwMDAwMDA7MDA7Jw=="'

_numbers = itertools.count(1)


def create(demo: Program, **values) -> dict:
    payload = demo.data(CREATE, {"i": {"bcCustomer": {"displayName": f"Contract {next(_numbers)}", **values}}})
    assert payload["createBcCustomer"]["userErrors"] == []
    return payload["createBcCustomer"]["bcCustomer"]


def now(demo: Program, id_: str) -> dict:
    return demo.data("query($i: ID!) { node(id: $i) { ... on BcCustomer { displayName phoneNumber } } }", {"i": id_})[
        "node"
    ]


def told(payload: dict) -> list[tuple[str, list[str] | None]]:
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


def test_the_payload_is_the_row_as_the_erp_has_it(demo: Program):
    row = create(demo)
    assert row["number"]
    assert row["etag"]
    assert (row["blocked"], row["company"]) == ("BLANK", "CRONUS USA, Inc.")


def test_absent_is_unchanged_and_null_is_cleared(demo: Program):
    row = create(demo, phoneNumber="555")
    patch = {"id": row["id"], "ifMatch": row["etag"], "patch": {"displayName": "Renamed"}}
    after = demo.data(UPDATE, {"i": patch})["updateBcCustomer"]["bcCustomer"]
    assert (after["displayName"], after["phoneNumber"]) == ("Renamed", "555")
    assert after["etag"] != row["etag"]
    clear = {"id": row["id"], "ifMatch": after["etag"], "patch": {"phoneNumber": None}}
    assert demo.data(UPDATE, {"i": clear})["updateBcCustomer"]["bcCustomer"]["phoneNumber"] in ("", None)


@pytest.mark.parametrize(
    ("guard", "code"),
    [
        ({}, "PRECONDITION_REQUIRED"),
        ({"ifMatch": None}, "PRECONDITION_REQUIRED"),
        ({"overwrite": False}, "PRECONDITION_REQUIRED"),
        ({"ifMatch": STALE}, "CONFLICT"),
        ({"ifMatch": "*"}, "BAD_USER_INPUT"),
        ({"ifMatch": ""}, "BAD_USER_INPUT"),
        ({"ifMatch": "nonsense"}, "BAD_USER_INPUT"),
        ({"ifMatch": 'W/"a"\r\nX-Evil: 1'}, "BAD_USER_INPUT"),
        ({"ifMatch": STALE, "overwrite": True}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_what_guards_a_write(demo: Program, guard, code):
    row = create(demo)
    update = {"id": row["id"], "patch": {"displayName": "Never"}, **guard}
    payload = demo.data(UPDATE, {"i": update})["updateBcCustomer"]
    assert told(payload) == [(code, ["input", "ifMatch"])]
    if code == "CONFLICT":
        assert payload["bcCustomer"] == row
    else:
        assert payload["bcCustomer"] is None
    removal = demo.data(DELETE, {"i": {"id": row["id"], **guard}})["deleteBcCustomer"]
    assert told(removal) == [(code, ["input", "ifMatch"])]
    assert removal["deletedId"] is None
    assert now(demo, row["id"])["displayName"] == row["displayName"]


def test_overwrite_and_delete(demo: Program):
    row = create(demo)
    update = {"id": row["id"], "overwrite": True, "patch": {"displayName": "Overwritten"}}
    assert demo.data(UPDATE, {"i": update})["updateBcCustomer"]["bcCustomer"]["displayName"] == "Overwritten"
    removal = demo.data(DELETE, {"i": {"id": row["id"], "overwrite": True}})["deleteBcCustomer"]
    assert removal == {"deletedId": row["id"], "userErrors": []}
    assert now(demo, row["id"]) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"number": "C00001"}, [("CONFLICT", ["input", "bcCustomer"])]),
        ({"currencyCode": "ZZZ"}, [("REJECTED", ["input", "bcCustomer"])]),
        (
            {"number": "C" * 21, "displayName": "x" * 101},
            [
                ("BAD_USER_INPUT", ["input", "bcCustomer", "number"]),
                ("BAD_USER_INPUT", ["input", "bcCustomer", "displayName"]),
            ],
        ),
    ],
    ids=["duplicate key", "business rule", "too long, both told"],
)
def test_what_a_person_can_mend(demo: Program, values, expected):
    payload = demo.data(CREATE, {"i": {"bcCustomer": {"displayName": "Mend", **values}}})["createBcCustomer"]
    assert payload["bcCustomer"] is None
    assert sorted(told(payload)) == sorted(expected)


def test_a_duplicate_key_of_finance_and_operations_is_a_conflict_too(demo: Program):
    row = {
        "customerAccount": "C00001",
        "organizationName": "Twice",
        "customerGroupId": "10",
        "salesCurrencyCode": "USD",
    }
    query = f"mutation($i: CreateFoCustomerV3Input!) {{ createFoCustomerV3(input: $i) {{ {ERRORS} }} }}"
    payload = demo.data(query, {"i": {"foCustomerV3": row}})["createFoCustomerV3"]
    assert told(payload) == [("CONFLICT", ["input", "foCustomerV3"])]


def test_a_row_that_is_gone_is_an_error(demo: Program):
    row = create(demo)
    demo.data(DELETE, {"i": {"id": row["id"], "overwrite": True}})
    for query, more in ((DELETE, {}), (UPDATE, {"patch": {"displayName": "Gone"}})):
        answer = demo.ask(query, {"i": {"id": row["id"], "overwrite": True, **more}})
        assert [code for _, code in codes(answer)] == ["NOT_FOUND"]


def test_who_may_not_write(demo: Program):
    answer = demo.ask(CREATE, {"i": {"bcCustomer": {"displayName": "Clerk"}}}, CLERK)
    assert codes(answer) == [(["createBcCustomer"], "FORBIDDEN")]
    answer = demo.ask(CREATE, {"i": {"bcCustomer": {"displayName": "Visitor"}}}, VISITOR)
    assert answer.get("data") in (None, {"createBcCustomer": None})


def test_the_contact_sees_her_own_orders_only(demo: Program):
    found = demo.data("{ bcSalesOrders { totalCount nodes { customerNumber } } }", who=CONTACT)["bcSalesOrders"]
    assert found["totalCount"] > 0
    assert {row["customerNumber"] for row in found["nodes"]} == {"C00042"}


def test_atomic_is_all_or_nothing(demo: Program):
    name = f"Atomic {next(_numbers)}"
    query = """mutation($a: CreateBcCustomerInput!, $b: CreateBcCustomerInput!) @atomic {
      a: createBcCustomer(input: $a) { bcCustomer { id } userErrors { code } }
      b: createBcCustomer(input: $b) { bcCustomer { id } userErrors { code } } }"""
    taken = {"bcCustomer": {"displayName": name, "number": "C00001"}}
    found = demo.data(query, {"a": {"bcCustomer": {"displayName": name}}, "b": taken})
    assert found["a"]["bcCustomer"] is found["b"]["bcCustomer"] is None
    assert found["b"]["userErrors"] == [{"code": "CONFLICT"}]
    count = "query($n: String!) { bcCustomers(where: {displayName: {eq: $n}}) { totalCount } }"
    assert demo.data(count, {"n": name}) == {"bcCustomers": {"totalCount": 0}}


def test_atomic_over_two_erps_is_refused_before_anything_is_sent(demo: Program):
    query = """mutation @atomic {
      a: createBcCustomer(input: {bcCustomer: {displayName: "Two"}}) { userErrors { code } }
      b: createFoCustomerV3(input: {foCustomerV3: {organizationName: "Two"}}) { userErrors { code } } }"""
    with demo.wire("bc") as bc, demo.wire("fo") as fo:
        answer = demo.ask(query)
    assert {code for _, code in codes(answer)} == {"NOT_SUPPORTED"}
    assert (bc, fo) == ([], [])


@pytest.mark.parametrize(
    ("fault", "written"), [({"reset": "before"}, 0), ({"reset": "after"}, 1), ({"cut_after": 5}, 1)], ids=str
)
def test_a_create_whose_outcome_is_unknown_says_so_and_is_sent_once(demo: Program, fault, written):
    name = f"Unknown {next(_numbers)}"
    with demo.fault("bc", method="POST", **fault), demo.wire("bc") as seen:
        answer = demo.ask(CREATE, {"i": {"bcCustomer": {"displayName": name}}})
    assert codes(answer) == [(["createBcCustomer"], "OUTCOME_UNKNOWN")]
    assert [request["method"] for request in seen].count("POST") == 1
    count = "query($n: String!) { bcCustomers(where: {displayName: {eq: $n}}) { totalCount } }"
    assert demo.data(count, {"n": name})["bcCustomers"]["totalCount"] == written


def test_a_bound_action(demo: Program):
    drafts = demo.data("{ bcSalesInvoices(first: 1, where: {status: {eq: DRAFT}}) { nodes { id } } }")
    id_ = drafts["bcSalesInvoices"]["nodes"][0]["id"]
    query = f"mutation($i: ID!) {{ postBcSalesInvoice(input: {{id: $i}}) {{ bcSalesInvoice {{ status }} {ERRORS} }} }}"
    payload = demo.data(query, {"i": id_})["postBcSalesInvoice"]
    assert payload["userErrors"] == []
    assert payload["bcSalesInvoice"]["status"] in ("OPEN", "PAID")
