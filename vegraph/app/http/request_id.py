"""The name of one request in answers, logs and calls to the ERPs."""

from __future__ import annotations

import random
import re

__all__ = ["HEADER", "request_id"]

HEADER = "X-Request-Id"

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What may stand in a header and a log line as it came (T21)."""


def request_id(given: str | None) -> str:
    """The client's id where it is harmless, else a new one."""
    return given if given and _SAFE.fullmatch(given) else f"{random.getrandbits(128):032x}"  # a name, no secret
