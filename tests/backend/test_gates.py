"""Gates, bulkhead and breaker, on a clock that only the test moves."""

import asyncio

import pytest

from vegraph.backend.breaker import Breaker
from vegraph.backend.gates import Bulkhead, Gate
from vegraph.errors import BackendRateLimited, BackendTimeout, BackendUnavailable


class Clock:
    def __init__(self):
        self.time = 1000.0
        self.sleepers = []

    def now(self):
        return self.time

    def random(self):
        return 0.5

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.time + seconds, woken))
        await woken

    async def pass_(self, seconds):
        self.time += seconds
        for until, woken in self.sleepers:
            if until <= self.time and not woken.done():
                woken.set_result(None)
        await settle()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def queued(gate, *callers, deadline=None):
    order = []

    async def one(caller):
        await gate.enter(caller, deadline or gate._clock.now() + 100)
        order.append(caller)

    return order, [asyncio.create_task(one(caller)) for caller in callers]


async def test_a_gate_lets_in_as_many_as_it_has_places():
    gate = Gate("s", most=2, clock=Clock())
    order, tasks = queued(gate, "a", "a", "a")
    await settle()
    assert (gate.active, len(order)) == (2, 2)
    gate.leave()
    await settle()
    assert (gate.active, len(order)) == (2, 3)
    await asyncio.gather(*tasks)


async def test_callers_of_one_principal_take_turns():
    gate = Gate("s", most=1, clock=Clock())
    order, tasks = queued(gate, "a", "a", "a", "a", "b", "c")
    await settle()
    for _ in range(6):
        gate.leave()
        await settle()
    assert order == ["a", "a", "b", "c", "a", "a"]
    await asyncio.gather(*tasks)


async def test_a_full_queue_is_refused_at_once():
    gate = Gate("s", most=1, queue=2, clock=Clock())
    _, tasks = queued(gate, "a", "a", "a", "a")
    await settle()
    assert isinstance(tasks[3].exception(), BackendRateLimited)
    for _ in range(3):
        gate.leave()
        await settle()
    await asyncio.gather(*tasks[:3])


async def test_a_429_closes_the_gate_until_its_time():
    clock = Clock()
    gate = Gate("s", most=4, clock=clock)
    assert gate.refused(10) == 10
    order, tasks = queued(gate, "a")
    await settle()
    assert order == []
    await clock.pass_(9)
    assert order == []
    await clock.pass_(1)
    assert order == ["a"]
    await asyncio.gather(*tasks)


async def test_a_gate_closed_beyond_the_deadline_is_told_at_once():
    gate = Gate("s", most=4, clock=Clock())
    gate.refused(60)
    with pytest.raises(BackendRateLimited) as found:
        await gate.enter("a", gate._clock.now() + 30)
    assert found.value.retry_after == 60


