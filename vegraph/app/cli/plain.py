"""`vegraph serve` with options as they are usually given, understood without Typer.

Typer brings Pydantic, a fifth of the time until a server answers. Everything unusual (help, mistakes, abbreviations) is
left to it: what is understood here means the same there, which a test holds.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["serving"]

_NUMBERS = {"--port": (0, 65535), "--workers": (1, 256)}
_NAMES = {"--config": "config", "-c": "config", "--host": "host", "--port": "port", "--workers": "workers"}


def serving(arguments: Sequence[str]) -> dict[str, Any] | None:
    """What to call `starting.serve` with; None: Typer knows."""
    if arguments[:1] != ["serve"]:
        return None
    default = os.environ.get("VEGRAPH_CONFIG") or "vegraph.toml"
    found: dict[str, Any] = {"config": Path(default), "host": None, "port": None, "workers": None}
    waiting = list(arguments[1:])
    while waiting:
        option, _, value = waiting.pop(0).partition("=")
        if option not in _NAMES or (not value and not waiting):
            return None
        value = value or waiting.pop(0)
        if value.startswith("-") or not value:
            return None
        if option in _NUMBERS:
            least, most = _NUMBERS[option]
            if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
                return None
            found[_NAMES[option]] = int(value)
        else:
            found[_NAMES[option]] = Path(value) if _NAMES[option] == "config" else value
    return found
