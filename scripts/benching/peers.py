"""`scripts/bench peers`: vegraph and GraphQL Mesh's OData handler over one SAP CAP service, beside the request itself.

Direct is one good OData request, put to CAP as it is. vegraph is given the service's URL and nothing else. Mesh has its
own HTTP handler and each of its set-ups that CAP answers (multipart batches are refused: lines without CR). Two servers
written by hand stand beside (`plain_cap`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp

from benching import plain_cap
from benching.client import Connection, Request, get, graphql
from benching.processes import serve, start
from benching.read import normal
from benching.report import Report
from benching.timing import Contestant, Measured, compared, ratio, throughput
from benching.trading import Query, asked, rows
from tests.cap.serving import SOURCE, Cap, running
from tests.node import installed, serving

__all__ = ["add_arguments", "run"]

HERE = Path(__file__).parent
MESH: Mapping[str, Mapping[str, Any]] = {
    "Mesh": {},
    "Mesh, JSON batch": {"batch": "json"},
    "Mesh, expand": {"expandNavProps": True},
    "Mesh, both": {"expandNavProps": True, "batch": "json"},
}
"""Name → the handler's options."""

BY_HAND = {"graphql-core": plain_cap.serve_graphql_core, "strawberry": plain_cap.serve_strawberry}

