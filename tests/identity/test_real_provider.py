"""On behalf of people at a real OpenID provider: sign-in with PKCE, MSAL's exchange, and what is refused."""

import asyncio
import base64
import shutil

import pytest
from cryptography import x509

from tests.identity import oidc
from tests.identity.provider import certificate
from tests.identity.tokens import MARY, TENANT, b64
from vegraph.errors import IdentityUnavailable, Unauthenticated
from vegraph.identity.assembly import build
from vegraph.identity.config import AppUser, Door, Portal, Target
from vegraph.identity.secret import Secret
from vegraph.identity.unverified import claims_within
from vegraph.identity.user import anonymous

API, BC, FO, VAULT = "api://vegraph", "https://bc.example", "https://fo.example", "https://vault.example"
CARL = "bbbbbbbb-0000-4000-8000-000000000002"
PEOPLE = [
    {"id": "mary", "name": "Mary Manager", "oid": MARY, "password": "m", "strong": True},
    {"id": "carl", "name": "Carl Clerk", "oid": CARL, "password": "c"},
]
RESOURCES = {
    API: {"scope": "access_as_user"},
    "api://other": {"scope": "access_as_user"},
    BC: {"scope": "user_impersonation"},
    FO: {"scope": "Odata.FullAccess"},
    VAULT: {"scope": "user_impersonation", "needs": "c1"},
}
SERVICE = {"redirect_uris": [], "response_types": [], "grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"]}
APPLICATION = {"redirect_uris": [], "response_types": [], "grant_types": ["client_credentials"]}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    pem = certificate(folder, "client")
    clients = [
        {
            "client_id": "browser", "redirect_uris": [oidc.REDIRECT], "token_endpoint_auth_method": "none",
        },
        {
            "client_id": "vegraph", "client_secret": "hush", "audience": API,
            "token_endpoint_auth_method": "client_secret_post", **SERVICE,
        },
        {
            "client_id": "vegraph-certificate", "audience": API, "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "PS256", "jwks": {"keys": [public_jwk(pem)]}, **SERVICE,
        },
        {
            "client_id": "other", "client_secret": "other's", "audience": "api://other",
            "token_endpoint_auth_method": "client_secret_post", **SERVICE,
        },
        {
            "client_id": "portal-carl", "client_secret": "p", "token_endpoint_auth_method": "client_secret_post",
            **APPLICATION,
        },
    ]  # fmt: skip
    config = {"tenant": TENANT, "people": PEOPLE, "clients": clients, "resources": RESOURCES}
    with oidc.running(folder, config) as found:
        found.client_pem = pem
        yield found


def public_jwk(pem):
    numbers = x509.load_pem_x509_certificate(pem.read_bytes()).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    return {"kty": "RSA", "n": b64(modulus), "e": b64(numbers.e.to_bytes(3, "big")), "alg": "PS256", "use": "sig"}


@pytest.fixture(scope="module")
def mary(provider):
    return provider.sign_in("mary", "m", resource=API, scope="access_as_user")


@pytest.fixture(scope="module")
def carl(provider):
    return provider.sign_in("carl", "c", resource=API, scope="access_as_user")


def target(name, audience, **more):
    return Target(name=name, url=f"{audience}/data", delegation="on-behalf-of", scope=f"{audience}/.default", **more)


@pytest.fixture
async def make(provider):
    made = []

    def identity(*, client=None, portals=None, targets=None):
        credential = client or {"client_id": "vegraph", "client_secret": Secret("hush")}
        door = Door(name="entra", issuer=provider.issuer, audience=API, ca=provider.ca, **credential)
        found = build(
            doors={"entra": door},
            portals=portals or {},
            targets={one.name: one for one in targets or [target("bc", BC), target("fo", FO), target("vault", VAULT)]},
            development=False,
        )
        made.append(found)
        return found

    yield identity
    for found in made:
        await found.close()


def token_of(delegated):
    return Secret(delegated.auth._headers["Authorization"].reveal().removeprefix("Bearer "))


CREDENTIALS = ["secret", "certificate"]


@pytest.mark.parametrize("credential", CREDENTIALS)
async def test_a_person_is_signed_in_and_acted_for_at_each_erp(make, provider, mary, credential):
    client = None
    if credential == "certificate":
        client = {"client_id": "vegraph-certificate", "client_certificate": provider.client_pem}
    identity = make(client=client)
    caller = await identity.doors.person([f"Bearer {mary}"])
    assert (caller.identity, caller.name) == ((TENANT, MARY), "Mary Manager")
    inbound = claims_within(caller.assertion)
    for source, audience in [("bc", BC), ("fo", FO)]:
        claims = claims_within(token_of(await identity.delegation.delegate(caller, source)))
        assert (claims["aud"], claims["oid"], claims["tid"]) == (audience, MARY, TENANT)
        assert claims["sub"] != inbound["sub"]
        assert claims["scp"] == RESOURCES[audience]["scope"]


