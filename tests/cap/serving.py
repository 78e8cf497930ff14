"""Starts the publisher of `service/` on SAP CAP."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.cap.rows import COVER, Rows
from tests.node import package

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
def running(folder: Path, rows: Rows, **environment: str) -> Iterator[Cap]:
    """The service over those rows, in memory, on a free port; `environment` changes CAP's own configuration."""
    modules = package(SOURCE) / "node_modules"
    place = folder / "press"
    shutil.copytree(SOURCE, place)
    (place / "node_modules").symlink_to(modules, target_is_directory=True)
    _write(place / "db" / "data", rows)
    settings = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    log = folder / "press.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            ["node", "start.js"],
            cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=settings,
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = next((text for text in process.stdout if text.startswith("{")), None)
        if line is None:
            raise RuntimeError(f"SAP CAP did not start: {log.read_text()[-2000:]}")
        yield Cap(json.loads(line)["url"])
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _write(folder: Path, rows: Rows) -> None:
    folder.mkdir(parents=True)
    for name, some in rows.items():
        found: list[Mapping[str, object]] = [
            {**row, "cover": base64.b64encode(COVER).decode()} if row.get("coverType") else row for row in some
        ]
        (folder / f"press-{name.replace('_', '.')}.json").write_text(json.dumps(found))
