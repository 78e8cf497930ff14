"""The circuit breaker of one source: after many failures calls fail at once, then one probe asks (identity.md §7.2).

Connections, time-outs and 5xx count as failures; refusals (4xx, 429) and cancellations count as nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from vegraph.backend.clock import SYSTEM, Clock
from vegraph.errors import BackendUnavailable

__all__ = ["Breaker"]


class Breaker:
    """Opens at half of at least 20 calls in 30 s failing; stays open 5 s, doubling to 60 s."""

    LEAST = 20
    WINDOW_S = 30.0
    FIRST_S = 5.0
    LONGEST_S = 60.0

    def __init__(self, source: str, clock: Clock = SYSTEM) -> None:
        self.source = source
        self._clock = clock
        self._seconds: deque[list[int]] = deque()
        """[second, calls, failures] of the window."""
        self._all = 0
        self._failed = 0
        self._open_until: float | None = None
        self._open_s = self.FIRST_S
        self._probing = False
        self._last: tuple[bool, float] | None = None
        """Whether the last call worked, and when it ended."""

    @property
    def state(self) -> Literal["up", "down", "unknown"]:
        """Whether the source answers, told from what calls met lately.

        A failure counts for a window's time only: an instance that gets no calls any more because its source was down
        would never learn otherwise.
        """
        if self._last is None:
            return "unknown"
        worked, at = self._last
        if worked:
            return "up"
        return "down" if self._clock.now() - at < self.WINDOW_S else "unknown"

    @property
    def open(self) -> bool:
        """Calls fail at once."""
        return self._open_until is not None

    def enter(self) -> bool:
        """May this call go out? True: it is the probe. Raises BackendUnavailable while open."""
        if self._open_until is None:
            return False
        if self._probing or self._open_until > self._clock.now():
            self.refuse()
        self._probing = True
        return True

    def refuse(self) -> None:
        """Raises BackendUnavailable while open."""
        if self._open_until is not None:
            raise BackendUnavailable(
                f"{self.source} has failed too often in the last minute; it is asked again shortly.",
                source=self.source,
                retry_after=max(self._open_until - self._clock.now(), 1.0),
            )

    def left(self, probe: bool, worked: bool | None, *, again: bool = False) -> None:
        """What came of the call; None: nothing can be said (cancelled, refused).

        `again`: it was a retry. A call counts once, else one bad minute of a few callers would look like twenty."""
        if worked is not None:
            self._last = worked, self._clock.now()
        if probe:
            self._probing = False
            if worked is not None:
                self._close() if worked else self._reopen()
            return
        if worked is not None and not again and self._open_until is None:
            self._count(worked)

    def _count(self, worked: bool) -> None:
        now = self._clock.now()
        seconds, second = self._seconds, int(now)
        if not seconds or seconds[-1][0] != second:
            seconds.append([second, 0, 0])
            while seconds[0][0] <= second - self.WINDOW_S:
                _, calls, failures = seconds.popleft()
                self._all -= calls
                self._failed -= failures
        seconds[-1][1] += 1
        self._all += 1
        if worked:
            return
        seconds[-1][2] += 1
        self._failed += 1
        if self._all >= self.LEAST and self._failed * 2 >= self._all:
            self._open_until = now + self._open_s

    def _reopen(self) -> None:
        self._open_s = min(self._open_s * 2, self.LONGEST_S)
        self._open_until = self._clock.now() + self._open_s

    def _close(self) -> None:
        self._open_until, self._open_s = None, self.FIRST_S
        self._all = self._failed = 0
        self._seconds.clear()
