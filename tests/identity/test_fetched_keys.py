"""Keys fetched over real TLS: when, how often, and what is believed (identity.md §4, T03, T15)."""

import asyncio

import pytest

from tests.identity.provider import Reply
from tests.identity.tokens import jwk
from vegraph.errors import ConfigError, IdentityUnavailable
from vegraph.identity.config import Door
from vegraph.identity.fetched_keys import FetchedKeys, KeySource, discovery_url, key_source
from vegraph.identity.json_http import client


@pytest.fixture
async def keys(provider, clock):
    provider.answers["keys"] = Reply({"keys": [jwk("k1")]})
    async with client(provider.ca) as http:
        source = KeySource(issuer=provider.issuer, discovery=f"{provider.issuer}/.well-known/openid-configuration")
        yield FetchedKeys(source, http, clock)


def fetches(provider):
    return sum(path.endswith("/keys") for _, path, _ in provider.asked)


async def test_keys_are_fetched_once_for_all_who_ask_at_once(provider, keys):
    found = await asyncio.gather(*(keys.find("k1") for _ in range(20)))
    assert {key.kid for key in found} == {"k1"}
    assert fetches(provider) == 1


async def test_an_unknown_key_refreshes_at_most_once_in_five_minutes(provider, keys, clock):
    assert await keys.find("k1")
    provider.answers["keys"] = Reply({"keys": [jwk("k1"), jwk("k2", "next")]})
    assert await keys.find("k2") is None  # the last try is too young
    clock.now += 301
    assert (await keys.find("k2")).kid == "k2"
    for number in range(50):
        assert await keys.find(f"stranger-{number}") is None
    assert fetches(provider) == 2


async def test_the_last_good_keys_outlive_a_failing_provider_for_a_day(provider, keys, clock):
    assert await keys.find("k1")
    provider.answers["keys"] = Reply(status=500)
    clock.now += 24 * 3600 - 1
    assert await keys.find("k1")
    clock.now += 2
    with pytest.raises(IdentityUnavailable) as problem:
        await keys.find("k1")
    assert problem.value.extensions == {"code": "UNAVAILABLE", "retryAfter": 10.0}


async def test_i3_no_keys_is_503_and_a_failed_try_is_not_repeated_by_everybody(provider, keys, clock):
    provider.answers["keys"] = Reply(status=503)
    for _ in range(5):
        with pytest.raises(IdentityUnavailable):
            await keys.find("k1")
    assert fetches(provider) == 1
    provider.answers["keys"] = Reply({"keys": [jwk("k1")]})
    clock.now += 11
    assert await keys.find("k1")


async def test_keys_are_refreshed_hourly_in_the_background(provider, clock):
    provider.answers["keys"] = Reply({"keys": [jwk("k1")]})
    slept = []
    four = asyncio.Event()

    async def sleep(seconds):
        slept.append(seconds)
        clock.now += seconds
        if len(slept) == 2:
            provider.answers["keys"] = Reply(status=500)
        if len(slept) == 4:
            four.set()
            await asyncio.Event().wait()

    async with client(provider.ca) as http:
        running = asyncio.create_task(
            FetchedKeys(KeySource(issuer="x", jwks=f"{provider.issuer}/keys"), http, clock, sleep=sleep).run()
        )
        await four.wait()
        running.cancel()
    assert slept == [3600, 3600, 300, 300]  # sooner after a failure
    assert fetches(provider) == 4


async def test_one_who_leaves_does_not_stop_the_refresh_for_the_others(provider, keys):
    first = asyncio.create_task(keys.find("k1"))
    second = asyncio.create_task(keys.find("k1"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).kid == "k1"


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("another issuer", {"issuer": "https://login.example/other"}),
        ("keys on another host", {"jwks_uri": "https://127.0.0.2/keys"}),
        ("keys on another port", {"jwks_uri": "https://127.0.0.1:1/keys"}),
        ("keys without TLS", {"jwks_uri": "http://127.0.0.1/keys"}),
        ("keys in a file", {"jwks_uri": "file:///etc/passwd"}),
        ("no keys", {"jwks_uri": None}),
    ],
)
async def test_metadata_that_leads_elsewhere_is_not_followed(provider, keys, what, change):
    provider.answers["openid-configuration"] = Reply({**provider.metadata, **change})
    with pytest.raises(IdentityUnavailable):
        await keys.find("k1")
    assert fetches(provider) == 0


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("a redirect", Reply(status=302, headers={"Location": "https://127.0.0.1:1/keys"})),
        ("HTML", Reply(b"<html>")),
        ("a list", Reply([])),
        ("no keys", Reply({"keys": []})),
        ("two megabytes", Reply({"keys": [jwk("k1")], "x": "y" * 2_000_000})),
        ("compressed", Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})),
        ("deep", Reply(b"[" * 100_000)),
    ],
)
async def test_an_answer_that_is_no_key_set_is_not_believed(provider, keys, what, reply):
    provider.answers["keys"] = reply
    with pytest.raises(IdentityUnavailable):
        await keys.find("k1")


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/realm/", "https://id.example/realm/.well-known/openid-configuration"),
        (
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        ),
        (
            "https://sts.windows.net/11111111-1111-4111-8111-111111111111/",
            "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/.well-known/openid-configuration",
        ),
    ],
)
def test_where_metadata_is_looked_for(issuer, url):
    assert discovery_url(Door(name="d", issuer=issuer, audience="a", tenants=("t",))) == url


def test_plain_http_needs_the_development_profile():
    door = Door(name="d", issuer="http://127.0.0.1:9000", audience="a")
    assert key_source(door, development=True).issuer == door.issuer
    with pytest.raises(ConfigError, match="development profile"):
        key_source(door, development=False)
    with pytest.raises(ValueError, match="https"):
        Door(name="d", issuer="http://id.example", audience="a")
