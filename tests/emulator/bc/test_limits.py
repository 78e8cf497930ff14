"""Limits and throttling (erp.md 4.2.12), scaled down."""

import asyncio

import pytest

from tests.emulator.bc import books
from tests.emulator.bc.conftest import Make
from vegraph.emulator.bc.dialect import LIMITS
from vegraph.emulator.engine.faults import Fault
from vegraph.emulator.engine.profile import Limits


async def statuses(erp, count, who="admin", path="items?$top=0"):
    answers = await asyncio.gather(*(erp.send("GET", path, who=who) for _ in range(count)))
    return sorted(a.status_code for a in answers)


def slow(erp, seconds=0.05):
    """Every request takes that long."""
    erp.emulator.app.faults.rules.append(Fault.read({"delay_ms": seconds * 1000}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("window_requests", 6000, id="OB-150 requests"),
        pytest.param("window_s", 300.0, id="OB-150 window"),
        pytest.param("concurrent", 5, id="OB-152 at once"),
        pytest.param("queued", 95, id="OB-153 queue"),
        pytest.param("queue_wait_s", 480.0, id="OB-155 wait in the queue"),
        pytest.param("operation_s", 480.0, id="OB-156 operation"),
        pytest.param("body_bytes", 350 * 1024 * 1024, id="OB-157 body"),
        pytest.param("query_chars", 8099, id="OB-91 query string"),
    ],
)
def test_the_published_limits_are_the_default(name, value):
    assert getattr(LIMITS, name) == value


async def test_ob_150_the_window_slides(make: Make):
    erp = make(limits=Limits(window_requests=3, window_s=60))
    assert await statuses(erp, 5) == [200, 200, 200, 429, 429]
    assert await statuses(erp, 1, who="clerk") == [200]
    erp.emulator.service.clock.advance(61)
    assert await statuses(erp, 1) == [200]


async def test_ob_152_ob_153_ob_154_so_many_run_so_many_wait_the_rest_is_refused(make: Make):
    erp = make(limits=Limits(concurrent=2, queued=3))
    slow(erp)
    assert await statuses(erp, 7) == [200, 200, 200, 200, 200, 429, 429]
    assert await statuses(erp, 5) == [200, 200, 200, 200, 200]


async def test_ob_164_each_user_has_a_budget_of_their_own(make: Make):
    erp = make(limits=Limits(concurrent=1, queued=0))
    slow(erp)
    found = await asyncio.gather(statuses(erp, 1), statuses(erp, 1, who="clerk"), statuses(erp, 1, who="seller"))
    assert found == [[200], [200], [200]]


async def test_ob_155_who_waits_too_long_gets_503(make: Make):
    erp = make(limits=Limits(concurrent=1, queued=5, queue_wait_s=0.03))
    slow(erp, 0.15)
    answers = await asyncio.gather(erp.send("GET", "items?$top=0"), erp.send("GET", "items?$top=0"))
    assert [(a.status_code, a.headers.get("retry-after")) for a in answers] == [(200, None), (503, "5")]


async def test_ob_156_an_operation_that_takes_too_long_gets_408(make: Make):
    erp = make(limits=Limits(operation_s=0.03))
    slow(erp, 0.15)
    status, code, _ = await erp.refused("GET", "items")
    assert (status, code) == (408, "Unknown")


@pytest.mark.parametrize(
    ("wait", "header"),
    [
        pytest.param(None, None, id="OB-165 no Retry-After by default"),
        pytest.param(7, "7", id="OB-165 Retry-After as an option"),
    ],
)
async def test_retry_after_on_429(make: Make, wait, header):
    erp = make(limits=Limits(window_requests=1, retry_after_s=wait))
    await erp.send("GET", "items?$top=0")
    answer = await erp.send("GET", "items?$top=0")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, header)


async def test_ob_158_ob_159_page_and_batch_have_their_limits(make: Make):
    profile = make().emulator.service.dialect.profile
    assert (profile.page_size, profile.batch_max) == (20_000, 100)


async def test_ob_160_at_most_200_subscriptions(make: Make):
    erp = make()
    rows = [{"subscriptionId": str(n), "notificationUrl": "http://x", "resource": "r"} for n in range(200)]
    erp.emulator.store.load("subscriptions", rows)
    webhooks = erp.emulator.service.dialect.webhooks
    with pytest.raises(Exception, match="200 subscriptions"):
        webhooks.prepared({"resource": f"companies({books.MAIN})/customers"}, books.guid(1, 1))


async def test_ob_161_an_environment_holds_300_companies(make: Make):
    erp = make()
    for number in range(298):
        erp.emulator.store.add_company(books.guid(50, number), f"Company {number}")
    with pytest.raises(ValueError, match="300"):
        erp.emulator.store.add_company(books.guid(50, 999), "One too many")
