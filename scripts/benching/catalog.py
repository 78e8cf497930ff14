"""`scripts/bench catalog`: what the size of a catalog costs: start, memory, introspection, mistakes, and requests.

Synthetic F&O documents (`scripts/synthetic-catalog`), served by `vegraph serve` in a process of its own, from the raw
document and from the compiled one. Times are wall times from the start of the process; another program on the machine
adds to them, so the CPU time of the start stands beside. Python's bytecode is there already, as where pip put vegraph.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Line
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import synthetic_catalog
from graphql import get_introspection_query
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benching.client import Connection, get, graphql
from benching.processes import serve, start
from benching.report import Report
from vegraph.schema.naming import set_field_name

__all__ = ["add_arguments", "run"]

CONFIG = """
[sources.fo]
kind = "finance-operations"
url = "{url}/data"
metadata = "{document}"
prefix = "Fo"
company = "usmf"
entities = {entities}
delegation = "none"

[server]
port = {port}
"""
ROWS = orjson.dumps({"value": [{"dataAreaId": "usmf", "Code": f"C{n}", "@odata.etag": 'W/"1"'} for n in range(2)]})


@dataclass(slots=True)
class Found:
    """What one size costs. Times in seconds, memory in MB."""

    name: str
    raw_s: float = 0.0
    raw_cpu_s: float = 0.0
    raw_mb: float = 0.0
    compiled_s: float = 0.0
    compiled_cpu_s: float = 0.0
    compiled_mb: float = 0.0
    misspelt_s: list[float] = field(default_factory=list)
    introspection_s: float = 0.0
    introspection_mb: float = 0.0
    others_s: float = 0.0
    """The slowest of the small requests that went on meanwhile."""
    again_s: float = 0.0
    request_cpu_s: float = 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 4000], help="entity types")
    parser.add_argument("--properties", type=int, default=20)
    parser.add_argument("--starts", type=int, default=5, help="starts from the compiled document; the best counts")
    parser.add_argument("--requests", type=int, default=300, help="to say what one costs")


def run(options: argparse.Namespace, report: Report) -> None:
    """Measures and reports."""
    found = []
    with tempfile.TemporaryDirectory() as folder, start(_erp) as erp:
        few = Path(folder) / "few.xml"
        synthetic_catalog.write(few, 10, options.properties)
        _started(few, erp.url, '["*"]', folder).stop()  # writes the bytecode
        for size in options.sizes:
            document = Path(folder) / f"{size}.xml"
            mb = synthetic_catalog.write(document, size, options.properties) / 2**20
            report.say(f"{size:,} entity types with {options.properties} properties each: {mb:.0f} MB")
            found.append(_measured(f"{size:,}, all visible", document, erp.url, '["*"]', options, report))
        fifty = orjson.dumps(_sets(document, 50)).decode()
        found.append(_measured(f"{options.sizes[-1]:,}, 50 visible", document, erp.url, fifty, options, report))
    _report(found, report)


def _measured(name: str, document: Path, erp: str, entities: str, options: argparse.Namespace, report: Report) -> Found:
    found = Found(name)
    with tempfile.TemporaryDirectory() as cache:
        server = _started(document, erp, entities, cache)
        found.raw_s, found.raw_cpu_s, found.raw_mb = server.ready_s, server.cpu_s(), server.peak_mb()
        server.stop()
        for _ in range(options.starts):
            server = _started(document, erp, entities, cache)
            if not found.compiled_s or server.ready_s < found.compiled_s:
                found.compiled_s, found.compiled_cpu_s = server.ready_s, server.cpu_s()
                found.compiled_mb = server.peak_mb()
            server.stop()
        report.say(f"{name}: ready in {found.raw_s:.2f} s from the document, {found.compiled_s:.2f} s compiled")
        server = _started(document, erp, entities, cache)
        try:
            [first] = _sets(document, 1)
            asyncio.run(_asked(server, first, found, options))
        finally:
            server.stop()
    return found


@dataclass(slots=True)
class Server:
    """`vegraph serve` in a process of its own."""

    process: subprocess.Popen[bytes]
    url: str
    ready_s: float

    def cpu_s(self) -> float:
        """Seconds that it and the processes it has waited for have computed so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float:
        """Its own peak resident memory so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))

    def stop(self) -> None:
        """Ends it and waits."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def _started(document: Path, erp: str, entities: str, cache: str) -> Server:
    """A server that is ready to answer. RuntimeError where it ends before."""
    port = _free_port()
    config = document.with_suffix(".toml")
    config.write_text(CONFIG.format(url=erp, document=document, entities=entities, port=port))
    said = document.with_suffix(".log")  # a pipe that nobody reads fills up, and then the server waits
    began = time.perf_counter()
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "vegraph.app.cli", "serve", "--config", str(config)],
            env=_environment(cache, document.parent / "bytecode"),
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    while True:
        if process.poll() is not None:
            raise RuntimeError(said.read_text("utf-8").strip())
        try:
            status, _ = asyncio.run(_once(url))
        except OSError:
            status = 0
        if status == 200:
            return Server(process, url, time.perf_counter() - began)
        time.sleep(0.003)


