"""The floor: a proxy written by hand for each of the queries, with minimal requests and nothing else.

The same HTTP client and transport as vegraph's, orjson, Starlette routes, the same uvicorn. It knows the person's
token, the company's id and which members are wanted; it checks nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benching import queries as q
from benching.processes import Served, serve, start
from benching.stand import Erp
from vegraph.backend.connection import Connections

__all__ = ["started"]


def started(bc: Erp, fo: Erp | None, company: str, rows: tuple[int, int], customer_id: str) -> Served:
    """Serves `/one`, `/few`, `/many`, `/nested` and `/across`."""
    return start(_serve, bc, fo, company, rows, customer_id)


def _serve(line: Any, bc: Erp, fo: Erp | None, company: str, rows: tuple[int, int], customer_id: str) -> None:
    async def make() -> Starlette:
        proxy = Proxy(client(bc, f"/companies({company})/"), client(fo, "/") if fo else None, rows, customer_id)
        names = ("one", "few", "many", "nested", *(("across",) if fo else ()))
        return Starlette(routes=[Route(f"/{name}", getattr(proxy, name)) for name in names])

    serve(line, make)


def client(erp: Erp, below: str) -> httpx.AsyncClient:
    """As vegraph sends: httpx over aiohttp's connections, kept alive."""
    return httpx.AsyncClient(
        base_url=erp.url + below,
        headers={"Authorization": f"Bearer {erp.token}", "Accept": "application/json", "Accept-Encoding": "identity"},
        transport=Connections(secure=False),
        timeout=None,
        trust_env=False,
    )


def _json(data: Any) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")


def options(**given: str | int) -> str:
    """`$name=value&…`, percent-encoded; null options left out."""
    return "&".join(f"${name}={quote(str(value), safe=chr(39) + '$(),;=@:/')}" for name, value in given.items())


class Proxy:
    """One method for each query."""

    def __init__(
        self, bc: httpx.AsyncClient, fo: httpx.AsyncClient | None, rows: tuple[int, int], customer_id: str
    ) -> None:
        self.bc = bc
        self.fo = fo
        few, many = rows
        listed = ",".join(q.LISTED)
        self.one_url = f"customers({customer_id})?" + options(select=",".join(q.CUSTOMER))
        self.few_url = "salesOrders?" + options(select=listed, top=few)
        self.many_url = "salesOrders?" + options(select=listed, top=many)
        item = f"item($select={','.join(q.ITEM)})"
        self.nested_url = "salesOrders?" + options(
            select=",".join(q.ORDER),
            expand="customer($select=number,displayName,city),"
            f"salesOrderLines($select={','.join(q.LINE)};$expand={item})",
            top=few,
        )
        self.fo_orders_url = "SalesOrderHeadersV2?" + options(
            select=",".join(q.FO_ORDER),
            expand=f"SalesOrderLines($select={','.join(q.FO_LINE)})",
            filter="dataAreaId eq 'usmf'",
            top=few,
        )

    async def one(self, _: Request) -> Response:
        row = orjson.loads((await self.bc.get(self.one_url)).content)
        return _json({"bcCustomer": {name: row[name] for name in q.CUSTOMER}})

    async def few(self, _: Request) -> Response:
        return await self._listed(self.few_url)

    async def many(self, _: Request) -> Response:
        return await self._listed(self.many_url)

    async def _listed(self, url: str) -> Response:
        rows = orjson.loads((await self.bc.get(url)).content)["value"]
        return _json({"bcSalesOrders": {"nodes": [{name: row[name] for name in q.LISTED} for row in rows]}})

    async def nested(self, _: Request) -> Response:
        rows = orjson.loads((await self.bc.get(self.nested_url)).content)["value"]
        return _json({"bcSalesOrders": {"nodes": [_order(row) for row in rows]}})

    async def across(self, _: Request) -> Response:
        assert self.fo is not None
        orders = orjson.loads((await self.fo.get(self.fo_orders_url)).content)["value"]
        customers, items = await asyncio.gather(
            self._by_number(
                "customers",
                ("number", "displayName", "city"),
                {order["InvoiceCustomerAccountNumber"] for order in orders},
            ),
            self._by_number("items", q.ITEM, {i["ItemNumber"] for order in orders for i in order["SalesOrderLines"]}),
        )
        nodes = []
        for order in orders:
            node = {q.graph_name(name): order[name] for name in q.FO_ORDER}
            node["bcCustomer"] = customers.get(order["InvoiceCustomerAccountNumber"])
            lines = []
            for row in order["SalesOrderLines"]:
                line = {q.graph_name(name): row[name] for name in q.FO_LINE}
                line["bcItem"] = items.get(row["ItemNumber"])
                lines.append(line)
            node["salesOrderLines"] = {"nodes": lines}
            nodes.append(node)
        return _json({"foSalesOrderHeadersV2": {"nodes": nodes}})

    async def _by_number(self, set_: str, select: tuple[str, ...], numbers: set[str]) -> dict[str, dict[str, Any]]:
        wanted = " or ".join(f"number eq '{number}'" for number in sorted(numbers) if number)
        if not wanted:
            return {}
        answer = await self.bc.get(f"{set_}?" + options(select=",".join(select), filter=wanted))
        rows = orjson.loads(answer.content)["value"]
        return {row["number"]: {name: row[name] for name in select} for row in rows}


def _order(row: dict[str, Any]) -> dict[str, Any]:
    customer = row["customer"]
    node = {name: row[name] for name in q.ORDER}
    node["customer"] = {name: customer[name] for name in ("number", "displayName", "city")} if customer else None
    lines = []
    for line in row["salesOrderLines"]:
        item = line["item"]
        found = {name: line[name] for name in q.LINE}
        found["item"] = {name: item[name] for name in q.ITEM} if item else None
        lines.append(found)
    node["salesOrderLines"] = {"nodes": lines}
    return node
