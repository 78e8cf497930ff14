"""Rows of the ERP reference against the tests: a row is covered when its number is part of a test's id."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
_ROW = re.compile(r"(?<![A-Za-z])(O[FB])[-_](\d+)(?:(?:-|_to_)(\d+))?(?!\d)", re.IGNORECASE)


def all_rows() -> dict[str, list[int]]:
    """Every row there is, by prefix."""
    listed = tomllib.loads((FOLDER / "not_applicable.toml").read_text("utf-8"))["rows"]
    return {prefix: [n for part in text.split() for n in _span(part)] for prefix, text in listed.items()}


def excused() -> dict[str, str]:
    """Row → why no test can show it."""
    found = tomllib.loads((FOLDER / "not_applicable.toml").read_text("utf-8"))
    return {f"{prefix}-{n}": why for prefix in ("OF", "OB") for n, why in found.get(prefix, {}).items()}


def _span(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def rows_in(node: str) -> set[str]:
    """Rows a test's id names."""
    return {
        f"{prefix.upper()}-{n}"
        for prefix, first, last in _ROW.findall(node)
        for n in range(int(first), int(last or first) + 1)
    }


class _Collected:
    """Keeps the ids pytest collects."""

    def __init__(self) -> None:
        self.nodes: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.nodes += [item.nodeid for item in items]


def collected() -> list[str]:
    """Ids of all tests of the emulators."""
    found = _Collected()
    folders = [str(FOLDER / name) for name in ("bc", "fo", "data", "documents", "engine") if (FOLDER / name).is_dir()]
    with redirect_stdout(StringIO()):
        code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *folders], plugins=[found])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"The tests cannot be collected (pytest says {code.name}); run them to see why.")
    return found.nodes


def uncovered(nodes: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """Tests per row, and the rows that have neither test nor excuse."""
    tests: dict[str, int] = {}
    for node in nodes:
        for row in rows_in(node.partition("::")[2]):
            tests[row] = tests.get(row, 0) + 1
    known = [f"{prefix}-{n}" for prefix, numbers in all_rows().items() for n in numbers]
    return tests, [row for row in known if row not in tests and row not in excused()]


def main(arguments: list[str]) -> int:
    """Print the table; 1 if a row is missing."""
    tests, missing = uncovered(collected())
    if "--json" in arguments:
        print(json.dumps({"tests": tests, "notApplicable": excused(), "missing": missing}, indent=2))
        return 1 if missing else 0
    for prefix, numbers in all_rows().items():
        rows = [f"{prefix}-{n}" for n in numbers]
        covered = [r for r in rows if r in tests]
        print(
            f"{prefix}: {len(covered)} of {len(rows)} rows have a test, {sum(tests[r] for r in covered)} tests in all"
        )
    for row, why in excused().items():
        print(f"  {row:7} not applicable: {why}")
    for row in missing:
        print(f"  {row:7} has no test and no reason")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
