"""Which door a request comes through, and that a bad credential is never taken for none (I3, T05, T06)."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.identity.tokens import (
    AUDIENCE,
    CONTACT,
    ISSUER,
    MARY,
    NOW,
    PORTAL_AUDIENCE,
    REMOVED,
    SITE,
    contact,
    jwk,
    key,
    person,
    signed,
)
from vegraph.errors import Forbidden, IdentityUnavailable, Unauthenticated
from vegraph.identity import contacts, people
from vegraph.identity.config import Door, Portal
from vegraph.identity.doors import Doors
from vegraph.identity.keys import PemKey, StaticKeys, read_key_set
from vegraph.identity.verify import Verifier

PEM = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
OTHER_ISSUER = "https://id.example"


class NoKeys:
    """A provider that is away."""

    async def find(self, kid):
        raise IdentityUnavailable("away")

    async def run(self):
        """Nothing to do."""


def doors(*, anonymous=(), keys=None, issuers=((ISSUER, AUDIENCE),)):
    known = keys or StaticKeys(read_key_set({"keys": [jwk("k1")]}).values())
    found = {}
    for number, (issuer, audience) in enumerate(issuers):
        door = Door(name=f"door{number}", issuer=issuer, audience=audience)
        found[door.name] = (door, Verifier(people.checks_for(door), known, lambda: NOW))
    portal = Portal(
        name="support", issuer=f"https://{SITE}", audience=PORTAL_AUDIENCE, public_key="x.pem", anonymous=anonymous
    )
    verifier = Verifier(contacts.checks_for(portal), PemKey(PEM, "x.pem"), lambda: NOW)
    return Doors(found, {"support": (portal, verifier)})


GOOD = f"Bearer {signed(person())}"
AT_PORTAL = f"Bearer {signed(contact(), kid=REMOVED)}"


async def test_no_token_is_401_for_people_and_anonymous_at_a_portal_that_allows_it():
    with pytest.raises(Unauthenticated) as problem:
        await doors().person([])
    assert problem.value.challenge == 'Bearer realm="vegraph"'
    with pytest.raises(Unauthenticated, match="no anonymous access"):
        await doors().portal("support", [])
    visitor = await doors(anonymous="fo:visitor").portal("support", [])
    assert (visitor.kind, visitor.identity) == ("anonymous", ("support", ""))


@pytest.mark.parametrize(
    "headers",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        ["Bearer a b"],
        ["Basic dXNlcjpwYXNz"],
        [signed(contact(), kid=REMOVED)],
        [f"Bearer {signed(contact(exp=NOW - 3600), kid=REMOVED)}"],
        [f"Bearer {signed(person())}"],
        [AT_PORTAL, AT_PORTAL],
        [AT_PORTAL + ", " + AT_PORTAL],
        [AT_PORTAL + "\u00e9"],
        ["Bearer " + "x" * 20_000],
    ],
    ids=lambda headers: headers[0][:20] + f" x{len(headers)}",
)
async def test_i3_a_bad_credential_is_401_even_where_anonymous_is_allowed(headers):
    with pytest.raises(Unauthenticated) as problem:
        await doors(anonymous="fo:visitor").portal("support", headers)
    assert "invalid_token" in problem.value.challenge


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_is_read_however_its_scheme_is_spelt(scheme):
    assert (await doors().person([f"{scheme}  {signed(person())}"])).object_id == MARY
    caller = await doors().portal("support", [AT_PORTAL])
    assert caller.identity == ("support", CONTACT)


async def test_i3_keys_that_can_not_be_had_are_503_and_not_anonymous():
    with pytest.raises(IdentityUnavailable):
        await doors(keys=NoKeys()).person([GOOD])


async def test_the_issuer_says_which_door_checks_and_no_other_is_tried():
    two = doors(issuers=((ISSUER, AUDIENCE), (OTHER_ISSUER, "erp")))
    assert (await two.person([GOOD])).door == "door0"
    other = signed(person(iss=OTHER_ISSUER, aud="erp"))
    assert (await two.person([f"Bearer {other}"])).door == "door1"
    for mixed in (person(iss=OTHER_ISSUER), person(aud="erp"), person(iss="https://stranger.example")):
        with pytest.raises(Unauthenticated):
            await two.person([f"Bearer {signed(mixed)}"])


async def test_two_doors_of_one_issuer_are_told_apart_by_audience():
    two = doors(issuers=((ISSUER, AUDIENCE), (ISSUER, "api://second")))
    assert (await two.person([f"Bearer {signed(person(aud='api://second'))}"])).door == "door1"


async def test_a_portals_token_does_not_open_graphql_nor_a_persons_the_portal():
    with pytest.raises(Unauthenticated):
        await doors().person([AT_PORTAL])
    with pytest.raises(Unauthenticated):
        await doors().portal("support", [GOOD])


async def test_without_any_door_nobody_comes_in():
    with pytest.raises(Forbidden, match=r"\[identity"):
        await doors(issuers=()).person([GOOD])


async def test_an_unknown_portal_is_no_door():
    with pytest.raises(KeyError):
        await doors().portal("shop", [])
