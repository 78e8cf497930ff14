"""A portal's row rule stands over writes as over reads: before, after, and over what an action gives back."""

from typing import Any

import pytest

from tests.stack import Stack
from tests.writing.books import ERRORS, Books
from vegraph.plan.logic import any_of
from vegraph.plan.predicates import TRUE, Compare, Path, Predicate
from vegraph.schema.binding import EntityBinding


def equal(entity: EntityBinding, wire: str, value: Any) -> Predicate:
    member = entity.by_wire[wire]
    return Compare(Path((member.wire,), member.value), "eq", value)


def rule(entity: EntityBinding) -> Predicate:
    """Items of type Service, or called Mine; customers and orders of C00042."""
    match entity.type.short_name:
        case "item":
            return any_of((equal(entity, "type", "Service"), equal(entity, "displayName", "Mine")))
        case "customer":
            return equal(entity, "number", "C00002")
        case "CustomerV3":
            return equal(entity, "CustomerAccount", "C00002")
        case "Worker":
            return equal(entity, "PersonnelNumber", "000002")
    return TRUE


@pytest.fixture
def portal(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """The same stack, asked through the rule; no item may be deleted."""
    planner = books.planner_for(lambda entity: rule(entity) != TRUE)
    ask = Stack.ask
    monkeypatch.setattr(books, "ask", lambda *a, **k: ask(books, *a, rule=rule, planner=planner, **k))
    scope = {**books.scope, "allows": lambda e, verb: not (e.type.short_name == "item" and verb == "delete")}
    monkeypatch.setattr(books, "scope", scope)
    return books


def item(books: Books, **values: Any) -> str:
    given = {"bcItem": {"displayName": "Mine", "type": "INVENTORY", **values}}
    return books.payload("createBcItem", given, "bcItem { id }")["bcItem"]["id"]


def code_of(answer: dict) -> str:
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else "done"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"displayName": "Mine", "type": "INVENTORY"}, "done"),
        ({"displayName": "Other", "type": "SERVICE"}, "done"),
        ({"displayName": "Other", "type": "INVENTORY"}, "FORBIDDEN"),
        ({"displayName": "Mine"}, "FORBIDDEN"),  # the service would decide
    ],
)
def test_a_new_row_must_be_one_s_own(portal: Books, values, code):
    answer = portal.answer("createBcItem", {"bcItem": values}, "bcItem { id displayName }")
    assert code_of(answer) == code
    assert portal.writes() == ([] if code == "FORBIDDEN" else ["POST items"])
    assert [record[-1] for record in portal.records] == [code]


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"displayName2": "x"}, "done"),
        ({"displayName": "Other", "type": "SERVICE"}, "done"),
        ({"displayName": "Other"}, "FORBIDDEN"),  # it would leave: its type is not Service
    ],
)
def test_a_row_may_not_be_moved_out_of_sight(portal: Books, patch, code):
    id_ = item(portal)
    portal.wire()
    given = {"id": id_, "overwrite": True, "patch": patch}
    answer = portal.answer("updateBcItem", given, "bcItem { displayName }")
    assert code_of(answer) == code
    assert portal.writes() == ([] if code == "FORBIDDEN" else ["PATCH items(…)"])


def test_a_stranger_s_row_is_not_there(portal: Books, shared_books: Books):
    stranger = Stack.ask(shared_books, "{ bcCustomers(first: 1) { nodes { id number } } }")
    row = stranger["data"]["bcCustomers"]["nodes"][0]
    assert row["number"] != "C00002"
    given = {"id": row["id"], "overwrite": True, "patch": {"displayName": "x"}}
    answer = portal.answer("updateBcCustomer", given, "bcCustomer { id }")
    assert code_of(answer) == "NOT_FOUND"
    answer = portal.answer("deleteBcCustomer", {"id": row["id"], "overwrite": True}, "deletedId")
    assert code_of(answer) == "NOT_FOUND"
    assert portal.writes() == []


def test_an_overwrite_is_narrowed_to_the_row_as_it_was_checked(portal: Books):
    id_ = item(portal)
    portal.payload("updateBcItem", {"id": id_, "overwrite": True, "patch": {"displayName2": "x"}}, "bcItem { id }")
    shown = [entry.shown() for entry in portal.apps["bc"].journal.entries]
    assert [e for e in shown if e["method"] == "PATCH"][-1]["headers"]["if-match"].startswith('W/"')


def test_an_operation_the_portal_does_not_have_is_refused(portal: Books):
    answer = portal.answer("deleteBcItem", {"id": item(portal), "overwrite": True}, "deletedId")
    assert code_of(answer) == "FORBIDDEN"


def test_rows_that_an_action_gives_are_one_s_own(portal: Books):
    query = f"""mutation($input: FindByEmailFoCustomersV3Input!) {{
      findByEmailFoCustomersV3(input: $input) {{ result {{ totalCount nodes {{ organizationName }} }} {ERRORS} }} }}"""
    rows = Stack.ask(portal, "{ foCustomersV3(first: 5) { nodes { customerAccount primaryContactEmail } } }")
    for row in rows["data"]["foCustomersV3"]["nodes"]:
        given = {"input": {"email": row["primaryContactEmail"]}}
        found = portal.data(query, given)["findByEmailFoCustomersV3"]["result"]
        assert found["totalCount"] == (1 if row["customerAccount"] == "C00002" else 0)


def test_in_a_group_the_rule_stands_over_what_all_of_it_leaves(portal: Books):
    id_ = item(portal, type="SERVICE")  # both halves of the rule hold
    mutation = """mutation($id: ID!) @atomic {
      a: updateBcItem(input: { id: $id, overwrite: true, patch: { displayName: "Other" } }) { bcItem { id } }
      b: updateBcItem(input: { id: $id, overwrite: true, patch: { type: INVENTORY } }) { bcItem { id } } }"""
    portal.wire()
    answer = portal.ask(mutation, {"id": id_})
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["FORBIDDEN"] * 2
    assert portal.writes() == []


def test_a_new_row_of_the_group_may_be_changed_in_it(portal: Books):
    mutation = """mutation($patch: BcItemPatch!) @atomic {
      a: createBcItem(input: { bcItem: { displayName: "Mine", type: INVENTORY } }) { bcItem { displayName } }
      b: updateBcItem(input: { id: "$ref:a", patch: $patch }) { bcItem { displayName } } }"""
    assert "errors" not in portal.ask(mutation, {"patch": {"displayName2": "x"}})
    answer = portal.ask(mutation, {"patch": {"displayName": "Other"}})
    assert code_of(answer) == "FORBIDDEN"


def test_an_action_on_a_whole_set_is_refused_where_the_rule_leaves_some_of_it(portal: Books):
    count = "mutation { countByGenderFoWorkers(input: { gender: FEMALE }) { result userErrors { code } } }"
    portal.wire()
    answer = portal.ask(count)
    assert "FORBIDDEN" in str(answer)
    assert not any("countByGender" in seen.url for seen in portal.wire())
