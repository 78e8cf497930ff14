"""Whole requests: what was asked, the plan, the requests the ERPs saw, and the answer, as folders to read.

`tests/golden/<area>/<case>/` holds `query.graphql` (with `variables.json` if it has any), and is compared with
`plan.txt`, `wire.http` and `data.json` or `errors.json`. `pytest --update-golden` writes them anew;
the diff is then read like code. Comments at the top of a query say what is special: `# person: clerk`,
`# fault: {"source": "bc", "status": 503}`, `# limits: {"scan_rows": 5}`, `# most: 4` requests.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Seen, small
from vegraph.emulator.data.people import ANONYMOUS, CLERK, MANAGER, PORTAL_CONTACT
from vegraph.plan.paging import Limits

FOLDER = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in FOLDER.glob("*/*/query.graphql"))
PEOPLE = {"manager": MANAGER, "clerk": CLERK, "contact": PORTAL_CONTACT, "visitor": ANONYMOUS}
SHOWN_KEYS = 3
WIDTH = 150


def notes(query: str) -> dict[str, Any]:
    found = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
    return {name: json.loads(text) if text.startswith("{") or text.isdigit() else text for name, text in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_golden(case: Path, request: pytest.FixtureRequest):
    stack = small()
    query = (case / "query.graphql").read_text("utf-8")
    variables = json.loads(path.read_text("utf-8")) if (path := case / "variables.json").exists() else {}
    special = notes(query)
    person = PEOPLE[special.get("person", "manager")]
    limits = Limits(**special.get("limits", {}))
    stack.heal()
    stack.wire()
    if fault := special.get("fault"):
        stack.fault(fault.pop("source"), **fault)
    try:
        answer = stack.ask(query, variables, person=person, limits=limits)
        seen = stack.wire()
        if not fault:
            assert stack.ask(query, variables, person=person, limits=limits, exact=True) == answer
    finally:
        stack.heal()
        stack.wire()
    assert len(seen) <= special.get("most", 1000)
    blocks = [block(one) for one in seen]
    if fault:  # how often something is tried again is not told here
        blocks = sorted(set(blocks))
    name = "errors.json" if "errors" in answer else "data.json"
    found = {
        "plan.txt": stack.plan(query, variables) + "\n",
        "wire.http": "\n".join(blocks) or "# nothing is asked\n",
        name: written(answer if "errors" in answer else answer["data"]) + "\n",
    }
    if request.config.getoption("--update-golden"):
        for old in ("data.json", "errors.json"):
            (case / old).unlink(missing_ok=True)
        for file, text in found.items():
            (case / file).write_text(text, "utf-8")
    for file, text in found.items():
        assert (case / file).exists(), f"{file} is missing; write it with --update-golden and read it"
        kept = (case / file).read_text("utf-8")
        if file == "wire.http":  # requests that are under way together come in any order
            assert sorted(text.split("###")) == sorted(kept.split("###")), text
        else:
            assert text == kept, file


def block(seen: Seen) -> str:
    first, *parts = seen.shown().split("\n")
    source, _, line = first.partition(": ")
    lines = [f"### {source} as {seen.user}", *options(line, "")]
    for part in parts:
        lines += options(part.strip(), "  ")
    return "\n".join(lines) + "\n"


def options(line: str, indent: str) -> Iterator[str]:
    """The URL with a line for each query option; long chains of keys shortened."""
    path, _, query = line.partition("?")
    yield indent + path
    for i, option in enumerate(re.split(r"&(?=\$|cross-company)", query) if query else []):
        yield f"{indent}  {'&' if i else '?'}{shortened(option)}"


def shortened(text: str) -> str:
    """`a eq 1 or a eq 2 or … 98 more`."""
    return re.sub(
        r"(\w+ eq (?:'[^']*'|[\w-]+))((?: or \w+ eq (?:'[^']*'|[\w-]+))+)",
        lambda found: _chain([found[1], *found[2].removeprefix(" or ").split(" or ")]),
        text,
    )


def _chain(items: list[str]) -> str:
    kept = items if len(items) <= SHOWN_KEYS + 1 else [*items[:SHOWN_KEYS], f"… {len(items) - SHOWN_KEYS} more"]
    return " or ".join(kept)


def written(value: Any, indent: str = "") -> str:
    """JSON in which whatever fits a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= WIDTH or not isinstance(value, dict | list):
        return flat
    deeper = indent + "  "
    if isinstance(value, list):
        inner = f",\n{deeper}".join(written(item, deeper) for item in value)
        return f"[\n{deeper}{inner}\n{indent}]"
    inner = f",\n{deeper}".join(
        f"{json.dumps(key, ensure_ascii=False)}: {written(item, deeper)}" for key, item in value.items()
    )
    return f"{{\n{deeper}{inner}\n{indent}}}"
