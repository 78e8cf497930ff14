"""Acting for a person: whose token is used when, and what an ERP's challenge leads to (I1, I9, I11, I12, I14)."""

import json
import logging

import httpx
import pytest

from tests.identity.tokens import MARY, NOW, TENANT
from tests.identity.world import target
from vegraph.errors import BackendUnauthenticated, Forbidden, IdentityUnavailable, Unauthenticated
from vegraph.identity.audit import Audit, request_id
from vegraph.identity.claims import parse, with_step_up
from vegraph.identity.delegation import Delegation
from vegraph.identity.development import Person
from vegraph.identity.on_behalf_of import OnBehalfOf
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token, TokenCache
from vegraph.identity.user import Caller

CHALLENGE = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'


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


async def test_i9_a_refused_token_is_exchanged_anew(delegation, exchange):
    await delegation.delegate(person(), "bc")
    await delegation.delegate(person(), "fo")
    delegation.forget(person(), "bc")
    await delegation.delegate(person(), "bc")
    await delegation.delegate(person(), "fo")
    assert len(exchange.asked) == 3


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


class Erp:
    """An ERP that answers 401 with a challenge until it is content."""

    def __init__(self, refusals, challenge=CHALLENGE):
        self.refusals = refusals
        self.challenge = challenge
        self.seen = []

    async def send(self, delegated):
        self.seen.append(await sent_header(delegated))
        if len(self.seen) <= self.refusals:
            raise BackendUnauthenticated("no", source="bc", status=401, challenge=self.challenge)
        return "rows"


async def sent_header(delegated):
    request = httpx.Request("GET", "https://bc.example/data")
    next(delegated.auth.auth_flow(request))
    return request.headers["authorization"]


async def test_i11_a_claims_challenge_is_exchanged_for_once(delegation, exchange):
    erp = Erp(refusals=1)
    assert await with_step_up(delegation, person(), "bc", erp.send) == "rows"
    assert [claims for _, _, claims in exchange.asked] == [None, '{"access_token":{}}']


async def test_i11_a_second_challenge_reaches_the_client_unchanged(delegation, exchange):
    erp = Erp(refusals=2)
    with pytest.raises(Unauthenticated) as problem:
        await with_step_up(delegation, person(), "bc", erp.send)
    assert problem.value.extensions == {"code": "UNAUTHENTICATED", "claims": "eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="}
    assert 'claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="' in problem.value.challenge
    assert len(erp.seen) == 2
    await delegation.delegate(person(), "bc")  # both tokens were dropped
    assert len(exchange.asked) == 3


async def test_a_401_without_claims_is_not_tried_again_but_its_token_is_dropped(delegation, exchange):
    erp = Erp(refusals=1, challenge='Bearer error="invalid_token"')
    with pytest.raises(BackendUnauthenticated):
        await with_step_up(delegation, person(), "bc", erp.send)
    assert (len(erp.seen), len(exchange.asked)) == (1, 1)
    await delegation.delegate(person(), "bc")
    assert len(exchange.asked) == 2


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (CHALLENGE, '{"access_token":{}}'),
        (CHALLENGE.replace("==", ""), '{"access_token":{}}'),
        ("bearer error=insufficient_claims,claims=eyJhIjoxfQ", '{"a":1}'),
        ('Bearer error="insufficient_claims"', None),
        ('Bearer error="insufficient_claims", claims="%%%"', None),
        ('Bearer error="insufficient_claims", claims="WzFd"', None),
        ('Bearer error="invalid_token", claims="eyJhIjoxfQ"', None),
        ('Basic realm="x", error="insufficient_claims", claims="eyJhIjoxfQ"', None),
        ("Bearer" + " " * 20_000, None),
        (None, None),
    ],
)
def test_what_is_a_claims_challenge(header, claims):
    found = parse(header)
    assert (found and found.claims) == claims


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
