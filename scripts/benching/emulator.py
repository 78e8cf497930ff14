"""`scripts/bench emulator`: the emulators themselves, over real HTTP, at any size up to 1,000,000 orders."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import orjson

from benching.client import Connection, get
from benching.report import Report
from benching.timing import percentile
from vegraph.emulator.data.cache import working_copy
from vegraph.emulator.data.people import MANAGER, bc_users, fo_users
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.fo.server import FO_ROOT
from vegraph.emulator.process import start
from vegraph.emulator.server import BC_ROOT

__all__ = ["add_arguments", "run"]

KEYED, PAGE = ("≤", 5.0), ("≤", 60.0)
"""Milliseconds, whatever the size."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--rows", type=int, default=10_000, metavar="N", help="orders, up to 1,000,000")
    parser.add_argument("--requests", type=int, default=200)


def run(options: argparse.Namespace, report: Report) -> None:
    """Both emulators, one after the other."""
    report.say(f"making {options.rows:,} orders, unless they are kept from before")
    rows = []
    with tempfile.TemporaryDirectory(prefix="vegraph-bench-") as folder:
        for kind, root, users, me in (("bc", BC_ROOT, bc_users(), MANAGER.bc), ("fo", FO_ROOT, fo_users(), MANAGER.fo)):
            assert me is not None
            path = working_copy(kind, Path(folder), orders=options.rows)  # type: ignore[arg-type]
            more = {"limits": Limits()} if kind == "bc" else {}
            with start(kind, options={"tokens": Anyone(user=me), "users": users, "path": path, **more}) as handle:
                rows += asyncio.run(_measured(kind, handle.url + root, options.requests))
    report.table(f"{options.rows:,} orders", ("request", "p50 ms", "p99 ms"), rows)


async def _measured(kind: str, root: str, count: int) -> list[tuple[object, ...]]:
    if kind == "bc":
        company = (await _json(f"{root}/companies?$select=id&$top=1"))["value"][0]["id"]
        orders = f"{root}/companies({company})/salesOrders"
        first = (await _json(f"{orders}?$top=1&$select=id"))["value"][0]["id"]
        keyed, listed = f"{orders}({first})", "id,number,customerId,orderDate"
    else:
        orders = f"{root}/SalesOrderHeadersV2"
        first = (await _json(f"{orders}?$top=1"))["value"][0]
        key = f"dataAreaId='{first['dataAreaId']}',SalesOrderNumber='{quote(first['SalesOrderNumber'])}'"
        keyed, listed = f"{orders}({key})", "dataAreaId,SalesOrderNumber,InvoiceCustomerAccountNumber"
    return [
        (f"{kind}: one order by key", *await _times(keyed, count, KEYED)),
        (f"{kind}: 1,000 orders, few columns", *await _times(f"{orders}?$top=1000&$select={listed}", count // 4, PAGE)),
        (f"{kind}: 1,000 orders, all columns", *await _times(f"{orders}?$top=1000", count // 4, PAGE)),
    ]


async def _json(url: str) -> dict[str, list[dict[str, str]]]:
    line = await Connection.open(get(url))
    status, body = await line.ask(get(url))
    line.close()
    if status != 200:
        raise RuntimeError(f"{status}: {body[:300].decode('utf-8', 'replace')}")
    found: dict[str, list[dict[str, str]]] = orjson.loads(body)
    return found


async def _times(url: str, count: int, target: tuple[str, float]) -> tuple[object, object]:
    request = get(url)
    line = await Connection.open(request)
    times = []
    for _ in range(max(count, 5)):
        started = time.perf_counter()
        status, _body = await line.ask(request)
        times.append((time.perf_counter() - started) * 1e3)
        if status != 200:
            raise RuntimeError(f"{url} answered {status}")
    line.close()
    return (percentile(times, 0.5), target), percentile(times, 0.99)
