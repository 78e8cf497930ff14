"""What went wrong on the way, and what is said of it: nothing is sent twice, and no doubt is left unsaid (T38)."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable

import pytest

from tests.writing.books import ERRORS, Books
from vegraph.emulator.data.people import MANAGER
from vegraph.plan.scope import no_rule

UNKNOWN = "OUTCOME_UNKNOWN"
RESET_AFTER, RESET_BEFORE = {"reset": "after"}, {"reset": "before"}
LATER = {"status": 503, "retry_after": 0}
SLOW_DOWN = {"status": 429, "retry_after": 0}


def code_of(answer: dict, field: str) -> str:
    """done, or the code of the one error, wherever it stands."""
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    errors = answer["data"][field]["userErrors"]
    return errors[0]["code"] if errors else "done"


@pytest.mark.parametrize(
    ("fault", "code", "sent", "made"),
    [
        (RESET_AFTER, UNKNOWN, 1, 1),
        (RESET_BEFORE, UNKNOWN, 1, 0),
        ({"malformed": True}, UNKNOWN, 1, 1),
        ({"cut_after": 20}, UNKNOWN, 1, 1),
        ({"html": True}, UNKNOWN, 1, 1),
        ({"status": 500}, UNKNOWN, 1, 0),
        ({"status": 502}, UNKNOWN, 1, 0),
        ({"status": 503}, UNKNOWN, 1, 0),
        ({"status": 504}, UNKNOWN, 1, 0),
        ({"status": 408}, UNKNOWN, 1, 0),
        (LATER, UNKNOWN, 1, 0),
        (SLOW_DOWN, "done", 2, 1),  # refused before any work
        ({"status": 409}, "CONFLICT", 1, 0),
        ({"status": 400}, "REJECTED", 1, 0),
        ({"status": 403}, "FORBIDDEN", 1, 0),
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["bc", "fo"])
def test_a_create(books: Books, source, fault, code, sent, made):
    name = books.new_name()
    books.fault(source, method="POST", times=1, **fault)
    if source == "bc":
        field, given = "createBcItem", {"bcItem": {"displayName": name}}
        count = f'{{ rows: bcItems(where: {{ displayName: {{ eq: "{name}" }} }}) {{ totalCount }} }}'
    else:
        row = {"organizationName": name, "customerGroupId": "10", "salesCurrencyCode": "USD"}
        field, given = "createFoCustomerV3", {"foCustomerV3": row}
        count = f'{{ rows: foCustomersV3(where: {{ organizationName: {{ eq: "{name}" }} }}) {{ totalCount }} }}'
    answer = books.answer(field, given)
    assert (code_of(answer, field), len(books.writes())) == (code, sent)
    books.heal()
    assert books.data(count)["rows"]["totalCount"] == made
    assert [record[-1] for record in books.records] == [
        {UNKNOWN: "unknown", "REJECTED": "BAD_USER_INPUT"}.get(code, code)
    ]


@pytest.mark.parametrize(
    ("fault", "code", "sent"),
    [
        (RESET_AFTER, "done", 1),  # the row tells
        (RESET_BEFORE, "done", 2),  # its ETag is the same: it did not run
        ({"malformed": True}, "done", 1),
        ({"status": 502}, "done", 2),
        ({"status": 503}, "done", 2),
        ({"status": 500}, "UNAVAILABLE", 1),  # it did not run, and a 500 is not tried again
        (LATER, "done", 2),
        (SLOW_DOWN, "done", 2),
        ({"status": 412}, "CONFLICT", 1),
        ({"status": 409}, "CONFLICT", 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["bc", "fo"])
def test_a_change_of_the_row_as_it_was_read(books: Books, source, fault, code, sent):
    row, kind, name = made(books, source)
    books.wire()
    method = "PATCH" if source == "bc" else "POST"  # with its read in one batch
    books.fault(source, method=method, times=1, **fault)
    given = {"id": row["id"], "ifMatch": row["etag"], "patch": {name: "changed"}}
    answer = books.answer(f"update{kind}", given, f"{kind[:1].lower()}{kind[1:]} {{ {name} }}")
    assert (code_of(answer, f"update{kind}"), len(books.writes())) == (code, sent)
    books.heal()
    found = books.row(kind[:1].lower() + kind[1:], row["id"], name)
    assert (found[name] == "changed") == (code == "done")


def made(books: Books, source: str) -> tuple[dict, str, str]:
    if source == "bc":
        given = {"bcItem": {"displayName": books.new_name()}}
        return books.payload("createBcItem", given, "bcItem { id etag }")["bcItem"], "BcItem", "displayName"
    given = {"organizationName": books.new_name(), "customerGroupId": "10", "salesCurrencyCode": "USD"}
    row = books.payload("createFoCustomerV3", {"foCustomerV3": given}, "foCustomerV3 { id etag }")["foCustomerV3"]
    return row, "FoCustomerV3", "organizationName"


@pytest.mark.parametrize(
    ("fault", "how", "code", "sent"),
    [
        (RESET_AFTER, "ifMatch", "done", 1),  # it is gone
        (RESET_BEFORE, "ifMatch", "done", 2),
        (RESET_AFTER, "overwrite", UNKNOWN, 1),
        (RESET_BEFORE, "overwrite", UNKNOWN, 1),
        ({"status": 503}, "overwrite", UNKNOWN, 1),
        (SLOW_DOWN, "overwrite", "done", 2),
    ],
    ids=str,
)
def test_a_delete(books: Books, fault, how, code, sent):
    row, _, _ = made(books, "bc")
    books.wire()
    books.fault("bc", method="DELETE", times=1, **fault)
    given = {"id": row["id"], how: row["etag"] if how == "ifMatch" else True}
    answer = books.answer("deleteBcItem", given, "deletedId")
    assert (code_of(answer, "deleteBcItem"), len(books.writes())) == (code, sent)


def test_of_what_is_not_known_it_says_what_is(books: Books):
    row, _, _ = made(books, "bc")
    books.fault("bc", method="PATCH", times=1, reset="after")
    given = {"id": row["id"], "overwrite": True, "patch": {"displayName": "x"}}
    (error,) = books.answer("updateBcItem", given, "bcItem { id }")["errors"]
    assert error["path"] == ["updateBcItem"]
    assert error["extensions"]["known"] == {"write": "update", "id": row["id"], "company": "CRONUS USA, Inc."}
    assert "Read the row before trying again" in error["message"]


def test_somebody_else_s_change_in_between_leaves_it_open(books: Books):
    """The answer was lost, and the row is neither as it was nor as it was to be."""
    row, _, _ = made(books, "bc")
    books.fault("bc", method="PATCH", path="items", times=1, reset="before")
    books.fault("bc", method="GET", path=r"items\(", times=1, delay_ms=300)
    other = threading.Timer(0.1, lambda: books.payload(
        "updateBcItem", {"id": row["id"], "overwrite": True, "patch": {"displayName": "theirs"}}, "__typename"
    ))  # fmt: skip
    other.start()
    answer = books.answer(
        "updateBcItem", {"id": row["id"], "ifMatch": row["etag"], "patch": {"displayName": "mine"}}, "bcItem { id }"
    )
    other.join()
    assert code_of(answer, "updateBcItem") == UNKNOWN
    assert books.row("bcItem", row["id"], "displayName") == {"displayName": "theirs"}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (RESET_AFTER, UNKNOWN),
        (RESET_BEFORE, UNKNOWN),
        ({"status": 503}, UNKNOWN),
        ({"batch": "doubled"}, UNKNOWN),
        (SLOW_DOWN, "done"),
        ({"batch": "shuffled"}, "done"),
        ({"batch": "missing"}, "done"),  # the read at its end, which is then done apart
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["bc", "fo"])
def test_a_group(books: Books, source, fault, code):
    names = [books.new_name(), books.new_name()]
    key = str(uuid.uuid4()) if source == "bc" else books.new_name("A")
    mutation = GROUPS[source] % (key, *names)
    books.fault(source, path="batch", times=1, **fault)
    answer = books.ask(mutation)
    if code == UNKNOWN:
        assert [e["extensions"]["code"] for e in answer["errors"]] == [UNKNOWN] * 2
        assert {record[-1] for record in books.records} == {"unknown"}
    else:
        assert "errors" not in answer
        assert {record[-1] for record in books.records} == {"done"}
    assert len(books.writes()) == (4 if fault == SLOW_DOWN else 2)
    books.heal()
    field, name = ("bcItems", "displayName") if source == "bc" else ("foCustomersV3", "organizationName")
    where = f"{name}: {{ in: {names} }}".replace("'", '"')
    found = books.data(f"{{ {field}(where: {{ {where} }}) {{ totalCount }} }}")[field]["totalCount"]
    assert found in ((0, 2) if code == UNKNOWN else (2,))


GROUPS = {
    "bc": f"""mutation @atomic {{
      a: createBcItem(input: {{ bcItem: {{ rowId: "%s", displayName: "%s" }} }}) {{
        bcItem {{ displayName }} {ERRORS} }}
      b: createBcItem(input: {{ bcItem: {{ displayName: "%s" }} }}) {{ bcItem {{ displayName }} {ERRORS} }} }}""",
    "fo": f"""mutation @atomic {{
      a: createFoCustomerV3(input: {{ foCustomerV3: {{
          customerAccount: "%s", organizationName: "%s", customerGroupId: "10", salesCurrencyCode: "USD" }} }}) {{
        foCustomerV3 {{ organizationName }} {ERRORS} }}
      b: createFoCustomerV3(input: {{ foCustomerV3: {{
          organizationName: "%s", customerGroupId: "10", salesCurrencyCode: "USD" }} }}) {{
        foCustomerV3 {{ organizationName }} {ERRORS} }} }}""",
}


def test_a_row_that_cannot_be_read_back_was_written_all_the_same(books: Books):
    customer = books.a("bcCustomers")["id"]
    books.fault("bc", method="GET", path=r"salesOrders\(", status=403)
    given = {"bcSalesOrder": {"customer": customer, "externalDocumentNumber": books.new_name("R")}}
    answer = books.answer("createBcSalesOrder", given, "bcSalesOrder { customer { number } }")
    assert answer["data"]["createBcSalesOrder"] == {"bcSalesOrder": None, "userErrors": []}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["createBcSalesOrder", "bcSalesOrder"], "FORBIDDEN")
    assert [record[-1] for record in books.records] == ["done"]


def test_a_promise_that_no_header_keeps_is_not_given(books: Books):
    mutation = (
        'mutation { createBcItem(input: { bcItem: { displayName: "x" } }) @idempotent(key: "k-1") { __typename } }'
    )
    answer = books.ask(mutation)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SUPPORTED"
    assert books.writes() == []


def test_what_is_under_way_when_the_client_leaves_ends_and_is_on_record(books: Books):
    name = books.new_name()
    books.fault("bc", method="POST", times=1, delay_ms=200)
    (fault,) = books.apps["bc"].faults.rules
    one = f'createBcItem(input: {{ bcItem: {{ displayName: "{name}" }} }}) {{ __typename }}'
    document, memo = books._document(f"mutation {{ a: {one} b: {one} }}")

    job = books._ask(document, memo, None, {}, MANAGER, False, None, no_rule, None)
    asking = asyncio.run_coroutine_threadsafe(job, books._loop)
    wait_for(lambda: fault.hits)
    asking.cancel()
    assert books.records == []
    wait_for(lambda: books.records)
    assert [record[-1] for record in books.records] == ["done"]  # and the second was never sent
    count = f'{{ bcItems(where: {{ displayName: {{ eq: "{name}" }} }}) {{ totalCount }} }}'
    assert books.data(count) == {"bcItems": {"totalCount": 1}}


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
