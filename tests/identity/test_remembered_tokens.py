"""A token that was good is not checked whole again; what can change about it is."""

import pytest

from tests.identity.tokens import AUDIENCE, ISSUER, NOW, jwk, person, signed
from vegraph.errors import Unauthenticated
from vegraph.identity.config import Door
from vegraph.identity.keys import StaticKeys, read_key_set
from vegraph.identity.people import checks_for
from vegraph.identity.verify import Verifier


class Rotating(StaticKeys):
    """Keys that can be replaced, and that count how often they were asked for."""

    def __init__(self, *kids):
        self.rotate(*kids)
        self.asked = 0

    def rotate(self, *kids):
        super().__init__(read_key_set({"keys": [jwk(*kid) for kid in kids]}).values())

    async def find(self, kid):
        self.asked += 1
        return await super().find(kid)


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def keys():
    return Rotating(("k1",))


@pytest.fixture
def verifier(keys, clock):
    door = Door(name="entra", issuer=ISSUER, audience=AUDIENCE)
    return Verifier(checks_for(door), keys, lambda: clock[0])


async def test_the_same_token_is_the_same_caller(verifier):
    token = signed(person())
    assert await verifier.check(token) is await verifier.check(token)
    assert await verifier.check(signed(person(name="Somebody else"))) is not await verifier.check(token)


async def test_it_ends_when_it_ends(verifier, clock):
    token = signed(person())
    await verifier.check(token)
    clock[0] += 24 * 3600
    with pytest.raises(Unauthenticated):
        await verifier.check(token)


async def test_it_ends_when_its_key_is_withdrawn(verifier, keys):
    token = signed(person())
    await verifier.check(token)
    keys.rotate(("k1", "next"))  # the same name for another key
    with pytest.raises(Unauthenticated):
        await verifier.check(token)
    keys.rotate(("k2", "next"))
    with pytest.raises(Unauthenticated):
        await verifier.check(token)


async def test_its_key_is_asked_for_each_time(verifier, keys):
    token = signed(person())
    for _ in range(3):
        await verifier.check(token)
    assert keys.asked == 3


async def test_one_changed_letter_is_another_token(verifier):
    token = signed(person())
    await verifier.check(token)
    with pytest.raises(Unauthenticated):
        await verifier.check(token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:])
