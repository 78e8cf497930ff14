"""The emulator's own clock, which tests can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["Clock"]


class Clock:
    """Wall time plus an offset, or a time that stands still."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self.frozen: float | None = None

    def seconds(self) -> float:
        """Seconds since 1970."""
        return self.frozen if self.frozen is not None else time.time() + self.offset_s

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def text(self) -> str:
        """The time as the wire shows it: milliseconds, `Z`."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def set(self, seconds: float, *, frozen: bool = False) -> None:
        """Go to a time; `frozen` stays there."""
        self.offset_s = seconds - time.time()
        self.frozen = seconds if frozen else None

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.offset_s += seconds
        if self.frozen is not None:
            self.frozen += seconds

    def reset(self) -> None:
        """Wall time again."""
        self.offset_s, self.frozen = 0.0, None
