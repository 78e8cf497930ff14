"""`scripts/bench write`: an update with read-back through vegraph, beside the request written by hand."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benching import stand
from benching.client import Connection, get, graphql, post
from benching.client import Request as Asked
from benching.floor import client
from benching.processes import serve, start
from benching.report import Report
from benching.stand import Erp, Stand
from benching.timing import Contestant, compared, ratio

__all__ = ["add_arguments", "run"]

UPDATE = """mutation($id: ID!, $name: String) {
  updateBcCustomer(input: { id: $id, overwrite: true, patch: { displayName: $name } }) {
    bcCustomer { number displayName etag } userErrors { message }
  }
}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round-s", type=float, default=1.0)


def run(options: argparse.Namespace, report: Report) -> None:
    """An update of a customer."""
    report.say("starting both emulators, and vegraph over them")
    with stand.started(300).server as server:
        told = server.told
        standing = Stand(server, Erp(**told["bc"]), Erp(**told["fo"]), told["token"])
        asyncio.run(_run(options, report, standing))


async def _run(options: argparse.Namespace, report: Report, standing: Stand) -> None:
    query = "{ bcCustomers(first: 1) { nodes { id rowId displayName } } }"
    row = (await _json(graphql(standing.url, query, standing.token)))["data"]["bcCustomers"]["nodes"][0]
    companies = (await _json(get(f"{standing.bc.url}/companies?$select=id,name", standing.bc.token)))["value"]
    company = next(c["id"] for c in companies if c["name"] == "CRONUS USA, Inc.")
    with start(_serve, standing.bc, company) as floor:
        variables = {"id": row["id"], "name": row["displayName"]}
        contestants = [
            Contestant("floor", post(f"{floor.url}/update", {"id": row["rowId"], "name": row["displayName"]}), floor),
            Contestant("vegraph", graphql(standing.url, UPDATE, standing.token, variables), standing.server),
        ]
        found = await compared(contestants, rounds=options.rounds, round_s=options.round_s, check=_check)
    p50 = (ratio(found["vegraph"], found["floor"]), ("≤", 1.5))
    report.table("ratio", ("what", "vegraph ÷ floor, p50"), [("update of a customer, read back", p50)])
    times = [(name, m.p50_ms, m.p99_ms, m.cpu_ms) for name, m in found.items()]
    report.table("times", ("server", "p50 ms", "p99 ms", "CPU ms"), times)


def _check(name: str, status: int, body: bytes) -> None:
    row = orjson.loads(body)["data"]["updateBcCustomer"]["bcCustomer"]
    if not row or not row["etag"]:
        raise RuntimeError(f"{name} answered {status}: {body[:300].decode()}")


async def _json(request: Asked) -> Any:
    line = await Connection.open(request)
    status, body = await line.ask(request)
    line.close()
    if status != 200:
        raise RuntimeError(f"{status}: {body[:300].decode('utf-8', 'replace')}")
    return orjson.loads(body)


def _serve(line: Any, bc: Erp, company: str) -> None:
    async def make() -> Starlette:
        source = client(bc, f"/companies({company})/")

        async def update(request: Request) -> Response:
            given = orjson.loads(await request.body())
            answer = await source.patch(
                f"customers({given['id']})",
                content=orjson.dumps({"displayName": given["name"]}),
                headers={"If-Match": "*", "Content-Type": "application/json"},
            )
            row = orjson.loads(answer.content)
            shown = {"number": row["number"], "displayName": row["displayName"], "etag": row["@odata.etag"]}
            payload = {"data": {"updateBcCustomer": {"bcCustomer": shown, "userErrors": []}}}
            return Response(orjson.dumps(payload), media_type="application/json")

        return Starlette(routes=[Route("/update", update, methods=["POST"])])

    serve(line, make)
