"""Starts the publisher of `service/` on SAP CAP, or another model."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.cap.rows import COVER, Rows
from tests.node import package, serving

__all__ = ["Cap", "running"]

SOURCE = Path(__file__).parent / "service"


class Cap:
    """A running service."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.url = f"{origin}/shop"

    def asked(self) -> list[str]:
        """Method and URL, from `/shop` on, of all requests since the last call."""
        found: list[str] = httpx.get(f"{self.origin}/-/asked", trust_env=False).json()
        return [line.replace(" /shop/", " ", 1) for line in found]


@contextmanager
def running(
    folder: Path, rows: Rows, *, model: Path = SOURCE, namespace: str = "press", **environment: str
) -> Iterator[Cap]:
    """The service over those rows, in memory, on a free port; `environment` changes CAP's own configuration.

    `model`: a folder with another `db` and `srv`, its entities in that namespace, served at `/shop` too.
    """
    modules = package(SOURCE) / "node_modules"
    place = folder / namespace
    shutil.copytree(SOURCE, place, ignore=shutil.ignore_patterns("db", "srv"))
    for part in ("db", "srv"):
        shutil.copytree(model / part, place / part)
    (place / "node_modules").symlink_to(modules, target_is_directory=True)
    _write(place / "db" / "data", namespace, rows)
    with serving(place, "start.js", log=folder / f"{namespace}.log", environment=environment) as origin:
        yield Cap(origin)


def _write(folder: Path, namespace: str, rows: Rows) -> None:
    folder.mkdir(parents=True)
    for name, some in rows.items():
        found: list[Mapping[str, object]] = [
            {**row, "cover": base64.b64encode(COVER).decode()} if row.get("coverType") else row for row in some
        ]
        (folder / f"{namespace}-{name.replace('_', '.')}.json").write_text(json.dumps(found))
