"""A plain strawberry + aiodataloader server, as a careful user writes it: typed classes, default resolvers for leaves,
a loader for each relation, documents parsed and validated once, the same HTTP client as vegraph's.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
import strawberry
from aiodataloader import DataLoader
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from benching import queries as q
from benching.floor import client, options
from benching.processes import Served, serve, start
from benching.stand import Erp

__all__ = ["started"]

CHUNK = 100
"""Keys in one request."""


def started(bc: Erp, fo: Erp | None, company: str) -> Served:
    """Serves `/graphql` with the same root fields as vegraph's."""
    return start(_serve, bc, fo, company)


def _serve(line: Any, bc: Erp, fo: Erp | None, company: str) -> None:
    async def make() -> Starlette:
        sources = Sources(client(bc, f"/companies({company})/"), client(fo, "/") if fo else None)
        schema = strawberry.Schema(Query, extensions=[ParserCache(), ValidationCache()])
        return Starlette(routes=[Route("/graphql", View(schema, sources))])

    serve(line, make)


async def rows(source: httpx.AsyncClient, set_: str, **given: str | int) -> list[dict[str, Any]]:
    """The rows of a collection."""
    answer = await source.get(f"{set_}?" + options(**given))
    answer.raise_for_status()
    found: list[dict[str, Any]] = orjson.loads(answer.content)["value"]
    return found


def amount(value: float | None) -> str | None:
    """A decimal as the graph writes it."""
    return None if value is None else str(value)


class Sources:
    """The clients; loaders are made for each request."""

    def __init__(self, bc: httpx.AsyncClient, fo: httpx.AsyncClient | None) -> None:
        self.bc = bc
        self.fo = fo


class ByKey(DataLoader[str, Any]):
    """One row for each key."""

    def __init__(
        self, source: httpx.AsyncClient, set_: str, key: str, select: Sequence[str], made: Any, quote: str
    ) -> None:
        super().__init__()
        self._read = Reader(source, set_, key, (*select, key), quote)
        self._key = key
        self._made = made

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        found = {row[self._key]: self._made(row) for row in await self._read(keys)}
        return [found.get(key) for key in keys]


class Below(DataLoader[str, list[Any]]):
    """The rows that name each key."""

    def __init__(
        self, source: httpx.AsyncClient, set_: str, key: str, select: Sequence[str], made: Any, quote: str
    ) -> None:
        super().__init__()
        self._read = Reader(source, set_, key, (*select, key), quote)
        self._key = key
        self._made = made

    async def batch_load_fn(self, keys: list[str]) -> list[list[Any]]:
        found: dict[str, list[Any]] = {key: [] for key in keys}
        for row in await self._read(keys):
            found[row[self._key]].append(self._made(row))
        return [found[key] for key in keys]


