"""As whom calls run: every pairing of caller and source is one principal or a refusal (I1, I5, I6, I8, I9, I14)."""

import json
import logging

import httpx
import pytest

from tests.identity.tokens import AUDIENCE, ISSUER, MARY, NOW, TENANT
from vegraph.errors import (
    BackendUnauthenticated,
    ConfigError,
    Forbidden,
    IdentityError,
    IdentityUnavailable,
    Unauthenticated,
)
from vegraph.identity.assembly import Readers, build
from vegraph.identity.audit import Audit, request_id
from vegraph.identity.claims import parse, with_step_up
from vegraph.identity.config import Door, Portal, Target
from vegraph.identity.delegation import Delegation
from vegraph.identity.development import Contact, DevelopmentIssuer, Person
from vegraph.identity.mapping import MappingRow
from vegraph.identity.on_behalf_of import OnBehalfOf
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token, TokenCache
from vegraph.identity.unverified import claims_within
from vegraph.identity.user import Caller, anonymous

PORTAL_ROLE = "CDSVirtualEntityAuthorizedPortalUser"
CARL = "cccccccc-0000-4000-8000-000000000001"
DORA = "cccccccc-0000-4000-8000-000000000002"
CHALLENGE = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'


class World:
    """Two ERPs and a public service; the people's door, and a portal with contacts and visitors."""

    def __init__(self, clock, tmp_path):
        self.issuer = DevelopmentIssuer(
            issuer=ISSUER,
            tenant=TENANT,
            audience=AUDIENCE,
            clock=clock,
            development=True,
        )
        (tmp_path / "portal.pem").write_bytes(self.issuer.portal_pem())
        self.rows = {CARL: [MappingRow(portal="support", contact_id=CARL, source="fo", erp_user="carl-user")]}
        self.roles = {"carl-user": [PORTAL_ROLE], "visitor": [PORTAL_ROLE]}
        self.identity = build(
            doors={"demo": Door(name="demo", issuer=ISSUER, audience=AUDIENCE)},
            portals={
                "support": Portal(
                    name="support",
                    issuer="https://support.example",
                    audience="vegraph-support",
                    public_key=tmp_path / "portal.pem",
                    entities=("bc.items", "fo.*"),
                    authenticated="bc:portal-contacts",
                    anonymous="fo:visitor",
                )
            },
            targets={
                "bc": self.target("bc", "development"),
                "fo": self.target("fo", "development", has_roles=True),
                "crm": self.target("crm", "mapped-app"),
                "trip": self.target("trip", "none"),
                "dev": self.target("dev", "fixed", fixed={"Authorization": Secret("Basic x")}),
            },
            development=True,
            issuer=self.issuer,
            readers=Readers(mapping={"support": self.read_rows}, roles={"fo": self.read_roles}),
            clock=clock,
        )
        self.delegation = self.identity.delegation

    @staticmethod
    def target(name, delegation, **more):
        url = f"https://{name}.example/data"
        return Target(name=name, url=url, delegation=delegation, scope=f"https://{name}.example/.default", **more)

    async def read_rows(self, portal, contact, source):
        return [row for row in self.rows.get(contact, []) if row.source == source]

    async def read_roles(self, user):
        return self.roles[user]

    async def mary(self):
        token = self.issuer.person_token(Person(object_id=MARY, name="Mary Manager"))
        return await self.identity.doors.person([f"Bearer {token.reveal()}"])

    async def contact(self, contact_id=CARL):
        token = self.issuer.contact_token(
            "support.example", "vegraph-support", Contact(contact_id=contact_id, name="Carl")
        )
        return await self.identity.doors.portal("support", [f"Bearer {token.reveal()}"])


@pytest.fixture
async def world(clock, tmp_path):
    found = World(clock, tmp_path)
    yield found
    await found.identity.close()


async def sent(delegated, url):
    """Claims of the token that a request under that credential carries, or its header where that is no token."""
    seen = []

    def answer(request):
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        await http.get(url, auth=delegated.auth)
    scheme, _, value = (seen[0] or "").partition(" ")
    return claims_within(Secret(value)) if scheme == "Bearer" else seen[0]


async def test_a_person_runs_as_themselves_with_a_token_of_that_erp(world):
    delegated = await world.delegation.delegate(await world.mary(), "bc")
    assert delegated.principal == f"bc:user:{TENANT}:{MARY}"
    claims = await sent(delegated, "https://bc.example/data/customers")
    assert (claims["aud"], claims["oid"], claims["scp"]) == ("https://bc.example", MARY, "user_impersonation")


async def test_i2_the_token_a_person_came_with_is_not_the_one_that_is_sent(world):
    mary = await world.mary()
    delegated = await world.delegation.delegate(mary, "bc")
    assert (await sent(delegated, "https://bc.example/data"))["aud"] != claims_within(mary.assertion)["aud"]
    with pytest.raises(IdentityError, match="led away"):
        await sent(delegated, "https://fo.example/data")


async def test_a_contact_runs_as_the_user_its_mapping_names(world):
    delegated = await world.delegation.delegate(await world.contact(), "fo")
    assert delegated.principal == "fo:app:carl-user"
    claims = await sent(delegated, "https://fo.example/data/SalesOrderHeadersV2")
    assert (claims["azp"], claims["aud"], claims["idtyp"]) == ("carl-user", "https://fo.example", "app")