SLOW_MS = 200
"""What takes longer is asked by several clients at once in one round only."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("--rows", type=int, nargs=2, default=(100, 1000), metavar=("NESTED", "FLAT"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round-s", type=float, default=0.5, help="seconds of one server in one round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--only", nargs="*", help="names of queries: nested flat")


def run(options: argparse.Namespace, report: Report) -> None:
    """Measures and reports. RuntimeError where npm cannot install CAP or Mesh."""
    report.say("installing SAP CAP and GraphQL Mesh, unless they are kept from before, and starting them")
    installed(SOURCE)
    mesh = installed(HERE / "mesh")
    with tempfile.TemporaryDirectory(prefix="vegraph-bench-") as folder, ExitStack() as stack:
        place = Path(folder)
        service = running(place, rows(max(options.rows)), model=HERE / "trade", namespace="trade")
        cap = stack.enter_context(service)
        urls = {"vegraph": stack.enter_context(start(_serve, cap.url)).url}
        for name, by_hand in BY_HAND.items():
            urls[name] = stack.enter_context(start(by_hand, cap.url)).url
        for name, given in MESH.items():
            server = serving(
                mesh, "serve.js", cap.url, json.dumps(given),
                log=place / f"{name}.log", environment={"NODE_ENV": "production"},
            )  # fmt: skip
            urls[name] = stack.enter_context(server)
        asyncio.run(_measured(options, report, cap, urls))


def _serve(line: Any, source: str) -> None:
    from vegraph.app.composition import compose
    from vegraph.app.graph import make
    from vegraph.app.settings import parse

    async def application() -> ASGIApp:
        settings = parse(f'[sources.cap]\nkind = "odata"\nurl = "{source}"\n', Path("vegraph.toml"), {})
        return (await compose(settings, make)).app

    serve(line, application)


async def _measured(options: argparse.Namespace, report: Report, cap: Cap, urls: Mapping[str, str]) -> None:
    found = []
    for query in asked(*options.rows):
        if options.only and query.name not in options.only:
            continue
        report.say(f"measuring: {query.title}")
        found.append((query, *await _one_query(options, report, query, cap, urls)))
    _show(report, found, options.clients)


async def _one_query(
    options: argparse.Namespace, report: Report, query: Query, cap: Cap, urls: Mapping[str, str]
) -> tuple[dict[str, Measured], dict[str, int]]:
    contestants = [Contestant("direct", get(f"{cap.url}/{query.odata}"))]
    for name, url in urls.items():
        text = query.vegraph if name == "vegraph" else query.mesh if name in MESH else query.plain
        contestants.append(Contestant(name, graphql(f"{url}/graphql", text)))
    calls = await _equal(report, query, cap, contestants)
    found = await compared(contestants, rounds=options.rounds, round_s=options.round_s)
    slow = [c for c in contestants if found[c.name].p50_ms > SLOW_MS]
    fast = [c for c in contestants if c not in slow]
    for some, rounds in ((fast, 3), (slow, 1)):
        await throughput(some, found, clients=options.clients, rounds=rounds, round_s=2 * options.round_s)
    return found, calls


async def _equal(report: Report, query: Query, cap: Cap, contestants: Sequence[Contestant]) -> dict[str, int]:
    """Requests to the service for one answer, once warm. RuntimeError where an answer is not the service's own.

    Mesh is asked again, twice at most: its separate requests once gave an answer that could not be had again.
    """
    calls: dict[str, int] = {}
    wanted: list[Any] = []
    for c in contestants:
        for left in (2, 1, 0) if c.name in MESH else (0,):
            calls[c.name], body = await _counted(cap, c.request)
            answer = normal(query.rows(orjson.loads(body)))
            wanted = wanted or answer
            if answer == wanted:
                break
            told = f"{query.name}: {c.name} answers otherwise than the service: {_difference(answer, wanted)}"
            if not left:
                raise RuntimeError(told)
            report.say(told)
    return calls


def _difference(found: Any, wanted: Any, path: str = "") -> str:
    """The first one, in words."""
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = [(f"{path}[{i}]", *pair) for i, pair in enumerate(zip(found, wanted, strict=True))]
    elif isinstance(found, dict) and isinstance(wanted, dict):
        pairs = [(f"{path}.{name}", found.get(name), wanted[name]) for name in wanted]
    else:
        return f"{path} is {str(found)[:100]}, not {str(wanted)[:100]}"
    return next(_difference(a, b, where) for where, a, b in pairs if a != b)


async def _counted(cap: Cap, request: Request) -> tuple[int, bytes]:
    """How many requests to the service that takes, once warm, and the answer."""
    line = await Connection.open(request)
    try:
        await line.ask(request)
        await asyncio.to_thread(cap.asked)
        _, body = await line.ask(request)
    finally:
        line.close()
    return len(await asyncio.to_thread(cap.asked)), body


def _show(report: Report, found: list[tuple[Query, dict[str, Measured], dict[str, int]]], clients: int) -> None:
    ratios = []
    for query, by_name, calls in found:
        ours, direct = by_name["vegraph"], by_name["direct"]
        mesh = [by_name[name] for name in MESH]
        best = min(mesh, key=lambda m: m.p50_ms)
        by_hand = min((by_name[name] for name in BY_HAND), key=lambda m: m.p50_ms)
        default = ratio(by_name["Mesh"], ours)
        ratios.append(
            (
                query.title,
                (ratio(ours, direct), ("≤", 1.3)),
                ratio(ours, direct, 0.99),
                (ratio(by_hand, ours), ("≥", 1)),
                (ratio(best, ours), ("≥", 2)),
                (default, ("≥", query.default)) if query.default else default,
                (ours.rps_many / max(by_name[name].rps_many for name in (*MESH, *BY_HAND)), ("≥", 1)),
                (calls["vegraph"], ("≤", calls["direct"])),
            )
        )
    columns = ("query", "vegraph ÷ direct, p50", "p99", "by hand ÷", "Mesh's best ÷", "Mesh ÷")
    notes = [
        f"rps: vegraph's with {clients} clients over the best of the others; ÷: over vegraph, p50; calls: vegraph's"
    ]
    report.table("ratios", (*columns, "rps", "calls"), ratios, notes)
    columns = ("query, server", "p50 ms", "p99 ms", "rps, 1 client", f"rps, {clients} clients", "calls")
    report.table(
        "times",
        columns,
        [
            (f"{query.name} {name}", m.p50_ms, m.p99_ms, m.rps, m.rps_many, calls[name])
            for query, by_name, calls in found
            for name, m in by_name.items()
        ],
    )