class Reader:
    """Rows by key, in chunks."""

    def __init__(self, source: httpx.AsyncClient, set_: str, key: str, select: Sequence[str], quote: str) -> None:
        self._source, self._set, self._key, self._quote = source, set_, key, quote
        self._select = ",".join(dict.fromkeys(select))

    async def __call__(self, keys: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for at in range(0, len(keys), CHUNK):
            chunk = (f"{self._key} eq {self._quote}{key}{self._quote}" for key in keys[at : at + CHUNK])
            found += await rows(self._source, self._set, select=self._select, filter=" or ".join(chunk))
        return found


class Context(dict[str, Any]):
    """One request's loaders."""

    def __init__(self, sources: Sources) -> None:
        super().__init__()
        self.sources = sources
        bc = sources.bc
        self.customers = ByKey(bc, "customers", "id", ("number", "displayName", "city"), BcCustomer.of, "")
        self.items = ByKey(bc, "items", "id", q.ITEM, BcItem.of, "")
        self.customers_by_number = ByKey(
            bc, "customers", "number", ("number", "displayName", "city"), BcCustomer.of, "'"
        )
        self.items_by_number = ByKey(bc, "items", "number", q.ITEM, BcItem.of, "'")
        self.lines = Below(bc, "salesOrderLines", "documentId", (*q.LINE, "itemId"), BcSalesOrderLine.of, "")
        if sources.fo is not None:
            self.fo_lines = Below(
                sources.fo, "SalesOrderLines", "SalesOrderNumber", q.FO_LINE, FoSalesOrderLine.of, "'"
            )


class View(GraphQL[Context, None]):
    """strawberry's view with a context for each request, and orjson."""

    def __init__(self, schema: strawberry.Schema, sources: Sources) -> None:
        super().__init__(schema, graphql_ide=None)
        self._sources = sources

    async def get_context(self, request: Any, response: Any) -> Context:  # type: ignore[override]
        return Context(self._sources)

    def encode_json(self, data: object) -> str | bytes:
        return orjson.dumps(data)


@strawberry.type
class BcCustomer:
    number: str | None
    display_name: str | None
    city: str | None
    type: str | None = None
    address_line1: str | None = None
    country: str | None = None
    email: str | None = None
    credit_limit: str | None = None
    tax_liable: bool | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> BcCustomer:
        return cls(
            number=row.get("number"),
            display_name=row.get("displayName"),
            city=row.get("city"),
            type=row.get("type"),
            address_line1=row.get("addressLine1"),
            country=row.get("country"),
            email=row.get("email"),
            credit_limit=amount(row.get("creditLimit")),
            tax_liable=row.get("taxLiable"),
        )


@strawberry.type
class BcItem:
    number: str | None
    display_name: str | None
    unit_price: str | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> BcItem:
        return cls(number=row["number"], display_name=row["displayName"], unit_price=amount(row["unitPrice"]))


@strawberry.type
class BcSalesOrderLine:
    sequence: int | None
    description: str | None
    quantity: str | None
    unit_price: str | None
    net_amount: str | None
    item_id: strawberry.Private[str | None]

    @classmethod
    def of(cls, row: dict[str, Any]) -> BcSalesOrderLine:
        return cls(
            sequence=row["sequence"],
            description=row["description"],
            quantity=amount(row["quantity"]),
            unit_price=amount(row["unitPrice"]),
            net_amount=amount(row["netAmount"]),
            item_id=row["itemId"],
        )

    @strawberry.field
    async def item(self, info: Info[Context, None]) -> BcItem | None:
        return await info.context.items.load(self.item_id) if self.item_id and uuid.UUID(self.item_id).int else None


@strawberry.type
class BcSalesOrderLineConnection:
    nodes: list[BcSalesOrderLine]


@strawberry.type
class BcSalesOrder:
    id: strawberry.Private[str | None]
    customer_id: strawberry.Private[str | None]
    number: str | None
    order_date: str | None
    customer_number: str | None
    customer_name: str | None
    currency_code: str | None
    total_amount_excluding_tax: str | None
    total_tax_amount: str | None
    total_amount_including_tax: str | None
    fully_shipped: bool | None
    last_modified_date_time: str | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> BcSalesOrder:
        return cls(
            id=row.get("id"),
            customer_id=row.get("customerId"),
            number=row.get("number"),
            order_date=row.get("orderDate"),
            customer_number=row.get("customerNumber"),
            customer_name=row.get("customerName"),
            currency_code=row.get("currencyCode"),
            total_amount_excluding_tax=amount(row.get("totalAmountExcludingTax")),
            total_tax_amount=amount(row.get("totalTaxAmount")),
            total_amount_including_tax=amount(row.get("totalAmountIncludingTax")),
            fully_shipped=row.get("fullyShipped"),
            last_modified_date_time=row.get("lastModifiedDateTime"),
        )

    @strawberry.field
    async def customer(self, info: Info[Context, None]) -> BcCustomer | None:
        return await info.context.customers.load(self.customer_id) if self.customer_id else None

    @strawberry.field
    async def sales_order_lines(self, info: Info[Context, None]) -> BcSalesOrderLineConnection:
        return BcSalesOrderLineConnection(nodes=await info.context.lines.load(self.id) if self.id else [])


@strawberry.type
class BcSalesOrderConnection:
    nodes: list[BcSalesOrder]


@strawberry.type
class FoSalesOrderLine:
    line_number: str | None
    item_number: str | None
    line_description: str | None
    ordered_sales_quantity: str | None
    sales_price: str | None
    line_amount: str | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> FoSalesOrderLine:
        return cls(
            line_number=amount(row["LineNumber"]),
            item_number=row["ItemNumber"],
            line_description=row["LineDescription"],
            ordered_sales_quantity=amount(row["OrderedSalesQuantity"]),
            sales_price=amount(row["SalesPrice"]),
            line_amount=amount(row["LineAmount"]),
        )

    @strawberry.field
    async def bc_item(self, info: Info[Context, None]) -> BcItem | None:
        return await info.context.items_by_number.load(self.item_number) if self.item_number else None


@strawberry.type
class FoSalesOrderLineConnection:
    nodes: list[FoSalesOrderLine]


@strawberry.type
class FoSalesOrder:
    sales_order_number: str
    sales_order_name: str | None
    invoice_customer_account_number: str | None
    currency_code: str | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> FoSalesOrder:
        return cls(
            sales_order_number=row["SalesOrderNumber"],
            sales_order_name=row["SalesOrderName"],
            invoice_customer_account_number=row["InvoiceCustomerAccountNumber"],
            currency_code=row["CurrencyCode"],
        )

    @strawberry.field
    async def bc_customer(self, info: Info[Context, None]) -> BcCustomer | None:
        number = self.invoice_customer_account_number
        return await info.context.customers_by_number.load(number) if number else None

    @strawberry.field
    async def sales_order_lines(self, info: Info[Context, None]) -> FoSalesOrderLineConnection:
        return FoSalesOrderLineConnection(nodes=await info.context.fo_lines.load(self.sales_order_number))


@strawberry.type
class FoSalesOrderConnection:
    nodes: list[FoSalesOrder]


@strawberry.input
class BcCustomerBy:
    row_id: uuid.UUID


@strawberry.type
class Query:
    @strawberry.field
    async def bc_customer(self, info: Info[Context, None], by: BcCustomerBy) -> BcCustomer | None:
        source = info.context.sources.bc
        answer = await source.get(f"customers({by.row_id})?" + options(select=",".join(q.CUSTOMER)))
        return BcCustomer.of(orjson.loads(answer.content)) if answer.status_code == 200 else None

    @strawberry.field
    async def bc_sales_orders(self, info: Info[Context, None], first: int = 50) -> BcSalesOrderConnection:
        select = ",".join(dict.fromkeys((*q.LISTED, "id", "customerId")))
        found = await rows(info.context.sources.bc, "salesOrders", select=select, top=first)
        return BcSalesOrderConnection(nodes=[BcSalesOrder.of(row) for row in found])

    @strawberry.field(name="foSalesOrderHeadersV2")
    async def fo_sales_orders(self, info: Info[Context, None], first: int = 50) -> FoSalesOrderConnection:
        source = info.context.sources.fo
        assert source is not None
        found = await rows(
            source, "SalesOrderHeadersV2", select=",".join(q.FO_ORDER), filter="dataAreaId eq 'usmf'", top=first
        )
        return FoSalesOrderConnection(nodes=[FoSalesOrder.of(row) for row in found])
