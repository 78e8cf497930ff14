"""Conditional access from end to end (I11, T39): a challenge, one exchange, and the client's turn."""

import base64

from tests.identity.provider import Reply
from tests.identity_stack.people import Contact, Employee, customer_of

BC = "{ bcCustomers { nodes { number } } bcItems(first: 1) { nodes { number } } }"
DEMAND = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
CLAIMS = base64.b64encode(DEMAND.encode()).decode()


def challenge(claims=CLAIMS):
    return {"www-authenticate": f'Bearer realm="", error="insufficient_claims", claims="{claims}"'}


def test_an_erps_challenge_is_met_with_one_exchange(stack):
    who = Employee(20)
    stack.authority.strong = {who.oid}
    token = stack.token(who)
    assert stack.ask(BC, who, token=token).data
    stack.fault("bc", user=who.user("bc"), path="/customers|/items", status=401, headers=challenge(), times=2)
    answer = stack.ask(BC, who, token=token)
    assert answer.data["bcCustomers"]["nodes"] == [{"number": customer_of(20)}]
    assert [form.get("claims") for form in stack.exchanged()] == [None, DEMAND]
    assert sorted(seen.status for seen in stack.seen(answer)) == [200, 200, 401, 401]


def test_the_session_brings_the_claims_from_then_on(stack):
    who = Employee(21)
    stack.authority.strong = {who.oid}
    token = stack.token(who)
    stack.fault("bc", user=who.user("bc"), path="/customers", status=401, headers=challenge(), times=1)
    for _ in range(3):
        assert stack.ask(BC, who, token=token).data
    assert len(stack.exchanged()) == 2
    other = stack.token(who, sid="another session")
    assert stack.ask(BC, who, token=other).data
    assert stack.exchanged()[2].get("claims") is None


def test_where_the_provider_refuses_the_client_gets_the_erps_claims(stack):
    who = Employee(22)
    stack.fault("bc", user=who.user("bc"), status=401, headers=challenge())
    answer = stack.ask(BC, who)
    assert answer.status == 200
    assert answer.json["data"] == {"bcCustomers": None, "bcItems": None}
    for error in answer.json["errors"]:
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert error["extensions"]["claims"] == CLAIMS
    assert len(stack.exchanged()) == 2


def test_an_erp_that_is_never_content_is_asked_twice_and_no_more(stack):
    who = Employee(23)
    stack.authority.strong = {who.oid}
    stack.fault("bc", user=who.user("bc"), status=401, headers=challenge())
    answer = stack.ask("{ bcCustomers { nodes { number } } }", who)
    assert answer.json["errors"][0]["extensions"]["claims"] == CLAIMS
    assert [seen.status for seen in stack.seen(answer)] == [401, 401]
    assert len(stack.exchanged()) == 2


def test_the_providers_own_demand_reaches_the_client_and_no_erp_is_called(stack):
    demanded = Reply({"error": "interaction_required", "error_codes": [50076], "claims": DEMAND}, 400)
    stack.authority.trouble = lambda form: demanded
    answer = stack.ask(BC, Employee(24))
    assert {error["extensions"]["claims"] for error in answer.json["errors"]} == {CLAIMS}
    assert stack.seen(answer) == []
    stack.authority.trouble = lambda form: None
    assert stack.ask(BC, Employee(24)).data  # signed in again, with what was asked for


def test_one_erps_challenge_leaves_the_other_alone(stack):
    who = Employee(25)
    stack.fault("bc", user=who.user("bc"), status=401, headers=challenge())
    answer = stack.ask("{ bcCustomers { nodes { number } } foCustomersV3 { nodes { customerAccount } } }", who)
    assert answer.json["data"] == {
        "bcCustomers": None,
        "foCustomersV3": {"nodes": [{"customerAccount": customer_of(25)}]},
    }


def test_a_write_is_sent_again_because_the_erp_refused_it_before_it_ran(stack):
    who = Employee(1)
    stack.authority.strong = {who.oid}
    stack.fault("bc", user="E01", method="POST", path="/customers", status=401, headers=challenge(), times=1)
    create = """mutation { createBcCustomer(input: { bcCustomer: { displayName: "Stepped up" } }) {
      bcCustomer { displayName } } }"""
    answer = stack.ask(create, who)
    assert answer.data["createBcCustomer"]["bcCustomer"] == {"displayName": "Stepped up"}
    assert [seen.status for seen in stack.seen(answer) if seen.method == "POST"] == [401, 201]


def test_a_stream_says_it_in_the_header(stack):
    page = stack.ask("{ bcPictures(first: 1) { nodes { pictureContent { url } } } }", Employee(26)).data["bcPictures"]
    stack.fault("bc", user="E26", status=401, headers=challenge())
    headers = {"Authorization": f"Bearer {stack.token(Employee(26))}", "X-Request-Id": "stream-1"}
    stack.asked["stream-1"] = Employee(26)
    response = stack.http.get(stack.url + page["nodes"][0]["pictureContent"]["url"], headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == (
        f'Bearer realm="vegraph", error="insufficient_claims", claims="{CLAIMS}"'
    )


def test_garbage_in_a_challenge_goes_to_nobody(stack):
    stack.fault("bc", user="E27", status=401, headers=challenge("not base64!"))
    answer = stack.ask("{ bcCustomers { nodes { number } } }", Employee(27))
    [error] = answer.json["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "claims" not in error["extensions"]
    assert len(stack.exchanged()) == 1


def test_a_contact_runs_as_an_application_and_a_challenge_is_told(stack):
    stack.fault("fo", user="portal-6", status=401, headers=challenge())
    answer = stack.ask("{ foCustomersV3 { nodes { customerAccount } } }", Contact(6))
    assert answer.codes == {"UNAUTHENTICATED"}
    assert answer.json["errors"][0]["extensions"]["claims"] == CLAIMS
