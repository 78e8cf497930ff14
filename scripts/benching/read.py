"""`scripts/bench read`: the same queries by hand, through vegraph, and through strawberry with loaders."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from benching import floor, plain_strawberry, stand
from benching.client import Connection, Request, get, graphql, post
from benching.processes import Served
from benching.queries import Query, page_query, reading
from benching.report import Report
from benching.stand import Stand
from benching.timing import Contestant, Measured, compared, ratio, throughput

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("--rows", type=int, nargs=2, default=(100, 1000), metavar=("FEW", "MANY"))
    parser.add_argument("--orders", type=int, default=10_000, help="sales orders the emulators hold")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--round-s", type=float, default=0.5, help="seconds of one server in one round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--pages", type=int, default=10, help="pages of MANY rows, for what many rows cost")
    parser.add_argument(
        "--live",
        action="store_true",
        help="let the emulators work out each answer, rather than replay what they answered once",
    )
    parser.add_argument("--only", nargs="*", help="names of queries: one few many nested across")


def run(options: argparse.Namespace, report: Report) -> None:
    """Measures and reports."""
    report.say(f"starting both emulators with {options.orders:,} orders, and vegraph over them")
    standing = stand.started(options.orders, live=options.live)
    try:
        asyncio.run(_measured(options, report, standing))
    finally:
        standing.server.stop()


async def _measured(options: argparse.Namespace, report: Report, standing: Stand) -> None:
    rows: tuple[int, int] = tuple(options.rows)
    customer, company = await _first_customer(standing)
    by_hand = floor.started(standing.bc, standing.fo, company, rows, customer)
    plain = plain_strawberry.started(standing.bc, standing.fo, company)
    servers = {"floor": by_hand, "vegraph": standing.server, "strawberry": plain}
    try:
        found: list[tuple[Query, dict[str, Measured], dict[str, int]]] = []
        for query in reading(customer, rows):
            if options.only and query.name not in options.only:
                continue
            report.say(f"measuring: {query.title}")
            found.append((query, *await _one_query(options, standing, servers, query)))
        _show(report, found, options.clients)
        await _pages(options, report, standing)
        report.table(
            "peak memory of each server's process", ("server", "MB"), [(n, s.peak_mb()) for n, s in servers.items()]
        )
    finally:
        by_hand.stop()
        plain.stop()


async def _one_query(
    options: argparse.Namespace, standing: Stand, servers: Mapping[str, Served], query: Query
) -> tuple[dict[str, Measured], dict[str, int]]:
    contestants = [
        Contestant("floor", get(f"{servers['floor'].url}/{query.name}"), servers["floor"]),
        Contestant("vegraph", graphql(standing.url, query.text, standing.token, query.variables), servers["vegraph"]),
        Contestant(
            "strawberry",
            graphql(f"{servers['strawberry'].url}/graphql", query.text, None, query.variables),
            servers["strawberry"],
        ),
    ]
    answers: dict[str, Any] = {}

    def check(name: str, _: int, body: bytes) -> None:
        answers[name] = normal(orjson.loads(body), typed=True)
        if answers[name] != answers["floor"]:
            raise RuntimeError(f"{query.name}: {name} answers otherwise than the floor: {body[:400].decode()}")

    calls = {c.name: await _calls(standing, c.request) for c in contestants}
    found = await compared(contestants, rounds=options.rounds, round_s=options.round_s, check=check)
    await throughput(contestants, found, clients=options.clients, rounds=3, round_s=options.round_s)
    return found, calls


async def _first_customer(standing: Stand) -> tuple[str, str]:
    """(id of a customer, id of the default company)."""
    answer = orjson.loads(
        await _asked(graphql(standing.url, "{ bcCustomers(first: 1) { nodes { rowId } } }", standing.token))
    )
    companies = orjson.loads(await _asked(get(f"{standing.bc.url}/companies?$select=id,name", standing.bc.token)))
    company = next(c["id"] for c in companies["value"] if c["name"] == "CRONUS USA, Inc.")
    return answer["data"]["bcCustomers"]["nodes"][0]["rowId"], company


async def _asked(request: Request) -> bytes:
    line = await Connection.open(request)
    try:
        status, body = await line.ask(request)
    finally:
        line.close()
    if status >= 300:
        raise RuntimeError(f"{status}: {body[:300].decode('utf-8', 'replace')}")
    return body


async def _calls(standing: Stand, request: Request) -> int:
    """How many requests to the ERPs that takes, once warm."""
    await _asked(request)
    before = await _seen(standing)
    await _asked(request)
    return await _seen(standing) - before


async def _seen(standing: Stand) -> int:
    counters = {standing.bc.control, standing.fo.control}  # one, where both are replayed
    return sum([int(orjson.loads(await _asked(get(url)))["total"]) for url in counters])


def normal(value: Any, *, typed: bool = False) -> Any:
    """An answer in which a decimal is its value, 205.10 or 205.1, and enum names have no case of their own.

    `typed`: a number equals no text. Else it does, for services that write decimals as numbers.
    """
    if isinstance(value, dict):
        return {key: normal(inner, typed=typed) for key, inner in value.items()}
    if isinstance(value, list):
        return [normal(inner, typed=typed) for inner in value]
    if isinstance(value, bool) or value is None or (typed and not isinstance(value, str)):
        return value
    try:
        number = float(Decimal(value))
    except (InvalidOperation, TypeError, ValueError):
        return value.upper() if isinstance(value, str) else value
    return ("decimal", number) if typed else number


def _show(report: Report, found: list[tuple[Query, dict[str, Measured], dict[str, int]]], clients: int) -> None:
    rows = []
    for query, by_name, calls in found:
        ours, hand, plain = by_name["vegraph"], by_name["floor"], by_name["strawberry"]
        rows.append(
            (
                query.title,
                (ratio(ours, hand), ("≤", query.floor)),
                ratio(ours, hand, 0.99),
                ours.cpu_ms / hand.cpu_ms,
                (ratio(plain, ours), ("≥", query.strawberry) if query.strawberry else None),
                (calls["vegraph"], ("≤", calls["floor"])),
            )
        )
    columns = ("query", "vegraph ÷ floor, p50", "p99", "server CPU", "strawberry ÷ vegraph, p50", "calls")
    report.table("ratios", columns, rows)
    columns = (
        "query, server",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "CPU ms",
        "rps, 1 client",
        f"rps, {clients} clients",
        "calls",
    )
    report.table(
        "times",
        columns,
        [
            (f"{query.name} {name}", m.p50_ms, m.p90_ms, m.p99_ms, m.cpu_ms, m.rps, m.rps_many, calls[name])
            for query, by_name, calls in found
            for name, m in by_name.items()
        ],
    )


async def _pages(options: argparse.Namespace, report: Report, standing: Stand) -> None:
    """Pages one after the other with a cursor: each must cost what the first did, and memory must not grow."""
    if not options.pages:
        return
    size = options.rows[1]
    text = page_query(size)
    first = graphql(standing.url, text, standing.token)
    line = await Connection.open(first)
    rows: list[tuple[Any, ...]] = []
    try:
        for turn in range(2):  # the first turn warms
            after, read, spent = None, 0, 0.0
            for number in range(options.pages):
                request = post(standing.url, {"query": text, "variables": {"after": after}}, standing.token)
                started = asyncio.get_running_loop().time()
                _, body = await line.ask(request)
                spent += asyncio.get_running_loop().time() - started
                page = orjson.loads(body)["data"]["bcSalesOrderLines"]
                read += len(page["nodes"])
                after = page["pageInfo"]["endCursor"]
                if turn and number + 1 in {1, 2, 5, options.pages}:
                    rows.append((read, spent * 1e3, spent * 1e6 / max(1, read), standing.server.memory_mb()))
                if not page["pageInfo"]["hasNextPage"]:
                    break
    finally:
        line.close()
    report.table(f"pages of {size:,} rows", ("rows", "ms in all", "µs a row", "server MB"), rows)
