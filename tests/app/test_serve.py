"""`vegraph serve` as its operators run it: a program over a service, in one process and in several."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from tests.app.odata import shop
from tests.app.server import served

QUERY = {"query": "{ __typename }"}


@contextmanager
def serving(folder: Path, url: str, *options: str, server: str = "") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The program over that service, and where it says it listens."""
    text = f'[server]\n{server}\n[sources.shop]\nkind = "odata"\nurl = "{url}/odata"\n'
    (folder / "vegraph.toml").write_text(text)
    command = [sys.executable, "-m", "vegraph.app.cli", "serve", "--port", "0", *options]
    environ = {**os.environ, "VEGRAPH_CACHE": str(folder / "cache")}
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environ)
    assert process.stderr is not None
    try:
        yield _announced(process.stderr), process
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def _announced(lines: IO[str]) -> str:
    """The address that the program prints, after what it logs before."""
    before = []
    for line in lines:
        if found := re.match(r"GraphQL +(http://127\.0\.0\.1:\d+)/graphql", line):
            return found[1]
        before.append(line)
    raise AssertionError("".join(before))


def answered(url: str) -> httpx.Response:
    """The answer, once the server is up."""
    for _ in range(200):
        try:
            return httpx.post(f"{url}/graphql", json=QUERY, timeout=10)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("it never listened")


def test_a_url_is_all_it_takes(tmp_path: Path):
    with served(shop()) as service, serving(tmp_path, service) as (url, process):
        assert answered(url).json() == {"data": {"__typename": "Query"}}
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_head_without_end_is_given_up(tmp_path: Path):
    with served(shop()) as service, serving(tmp_path, service) as (url, _):
        long = {"X-Long": "a" * 100_000}
        assert httpx.post(f"{url}/graphql", json=QUERY, headers=long).json() == {"data": {"__typename": "Query"}}
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET /graphql HTTP/1.1\r\nX-Long: ")
            with contextlib.suppress(ConnectionError):
                for _ in range(1000):
                    connection.sendall(b"a" * 65536)
                raise AssertionError("it goes on reading")


def test_several_processes_share_the_port_and_end_together(tmp_path: Path):
    with served(shop()) as service, serving(tmp_path, service, "--workers", "2") as (url, process):
        assert answered(url).json() == {"data": {"__typename": "Query"}}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_several_processes_count_together(tmp_path: Path):
    with served(shop()) as service, serving(tmp_path, service, "--workers", "2") as (url, _):
        for _ in range(20):
            answered(url)
        counted = {httpx.get(f"{url}/metrics").text for _ in range(10)}
    wanted = 'vegraph_requests_total{endpoint="graphql",operation="query",outcome="ok"} 20.0'
    assert all(wanted in text for text in counted)


def test_a_server_that_is_killed_leaves_no_process_behind(tmp_path: Path):
    with served(shop()) as service, serving(tmp_path, service, "--workers", "2") as (url, process):
        answered(url)
        process.kill()
        process.wait(20)
        for _ in range(100):
            try:
                httpx.get(f"{url}/healthz", timeout=10)
            except httpx.TransportError:
                return
            time.sleep(0.05)
    raise AssertionError("it still answers")


def test_what_is_wrong_in_one_of_several_processes_ends_them_all(tmp_path: Path):
    with served(shop("<html/>")) as service, serving(tmp_path, service, "--workers", "2") as (_, process):
        assert process.wait(30) == 2


def test_ctrl_c_ends_a_start_without_a_trace(tmp_path: Path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/odata"
        (tmp_path / "vegraph.toml").write_text(f'[sources.shop]\nkind = "odata"\nurl = "{url}"\n')
        command = [sys.executable, "-m", "vegraph.app.cli", "serve", "--port", "0"]
        environ = {**os.environ, "VEGRAPH_CACHE": str(tmp_path / "cache")}
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environ) as process:
            silent.accept()[0].detach()  # asks for the metadata, and gets no answer
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert ("Traceback" in process.stderr.read(), process.wait(20)) == (False, 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_logs_as_json_where_asked_for(tmp_path: Path, number: signal.Signals):
    with (
        served(shop()) as service,
        serving(tmp_path, service, server='log_format = "json"') as (url, process),
    ):
        answered(url)
        process.send_signal(number)
        assert process.stderr is not None
        err = process.stderr.read()
        assert process.wait(20) == 0
    [line] = [line for line in err.splitlines() if '"graphql query ok' in line]
    assert '"level":"info"' in line
    assert "Traceback" not in err
