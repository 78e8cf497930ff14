"""`vegraph serve` over an OData service with a URL and nothing else: the process, its port, its answers, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.cap.serving import Cap

QUERY = """{ books(first: 2, where: {author: {name: {contains: "O'Neil"}}}) { nodes { rowId author { name } } } }"""


def test_serve_needs_a_url_and_nothing_else(cap: Cap, tmp_path: Path) -> None:
    (tmp_path / "vegraph.toml").write_text(f'[sources.press]\nkind = "odata"\nurl = "{cap.url}"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "vegraph.app.cli", "serve", "--config", "vegraph.toml", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "VEGRAPH_CACHE": str(tmp_path)},
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "/graphql" in line:
                break
        url = next((word for word in said.split() if word.endswith("/graphql")), None)
        assert url is not None, said
        with httpx.Client(trust_env=False) as http:
            books = http.post(url, json={"query": QUERY}).json()["data"]["books"]["nodes"]
            healthy = http.get(url.replace("/graphql", "/healthz")).status_code
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
    assert books == [
        {"rowId": 2, "author": {"name": "Ada O'Neil jr."}},
        {"rowId": 3, "author": {"name": "Ada O'Neil"}},
    ]
    assert healthy == 200
    assert process.returncode == 0, said + rest
