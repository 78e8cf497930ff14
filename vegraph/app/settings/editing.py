"""Changes to vegraph.toml by commands: one value, and every comment stays where it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit

from vegraph.errors import ConfigError

__all__ = ["set_entities"]


def set_entities(path: Path, source: str, patterns: Sequence[str]) -> None:
    """Writes `sources.SOURCE.entities`. Raises ConfigError where the file cannot be written."""
    document = tomlkit.parse(path.read_text("utf-8-sig"))
    table = document["sources"][source]
    if not _edited(table.get("entities"), patterns):
        array = tomlkit.array()
        array.extend(patterns)
        table["entities"] = array.multiline(len(patterns) > 6)
    try:
        _replace(path.resolve(), tomlkit.dumps(document))  # a link goes on leading to the file
    except OSError as problem:
        raise ConfigError(f"{path}: cannot be written ({problem.strerror or problem}).") from None


def _edited(array: Any, patterns: Sequence[str]) -> bool:
    """Whether it could be made those patterns by taking some away and adding others, comments left where they are."""
    if not isinstance(array, tomlkit.items.Array):
        return False
    kept = [pattern for pattern in array.unwrap() if pattern in patterns]
    if kept != list(patterns[: len(kept)]):
        return False
    for index in reversed(range(len(array))):
        if array[index] not in patterns:
            del array[index]
    for pattern in patterns[len(kept) :]:
        array.append(pattern)
    return True


def _replace(path: Path, text: str) -> None:
    """The whole file or nothing of it, and nobody may read it who might not before."""
    beside = path.with_name(f".{path.name}.new")
    beside.touch(0o600)
    beside.write_text(text, "utf-8")
    shutil.copymode(path, beside)
    beside.replace(path)
