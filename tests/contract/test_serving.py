"""`vegraph serve` over services of one's own: a URL is enough, and one that is down does not keep the others."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

CONFIG = """
[sources.plain]
kind = "odata"
url = "{url}"

[sources.bc]
kind = "business-central"
url = "{url}"
prefix = "Bc"
company = "CRONUS USA, Inc."
entities = ["customers", "sales*"]
delegation = "none"

[sources.down]
kind = "finance-operations"
url = "http://127.0.0.1:9/data"
prefix = "Down"
company = "USMF"
entities = ["*"]
delegation = "none"
"""


@contextmanager
def program(*arguments: str, says: str) -> Iterator[str]:
    """A running command; what it says where it serves."""
    command = [sys.executable, "-m", "vegraph.app.cli", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if found := re.search(says, line):
                    yield found[1]
                    break
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with program("emulate", "bc", "--rows", "40", says=r"service +(http\S+)") as url:
        yield url


@pytest.fixture(scope="module")
def served(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = tmp_path_factory.mktemp("serving") / "vegraph.toml"
    config.write_text('[server]\nprofile = "development"\n' + CONFIG.format(url=emulator))
    with program("serve", "--config", str(config), "--port", "0", says=r"GraphQL +(http\S+)/graphql") as url:
        yield url


def ask(url: str, query: str) -> Any:
    return httpx.post(f"{url}/graphql", json={"query": query}, timeout=30).json()["data"]


def test_a_url_and_nothing_else(served: str):
    found = ask(
        served, "{ companies { nodes { name } } customers(first: 2, orderBy: [{number: ASC}]) { nodes { number } } }"
    )
    assert found["companies"]["nodes"]
    assert [row["number"] for row in found["customers"]["nodes"]] == ["C00001", "C00002"]


def test_visible_is_what_the_patterns_say(served: str):
    query = '{ catalog { sources { name entities(visible: true) { name } } } __type(name: "BcItem") { name } }'
    found = ask(served, query)
    [bc] = [source for source in found["catalog"]["sources"] if source["name"] == "bc"]
    names = {entity["name"] for entity in bc["entities"]}
    assert "customers" in names
    assert all(name == "customers" or name.startswith("sales") for name in names)
    assert found["__type"] is None


def test_a_source_that_is_down_is_said_and_keeps_nobody(served: str):
    sources = ask(served, "{ catalog { sources { name kind company problem } } }")["catalog"]["sources"]
    down = {source["name"]: source for source in sources}["down"]
    assert (down["kind"], down["company"]) == ("finance-operations", "USMF")
    assert "refused" in down["problem"]
    assert ask(served, "{ bcCustomers { totalCount } }")["bcCustomers"]["totalCount"] > 0
    ready = httpx.get(f"{served}/readyz")
    assert ready.status_code == 200
    assert ready.json()["sources"]["down"] == "down"


def test_a_bad_token_is_401_even_where_nobody_signs_in(served: str):
    headers = {"authorization": "Bearer nonsense"}
    response = httpx.post(f"{served}/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