async def test_t12_everybody_gets_their_own_token_however_many_ask(make, mary, carl):
    identity = make()
    callers = [await identity.doors.person([f"Bearer {token}"]) for token in (mary, carl)]

    async def ask(number):
        caller, source = callers[number % 2], ("bc", "fo")[number // 2 % 2]
        delegated = await identity.delegation.delegate(caller, source)
        claims = claims_within(token_of(delegated))
        return (claims["oid"], claims["aud"]) == (caller.object_id, f"https://{source}.example")

    assert all(await asyncio.gather(*(ask(number) for number in range(64))))


async def test_i11_conditional_access_asks_for_more_and_the_stronger_session_has_it(make, mary, carl):
    identity = make()
    weak = await identity.doors.person([f"Bearer {carl}"])
    with pytest.raises(Unauthenticated) as problem:
        await identity.delegation.delegate(weak, "vault")
    claims = base64.b64decode(problem.value.extensions["claims"])
    assert claims == b'{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    strong = await identity.doors.person([f"Bearer {mary}"])
    assert claims_within(token_of(await identity.delegation.delegate(strong, "vault")))["oid"] == MARY


async def test_a_middle_tier_can_not_exchange_anothers_tokens(make, mary):
    identity = make(client={"client_id": "other", "client_secret": Secret("other's")})
    caller = await identity.doors.person([f"Bearer {mary}"])
    with pytest.raises(Unauthenticated):
        await identity.delegation.delegate(caller, "bc")


async def test_a_wrong_secret_is_the_operators_to_mend(make, mary):
    identity = make(client={"client_id": "vegraph", "client_secret": Secret("wrong")})
    caller = await identity.doors.person([f"Bearer {mary}"])
    with pytest.raises(IdentityUnavailable, match="operator"):
        await identity.delegation.delegate(caller, "bc")


async def test_an_applications_token_is_not_let_in(make, provider):
    token = provider.app_token("portal-carl", "p", resource=API)
    with pytest.raises(Unauthenticated, match="application's"):
        await make().doors.person([f"Bearer {token}"])


async def test_a_token_for_another_api_of_the_tenant_is_not_let_in(make, provider):
    token = provider.sign_in("mary", "m", resource="api://other", scope="access_as_user")
    with pytest.raises(Unauthenticated, match="another application"):
        await make().doors.person([f"Bearer {token}"])


async def test_a_wrong_password_signs_nobody_in(provider):
    with pytest.raises(AssertionError, match="wrong"):
        provider.sign_in("mary", "x", resource=API, scope="access_as_user")


async def test_a_contact_runs_as_the_users_own_application(make, provider, tmp_path):
    user = AppUser(name="carl-user", client_id="portal-carl", client_secret=Secret("p"))
    shutil.copy(provider.ca, tmp_path / "portal.pem")
    portal = Portal(
        name="support", issuer="support.example", audience="a", public_key=tmp_path / "portal.pem",
        entities=("fo.*",), anonymous="fo:carl-user",
    )  # fmt: skip
    fo = target("fo", FO, authority=provider.issuer, ca=provider.ca, users={"carl-user": user})
    identity = make(portals={"support": portal}, targets=[fo])
    delegated = await identity.delegation.delegate(anonymous("support"), "fo")
    claims = claims_within(token_of(delegated))
    assert (claims["azp"], claims["aud"], claims["idtyp"]) == ("portal-carl", FO, "app")
    assert delegated.principal == "fo:app:carl-user"


async def test_ended_sessions_and_old_keys_are_worth_nothing(make, provider):
    token = provider.sign_in("carl", "c", resource=API, scope="access_as_user")
    identity = make()
    caller = await identity.doors.person([f"Bearer {token}"])
    assert provider.command(do="revoke", person="carl")["grants"] >= 1
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await identity.delegation.delegate(caller, "bc")

    token = provider.sign_in("carl", "c", resource=API, scope="access_as_user")
    provider.command(do="rotate")
    with pytest.raises(Unauthenticated):
        await make().doors.person([f"Bearer {token}"])  # a server that starts now knows only the new keys
    caller = await identity.doors.person([f"Bearer {token}"])  # this one still trusts what it fetched
    with pytest.raises(Unauthenticated):
        await identity.delegation.delegate(caller, "bc")
