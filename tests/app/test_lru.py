from hypothesis import given
from hypothesis import strategies as st

from vegraph.app.lru import Bounded


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7)), max_size=60))
def test_it_holds_what_a_plain_list_of_the_latest_would(steps: list[tuple[int, int]]):
    kept: Bounded[int, int] = Bounded(items=4, weight=12)
    latest: list[tuple[int, int]] = []
    for key, weight in steps:
        kept.put(key, weight, weight)
        latest = [entry for entry in latest if entry[0] != key]
        if weight <= 12:
            latest.append((key, weight))
        while len(latest) > 4 or sum(w for _, w in latest) > 12:
            latest.pop(0)
        assert [k for k in range(10) if k in kept] == sorted(k for k, _ in latest)
    assert len(kept) == len(latest)


def test_what_was_used_lately_stays():
    kept: Bounded[str, int] = Bounded(items=2, weight=10)
    kept.put("a", 1, 1)
    kept.put("b", 2, 1)
    assert kept.get("a") == 1
    kept.put("c", 3, 1)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_what_weighs_too_much_alone_costs_nothing_else():
    kept: Bounded[str, int] = Bounded(items=2, weight=10)
    kept.put("a", 1, 5)
    kept.put("b", 2, 11)
    assert ("a" in kept, "b" in kept) == (True, False)
