"""Throttling: erp.md §4.1.10."""

import asyncio
from dataclasses import replace

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.data.people import CLERK
from vegraph.emulator.engine.faults import Fault
from vegraph.emulator.fo.profile import USER_LIMITS, Options

URL = "/data/Currencies?$top=1"


def test_of_120_the_documented_numbers():
    limits = USER_LIMITS
    assert (limits.window_requests, limits.window_s) == (6000, 300.0)
    assert (limits.window_execution_s, limits.concurrent) == (1200.0, 52)


def test_of_121_of_131_user_limits_are_off_unless_chosen():
    assert Options().user_limits is None


async def test_of_123_of_124_too_many_requests_wait_and_are_told_how_long(make):
    erp: Erp = make(user_limits=replace(USER_LIMITS, window_requests=3))
    for _ in range(3):
        assert (await erp.ask("GET", URL)).status_code == 200
    refused = await erp.ask("GET", URL)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "30"
    assert refused.json()["error"]["message"].startswith(
        "Number of requests exceeded the limit of 3 over the time window"
    )
    erp.service.clock.advance(301)
    assert (await erp.ask("GET", URL, authorization=f"Bearer {_later(erp)}")).status_code == 200


def _later(erp: Erp) -> str:
    from tests.emulator.fo.conftest import token
    from vegraph.emulator.data.people import MANAGER

    return token(MANAGER, exp=erp.service.clock.seconds() + 600)


async def test_of_128_the_limit_is_each_users_own(make):
    erp: Erp = make(user_limits=replace(USER_LIMITS, window_requests=1))
    assert (await erp.ask("GET", URL)).status_code == 200
    assert (await erp.ask("GET", URL)).status_code == 429
    assert (await erp.ask("GET", URL, who=CLERK)).status_code == 200


async def test_of_126_too_many_at_once(make):
    erp: Erp = make(user_limits=replace(USER_LIMITS, concurrent=1))
    erp.app.faults.rules.append(Fault.read({"path": "/data/Currencies", "delay_ms": 50}))
    answers = await asyncio.gather(*(erp.ask("GET", URL) for _ in range(4)))
    refused = [a for a in answers if a.status_code == 429]
    assert len(refused) == 3
    assert refused[0].json()["error"]["message"] == "Number of concurrent requests exceeded the limit of 1."


@pytest.mark.parametrize("wait", [None, 5], ids=["OF-127 without Retry-After", "OF-122 OF-127 with it"])
async def test_a_busy_server_refuses_by_a_fault(make, wait: int | None):
    erp: Erp = make()
    rule = {"path": "/data/Currencies", "status": 429}
    erp.app.faults.rules.append(Fault.read(rule if wait is None else {**rule, "retry_after": wait}))
    response = await erp.ask("GET", URL)
    assert response.status_code == 429
    assert response.headers.get("retry-after") == (None if wait is None else "5")
