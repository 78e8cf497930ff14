"""Changes to vegraph.toml by commands: one value, and every comment stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tomlkit

__all__ = ["set_entities"]


def set_entities(path: Path, source: str, patterns: Sequence[str]) -> None:
    """Writes `sources.SOURCE.entities`."""
    document = tomlkit.parse(path.read_text("utf-8"))
    array = tomlkit.array()
    array.extend(patterns)
    document["sources"][source]["entities"] = array.multiline(len(patterns) > 6)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(tomlkit.dumps(document), "utf-8")
    beside.replace(path)
