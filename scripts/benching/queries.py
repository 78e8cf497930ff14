"""What is asked: each query for vegraph, and the place of the code that was written by hand for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CUSTOMER", "FO_LINE", "FO_ORDER", "ITEM", "LINE", "LISTED", "ORDER", "Query", "graph_name", "reading"]

CUSTOMER = ("number", "displayName", "type", "addressLine1", "city", "country", "email", "creditLimit", "taxLiable")
LISTED = (
    "number", "orderDate", "customerNumber", "customerName", "currencyCode", "totalAmountExcludingTax",
    "totalTaxAmount", "totalAmountIncludingTax", "fullyShipped", "lastModifiedDateTime",
)  # fmt: skip
"""Ten members of a sales order: texts, a date, amounts, a flag, a time."""
ORDER = ("number", "orderDate", "customerName", "totalAmountIncludingTax")
LINE = ("sequence", "description", "quantity", "unitPrice", "netAmount")
ITEM = ("number", "displayName", "unitPrice")
FO_ORDER = ("SalesOrderNumber", "SalesOrderName", "InvoiceCustomerAccountNumber", "CurrencyCode")
FO_LINE = ("LineNumber", "ItemNumber", "LineDescription", "OrderedSalesQuantity", "SalesPrice", "LineAmount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query with its targets: p50 over the floor's, strawberry's p50 over vegraph's."""

    name: str
    title: str
    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    floor: float
    strawberry: float | None = None
    fo: bool = False
    """It asks finance and operations too."""


def graph_name(wire: str) -> str:
    """`SalesOrderNumber` → `salesOrderNumber`."""
    return wire[0].lower() + wire[1:]


def _listed(count: int) -> str:
    return f"{{ bcSalesOrders(first: {count}) {{ nodes {{ {' '.join(LISTED)} }} }} }}"


def reading(customer_id: str, rows: tuple[int, int] = (100, 1000)) -> list[Query]:
    """The queries of the read benchmark. `rows`: of the small list (and the nested ones) and of the large one."""
    few, many = rows
    item, fo = " ".join(ITEM), tuple(map(graph_name, (*FO_ORDER, "|", *FO_LINE)))
    fo_order, fo_line = " ".join(fo[: len(FO_ORDER)]), " ".join(fo[len(FO_ORDER) + 1 :])
    return [
        Query(
            name="one",
            title="one entity by key",
            text=f"query One($id: UUID!) {{ bcCustomer(by: {{ rowId: $id }}) {{ {' '.join(CUSTOMER)} }} }}",
            variables={"id": customer_id},
            floor=1.25,
        ),
        Query(name="few", title=f"{few} rows × 10 fields", text=_listed(few), floor=1.1, strawberry=3),
        Query(name="many", title=f"{many:,} rows × 10 fields", text=_listed(many), floor=1.0, strawberry=8),
        Query(
            name="nested",
            title=f"{few} orders → customer, lines → item",
            text=f"""{{ bcSalesOrders(first: {few}) {{ nodes {{ {" ".join(ORDER)}
                customer {{ number displayName city }}
                salesOrderLines {{ nodes {{ {" ".join(LINE)} item {{ {item} }} }} }} }} }} }}""",
            floor=1.0,
            strawberry=10,
        ),
        Query(
            name="across",
            title="the same across both ERPs",
            text=f"""{{ foSalesOrderHeadersV2(first: {few}) {{ nodes {{ {fo_order}
                bcCustomer {{ number displayName city }}
                salesOrderLines {{ nodes {{ {fo_line} bcItem {{ {item} }} }} }} }} }} }}""",
            floor=1.1,
            strawberry=10,
            fo=True,
        ),
    ]


def page_query(first: int) -> str:
    """Pages of sales order lines, one after the other; `$after` is null for the first."""
    return (
        f"query Page($after: String) {{ bcSalesOrderLines(first: {first}, after: $after) "
        f"{{ nodes {{ id documentId {' '.join(LINE)} lineObjectNumber itemId }} "
        "pageInfo { hasNextPage endCursor } } }"
    )
