"""Acting for a person: whose token is used when, and what an ERP's challenge leads to (I1, I9, I11, I12, I14)."""

import json
import logging

import httpx
import pytest

from tests.identity.tokens import MARY, NOW, TENANT
from tests.identity.world import target
from vegraph.errors import Forbidden, IdentityUnavailable, Unauthenticated
from vegraph.identity.audit import Audit, request_id
from vegraph.identity.claims import decoded, stepped_up
from vegraph.identity.delegation import Delegation
from vegraph.identity.development import Person
from vegraph.identity.on_behalf_of import OnBehalfOf
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token, TokenCache
from vegraph.identity.user import Caller

CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="


class Exchange:
    """A provider that gives each session its own token, or fails."""

    def __init__(self, owner=None):
        self.asked = []
        self.owner = owner
        self.problem = None

    async def on_behalf_of(self, assertion, *, tenant, scope, claims):
        self.asked.append((assertion.reveal(), scope, claims))
        if self.problem:
            raise self.problem
        return Token(Secret(f"{assertion.reveal()} {scope} {claims}"), NOW + 3600)


def person(session="mary's", **changes):
    return Caller(
        **{
            "door": "entra", "kind": "person", "tenant": TENANT, "object_id": MARY, "assertion": Secret(session),
            "expires_at": NOW + 3600.0, "claims": {"oid": MARY}, **changes,
        }
    )  # fmt: skip


@pytest.fixture
def exchange():
    return Exchange()


@pytest.fixture
def delegation(exchange, clock):
    cache = TokenCache(clock)
    strategies = {("entra", name): OnBehalfOf(target(name, "on-behalf-of"), exchange, cache) for name in ("bc", "fo")}
    return Delegation(strategies, Audit(clock))


async def test_i9_sessions_and_sources_each_have_their_own_token(delegation, exchange):
    for _ in range(2):
        for session in ("mary's", "mary's at home", "carl's"):
            for source in ("bc", "fo"):
                await delegation.delegate(person(session), source)
    assert len(exchange.asked) == len(set(exchange.asked)) == 6


async def test_i9_a_token_that_the_erp_answers_401_to_is_exchanged_anew(delegation, exchange):
    refused = await delegation.delegate(person(), "bc")
    await delegation.delegate(person(), "fo")
    sent(refused, 401)
    await delegation.delegate(person(), "bc")
    sent(refused, 401)  # an answer that comes late says nothing of the new token
    await delegation.delegate(person(), "bc")
    await delegation.delegate(person(), "fo")
    assert len(exchange.asked) == 3


@pytest.mark.parametrize("status", [200, 403, 429, 500])
async def test_i9_any_other_answer_leaves_the_token(delegation, exchange, status):
    sent(await delegation.delegate(person(), "bc"), status)
    await delegation.delegate(person(), "bc")
    assert len(exchange.asked) == 1


def sent(delegated, status):
    """One request with that credential, answered so."""
    flow = delegated.auth.auth_flow(httpx.Request("GET", "https://bc.example/data"))
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(httpx.Response(status))


@pytest.mark.parametrize("kind", ["contact", "anonymous", "application"])
async def test_i1_only_a_person_is_acted_for(delegation, exchange, kind):
    with pytest.raises(Forbidden, match="on behalf of a person"):
        await delegation.delegate(person(kind=kind), "bc")
    assert exchange.asked == []


@pytest.mark.parametrize("problem", [Unauthenticated("no"), Forbidden("no"), IdentityUnavailable("no")])
async def test_i1_a_failed_exchange_is_the_end_of_it(delegation, exchange, problem):
    exchange.problem = problem
    with pytest.raises(type(problem)):
        await delegation.delegate(person(), "bc")
    assert len(exchange.asked) == 1


async def test_t12_a_token_of_somebody_else_is_thrown_away(world, clock):
    carl = Person(object_id="bbbbbbbb-0000-4000-8000-000000000002", name="Carl")

    class Mixed:
        async def on_behalf_of(self, assertion, *, tenant, scope, claims):
            return Token(world.issuer.person_token(carl), NOW + 3600)

    strategy = OnBehalfOf(target("bc", "on-behalf-of"), Mixed(), TokenCache(clock))
    with pytest.raises(IdentityUnavailable, match="somebody else"):
        await strategy.delegate(person())


async def test_i11_claims_are_exchanged_for_as_the_provider_takes_them(delegation, exchange):
    delegated = await stepped_up(delegation, person(), "bc", CLAIMS)
    assert delegated.principal.startswith("bc:user:")
    assert [claims for _, _, claims in exchange.asked] == ['{"access_token":{}}']


async def test_i11_a_session_that_was_asked_for_claims_brings_them_from_then_on(delegation, exchange):
    await delegation.delegate(person(), "bc")
    await stepped_up(delegation, person(), "bc", CLAIMS)
    await delegation.delegate(person(), "bc")
    await delegation.delegate(person(), "fo")
    await delegation.delegate(person("mary's at home"), "bc")
    assert [claims for _, _, claims in exchange.asked] == [None, '{"access_token":{}}', None, None]


@pytest.mark.parametrize(
    ("refusal", "claims"),
    [(Unauthenticated("no"), CLAIMS), (Unauthenticated("no", claims="eyJ4Ijp7fX0="), "eyJ4Ijp7fX0=")],
)
async def test_i11_where_the_provider_refuses_the_claims_reach_the_client(delegation, exchange, refusal, claims):
    exchange.problem = refusal
    with pytest.raises(Unauthenticated) as problem:
        await stepped_up(delegation, person(), "bc", CLAIMS)
    assert problem.value.extensions == {"code": "UNAUTHENTICATED", "claims": claims}


async def test_a_demand_that_is_no_claims_is_not_passed_to_the_provider(delegation, exchange):
    with pytest.raises(Unauthenticated, match="not understood"):
        await stepped_up(delegation, person(), "bc", "%%%")
    assert exchange.asked == []


@pytest.mark.parametrize(
    ("given", "claims"),
    [
        (CLAIMS, '{"access_token":{}}'),
        (CLAIMS.rstrip("="), '{"access_token":{}}'),
        ("eyJhIjoiPz8-In0", '{"a":"??>"}'),
        ("%%%", None),
        ("WzFd", None),
        ("/w==", None),
        ("", None),
        ("eyJ" * 9000, None),
    ],
)
def test_what_is_a_demand_for_claims(given, claims):
    assert decoded(given) == claims


async def test_i14_a_write_leaves_one_record(delegation, clock, caplog):
    caplog.set_level(logging.INFO, "vegraph.audit")
    delegated = await delegation.delegate(person(), "bc")
    token = request_id.set("r-1")
    Audit(clock).wrote(person(), "bc", delegated, verb="update", entity="customers", key="10000", outcome="done")
    request_id.reset(token)
    (line,) = caplog.records
    assert json.loads(line.message) == {
        "at": "2026-09-21T14:13:20.000+00:00",
        "event": "write",
        "outcome": "done",
        "door": "entra",
        "caller": [TENANT, MARY],
        "kind": "person",
        "source": "bc",
        "principal": f"bc:user:{TENANT}:{MARY}",
        "verb": "update",
        "entity": "customers",
        "key": "10000",
        "request_id": "r-1",
    }


async def test_i12_callers_and_credentials_do_not_show(delegation):
    caller = person("secret-session")
    delegated = await delegation.delegate(caller, "bc")
    assert "secret-session" not in repr((caller, delegated, delegation.__dict__))