def _environment(cache: str, bytecode: Path) -> dict[str, str]:
    found = {**os.environ, "VEGRAPH_CACHE": cache, "PYTHONPYCACHEPREFIX": str(bytecode)}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def _once(url: str) -> tuple[int, bytes]:
    request = get(f"{url}/readyz")
    connection = await Connection.open(request)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


async def _asked(server: Server, entity_set: str, found: Found, options: argparse.Namespace) -> None:
    await asyncio.sleep(1.0)  # what a server does for itself after it is ready
    url = f"{server.url}/graphql"
    for number in range(15):
        found.misspelt_s.append((await _timed(url, f"{{ foNothing{number} {{ nodes {{ id }} }} }}"))[0])
    await _cost(server, url, set_field_name("Fo", entity_set), found, options.requests)
    asked = asyncio.create_task(_timed(url, get_introspection_query(), compressed=True))
    while not asked.done():
        found.others_s = max(found.others_s, (await _timed(url, "{ __typename }"))[0])
        await asyncio.sleep(0.02)
    found.introspection_s, body = await asked
    found.introspection_mb = len(body) / 2**20
    found.again_s = (await _timed(url, get_introspection_query(), compressed=True))[0]


async def _cost(server: Server, url: str, root: str, found: Found, count: int) -> None:
    """CPU of one list of two rows, by a query that is known already."""
    request = graphql(url, f"{{ {root}(first: 2) {{ nodes {{ code dataAreaId }} }} }}")
    connection = await Connection.open(request)
    for _ in range(50):
        status, body = await connection.ask(request)
        if status != 200 or b'"errors"' in body:
            raise RuntimeError(f"{root} cannot be read: {body[:300].decode()}")
    before = server.cpu_s()
    for _ in range(count):
        await connection.ask(request)
    found.request_cpu_s = (server.cpu_s() - before) / count
    connection.close()


async def _timed(url: str, query: str, *, compressed: bool = False) -> tuple[float, bytes]:
    host, port, data = graphql(url, query)
    if compressed:
        data = data.replace(b"\r\n", b"\r\nAccept-Encoding: gzip\r\n", 1)
    connection = await Connection.open((host, port, data))
    began = time.perf_counter()
    _, body = await connection.ask((host, port, data))
    took = time.perf_counter() - began
    connection.close()
    return took, body


def _sets(document: Path, count: int) -> list[str]:
    """Names of the first entity sets."""
    return re.findall(r'<EntitySet Name="(\w+)"', document.read_text("utf-8"))[:count]


def _report(found: list[Found], report: Report) -> None:
    last = found[-2] if len(found) > 1 else found[-1]
    starts = [
        (
            each.name,
            (each.raw_s, ("≤", 1.5) if each is found[-1] else ("≤", 6.0)),
            each.raw_cpu_s,
            (each.raw_mb, ("≤", 700.0)),
            (each.compiled_s, ("≤", 1.5) if each is found[-1] else ("≤", 0.5)),
            each.compiled_cpu_s,
            (each.compiled_mb, ("≤", 150.0)),
        )
        for each in found
    ]
    columns = ("entity types", "document s", "CPU s", "peak MB", "compiled s", "CPU s ", "peak MB ")
    notes = ["a large document is read in processes of their own: their time counts, their memory is given back"]
    report.table("from the start of the process until it is ready to answer", columns, starts, notes)
    asked = [
        (
            each.name,
            (median(each.misspelt_s) * 1e3, ("≤", 10.0)),
            (each.introspection_s, ("≤", 6.0)),
            each.introspection_mb,
            each.others_s * 1e3,
            each.again_s * 1e3,
            each.request_cpu_s * 1e3,
        )
        for each in found
    ]
    columns = ("entity types", "misspelt ms", "introspection s", "gzip MB", "others ms", "again ms", "request CPU ms")
    growth = last.request_cpu_s / found[0].request_cpu_s if found[0].request_cpu_s else float("nan")
    notes = [
        f"a request costs {growth:.2f} times at {last.name} what it does at {found[0].name}",
        "others: the slowest of small requests that went on while the schema was described for the first time",
    ]
    report.table("what the size costs those who ask", columns, asked, notes)


def _erp(line: Line) -> None:
    """Answers every read with two rows."""

    async def rows(_: Request) -> Response:
        return Response(ROWS, media_type="application/json")

    async def app() -> Any:
        return Starlette(routes=[Route("/data/{path:path}", rows)])

    serve(line, app)
