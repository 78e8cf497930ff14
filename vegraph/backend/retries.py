"""What happens to a failed call (the table of identity.md §7.1), and how often calls may be repeated at all."""

from __future__ import annotations

from typing import Literal, TypeAlias

from vegraph.backend.clock import SYSTEM, Clock
from vegraph.backend.exchange import Lost, Malformed, Unsent
from vegraph.errors import BackendConflict, BackendError, BackendInvalid

__all__ = ["MOST_RETRIES", "Budget", "Kind", "Verdict", "backoff", "verdict"]

Kind: TypeAlias = Literal["read", "guarded", "once"]
"""read: GET, batches of them. guarded: PATCH, PUT, DELETE with a real ETag. once: POST, actions, `If-Match: *`."""

Verdict: TypeAlias = Literal["retry", "wait", "check", "check only", "unknown", "fail"]
"""retry: once more after a little. wait: once more after `Retry-After`. check: read the row; unchanged means it did not
run, so once more. check only: the same, but not once more. unknown: it may have run. fail: the error stands."""

MOST_RETRIES = 2

_TABLE: dict[str, tuple[Verdict, Verdict, Verdict]] = {
    #                 read     guarded       once
    "unsent":        ("retry", "retry",      "retry"),
    "429":           ("wait",  "wait",       "wait"),
    "503 later":     ("wait",  "wait",       "unknown"),
    "502 504 lost":  ("retry", "check",      "unknown"),
    "408":           ("retry", "check only", "unknown"),
    "503":           ("retry", "check",      "unknown"),
    "5xx":           ("fail",  "check only", "unknown"),
    "malformed":     ("fail",  "check",      "unknown"),
    "other":         ("fail",  "fail",       "fail"),
}  # fmt: skip
_COLUMNS: dict[Kind, int] = {"read": 0, "guarded": 1, "once": 2}


def verdict(kind: Kind, failure: BackendError) -> Verdict:
    """What to do after this failure of a call of that kind."""
    return _TABLE[_row(failure)][_COLUMNS[kind]]


def _row(failure: BackendError) -> str:
    if isinstance(failure, Unsent):
        return "unsent"
    if isinstance(failure, Malformed):
        return "malformed"
    if isinstance(failure, Lost):
        return "502 504 lost"
    if isinstance(failure, BackendInvalid | BackendConflict):
        return "other"  # a business refusal, whatever status it came with (OF-112)
    status = failure.status
    if status == 429:
        return "429"
    if status == 503:
        return "503 later" if failure.retry_after is not None else "503"
    if status in (502, 504):
        return "502 504 lost"
    if status == 408:
        return "408"
    return "5xx" if status is not None and status >= 500 and status != 501 else "other"


def backoff(attempt: int, clock: Clock = SYSTEM) -> float:
    """Seconds before retry number `attempt` (1, 2): full jitter under 0.2 s, doubling."""
    return float(clock.random() * 0.2 * 2**attempt)


class Budget:
    """How many retries one source gets: a tenth of its calls, and one more each second (threats T37)."""

    SHARE = 0.1
    PER_SECOND = 1.0
    MOST = 20.0

    def __init__(self, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._left = 10.0
        self._at = clock.now()

    def called(self) -> None:
        """A call that is no retry."""
        if self._left < self.MOST:
            self._left += self.SHARE

    def take(self) -> bool:
        """One retry, if there is one left."""
        now = self._clock.now()
        self._left = min(self.MOST, self._left + (now - self._at) * self.PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
