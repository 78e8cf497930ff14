"""How long a connection may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Patience"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: to open a connection, to wait for a free one, and between two pieces of an answer."""

    connect_s: float = 3.0
    pool_s: float = 2.0
    read_s: float = 30.0
