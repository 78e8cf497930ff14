"""Whole writes to look at: `query.graphql`, what the ERP saw (`wire.http`), and the answer (`data.json`).

Each folder of `tests/golden/writing/<dialect>/` starts on books of its own. `before.graphql` is asked first; variables
in `variables.json` that begin with `before.` are paths into its answer. What is made up anew each time (Guids, ETags,
boundaries) is numbered. `VEGRAPH_GOLDEN=write` writes what is found.
"""

import base64
import binascii
import json
import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.writing.books import small_books

FOLDER = Path(__file__).parents[1] / "golden" / "writing"
CASES = sorted(path.parent for path in FOLDER.glob("*/*/query.graphql"))
HEADERS = ("content-type", "if-match", "isolation", "prefer", "odata-version")


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_is_sent_and_answered(case: Path):
    with small_books() as books:
        given: Any = {}
        before = case / "before.graphql"
        if before.exists():
            given = books.data(before.read_text("utf-8"))
        variables = _variables(case, given)
        books.wire()
        answer = books.ask((case / "query.graphql").read_text("utf-8"), variables)
        entries = [e.shown() for e in _since(books)]
    names = Names()
    wire = names.tidy("\n\n".join(_request(e) for e in entries) or "(nothing was sent)") + "\n"
    data = names.tidy(json.dumps(answer, ensure_ascii=False, indent=2)) + "\n"
    if os.environ.get("VEGRAPH_GOLDEN") == "write":
        (case / "wire.http").write_text(wire, "utf-8")
        (case / "data.json").write_text(data, "utf-8")
    assert wire == (case / "wire.http").read_text("utf-8")
    assert data == (case / "data.json").read_text("utf-8")


def _since(books: Any) -> list[Any]:
    found = []
    for name, app in books.apps.items():
        count = app.journal.total - books._looked.get(name, 0)
        found += list(app.journal.entries)[-count:] if count else []
    return found


def _variables(case: Path, before: Any) -> dict[str, Any]:
    path = case / "variables.json"
    given = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {name: _value(value, before) for name, value in given.items()}


def _value(value: Any, before: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("before."):
        return value
    for step in value.split(".")[1:]:
        before = before[int(step) if step.isdigit() else step]
    return before


def _request(entry: dict[str, Any]) -> str:
    lines = [f"{entry['method']} {entry['url']}"]
    lines += [f"{name}: {entry['headers'][name]}" for name in HEADERS if name in entry["headers"]]
    body = entry["body"] or ""
    if body.startswith("{"):
        body = msgspec.json.format(body, indent=2)  # digits as they are
    return _PORT.sub("http://fo", "\n".join([*lines, "", body.replace("\r\n", "\n")]).rstrip())


_PORT = re.compile(r"http://127\.0\.0\.1:\d+")
_GUID = re.compile(r"(?:(?<=%20)|(?<![0-9a-f]))[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_ETAG = re.compile(r'W/\\*"[A-Za-z0-9+/=]+\\*"')
_BOUNDARY = re.compile(r"\bbatch_[0-9a-f]{32}\b")
_ID = re.compile(r"\bWyJ[A-Za-z0-9_-]{20,}")


class Names:
    """Numbers for what differs each time."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def tidy(self, text: str) -> str:
        text = _ID.sub(lambda m: _readable(m[0]), text)
        for kind, pattern in (("etag", _ETAG), ("boundary", _BOUNDARY), ("guid", _GUID)):
            text = pattern.sub(lambda m, kind=kind: self._number(kind, m[0].replace("\\", "")), text)
        return text

    def _number(self, kind: str, value: str) -> str:
        if kind == "guid" and value.startswith("7e61"):
            return value  # a seed row's
        if value not in self._found:
            count = sum(name.startswith(f"«{kind}") for name in self._found.values())
            self._found[value] = f"«{kind} {count + 1}»"
        return self._found[value]


def _readable(id_: str) -> str:
    try:
        name, *rest = json.loads(base64.urlsafe_b64decode(id_ + "=" * (-len(id_) % 4)))
    except (ValueError, binascii.Error):
        return id_
    return f"«id {name} {' '.join(str(r) for r in rest if r is not None)}»"