async def test_contacts_of_an_erp_that_can_not_tell_them_apart_share_one_user(world):
    carl, dora = await world.contact(CARL), await world.contact(DORA)
    first, second = await world.delegation.delegate(carl, "bc"), await world.delegation.delegate(dora, "bc")
    assert first.principal == second.principal == "bc:app:portal-contacts"
    assert first.caller != second.caller  # a fair queue tells them apart


async def test_i5_visitors_run_as_the_one_configured_user(world):
    assert (await world.delegation.delegate(anonymous("support"), "fo")).principal == "fo:app:visitor"
    with pytest.raises(Forbidden, match="no user there for anonymous visitors"):
        await world.delegation.delegate(anonymous("support"), "bc")


REFUSED = {
    "an unmapped contact": ("contact", DORA, "fo", None),
    "a contact mapped twice": ("contact", CARL, "fo", lambda w: w.rows[CARL].append(w.rows[CARL][0])),
    "a mapped administrator": ("contact", CARL, "fo", lambda w: w.roles["carl-user"].append("System administrator")),
    "a mapped user without the portal role": ("contact", CARL, "fo", lambda w: w.roles["carl-user"].clear()),
    "a mapped user whose roles can't be read": ("contact", CARL, "fo", lambda w: w.roles.pop("carl-user")),
    "a visitors' administrator": ("anonymous", "", "fo", lambda w: w.roles["visitor"].append("SecurityAdministrator")),
    "a visitors' user without the portal role": ("anonymous", "", "fo", lambda w: w.roles["visitor"].clear()),
    "a source the portal does not show": ("contact", CARL, "trip", None),
    "a person where only contacts are mapped": ("person", MARY, "crm", None),
    "a source that does not exist": ("person", MARY, "sap", None),
}


@pytest.mark.parametrize(("kind", "who", "source", "change"), REFUSED.values(), ids=REFUSED)
async def test_i1_what_can_not_be_delegated_is_refused_and_audited_and_nothing_is_sent(
    world, caplog, kind, who, source, change
):
    if change:
        change(world)
    caller = anonymous("support") if kind == "anonymous" else await (
        world.mary() if kind == "person" else world.contact(who)
    )  # fmt: skip
    caplog.set_level(logging.INFO, "vegraph.audit")
    with pytest.raises((Forbidden, IdentityUnavailable)):
        await world.delegation.delegate(caller, source)
    record = json.loads(caplog.records[-1].message)
    assert (record["event"], record["source"], record["kind"]) == ("refused", source, caller.kind)
    assert record["outcome"] in {"FORBIDDEN", "UNAVAILABLE"}


async def test_public_and_fixed_sources_send_nobodys_token(world):
    mary = await world.mary()
    assert (await world.delegation.delegate(mary, "trip")).auth is None
    fixed = await world.delegation.delegate(mary, "dev")
    assert (fixed.principal, await sent(fixed, "https://dev.example/data")) == ("dev:fixed", "Basic x")


async def test_me_says_as_whom_or_why_not(world, caplog):
    caplog.set_level(logging.INFO, "vegraph.audit")
    contact = await world.contact(DORA)
    found = [await world.delegation.explain(contact, source) for source in ("bc", "fo")]
    assert [(runs.allowed, runs.principal, runs.code) for runs in found] == [
        (True, "bc:app:portal-contacts", None),
        (False, None, "FORBIDDEN"),
    ]
    assert "not mapped" in found[1].reason
    assert caplog.records == []  # asking is no attempt


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
    strategies = {
        ("entra", name): OnBehalfOf(World.target(name, "on-behalf-of"), exchange, cache) for name in ("bc", "fo")
    }
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

    strategy = OnBehalfOf(World.target("bc", "on-behalf-of"), Mixed(), TokenCache(clock))
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
    Audit(clock).wrote(person(), delegated, verb="update", entity="customers", key="10000", outcome="done")
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


@pytest.mark.parametrize(
    ("delegation", "more"), [("fixed", {"fixed": {"Authorization": Secret("Basic x")}}), ("development", {})]
)
def test_t41_fixed_users_and_the_demos_issuer_need_the_development_profile(delegation, more):
    with pytest.raises(ConfigError, match=r"development|demo"):
        build(
            doors={"demo": Door(name="demo", issuer="https://demo.example", audience="a")},
            portals={},
            targets={"bc": World.target("bc", delegation, **more)},
            development=False,
        )
    with pytest.raises(ConfigError):
        DevelopmentIssuer(issuer="x", tenant="t", audience="a", clock=lambda: 0.0, development=False)


def test_on_behalf_of_needs_an_application():
    with pytest.raises(ConfigError, match="client_id"):
        build(
            doors={"entra": Door(name="entra", issuer="https://id.example", audience="a")},
            portals={},
            targets={"bc": World.target("bc", "on-behalf-of")},
            development=False,
        )


def test_a_portal_runs_only_where_roles_can_be_read():
    with pytest.raises(ConfigError, match=r"sources\.fo\.reader"):
        build(
            doors={},
            portals={
                "support": Portal(
                    name="support", issuer="s", audience="a", jwks="https://s.example/keys", entities=("fo.*",)
                )
            },
            targets={"fo": World.target("fo", "on-behalf-of", has_roles=True)},
            development=False,
        )


def test_a_door_and_a_portal_do_not_share_a_name():
    with pytest.raises(ConfigError, match="give one another name"):
        build(
            doors={"x": Door(name="x", issuer="https://id.example", audience="a")},
            portals={"x": Portal(name="x", issuer="s", audience="a", jwks="https://s.example/keys")},
            targets={},
            development=False,
        )
