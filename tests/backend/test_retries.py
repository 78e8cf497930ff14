"""The table of what happens to a failed call."""

import pytest

from tests.backend.test_gates import Clock
from vegraph.backend.exchange import Lost, Malformed, Unsent
from vegraph.backend.faults import fault
from vegraph.backend.retries import Budget, backoff, verdict


def answered(status, **headers):
    return fault("s", status, {k.replace("_", "-"): v for k, v in headers.items()}, b"")


@pytest.mark.parametrize(
    ("failure", "read", "guarded", "once"),
    [
        (Unsent("x", source="s"), "retry", "retry", "retry"),
        (answered(429), "wait", "wait", "wait"),
        (answered(429, retry_after="3"), "wait", "wait", "wait"),
        (answered(503, retry_after="3"), "wait", "wait", "unknown"),
        (answered(503), "retry", "check", "unknown"),
        (answered(502), "retry", "check", "unknown"),
        (answered(504), "retry", "check", "unknown"),
        (answered(408), "retry", "check only", "unknown"),
        (Lost("x", source="s"), "retry", "check", "unknown"),
        (Lost("x", source="s", timed_out=True), "retry", "check", "unknown"),
        (Malformed("x", source="s"), "fail", "check", "unknown"),
        (answered(500), "fail", "check only", "unknown"),
        (answered(501), "fail", "fail", "fail"),
        (answered(401, www_authenticate='Bearer claims="x"'), "fail", "fail", "fail"),
        (answered(409), "fail", "fail", "fail"),
        (answered(412), "fail", "fail", "fail"),
        (answered(400), "fail", "fail", "fail"),
        (answered(403), "fail", "fail", "fail"),
        (answered(404), "fail", "fail", "fail"),
    ],
    ids=lambda v: v if isinstance(v, str) else f"{type(v).__name__} {v.status}",
)
def test_what_happens_after(failure, read, guarded, once):
    assert (verdict("read", failure), verdict("guarded", failure), verdict("once", failure)) == (read, guarded, once)


def test_waits_grow_and_are_jittered():
    assert [backoff(n, Clock()) for n in (1, 2)] == [0.2, 0.4]


def test_a_tenth_of_the_calls_may_be_repeated_and_one_each_second():
    clock = Clock()
    budget = Budget(clock)
    while budget.take():
        pass
    for _ in range(9):
        budget.called()
    assert not budget.take()
    budget.called()
    budget.called()
    assert budget.take()
    assert not budget.take()
    clock.time += 2
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_the_budget_does_not_pile_up():
    clock = Clock()
    budget = Budget(clock)
    clock.time += 10_000
    assert sum(budget.take() for _ in range(1000)) == 20
