"""What `scripts/bench peers` asks of SAP CAP: rows of its model (`trade/`), and queries in each contestant's words."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

__all__ = ["CUSTOMER", "ITEM", "LINE", "LISTED", "NESTED", "Query", "asked", "rows"]

Tree = Mapping[str, Any]
"""Property → None; navigation property → Tree. To-many ones are named in `MANY`."""
MANY = {"lines"}

LISTED = ("ID", "number", "ordered", "buyer", "currency", "net", "tax", "gross", "shipped", "changed")
CUSTOMER = ("number", "name", "city")
LINE = ("sequence", "description", "quantity", "price", "amount")
ITEM = ("number", "name", "price")
NESTED: Tree = {
    **dict.fromkeys(("number", "ordered", "buyer", "gross")),
    "customer": dict.fromkeys(CUSTOMER),
    "lines": {**dict.fromkeys(LINE), "item": dict.fromkeys(ITEM)},
}
"""As many members of each as `scripts/bench read` asks for."""


@dataclass(frozen=True, slots=True)
class Query:
    """The first orders by their key, and what is wanted of each."""

    name: str
    title: str
    top: int
    tree: Tree
    default: float | None = None
    """Mesh as it comes ÷ vegraph: at least."""

    @property
    def odata(self) -> str:
        """One good request: only what is wanted, expanded."""
        return f"Orders?$orderby=ID&$top={self.top}&{'&'.join(_options(self.tree))}"

    @property
    def mesh(self) -> str:
        """In the words of Mesh's OData handler."""
        return f'{{ Orders(queryOptions: {{ top: {self.top}, orderby: "ID" }}) {_selection(self.tree)} }}'

    @property
    def plain(self) -> str:
        """In those of the servers written by hand."""
        return f"{{ Orders(top: {self.top}) {_selection(self.tree)} }}"

    @property
    def vegraph(self) -> str:
        """In vegraph's."""
        nodes = _selection(self.tree, connections=True).replace("ID", "ID: rowId")
        return f"{{ Orders: orders(first: {self.top}) {{ nodes {nodes} }} }}"

    def rows(self, answer: Any) -> list[Any]:
        """The orders of an answer, reduced to what is wanted. RuntimeError when they are not all there."""
        found = answer["value"] if "value" in answer else (answer.get("data") or {}).get("Orders")
        kept: list[Any] = _kept(found or [], self.tree)
        if len(kept) != self.top or "errors" in answer:
            raise RuntimeError(f"{len(kept)} of {self.top} orders; {str(answer)[:300]}")
        return kept


def asked(parents: int, flat: int) -> list[Query]:
    """The nested query over so many orders, and the flat one."""
    return [
        Query("nested", f"{parents:,} orders → customer, lines → item", parents, NESTED, 100),
        Query("flat", f"{flat:,} rows × 10 fields", flat, dict.fromkeys(LISTED)),
    ]


def _options(tree: Tree) -> list[str]:
    plain = ",".join(name for name, below in tree.items() if below is None)
    expanded = ",".join(f"{name}({';'.join(_options(below))})" for name, below in tree.items() if below)
    return [f"$select={plain}", *([f"$expand={expanded}"] if expanded else [])]


def _selection(tree: Tree, *, connections: bool = False) -> str:
    parts = []
    for name, below in tree.items():
        inner = f" {_selection(below, connections=connections)}" if below else ""
        parts.append(f"{name} {{ nodes{inner} }}" if connections and name in MANY else name + inner)
    return f"{{ {' '.join(parts)} }}"


def _kept(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return [_kept(each, tree) for each in value]
    if isinstance(value, dict) and "nodes" in value:
        return _kept(value["nodes"], tree)
    return value and {name: _kept(value[name], below) if below else value[name] for name, below in tree.items()}


def rows(orders: int) -> dict[str, list[dict[str, Any]]]:
    """Entity set → rows: so many orders of five lines each, the same each time.

    No to-one relation is empty: Mesh's expand option fails where one is.
    """
    chance = random.Random(20261125)
    customers = [
        {"ID": n, "number": f"C{n:05d}", "name": f"Customer {n} & Sons", "city": f"City {n % 9}"} for n in range(1, 51)
    ]
    items = [
        {"ID": n, "number": f"{1000 + n}-S", "name": f"Item {n}", "price": _money(chance, 10_000)} for n in range(1, 61)
    ]
    found: dict[str, list[dict[str, Any]]] = {"Customers": customers, "Items": items, "Orders": [], "Lines": []}
    for n in range(1, orders + 1):
        found["Orders"].append(_order(chance, n))
        for sequence in range(1, 6):
            found["Lines"].append(_line(chance, n, sequence))
    return found


def _order(chance: random.Random, number: int) -> dict[str, Any]:
    day = date(2025, 1, 1) + timedelta(days=chance.randrange(600))
    return {
        "ID": number,
        "number": f"S-{number:06d}",
        "ordered": day.isoformat(),
        "buyer": chance.choice(["Ada O'Neil", "Åse Øst", "Bo & Co", None]),
        "currency": chance.choice(["EUR", "CHF", "USD"]),
        "net": _money(chance, 10**6),
        "tax": _money(chance, 10**5),
        "gross": _money(chance, 10**6),
        "shipped": chance.random() < 0.5,
        "changed": f"{day.isoformat()}T{chance.randrange(24):02d}:00:00.000Z",
        "customer_ID": chance.randrange(1, 51),
    }


def _line(chance: random.Random, order: int, sequence: int) -> dict[str, Any]:
    return {
        "ID": 5 * order + sequence,
        "sequence": sequence,
        "description": f"Line {sequence} of {order}",
        "quantity": str(chance.randrange(1, 30)),
        "price": _money(chance, 10_000),
        "amount": _money(chance, 100_000),
        "order_ID": order,
        "item_ID": chance.randrange(1, 61),
    }


def _money(chance: random.Random, top: int) -> str:
    return str(Decimal(chance.randrange(top)).scaleb(-2))
