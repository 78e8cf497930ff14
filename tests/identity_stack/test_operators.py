"""What operators see: the record of writes and refusals, states, counts, `vegraph check`; never a secret (T40, T43)."""

import json
from collections import Counter

import pytest

from tests.identity_stack.configuration import SECRET
from tests.identity_stack.people import Contact, Employee
from vegraph.app.cli import main


def records(stack, answer):
    """The audit's records of that request."""
    lines = stack.net.holding("vegraph.audit INFO")
    found = [json.loads(line.partition("INFO ")[2]) for line in lines]
    return [record for record in found if record.get("request_id") == answer.id]


def changes(stack, answer):
    """(verb, outcome) of each record."""
    return [(record["verb"], record["outcome"]) for record in records(stack, answer)]


@pytest.fixture(scope="module")
def order(_estate):
    """An order and a customer, to be changed by who may."""
    query = "{ bcCustomers(last: 1) { nodes { id etag rowId } } }"
    return _estate.ask(query, Employee(1)).data["bcCustomers"]["nodes"][0]


UPDATE = """mutation ($u: UpdateBcCustomerInput!) { updateBcCustomer(input: $u) { bcCustomer { id }
  userErrors { code } } }"""


def test_every_kind_of_write_leaves_a_record_with_the_rows_key(stack, order):
    change = {"id": order["id"], "overwrite": True, "patch": {"phoneNumber": "555-7000"}}
    answer = stack.ask(UPDATE, Employee(1), variables={"u": change})
    [record] = records(stack, answer)
    assert (record["verb"], record["outcome"], record["entity"]) == ("update", "done", "customers")
    assert record["key"] == order["rowId"]
    assert "555-7000" not in str(record)
    assert record["principal"].startswith("bc:user:")

    create = (
        'mutation { createBcCustomer(input: { bcCustomer: { displayName: "Short-lived" } }) { bcCustomer { id } } }'
    )
    answer = stack.ask(create, Employee(1))
    assert changes(stack, answer) == [("create", "done")]
    id_ = answer.data["createBcCustomer"]["bcCustomer"]["id"]
    delete = "mutation ($d: DeleteBcCustomerInput!) { deleteBcCustomer(input: $d) { deletedId userErrors { code } } }"
    answer = stack.ask(delete, Employee(1), variables={"d": {"id": id_, "overwrite": True}})
    assert changes(stack, answer) == [("delete", "done")]


def test_several_writes_leave_one_each(stack, order):
    two = "mutation ($u: UpdateBcCustomerInput!) { a: updateBcCustomer(input: $u) { userErrors { code } } "
    two += "b: updateBcCustomer(input: $u) { userErrors { code } } }"
    change = {"id": order["id"], "overwrite": True, "patch": {"email": "a@b.test"}}
    answer = stack.ask(two, Employee(1), variables={"u": change})
    assert changes(stack, answer) == [("update", "done")] * 2


def test_a_stale_row_a_refusal_and_a_broken_answer_are_on_record_as_what_they_are(stack, order):
    stale = {"id": order["id"], "ifMatch": 'W/"no-such-etag"', "patch": {"email": "x@y.test"}}
    assert changes(stack, stack.ask(UPDATE, Employee(1), variables={"u": stale})) == [("update", "CONFLICT")]
    change = {"id": order["id"], "overwrite": True, "patch": {"email": "x@y.test"}}
    refused = stack.ask(UPDATE, Contact(1), variables={"u": change})
    assert [verb for verb, _ in changes(stack, refused)] == ["update"]
    stack.fault("bc", method="POST", path="/customers", reset="after", times=1)
    create = 'mutation { createBcCustomer(input: { bcCustomer: { displayName: "Lost" } }) { bcCustomer { id } } }'
    assert changes(stack, stack.ask(create, Employee(1))) == [("create", "unknown")]


def test_a_refused_delegation_is_on_record_once_however_much_was_asked(stack):
    query = """{ a: foCustomersV3 { nodes { customerAccount } } b: foReleasedProductsV2 { nodes { itemNumber } }
      c: foSalesOrderHeadersV2 { totalCount } }"""
    answer = stack.ask(query, Contact(97))
    [record] = records(stack, answer)
    assert (record["event"], record["source"], record["kind"]) == ("refused", "fo", "contact")


def test_reads_are_not_on_record(stack):
    assert records(stack, stack.ask("{ bcCustomers { nodes { number } } }", Employee(2))) == []


def test_readiness_tells_what_calls_met(stack):
    def states():
        response = stack.http.get(f"{stack.url}/readyz")
        return response.status_code, response.json()["sources"]

    both = "{ bcItems(first: 1) { nodes { number } } foReleasedProductsV2(first: 1) { nodes { itemNumber } } }"
    stack.ask(both, Employee(2))
    assert states() == (200, {"bc": "up", "fo": "up"})
    stack.fault("bc", status=503)
    stack.ask(both, Employee(2))
    assert states() == (200, {"bc": "down", "fo": "up"})
    stack.fault("fo", reset="before")
    stack.ask(both, Employee(2))
    assert states() == (503, {"bc": "down", "fo": "down"})
    stack.heal()
    stack.ask(both, Employee(2))
    assert states() == (200, {"bc": "up", "fo": "up"})


def counts(stack):
    """Outcome → how many requests to BC there were."""
    found: Counter[str] = Counter()
    for line in stack.http.get(f"{stack.url}/metrics").text.splitlines():
        if line.startswith("vegraph_backend_seconds_count") and 'source="bc"' in line:
            found[line.partition('outcome="')[2].partition('"')[0]] += int(float(line.rpartition(" ")[2]))
    return found


def test_requests_to_sources_are_counted_by_how_they_ended(stack):
    query = "{ bcCustomers { nodes { number } } }"
    stack.ask(query, Employee(5))
    before = counts(stack)
    stack.ask(query, Employee(5))
    stack.fault("bc", user="E05", status=403, times=1)
    stack.ask(query, Employee(5))
    added = counts(stack) - before
    assert (added["2xx"] >= 1, added["403"]) == (True, 1)


def test_no_page_of_operators_names_people_or_holds_a_secret(stack):
    stack.ask("{ bcCustomers { nodes { number } } }", Employee(6))
    for path in ("/metrics", "/readyz", "/healthz"):
        text = stack.http.get(stack.url + path).text
        for needle in (Employee(6).oid, "Employee", "E06", "eyJ", SECRET, "C00006", "portal-"):
            assert needle not in text
    for value in (stack.server.settings, stack.server.identity.delegation, stack.server):
        assert SECRET not in repr(value)


def test_check_says_what_me_says(stack, capsys, monkeypatch):
    monkeypatch.setenv("SECRET", SECRET)
    monkeypatch.setenv("COLUMNS", "250")
    with pytest.raises(SystemExit):
        main(["check", "--config", str(stack.folder / "vegraph.toml"), "--json"])
    said = {line["what"]: line for line in json.loads(capsys.readouterr().out)}
    assert SECRET not in str(said)
    assert said["portals.support mapping"]["says"] == "14 contacts mapped"
    visitors = [line["says"] for what, line in said.items() if what.startswith("portals.support visitors at")]
    assert visitors == ["VISITOR, for anonymous visitors", "visitor, for anonymous visitors"]
