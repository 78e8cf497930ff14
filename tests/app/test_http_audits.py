"""The audits of the reference implementation of GraphQL over HTTP, by its own program."""

import json
import subprocess
from pathlib import Path

from tests.app.server import served
from tests.app.toy import toy_app
from tests.node import package

AUDITS = Path(__file__).with_name("audits")


def test_every_audit_of_graphql_http_passes():
    folder = package(AUDITS)
    with served(toy_app()) as url:
        command = ["node", "audit.mjs", f"{url}/graphql", "Authorization:Bearer mary"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) >= 60
    assert [r for r in results if r["status"] != "ok"] == []
