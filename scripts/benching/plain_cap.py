"""The same orders served by hand over SAP CAP: graphql-core over one `$expand`, and strawberry with loaders.

Documents are parsed and validated once; the HTTP client is vegraph's.
"""

from __future__ import annotations

from typing import Any

import orjson
import strawberry
from graphql import GraphQLResolveInfo, SelectionSetNode, build_schema, execute, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from benching import trading as t
from benching.floor import client
from benching.plain_strawberry import Below, ByKey, rows
from benching.processes import serve
from benching.stand import Erp

__all__ = ["serve_graphql_core", "serve_strawberry"]

SDL = """
type Query { Orders(top: Int!): [Order!]! }
type Order { ID: Int number: String ordered: String buyer: String currency: String net: String tax: String
             gross: String shipped: Boolean changed: String customer: Customer lines: [Line!]! }
type Customer { number: String name: String city: String }
type Line { sequence: Int description: String quantity: String price: String amount: String item: Item }
type Item { number: String name: String price: String }
"""


def serve_graphql_core(line: Any, url: str) -> None:
    """`/graphql` over rows as they came."""

    async def make() -> Starlette:
        source = client(Erp(url, "", ""), "/")
        schema = build_schema(SDL)
        documents: dict[str, Any] = {}

        async def orders(_: Any, info: GraphQLResolveInfo, top: int) -> Any:
            nested = "lines" in _names(info.field_nodes[0].selection_set)
            query = t.Query("", "", top, t.NESTED if nested else dict.fromkeys(t.LISTED))
            return orjson.loads((await source.get(query.odata)).content)["value"]

        async def answer(request: Request) -> Response:
            text = orjson.loads(await request.body())["query"]
            if text not in documents:
                documents[text] = parse(text)
                if wrong := validate(schema, documents[text]):
                    raise wrong[0]
            found: Any = execute(schema, documents[text])
            result = await found
            return Response(orjson.dumps(result.formatted), media_type="application/json")

        assert schema.query_type is not None
        schema.query_type.fields["Orders"].resolve = orders
        return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])

    serve(line, make)


def _names(found: SelectionSetNode | None) -> set[str]:
    return {node.name.value for node in found.selections} if found else set()  # type: ignore[attr-defined]


def serve_strawberry(line: Any, url: str) -> None:
    """`/graphql` with a loader for each relation."""

    async def make() -> Starlette:
        source = client(Erp(url, "", ""), "/")
        config = StrawberryConfig(auto_camel_case=False)
        schema = strawberry.Schema(Query, config=config, extensions=[ParserCache(), ValidationCache()])

        class View(GraphQL[Any, None]):
            async def get_context(self, request: Any, response: Any) -> Any:  # type: ignore[override]
                return {
                    "source": source,
                    "customers": ByKey(source, "Customers", "ID", t.CUSTOMER, Customer.of, ""),
                    "items": ByKey(source, "Items", "ID", t.ITEM, Item.of, ""),
                    "lines": Below(source, "Lines", "order_ID", (*t.LINE, "item_ID"), Line.of, ""),
                }

            def encode_json(self, data: object) -> str | bytes:
                return orjson.dumps(data)

        return Starlette(routes=[Route("/graphql", View(schema, graphql_ide=None))])

    serve(line, make)


class Made:
    """A row as an object: members that were not asked for are None."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Any:
        return cls(**{name: row.get(name) for name in cls.__annotations__})


@strawberry.type
class Customer(Made):
    number: str | None
    name: str | None
    city: str | None


@strawberry.type
class Item(Made):
    number: str | None
    name: str | None
    price: str | None


@strawberry.type
class Line(Made):
    sequence: int | None
    description: str | None
    quantity: str | None
    price: str | None
    amount: str | None
    item_ID: strawberry.Private[int | None]  # noqa: N815  (as on the wire)

    @strawberry.field
    async def item(self, info: Info[Any, None]) -> Item | None:
        return await info.context["items"].load(self.item_ID) if self.item_ID is not None else None


@strawberry.type
class Order(Made):
    ID: int | None
    number: str | None
    ordered: str | None
    buyer: str | None
    currency: str | None
    net: str | None
    tax: str | None
    gross: str | None
    shipped: bool | None
    changed: str | None
    customer_ID: strawberry.Private[int | None]  # noqa: N815

    @strawberry.field
    async def customer(self, info: Info[Any, None]) -> Customer | None:
        return await info.context["customers"].load(self.customer_ID) if self.customer_ID is not None else None

    @strawberry.field
    async def lines(self, info: Info[Any, None]) -> list[Line]:
        found: list[Line] = await info.context["lines"].load(self.ID)
        return found


@strawberry.type
class Query:
    @strawberry.field
    async def Orders(self, info: Info[Any, None], top: int) -> list[Order]:  # noqa: N802  (named as the entity set)
        select = ",".join((*t.LISTED, "customer_ID"))
        return [
            Order.of(row) for row in await rows(info.context["source"], "Orders", select=select, orderby="ID", top=top)
        ]