async def test_429s_without_a_time_wait_longer_each_time():
    gate = Gate("s", most=4, clock=Clock())
    assert [gate.refused(None) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    gate.went_well()
    assert gate.refused(None) == 1


async def test_a_gate_narrows_by_half_and_widens_by_one():
    gate = Gate("s", most=8, clock=Clock())
    gate.refused(0)
    assert gate.limit == 4
    for _ in range(5):
        gate.went_well()
    assert 5 <= gate.limit < 5.2
    for _ in range(100):
        gate.refused(0)
    assert gate.limit == 1
    for _ in range(100):
        gate.went_well()
    assert gate.limit == 8


async def test_who_leaves_the_queue_takes_no_place():
    gate = Gate("s", most=1, clock=Clock())
    order, tasks = queued(gate, "a", "b", "c")
    await settle()
    tasks[1].cancel()
    await settle()
    gate.leave()
    await settle()
    assert order == ["a", "c"]
    gate.leave()
    assert gate.active == 0
    assert gate.idle


async def test_who_is_cancelled_as_the_place_comes_gives_it_back():
    gate = Gate("s", most=1, clock=Clock())
    order, tasks = queued(gate, "a", "b", "c")
    await settle()
    gate.leave()  # b has the place now, and is cancelled before it runs
    tasks[1].cancel()
    await settle()
    assert order == ["a", "c"]
    gate.leave()
    assert gate.active == 0


async def test_no_place_until_the_deadline_is_a_time_out():
    gate = Gate("s", most=1, clock=Clock())
    await gate.enter("a", gate._clock.now() + 1)
    with pytest.raises(BackendTimeout):
        await gate.enter("a", gate._clock.now() + 0.01)
    gate.leave()
    assert gate.active == 0


async def test_the_bulkhead_is_first_come_first_served():
    clock = Clock()
    bulkhead = Bulkhead("s", 1, clock.now)
    await bulkhead.enter(clock.now() + 1)
    order = []

    async def one(name):
        await bulkhead.enter(clock.now() + 100)
        order.append(name)

    tasks = [asyncio.create_task(one(n)) for n in "abc"]
    await settle()
    tasks[0].cancel()
    await settle()
    bulkhead.leave()
    await settle()
    bulkhead.leave()
    await settle()
    assert order == ["b", "c"]
    with pytest.raises(BackendTimeout):
        await bulkhead.enter(clock.now())


# The breaker


def calls(breaker, *outcomes):
    for worked in outcomes:
        breaker.left(breaker.enter(), worked)


def test_a_breaker_opens_at_half_of_twenty():
    breaker = Breaker("s", Clock())
    calls(breaker, *[True] * 10, *[False] * 9)
    assert not breaker.open
    calls(breaker, False)
    assert breaker.open
    with pytest.raises(BackendUnavailable) as found:
        breaker.enter()
    assert found.value.retry_after == 5


def test_few_failures_among_many_calls_do_not_open_it():
    breaker = Breaker("s", Clock())
    calls(breaker, *[True] * 200, *[False] * 100)
    assert not breaker.open


def test_what_says_nothing_does_not_count():
    breaker = Breaker("s", Clock())
    calls(breaker, *[None] * 100, *[False] * 19)
    assert not breaker.open


def test_a_call_counts_once_however_often_it_is_tried():
    breaker = Breaker("s", Clock())
    for _ in range(19):
        breaker.left(breaker.enter(), False)
        breaker.left(breaker.enter(), False, again=True)
    assert not breaker.open
    assert breaker.state == "down"


def test_old_failures_are_forgotten():
    clock = Clock()
    breaker = Breaker("s", clock)
    calls(breaker, *[False] * 19)
    clock.time += 31
    calls(breaker, *[False] * 19)
    assert not breaker.open


def opened(clock):
    breaker = Breaker("s", clock)
    calls(breaker, *[False] * 20)
    return breaker


def test_one_probe_at_a_time_decides():
    clock = Clock()
    breaker = opened(clock)
    clock.time += 5
    probe = breaker.enter()
    with pytest.raises(BackendUnavailable):
        breaker.enter()
    breaker.left(probe, False)
    clock.time += 9
    with pytest.raises(BackendUnavailable):
        breaker.enter()
    clock.time += 1
    breaker.left(breaker.enter(), True)
    assert not breaker.open
    calls(breaker, *[False] * 19)
    assert not breaker.open  # it began anew


def test_a_cancelled_probe_lets_the_next_one_try():
    clock = Clock()
    breaker = opened(clock)
    clock.time += 5
    breaker.left(breaker.enter(), None)
    assert breaker.enter() is True


def test_it_stays_open_for_a_minute_at_most():
    clock = Clock()
    breaker = opened(clock)
    for seconds in (5, 10, 20, 40, 60, 60):
        clock.time += seconds - 0.1
        with pytest.raises(BackendUnavailable):
            breaker.enter()
        clock.time += 0.1
        breaker.left(breaker.enter(), False)


@pytest.mark.parametrize(
    ("met", "later", "state"),
    [
        ([], 0, "unknown"),
        ([None], 0, "unknown"),
        ([True], 3600, "up"),
        ([True, False], 0, "down"),
        ([False, True], 0, "up"),
        ([False, None], 0, "down"),
        ([False], 31, "unknown"),  # else an instance that is sent nothing while it is down would stay so
    ],
)
def test_the_last_call_tells_whether_a_source_is_there(met, later, state):
    clock = Clock()
    breaker = Breaker("s", clock)
    calls(breaker, *met)
    clock.time += later
    assert breaker.state == state
