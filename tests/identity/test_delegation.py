"""As whom calls run: every pairing of caller and source is one principal or a refusal (I1, I2, I5, I6, I7)."""

import json
import logging

import httpx
import pytest

from tests.identity.tokens import MARY, TENANT
from tests.identity.world import CARL, DORA, target
from vegraph.errors import ConfigError, Forbidden, IdentityError, IdentityUnavailable
from vegraph.identity.assembly import build
from vegraph.identity.config import Door, Portal
from vegraph.identity.development import DevelopmentIssuer
from vegraph.identity.secret import Secret
from vegraph.identity.table_reader import table_reader
from vegraph.identity.unverified import claims_within
from vegraph.identity.user import Delegated, anonymous


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
    "a contact mapped to vegraph's own reader": ("contact", CARL, "fo", lambda w: w.map(CARL, "role-reader")),
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


@pytest.mark.parametrize(
    ("delegation", "more"), [("fixed", {"fixed": {"Authorization": Secret("Basic x")}}), ("development", {})]
)
def test_t41_fixed_users_and_the_demos_issuer_need_the_development_profile(delegation, more):
    with pytest.raises(ConfigError, match=r"development|demo"):
        build(
            doors={"demo": Door(name="demo", issuer="https://demo.example", audience="a")},
            portals={},
            targets={"bc": target("bc", delegation, **more)},
            development=False,
        )
    with pytest.raises(ConfigError):
        DevelopmentIssuer(issuer="x", tenant="t", audience="a", clock=lambda: 0.0, development=False)


def test_on_behalf_of_needs_an_application():
    with pytest.raises(ConfigError, match="client_id"):
        build(
            doors={"entra": Door(name="entra", issuer="https://id.example", audience="a")},
            portals={},
            targets={"bc": target("bc", "on-behalf-of")},
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
            targets={"fo": target("fo", "on-behalf-of", has_roles=True)},
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


async def test_i1_vegraphs_own_reader_reaches_its_table_and_nothing_else(world, clock):
    reader = table_reader(
        target("fo", "development"), "role-reader", "SecurityUserRoleAssociations", clock=clock, issuer=world.issuer
    )
    auth = await reader.auth()
    delegated = Delegated(source="fo", principal="-", auth=auth, description="-")
    assert (await sent(delegated, reader.url + "?$filter=UserId eq 'x'"))["azp"] == "role-reader"
    for url in ("https://fo.example/data/Customers", reader.url + "X", reader.url + "/../Customers"):
        with pytest.raises(IdentityError, match="led away"):
            await sent(delegated, url)
    reader.close()


def test_a_reader_is_one_of_the_sources_users(clock):
    with pytest.raises(ConfigError, match=r"sources\.fo\.reader: 'x'"):
        table_reader(target("fo", "on-behalf-of"), "x", "SecurityUserRoleAssociations", clock=clock)
