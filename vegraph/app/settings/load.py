"""vegraph.toml as one frozen value: read, every key known, every rule kept."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vegraph.app.settings.limits import Limits
from vegraph.app.settings.reading import Place, read
from vegraph.app.settings.rules import broken
from vegraph.app.settings.server import Server
from vegraph.app.settings.sources import Relationship, Source
from vegraph.errors import ConfigError
from vegraph.identity.config import Door, Portal

__all__ = ["Settings", "load", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that vegraph.toml says."""

    server: Server = field(default_factory=Server)
    sources: Mapping[str, Source] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    identity: Mapping[str, Door] = field(default_factory=dict)
    portals: Mapping[str, Portal] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    base: Path = Path()
    """Folder of the file, where relative paths start; no key of its own."""

    file: Path = Path("vegraph.toml")
    """The file, for messages; no key of its own."""

    def listening(self, **changes: Any) -> Settings:
        """The same with other values in `server`, where given; what the command line asks for.

        Raises ConfigError when a rule no longer holds.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        return _kept(replace(self, server=replace(self.server, **given)), Place(Path("command line"), {}))


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in a file; `environ` fills `${NAME}`, the process's own environment where left out.

    Raises ConfigError with file, key and what to do.
    """
    try:
        text = path.read_text("utf-8-sig")  # some editors put a byte order mark before it
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file. Name one with --config.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: cannot be read: {_reason(problem)}.") from None
    return parse(text, path, os.environ if environ is None else environ)


def parse(text: str, path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in a text, as if it stood in that file. Raises ConfigError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{path}: is not TOML: {problem}.") from None
    place = Place(path, environ)
    return _kept(read(Settings, tables, place, given={"base": path.parent, "file": path}), place)


def _kept(settings: Settings, place: Place) -> Settings:
    for key, sentence in broken(settings):
        raise (place / key).wrong(sentence)
    return settings


def _reason(problem: Exception) -> str:
    return problem.strerror or str(problem) if isinstance(problem, OSError) else "it is not UTF-8 text"
