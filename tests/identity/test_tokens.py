"""The token memory: what shares an entry, when it ends, and that waiting for the same harms nobody (I9)."""

import asyncio
import hashlib
import random

import pytest

from tests.identity.conftest import settle
from tests.identity.tokens import NOW
from vegraph.errors import IdentityUnavailable
from vegraph.identity.flights import Flights
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token, TokenCache, TokenKey


def key_of(assertion, scope="erp", claims=None, provider="entra>bc"):
    return TokenKey(Secret(assertion).digest(), provider, scope, claims)


class Provider:
    """Makes tokens and counts."""

    def __init__(self, life=3600.0):
        self.made = 0
        self.life = life

    async def __call__(self):
        self.made += 1
        await asyncio.sleep(0)
        return Token(Secret(f"token {self.made}"), NOW + self.life)


@pytest.fixture
def cache(clock):
    return TokenCache(clock)


async def test_i9_a_token_serves_again_for_the_same_assertion_audience_and_claims_only(cache):
    provider = Provider()
    keys = [
        key_of("a"),
        key_of("b"),
        key_of("a", scope="other erp"),
        key_of("a", claims="{}"),
        key_of("a", provider="other door>bc"),
    ]
    first = [await cache.get(key, provider, until=NOW + 9999) for key in keys]
    again = [await cache.get(key, provider, until=NOW + 9999) for key in keys]
    assert first == again
    assert provider.made == len(keys)


@pytest.mark.parametrize(
    ("token_life", "assertion_life", "served_for"), [(3600, 9999, 3540), (3600, 600, 540), (7200, 7200, 7140)]
)
async def test_i9_a_token_ends_a_minute_before_itself_and_before_the_assertion(
    cache, clock, token_life, assertion_life, served_for
):
    provider = Provider(token_life)
    await cache.get(key_of("a"), provider, until=NOW + assertion_life)
    clock.now = NOW + served_for - 1
    await cache.get(key_of("a"), provider, until=NOW + assertion_life)
    assert provider.made == 1
    clock.now += 1
    await cache.get(key_of("a"), provider, until=NOW + assertion_life)
    assert provider.made == 2


async def test_a_token_that_ends_too_soon_is_used_and_not_kept(cache):
    provider = Provider(life=59)
    await cache.get(key_of("a"), provider, until=NOW + 9999)
    assert len(cache) == 0


async def test_i9_a_refused_token_is_dropped_and_nobody_elses(cache):
    provider = Provider()
    keys = [key_of("a"), key_of("a", claims="{}"), key_of("b")]
    old, *_ = [await cache.get(key, provider, until=NOW + 9999) for key in keys]
    cache.refused(key_of("a"), old)
    assert len(cache) == 2
    fresh = await cache.get(key_of("a"), provider, until=NOW + 9999)
    assert provider.made == 4
    cache.refused(key_of("a"), old)
    assert await cache.get(key_of("a"), provider, until=NOW + 9999) is fresh


async def test_the_memory_is_bounded_and_the_least_used_goes_first(clock):
    cache = TokenCache(clock, max_entries=3)
    provider = Provider()
    for name in ("a", "b", "c"):
        await cache.get(key_of(name), provider, until=NOW + 9999)
    await cache.get(key_of("a"), provider, until=NOW + 9999)
    await cache.get(key_of("d"), provider, until=NOW + 9999)
    assert len(cache) == 3
    await cache.get(key_of("a"), provider, until=NOW + 9999)
    assert provider.made == 4
    await cache.get(key_of("b"), provider, until=NOW + 9999)
    assert provider.made == 5


async def test_an_error_is_never_kept(cache):
    async def failing():
        raise IdentityUnavailable("away")

    for _ in range(2):
        with pytest.raises(IdentityUnavailable):
            await cache.get(key_of("a"), failing, until=NOW + 9999)
    assert (await cache.get(key_of("a"), Provider(), until=NOW + 9999)).value.reveal() == "token 1"


async def test_all_who_wait_get_the_one_answer_though_the_first_leaves(cache):
    go, made = asyncio.Event(), 0

    async def slow():
        nonlocal made
        made += 1
        await go.wait()
        return Token(Secret("shared"), NOW + 3600)

    waiting = [asyncio.create_task(cache.get(key_of("a"), slow, until=NOW + 9999)) for _ in range(5)]
    await settle()
    waiting[0].cancel()
    await settle()
    go.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert {answer.value.reveal() for answer in answers[1:]} == {"shared"}
    assert made == 1


async def test_the_work_stops_when_the_last_one_leaves():
    flights: Flights[str, None] = Flights()
    stopped = asyncio.Event()

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    waiting = [asyncio.create_task(flights.share("a", endless)) for _ in range(2)]
    await settle()
    waiting[0].cancel()
    await settle()
    assert not stopped.is_set()
    waiting[1].cancel()
    await settle()
    assert stopped.is_set()
    assert len(flights) == 0


async def test_an_error_reaches_all_who_wait():
    flights: Flights[str, None] = Flights()

    async def failing():
        await asyncio.sleep(0)
        raise IdentityUnavailable("away")

    answers = await asyncio.gather(*(flights.share("a", failing) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [IdentityUnavailable] * 3


async def test_t12_sixty_four_callers_at_once_never_cross(clock):
    """Mixed sessions and ERPs, drops, cancellations and failures: each answer is the one for its own key."""
    cache = TokenCache(clock, max_entries=50)
    chance = random.Random(64)

    def name(assertion, scope):
        return hashlib.sha256(f"{assertion}|{scope}".encode()).hexdigest()

    async def caller(number):
        for _ in range(80):
            assertion, scope = f"session {number % 24}", chance.choice(["bc", "fo", "crm"])

            async def make(assertion=assertion, scope=scope):
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                if chance.random() < 0.1:
                    raise IdentityUnavailable("429")
                return Token(Secret(name(assertion, scope)), NOW + 3600)

            asked = asyncio.create_task(cache.get(key_of(assertion, scope), make, until=NOW + 9999))
            if chance.random() < 0.1:
                await asyncio.sleep(0)
                asked.cancel()
            try:
                token = await asked
            except (IdentityUnavailable, asyncio.CancelledError):
                continue
            assert token.value.reveal() == name(assertion, scope)
            if chance.random() < 0.05:
                cache.refused(key_of(assertion, scope), token)

    await asyncio.gather(*(caller(number) for number in range(64)))
    assert 0 < len(cache) <= 50
