"""Measuring several servers side by side: rounds in turn, so that whatever else the machine does hits all alike."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benching.client import Connection, Request
from benching.processes import Served

__all__ = ["Contestant", "Measured", "compared", "percentile", "ratio", "throughput"]


@dataclass(slots=True)
class Contestant:
    """One server and the request that is put to it."""

    name: str
    request: Request
    served: Served | None = None
    """For its CPU time; None: not ours to look at."""


@dataclass(slots=True)
class Measured:
    """What one contestant took. Times in seconds."""

    rounds: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of CPU for each request, by round."""
    per_second: list[float] = field(default_factory=list)
    """Requests per second with several clients, by round."""

    @property
    def p50_ms(self) -> float:
        """Median over all rounds."""
        return percentile(self._all, 0.5) * 1e3

    @property
    def p99_ms(self) -> float:
        """99th percentile over all rounds."""
        return percentile(self._all, 0.99) * 1e3

    @property
    def p90_ms(self) -> float:
        """90th percentile over all rounds."""
        return percentile(self._all, 0.9) * 1e3

    @property
    def cpu_ms(self) -> float:
        """CPU of the server's process for one request."""
        return median(self.cpu) * 1e3 if self.cpu else float("nan")

    @property
    def rps(self) -> float:
        """Requests per second with one client."""
        return 1 / (sum(self._all) / len(self._all)) if self._all else float("nan")

    @property
    def rps_many(self) -> float:
        """Requests per second with several clients."""
        return median(self.per_second) if self.per_second else float("nan")

    @property
    def _all(self) -> list[float]:
        return [t for r in self.rounds for t in r]


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; nan of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def ratio(a: Measured, b: Measured, share: float = 0.5) -> float:
    """a over b: the median of the rounds' own ratios, since what disturbs one round disturbs both."""
    pairs = zip(a.rounds, b.rounds, strict=True)
    return median(percentile(x, share) / percentile(y, share) for x, y in pairs) if a.rounds else float("nan")


async def compared(
    contestants: Sequence[Contestant],
    *,
    rounds: int,
    round_s: float,
    most: int = 2000,
    check: Callable[[str, int, bytes], None] | None = None,
) -> dict[str, Measured]:
    """One client, one request after the other; each contestant for `round_s` in each round, the order turning."""
    lines = {c.name: await Connection.open(c.request) for c in contestants}
    found = {c.name: Measured() for c in contestants}
    counts: dict[str, int] = {}
    try:
        for c in contestants:
            counts[c.name] = await _warm(lines[c.name], c, round_s, most, check)
        for number in range(rounds):
            for i in range(len(contestants)):
                c = contestants[(i + number) % len(contestants)]
                await _round(lines[c.name], c, counts[c.name], found[c.name])
    finally:
        for line in lines.values():
            line.close()
    return found


async def _warm(
    line: Connection, c: Contestant, round_s: float, most: int, check: Callable[[str, int, bytes], None] | None
) -> int:
    """Asks until it is warm; gives how many requests fill a round."""
    status, body = await line.ask(c.request)
    if status != 200:
        raise RuntimeError(f"{c.name} answered {status}: {body[:300].decode('utf-8', 'replace')}")
    if check is not None:
        check(c.name, status, body)
    times = []
    until = time.perf_counter() + round_s / 2
    while time.perf_counter() < until or len(times) < 3:
        started = time.perf_counter()
        await line.ask(c.request)
        times.append(time.perf_counter() - started)
    return max(3, min(most, int(round_s / median(times))))


async def _round(line: Connection, c: Contestant, count: int, found: Measured) -> None:
    times = [0.0] * count
    before = c.served.cpu_s() if c.served is not None else 0.0
    gc.disable()
    for i in range(count):
        started = time.perf_counter()
        await line.ask(c.request)
        times[i] = time.perf_counter() - started
    gc.enable()
    if c.served is not None:
        found.cpu.append((c.served.cpu_s() - before) / count)
    found.rounds.append(times)


async def throughput(
    contestants: Sequence[Contestant], found: dict[str, Measured], *, clients: int, rounds: int, round_s: float
) -> None:
    """Several clients at once, each asking again as soon as it is answered."""
    for number in range(rounds):
        for i in range(len(contestants)):
            c = contestants[(i + number) % len(contestants)]
            found[c.name].per_second.append(await _together(c, clients, round_s))


async def _together(c: Contestant, clients: int, round_s: float) -> float:
    lines = [await Connection.open(c.request) for _ in range(clients)]
    until = time.perf_counter() + round_s
    answered = 0

    async def ask(line: Connection) -> None:
        nonlocal answered
        while time.perf_counter() < until:
            status, _ = await line.ask(c.request)
            if status != 200:
                raise RuntimeError(f"{c.name} answered {status} to one of {clients} clients")
            answered += 1

    started = time.perf_counter()
    try:
        await asyncio.gather(*map(ask, lines))
    finally:
        for line in lines:
            line.close()
    return answered / (time.perf_counter() - started)
