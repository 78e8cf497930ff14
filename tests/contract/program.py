"""The demo as a program of its own, and the questions that outside programs would put to it.

Nothing of vegraph is imported here: what is tested is what design.md promises to people who never saw the code.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

MANAGER, CLERK, CONTACT, VISITOR = "Sofia Marchetti", "Noah Berg", "Aoife O'Neil", "Visitor"
SECOND = "Ingrid Sørensen"

WELL = {"bc": "{ bcCurrencies(first: 1) { nodes { id } } }", "fo": "{ foCurrencies(first: 1) { nodes { id } } }"}
"""A question to each ERP that it answers at once."""


@dataclass
class Program:
    """A running demo."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        return {person["name"]: person for person in self.client.get(f"{self.url}/demo/people").json()}

    @cached_property
    def controls(self) -> dict[str, str]:
        """Source → its emulator's control port, from the comments of the configuration."""
        config = self.client.get(f"{self.url}/demo/config").text
        return dict(re.findall(r"#\s+(bc|fo) (http://[\d.:]+)/control/", config))

    def post(self, query: str, variables: Any = None, who: str = MANAGER, **headers: str) -> httpx.Response:
        """The HTTP response to one operation."""
        person = self.people[who]
        if person["token"]:
            headers["authorization"] = f"Bearer {person['token']}"
        body = {"query": query, "variables": variables}
        return self.client.post(self.url + person["endpoint"], json=body, headers=headers)

    def ask(self, query: str, variables: Any = None, who: str = MANAGER) -> dict[str, Any]:
        """The GraphQL response."""
        answer: dict[str, Any] = self.post(query, variables, who).json()
        return answer

    def data(self, query: str, variables: Any = None, who: str = MANAGER) -> Any:
        """`data` of an answer without errors."""
        answer = self.ask(query, variables, who)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    @contextmanager
    def fault(self, source: str, **rule: Any) -> Iterator[None]:
        """Something goes wrong at an ERP meanwhile. First it does well for a while: at half of twenty calls failing
        it would be left alone for some seconds (identity.md §7.2)."""
        for _ in range(8):
            self.data(WELL[source])
        port = f"{self.controls[source]}/control/faults"
        self.client.delete(port)
        self.client.post(port, json=rule).raise_for_status()
        try:
            yield
        finally:
            self.client.delete(port)

    @contextmanager
    def wire(self, source: str) -> Iterator[list[dict[str, Any]]]:
        """The requests an ERP gets meanwhile; filled at the end."""
        port, seen = f"{self.controls[source]}/control/requests", []
        self.client.delete(port)
        yield seen
        seen += self.client.get(port).json()["requests"]


def codes(answer: dict[str, Any]) -> list[tuple[Any, str]]:
    """(path, code) of each error; each has a message and a request id."""
    for error in answer.get("errors", []):
        assert error["message"]
        assert error["extensions"]["requestId"]
    return [(error.get("path"), error["extensions"]["code"]) for error in answer.get("errors", [])]


@contextmanager
def started() -> Iterator[Program]:
    """`vegraph demo` on a free port, ended by the signal that a terminal sends."""
    command = [sys.executable, "-m", "vegraph.app.cli", "demo", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        url = None
        for line in process.stdout:
            if found := re.search(r"GraphiQL +(http://127\.0\.0\.1:\d+)/graphql", line):
                url = found[1]
            if "Ctrl-C ends it." in line:
                break
        assert url is not None
        program = Program(url)
        try:
            yield program
        finally:
            program.client.close()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
