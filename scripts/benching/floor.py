"""The floor: a proxy written by hand for each of the queries, with minimal requests and nothing else.

The same HTTP client and transport as vegraph's, orjson, Starlette routes, the same uvicorn. It knows the person's
token, the company's id and which members are wanted; it checks nothing. Its answers are the graph's, amounts as text
included, but for digits: orjson reads amounts as floats, so 205.10 becomes "205.1" here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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

Row = dict[str, Any]


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
        return _json({"bcCustomer": _whole_customer(row)})

    async def few(self, _: Request) -> Response:
        return await self._listed(self.few_url)

    async def many(self, _: Request) -> Response:
        return await self._listed(self.many_url)

    async def _listed(self, url: str) -> Response:
        rows = orjson.loads((await self.bc.get(url)).content)["value"]
        return _json({"bcSalesOrders": {"nodes": [_listed(row) for row in rows]}})

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
                _customer,
                {order["InvoiceCustomerAccountNumber"] for order in orders},
            ),
            self._by_number(
                "items", q.ITEM, _item, {i["ItemNumber"] for order in orders for i in order["SalesOrderLines"]}
            ),
        )
        nodes = []
        for order in orders:
            lines = [_fo_line(row, items.get(row["ItemNumber"])) for row in order["SalesOrderLines"]]
            nodes.append(_fo_order(order, customers.get(order["InvoiceCustomerAccountNumber"]), lines))
        return _json({"foSalesOrderHeadersV2": {"nodes": nodes}})

    async def _by_number(
        self, set_: str, select: tuple[str, ...], written: Callable[[Row], Row], numbers: set[str]
    ) -> dict[str, Row]:
        wanted = " or ".join(f"number eq '{number}'" for number in sorted(numbers) if number)
        if not wanted:
            return {}
        answer = await self.bc.get(f"{set_}?" + options(select=",".join(select), filter=wanted))
        rows = orjson.loads(answer.content)["value"]
        return {row["number"]: written(row) for row in rows}


def _whole_customer(row: Row) -> Row:
    return {
        "number": row["number"],
        "displayName": row["displayName"],
        "type": row["type"],
        "addressLine1": row["addressLine1"],
        "city": row["city"],
        "country": row["country"],
        "email": row["email"],
        "creditLimit": str(row["creditLimit"]),
        "taxLiable": row["taxLiable"],
    }


def _listed(row: Row) -> Row:
    return {
        "number": row["number"],
        "orderDate": row["orderDate"],
        "customerNumber": row["customerNumber"],
        "customerName": row["customerName"],
        "currencyCode": row["currencyCode"],
        "totalAmountExcludingTax": str(row["totalAmountExcludingTax"]),
        "totalTaxAmount": str(row["totalTaxAmount"]),
        "totalAmountIncludingTax": str(row["totalAmountIncludingTax"]),
        "fullyShipped": row["fullyShipped"],
        "lastModifiedDateTime": row["lastModifiedDateTime"],
    }


def _customer(row: Row) -> Row:
    return {"number": row["number"], "displayName": row["displayName"], "city": row["city"]}


def _item(row: Row) -> Row:
    return {"number": row["number"], "displayName": row["displayName"], "unitPrice": str(row["unitPrice"])}


def _line(row: Row) -> Row:
    return {
        "sequence": row["sequence"],
        "description": row["description"],
        "quantity": str(row["quantity"]),
        "unitPrice": str(row["unitPrice"]),
        "netAmount": str(row["netAmount"]),
        "item": _item(row["item"]) if row["item"] else None,
    }


def _order(row: Row) -> Row:
    return {
        "number": row["number"],
        "orderDate": row["orderDate"],
        "customerName": row["customerName"],
        "totalAmountIncludingTax": str(row["totalAmountIncludingTax"]),
        "customer": _customer(row["customer"]) if row["customer"] else None,
        "salesOrderLines": {"nodes": [_line(line) for line in row["salesOrderLines"]]},
    }


def _fo_line(row: Row, item: Row | None) -> Row:
    return {
        "lineNumber": str(row["LineNumber"]),
        "itemNumber": row["ItemNumber"],
        "lineDescription": row["LineDescription"],
        "orderedSalesQuantity": str(row["OrderedSalesQuantity"]),
        "salesPrice": str(row["SalesPrice"]),
        "lineAmount": str(row["LineAmount"]),
        "bcItem": item,
    }


def _fo_order(row: Row, customer: Row | None, lines: list[Row]) -> Row:
    return {
        "salesOrderNumber": row["SalesOrderNumber"],
        "salesOrderName": row["SalesOrderName"],
        "invoiceCustomerAccountNumber": row["InvoiceCustomerAccountNumber"],
        "currencyCode": row["CurrencyCode"],
        "bcCustomer": customer,
        "salesOrderLines": {"nodes": lines},
    }
