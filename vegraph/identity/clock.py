"""The time of day, passed in wherever something expires, so that tests need not wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Clock"]

Clock: TypeAlias = Callable[[], float]
"""Seconds since 1970; `time.time` in a server."""
