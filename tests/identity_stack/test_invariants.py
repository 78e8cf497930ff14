"""The fourteen invariants of identity (I1-I14), each through the whole stack: the ERPs' request logs are the witness.

After every test of this folder the fixture makes sure that no ERP has seen a call under anybody else than whom it was
for, so that need not be said again here.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from tests.identity.provider import Reply
from tests.identity.tokens import TENANT
from tests.identity_stack.authority import AUDIENCES
from tests.identity_stack.people import DISABLED, MISMAPPED, READER, SHARED, VISITOR, Contact, Employee, customer_of
from vegraph.app.composition import compose
from vegraph.app.graph import make

OWN = "{ bcCustomers { nodes { number } } foCustomersV3 { nodes { customerAccount } } }"
BC = "{ bcCustomers { nodes { number } } }"
FO = "{ foCustomersV3 { nodes { customerAccount } } }"
PRODUCTS = "{ foReleasedProductsV2(first: 1) { nodes { itemNumber } } }"


def own(number):
    return {
        "bcCustomers": {"nodes": [{"number": customer_of(number)}]},
        "foCustomersV3": {"nodes": [{"customerAccount": customer_of(number)}]},
    }


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply({"error": "invalid_grant"}, 400), "UNAUTHENTICATED"),
        (Reply({"error": "invalid_client"}, 401), "UNAVAILABLE"),
        (Reply({"error": "temporarily_unavailable"}, 503), "UNAVAILABLE"),
        (Reply({"error": "slow_down"}, 429, {"Retry-After": "7"}), "UNAVAILABLE"),
        (Reply(b"<html>Sign in</html>"), "UNAVAILABLE"),
        (Reply({"token_type": "Bearer"}), "UNAVAILABLE"),
    ],
    ids=["refused", "wrong secret", "down", "throttled", "garbage", "no token"],
)
def test_i1_where_delegation_fails_no_erp_is_called(stack, reply, code):
    stack.authority.trouble = lambda form: reply
    before = len(stack.everything())
    answer = stack.ask(OWN, Employee(2))
    assert answer.json["data"] == {"bcCustomers": None, "foCustomersV3": None}
    assert answer.codes == {code}
    assert len(stack.everything()) == before
    assert stack.ask(BC, Contact(1)).json["data"] is not None  # others have what they had


def test_i2_no_erp_sees_the_callers_token_and_each_sees_its_own_only(stack):
    tokens = {stack.token(who): who for who in (Employee(3), Contact(3))}
    for token, who in tokens.items():
        assert stack.ask(OWN, who, token=token).data == own(3)
    for source, app in stack.apps.items():
        for entry in list(app.journal.entries):
            _, token = entry.request.headers["authorization"].split()
            assert token not in tokens
            assert jwt.decode(token, options={"verify_signature": False})["aud"] == AUDIENCES[source]


def test_i2_a_next_link_to_a_stranger_is_not_followed(stack):
    stack.fault("bc", next_link_host=stack.authority.provider.origin, path="/items")
    answer = stack.ask("{ bcItems(first: 1000) { nodes { number } } }", Employee(3))
    assert answer.json["data"] == {"bcItems": None}
    assert [path for _, path, _ in stack.authority.provider.asked if "/items" in path] == []


BAD = "eyJhbGciOiJub25lIn0.e30."


@pytest.mark.parametrize("who", [Employee(2), Contact(2)], ids=["graphql", "portal"])
def test_i3_a_bad_credential_is_401_also_where_visitors_may_come(stack, who):
    answer = stack.ask("{ bcItems { nodes { number } } }", who, token=BAD)
    assert (answer.status, answer.codes) == (401, {"UNAUTHENTICATED"})
    assert answer.headers["www-authenticate"].startswith('Bearer realm="vegraph", error="invalid_token"')
    assert stack.seen(answer) == []


async def test_i3_without_keys_nobody_is_judged_503_and_portals_go_on(stack, serving):
    stack.authority.provider.answers["keys"] = Reply(status=503)
    try:
        with serving(await compose(stack.server.settings, make)) as url:
            question = {"json": {"query": "{ me { kind } }"}}
            person = {"Authorization": f"Bearer {stack.token(Employee(2))}"}
            response = stack.http.post(f"{url}/graphql", headers=person, **question)
            assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
            response = stack.http.post(f"{url}/graphql", **question)
            assert response.status_code == 401
            contact = {"Authorization": f"Bearer {stack.token(Contact(2))}"}
            response = stack.http.post(f"{url}/portal/support/graphql", headers=contact, **question)
            assert response.json() == {"data": {"me": {"kind": "contact"}}}
    finally:
        stack.authority.provider.answers["keys"] = stack.authority.keys


def test_i4_identity_is_tenant_and_object_id_whatever_else_a_token_says(stack):
    boss = Employee(1)
    told = {"email": "boss@test", "upn": boss.oid, "preferred_username": boss.oid, "sub": boss.oid, "name": boss.name}
    answer = stack.ask(OWN, Employee(9), token=stack.token(Employee(9), **told))
    assert answer.data == own(9)


def test_i5_a_visitor_is_the_one_configured_user_whatever_headers_say(stack):
    claimed = {
        "CallerObjectId": Employee(1).oid, "MSCRMCallerID": Employee(1).oid, "X-User-Id": "E01",
        "X-MS-CLIENT-PRINCIPAL": "eyJ1c2VySWQiOiJFMDEifQ", "X-Forwarded-User": "E01", "Cookie": "user=E01",
    }  # fmt: skip
    answer = stack.ask("{ bcItems(first: 1) { nodes { number } } " + PRODUCTS[2:], None, headers=claimed)
    assert {seen.user for seen in stack.seen(answer)} == {"VISITOR", VISITOR}
    assert answer.data["bcItems"]["nodes"]
    assert answer.data["foReleasedProductsV2"]["nodes"]


def test_i5_where_visitors_are_not_let_in_there_is_nobody_without_a_token(stack):
    answer = stack.ask("{ me { kind } }", None, portal="kiosk")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="vegraph"')


@pytest.mark.parametrize(("number", "user"), MISMAPPED.items(), ids=MISMAPPED.values())
def test_i6_a_portal_runs_as_nobody_without_its_role_or_with_an_administrators(stack, number, user):
    answer = stack.ask(PRODUCTS, Contact(number))
    assert answer.json["data"] == {"foReleasedProductsV2": None}
    if user == "gone":  # who has left is known to the ERP alone, and the ERP refuses
        assert {seen.status for seen in stack.seen(answer)} == {401}
    else:
        assert answer.codes == {"FORBIDDEN"}
        assert stack.seen(answer) == []
        assert stack.ask("{ me { sources { name runsAs } } }", Contact(number)).data["me"]["sources"][1] == {
            "name": "fo",
            "runsAs": None,
        }


def test_i6_roles_that_can_not_be_read_are_refused(stack):
    stack.fault("fo", path="SecurityUserRoleAssociations.*portal-7", status=500)
    answer = stack.ask(PRODUCTS, Contact(7))
    assert answer.codes == {"UNAVAILABLE"}
    assert stack.seen(answer) == []


@pytest.mark.parametrize("number", [DISABLED, 27, 99])
def test_i7_a_contact_without_a_good_mapping_is_refused(stack, number):
    answer = stack.ask(PRODUCTS, Contact(number))
    assert answer.codes == {"FORBIDDEN"}
    assert stack.seen(answer) == []


def test_i8_rows_of_a_shared_user_need_a_rule_and_without_one_there_are_none(stack):
    answer = stack.ask(
        "{ bcItemCategories { totalCount nodes { code } } bcItemCategoriesAggregate { count } }", Contact(2)
    )
    assert answer.data == {
        "bcItemCategories": {"totalCount": 0, "nodes": []},
        "bcItemCategoriesAggregate": [{"count": 0}],
    }
    assert [seen for seen in stack.seen(answer) if "itemCategories" in seen.url] == []


def test_i9_each_session_is_exchanged_once_for_each_erp(stack):
    home, office = (stack.token(Employee(10), sid=place) for place in ("home", "office"))
    for token in (home, office, home, office):
        assert stack.ask(OWN, Employee(10), token=token).data == own(10)
    asked = [(form["assertion"], form["scope"].split()[0]) for form in stack.exchanged()]
    assert sorted(asked) == sorted((token, f"{aud}/.default") for token in (home, office) for aud in AUDIENCES.values())
    assert "offline_access" not in " ".join(form["scope"] for form in stack.exchanged())


def test_i9_a_token_the_erp_does_not_take_is_not_used_again(stack):
    token = stack.token(Employee(11))
    assert stack.ask(BC, Employee(11), token=token).data
    stack.fault("bc", user="E11", status=401, times=1)
    refused = stack.ask(BC, Employee(11), token=token)
    assert refused.codes == {"UNAUTHENTICATED"}
    assert [seen.status for seen in stack.seen(refused)] == [401]
    assert stack.ask(BC, Employee(11), token=token).data
    assert len(stack.exchanged()) == 2


def test_i10_two_people_who_ask_the_same_at_once_share_no_answer(stack):
    stack.fault("bc", path="/customers", delay_ms=100)
    people = [Employee(n) for n in (12, 13, 14, 15)] * 2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda who: stack.ask(BC, who), people))
    for who, answer in zip(people, answers, strict=True):
        assert answer.data["bcCustomers"]["nodes"] == [{"number": customer_of(who.number)}]
        assert [seen.user for seen in stack.seen(answer) if "/customers" in seen.url] == [who.user("bc")]


CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"


def test_i11_a_claims_challenge_reaches_the_client_unchanged(stack):
    headers = {"www-authenticate": f'Bearer realm="", error="insufficient_claims", claims="{CLAIMS}"'}
    stack.fault("bc", user="E16", status=401, headers=headers)
    answer = stack.ask(BC, Employee(16))
    assert answer.json["errors"][0]["extensions"]["claims"] == CLAIMS


def test_i12_no_token_secret_or_filter_value_is_logged(stack):
    secret_text = "Wh1sper'd to nobody"
    query = """query ($t: String!) {
      bcCustomers(where: { displayName: { contains: $t } }, search: $t) { nodes { number } }
      foCustomersV3(where: { organizationName: { startsWith: $t } }) { nodes { customerAccount } } }"""
    stack.fault("bc", user="E17", path="/customers", status=503)
    stack.fault("fo", user="e17", malformed=True)
    for who in (Employee(17), Contact(4), None):
        for token in (None, BAD) if who else (None,):
            stack.ask(query, who, token=token, variables={"t": secret_text})
    stack.authority.trouble = lambda form: Reply(
        {"error": "invalid_grant", "error_description": form["client_secret"]}, 400
    )
    stack.ask(query, Employee(18), variables={"t": secret_text})
    assert stack.net.holding("vegraph.backend INFO bc GET customers 503")
    assert stack.net.holding("Wh1sper", "Wh1sper%27%27d") == []
    assert stack.secrets_logged() == []
    assert secret_text not in stack.http.get(f"{stack.url}/metrics").text


CREATE = """mutation { createBcCustomer(input: { bcCustomer: { displayName: "Once" } }) {
  bcCustomer { number } userErrors { code } } }"""


def test_i13_a_write_is_sent_once_and_an_unknown_outcome_is_said(stack):
    stack.fault("bc", method="POST", path="/customers", reset="after", times=1)
    answer = stack.ask(CREATE, Employee(1))
    assert answer.codes == {"OUTCOME_UNKNOWN"}
    assert [seen.method for seen in stack.seen(answer)].count("POST") == 1


def test_i14_each_write_leaves_one_record(stack):
    answer = stack.ask(CREATE, Employee(1))
    refused = stack.ask(CREATE, Employee(2))
    [done] = records(stack, answer)
    assert done.pop("key")
    assert done.pop("at")
    assert done == {
        "event": "write", "outcome": "done", "door": "entra", "caller": [TENANT, Employee(1).oid],
        "kind": "person", "source": "bc", "verb": "create", "entity": "customers", "request_id": answer.id,
        "principal": f"bc:user:{TENANT}:{Employee(1).oid}",
    }  # fmt: skip
    [no] = records(stack, refused)
    assert (no["event"], no["outcome"], no["caller"][1]) == ("write", "FORBIDDEN", Employee(2).oid)


def test_i14_a_refused_delegation_leaves_one_record(stack):
    answer = stack.ask(PRODUCTS, Contact(99))
    [record] = records(stack, answer)
    assert (record["event"], record["outcome"], record["caller"]) == (
        "refused",
        "FORBIDDEN",
        ["support", Contact(99).id],
    )


def records(stack, answer):
    """The audit's records of that request."""
    lines = stack.net.holding("vegraph.audit INFO")
    found = [json.loads(line.partition("INFO ")[2]) for line in lines]
    return [record for record in found if record.get("request_id") == answer.id]


def test_nobody_is_ever_the_reader(stack):
    assert {seen.url.split("?")[0] for _, seen in stack.everything() if seen.user == READER} <= {
        "/data/SecurityUserRoleAssociations"
    }
    assert SHARED not in {seen.user for name, seen in stack.everything() if isinstance(stack.asked.get(name), Employee)}
