"""Changes to vegraph.toml by commands: one value, and every comment stays where it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import tomlkit

from vegraph.errors import ConfigError

__all__ = ["set_entities"]


def set_entities(path: Path, source: str, patterns: Sequence[str]) -> None:
    """Writes `sources.SOURCE.entities`. Raises ConfigError where the file cannot be written."""
    document = tomlkit.parse(path.read_text("utf-8-sig"))
    array = tomlkit.array()
    array.extend(patterns)
    document["sources"][source]["entities"] = array.multiline(len(patterns) > 6)
    try:
        _replace(path.resolve(), tomlkit.dumps(document))  # a link goes on leading to the file
    except OSError as problem:
        raise ConfigError(f"{path}: cannot be written ({problem.strerror or problem}).") from None


def _replace(path: Path, text: str) -> None:
    """The whole file or nothing of it, and nobody may read it who might not before."""
    beside = path.with_name(f".{path.name}.new")
    beside.touch(0o600)
    beside.write_text(text, "utf-8")
    shutil.copymode(path, beside)
    beside.replace(path)
