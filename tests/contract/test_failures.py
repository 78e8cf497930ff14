"""What each failure of an ERP is called, and that it stays in its place (design.md §5.4; threats T30, T34, T35)."""

import pytest

from tests.contract.program import SECOND, Program, codes

QUERY = """{
  bcVendors(first: 1) { nodes { number } }
  bcItems(first: 1) { nodes { number } }
  foCustomersV3(first: 1) { nodes { id } }
}"""
SECRET = "Server=sql;Password=hunter2 at C:/inetpub/app.cs"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "UNAVAILABLE"),
        ({"status": 500, "body": SECRET}, "UNAVAILABLE"),
        ({"status": 502, "body": f'{{"error": {{"code": "X", "message": "{SECRET}"}}}}'}, "UNAVAILABLE"),
        ({"html": True}, "UNAVAILABLE"),
        ({"cut_after": 30}, "UNAVAILABLE"),
        ({"malformed": True}, "UNAVAILABLE"),
        ({"content_type": "text/plain"}, "UNAVAILABLE"),
        ({"reset": "before"}, "UNAVAILABLE"),
        ({"status": 302, "headers": {"location": "http://evil.example/"}}, "UNAVAILABLE"),
        ({"status": 204}, "UNAVAILABLE"),
        ({"status": 200, "body": "[]"}, "UNAVAILABLE"),
        ({"status": 200, "body": '{"value": 5}'}, "UNAVAILABLE"),
        ({"status": 200, "body": '{"value": [5]}'}, "UNAVAILABLE"),
        ({"status": 200, "body": '{"value": [null]}'}, "UNAVAILABLE"),
        ({"status": 401}, "UNAUTHENTICATED"),
        ({"status": 403}, "FORBIDDEN"),
        ({"status": 404}, "NOT_FOUND"),
        ({"status": 400, "body": SECRET}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_a_failure_keeps_to_its_field(demo: Program, fault, code):
    with demo.fault("bc", path="vendors", **fault):
        answer = demo.ask(QUERY)
    assert codes(answer) == [(["bcVendors"], code)]
    assert answer["errors"][0]["extensions"]["source"] == "bc"
    assert "hunter2" not in str(answer)
    assert answer["data"]["bcVendors"] is None
    assert answer["data"]["bcItems"]["nodes"]
    assert answer["data"]["foCustomersV3"]["nodes"]


def test_what_passes_soon_is_tried_again(demo: Program):
    for fault in ({"status": 503, "times": 1}, {"status": 429, "retry_after": 1, "times": 1}):
        with demo.fault("bc", path="vendors", **fault):
            assert demo.data(QUERY)["bcVendors"]["nodes"]


def test_too_many_requests_say_in_whole_seconds_when_to_come_back(demo: Program):
    with demo.fault("bc", path="vendors", status=429, retry_after=33):
        answer = demo.ask(QUERY, who=SECOND)
    assert (["bcVendors"], "RATE_LIMITED") in codes(answer)
    assert answer["errors"][0]["extensions"]["retryAfter"] == 33
    assert answer["data"]["foCustomersV3"]["nodes"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"malformed": True}, {"status": 403}], ids=str)
def test_a_relation_that_fails_nulls_its_own_field(demo: Program, fault):
    query = "{ foSalesOrderHeadersV2(first: 3) { nodes { salesOrderNumber bcCustomer { number } } } }"
    with demo.fault("bc", path="customers", **fault):
        answer = demo.ask(query)
    rows = answer["data"]["foSalesOrderHeadersV2"]["nodes"]
    assert all(row["salesOrderNumber"] and row["bcCustomer"] is None for row in rows)
    paths = {tuple(path) for path, _ in codes(answer)}
    assert paths == {("foSalesOrderHeadersV2", "nodes", i, "bcCustomer") for i in range(3)}


def test_links_to_another_host_are_not_followed(demo: Program):
    with demo.fault("bc", path="customers", next_link_host="https://evil.example"):
        answer = demo.ask("{ bcCustomersAggregate { count sum { balanceDue } } }")
    assert [code for _, code in codes(answer)] == ["UNAVAILABLE"]
    assert "evil.example" not in str(answer)
