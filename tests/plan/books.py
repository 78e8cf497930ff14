"""Small books of random rows for both ERPs, and a plain evaluation of `where` and `orderBy` over them.

A `Book` is one company's rows as graph values in Python's own types. What is here shares nothing with the planner: the
evaluation is written from what the graph promises (two-valued logic, null before all values, empty texts are values).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from uuid import UUID

from tests.stack import BC_COMPANY, FO_COMPANY
from vegraph.emulator.data.seed import Batch

__all__ = ["ENTITIES", "Book", "Entity", "Field", "Link", "bc_batches", "books", "fits", "fo_batches", "in_order"]


@dataclass(frozen=True, eq=False)
class Field:
    """A property: how it is called here and there, and which values it takes."""

    name: str
    wire: str
    kind: str
    pool: tuple[Any, ...]
    write: Callable[[Any], Any] = lambda value: value
    """Graph value → wire value for the emulator's store."""
    ordered: bool = True
    """Texts that a service takes for equal though they differ are not ordered by."""


@dataclass(frozen=True, eq=False)
class Link:
    """A relation: fields that are equal here and there."""

    name: str
    target: str
    many: bool
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Entity:
    """A type of rows."""

    name: str
    source: str
    set: str
    root: str
    type: str
    """Of the graph, before `Filter` and `Order`."""
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    links: tuple[Link, ...] = ()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # examples name it only
        printer.text(self.name)

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    def link(self, name: str) -> Link:
        return next(link for link in self.links if link.name == name)


@dataclass
class Book:
    """One company's rows by entity name."""

    bc: str
    fo: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    default: Book | None = field(default=None, repr=False)
    """The default company's, where rows of the other ERP are looked for; None: this one is it."""

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(self.fo)

    def at(self, link: Link) -> Book:
        """Where the rows at the other end are: here, or in the other ERP's default company."""
        return self.default if link.name in ACROSS and self.default is not None else self

    def related(self, row: Mapping[str, Any], link: Link) -> list[dict[str, Any]]:
        """Rows at the other end of a relation; a missing own value leads nowhere."""
        own = [row[a] for a, _ in link.pairs]
        if any(v is None or v == "" for v in own):
            return []
        rows = self.at(link).rows[link.target]
        return [r for r in rows if all(r[b] == v for (_, b), v in zip(link.pairs, own, strict=True))]


ACROSS = frozenset({"foSalesOrders", "bcCustomer"})
"""Relations that lead into the other ERP."""

TEXTS = (
    "",
    "alpha",
    "Alpha",
    "a*b",
    "aXb",
    "O'Neil",
    "100% & Co",
    "(x), y",
    "Ægir \U0001f389",
    "?lpha",
    "beta",
    "בע״מ",
)
FOLDED = ("", "alpha", "ALPHA", "a*b", "axb", "o'neil", "100% & co", "(x), y", "beta", "þórr \U0001f389")
LOWER = ("", "alpha", "a*b", "axb", "o'neil", "100% & co", "beta", "gamma")
NUMBERS = tuple(map(Decimal, ("0", "-1.5", "0.01", "10", "99999999999999999999", "123456789012345678.90", "2.5")))
DATES = (None, "2024-02-29", "2026-11-25", "1999-12-31", "2024-03-01")
MOMENTS = (None, "2024-02-29T12:00:00Z", "2026-11-25T08:30:15.087Z", "1999-12-31T23:59:59Z")
SECONDS = (None, "2024-02-29T12:00:00Z", "2026-11-25T08:30:15Z", "1999-12-31T23:59:59Z")
BOOLEANS = (False, True)


def _named(names: Mapping[str, str]) -> Callable[[Any], Any]:
    return lambda value: names[value]


def _yes(value: Any) -> str:
    return "Yes" if value else "No"


def _text(name: str, wire: str, pool: tuple[Any, ...] = TEXTS, *, ordered: bool = True) -> Field:
    return Field(name, wire, "String", pool, ordered=ordered)


def _enum(name: str, wire: str, graph_type: str, names: Mapping[str, str]) -> Field:
    return Field(name, wire, f"enum {graph_type}", tuple(names), _named(names))


def _id(kind: int, number: int) -> str:
    return f"{0x7E620000 + kind:08x}-0000-4eed-a000-{number:012x}"


BLOCKED = {"BLANK": "_x0020_", "SHIP": "Ship", "INVOICE": "Invoice", "ALL": "All"}
STATUS = {"DRAFT": "Draft", "IN_REVIEW": "In_x0020_Review", "OPEN": "Open"}
ITEM_TYPE = {"INVENTORY": "Inventory", "SERVICE": "Service", "NON_INVENTORY": "Non_x002D_Inventory"}
HOLD = {"NO": "No", "INVOICE": "Invoice", "ALL": "All", "PAYMENT": "Payment"}
ORDER_STATUS = {"NONE": "None", "BACKORDER": "Backorder", "DELIVERED": "Delivered", "INVOICED": "Invoiced"}
PRODUCT_TYPE = {"ITEM": "Item", "SERVICE": "Service"}

ENTITIES = {
    e.name: e
    for e in (
        Entity(
            "customer", "bc", "customers", "bcCustomers", "BcCustomer", ("rowId",),
            (
                Field("rowId", "id", "UUID", ()),
                _text("number", "number", ()),
                _text("displayName", "displayName"),
                _text("city", "city", LOWER),
                _enum("blocked", "blocked", "BcCustomerBlocked", BLOCKED),
                Field("creditLimit", "creditLimit", "Decimal", NUMBERS),
                Field("taxLiable", "taxLiable", "Boolean", BOOLEANS),
                Field("currencyId", "currencyId", "UUID", (None, _id(9, 1), _id(9, 2))),
                Field("lastModifiedDateTime", "lastModifiedDateTime", "DateTime", MOMENTS),
            ),
            (Link("foSalesOrders", "foOrder", True, (("number", "invoiceCustomerAccountNumber"),)),),
        ),
        Entity(
            "item", "bc", "items", "bcItems", "BcItem", ("rowId",),
            (
                Field("rowId", "id", "UUID", ()),
                _text("number", "number", ()),
                _text("displayName", "displayName"),
                _enum("type", "type", "BcItemType", ITEM_TYPE),
                Field("unitPrice", "unitPrice", "Decimal", NUMBERS),
                Field("blocked", "blocked", "Boolean", BOOLEANS),
            ),
        ),
        Entity(
            "order", "bc", "salesOrders", "bcSalesOrders", "BcSalesOrder", ("rowId",),
            (
                Field("rowId", "id", "UUID", ()),
                _text("number", "number", ()),
                Field("orderDate", "orderDate", "Date", DATES),
                Field("customerId", "customerId", "UUID", ()),
                _text("customerNumber", "customerNumber", ()),
                _enum("status", "status", "BcSalesOrderEntityBufferStatus", STATUS),
                Field("totalAmountIncludingTax", "totalAmountIncludingTax", "Decimal", NUMBERS),
                Field("fullyShipped", "fullyShipped", "Boolean", BOOLEANS),
                _text("externalDocumentNumber", "externalDocumentNumber"),
            ),
            (
                Link("customer", "customer", False, (("customerId", "rowId"),)),
                Link("salesOrderLines", "line", True, (("rowId", "documentId"),)),
            ),
        ),
        Entity(
            "line", "bc", "salesOrderLines", "bcSalesOrderLines", "BcSalesOrderLine", ("rowId",),
            (
                Field("rowId", "id", "UUID", ()),
                Field("documentId", "documentId", "UUID", ()),
                Field("sequence", "sequence", "Int", (10000, 20000, 30000)),
                Field("itemId", "itemId", "UUID", ()),
                _text("description", "description"),
                Field("quantity", "quantity", "Decimal", NUMBERS),
                Field("shipmentDate", "shipmentDate", "Date", DATES),
            ),
            (
                Link("salesOrder", "order", False, (("documentId", "rowId"),)),
                Link("item", "item", False, (("itemId", "rowId"),)),
            ),
        ),
        Entity(
            "foCustomer", "fo", "CustomersV3", "foCustomersV3", "FoCustomerV3", ("dataAreaId", "customerAccount"),
            (
                _text("dataAreaId", "dataAreaId", (), ordered=False),
                _text("customerAccount", "CustomerAccount", ()),
                _text("organizationName", "OrganizationName", FOLDED, ordered=False),
                _text("addressCity", "AddressCity", LOWER),
                _enum("onHoldStatus", "OnHoldStatus", "FoCustVendorBlocked", HOLD),
                Field("creditLimit", "CreditLimit", "Decimal", NUMBERS),
                Field("isCreditLimitMandatory", "IsCreditLimitMandatory", "Boolean", BOOLEANS, _yes),
                Field("personBirthDate", "PersonBirthDate", "Date", DATES),
                Field("loyaltyPoints", "LoyaltyPoints", "Long", (0, -5, 9007199254740993, 7)),
            ),
            (
                Link(
                    "salesOrders", "foOrder", True,
                    (("customerAccount", "orderingCustomerAccountNumber"), ("dataAreaId", "dataAreaId")),
                ),
            ),
        ),
        Entity(
            "foProduct", "fo", "ReleasedProductsV2", "foReleasedProductsV2", "FoReleasedProductV2",
            ("dataAreaId", "itemNumber"),
            (
                _text("dataAreaId", "dataAreaId", (), ordered=False),
                _text("itemNumber", "ItemNumber", ()),
                _text("productName", "ProductName", FOLDED, ordered=False),
                _text("searchName", "SearchName", LOWER),
                _enum("productType", "ProductType", "FoEcoResProductType", PRODUCT_TYPE),
                Field("salesPrice", "SalesPrice", "Decimal", NUMBERS),
                Field("shelfLifePeriodDays", "ShelfLifePeriodDays", "Int", (0, 5, -3, 30)),
            ),
            (
                Link(
                    "salesOrderLines", "foLine", True, (("itemNumber", "itemNumber"), ("dataAreaId", "dataAreaId"))
                ),
            ),
        ),
        Entity(
            "foOrder", "fo", "SalesOrderHeadersV2", "foSalesOrderHeadersV2", "FoSalesOrderHeaderV2",
            ("dataAreaId", "salesOrderNumber"),
            (
                _text("dataAreaId", "dataAreaId", (), ordered=False),
                _text("salesOrderNumber", "SalesOrderNumber", ()),
                _text("orderingCustomerAccountNumber", "OrderingCustomerAccountNumber", ()),
                _text("invoiceCustomerAccountNumber", "InvoiceCustomerAccountNumber", ()),
                _text("salesOrderName", "SalesOrderName", LOWER),
                _enum("salesOrderStatus", "SalesOrderStatus", "FoSalesStatus", ORDER_STATUS),
                Field("isSalesProcessingStopped", "IsSalesProcessingStopped", "Boolean", BOOLEANS, _yes),
                Field("orderCreationDateTime", "OrderCreationDateTime", "DateTime", SECONDS),
                Field("requestedShippingDate", "RequestedShippingDate", "Date", DATES),
                Field("orderTotalAmount", "OrderTotalAmount", "Decimal", NUMBERS),
            ),
            (
                Link(
                    "orderingCustomer", "foCustomer", False,
                    (("orderingCustomerAccountNumber", "customerAccount"), ("dataAreaId", "dataAreaId")),
                ),
                Link(
                    "salesOrderLines", "foLine", True,
                    (("salesOrderNumber", "salesOrderNumber"), ("dataAreaId", "dataAreaId")),
                ),
                Link("bcCustomer", "customer", False, (("invoiceCustomerAccountNumber", "number"),)),
            ),
        ),
        Entity(
            "foLine", "fo", "SalesOrderLines", "foSalesOrderLines", "FoSalesOrderLine",
            ("dataAreaId", "inventoryLotId"),
            (
                _text("dataAreaId", "dataAreaId", (), ordered=False),
                _text("inventoryLotId", "InventoryLotId", ()),
                _text("salesOrderNumber", "SalesOrderNumber", ()),
                _text("itemNumber", "ItemNumber", ()),
                Field("orderedSalesQuantity", "OrderedSalesQuantity", "Decimal", NUMBERS),
                _text("lineDescription", "LineDescription", FOLDED, ordered=False),
                Field("isLineStopped", "IsLineStopped", "Boolean", BOOLEANS, _yes),
                Field("lineCreationSequenceNumber", "LineCreationSequenceNumber", "Long", (1, 2, 9007199254740993)),
            ),
            (
                Link(
                    "salesOrderHeader", "foOrder", False,
                    (("salesOrderNumber", "salesOrderNumber"), ("dataAreaId", "dataAreaId")),
                ),
                Link(
                    "releasedProduct", "foProduct", False, (("itemNumber", "itemNumber"), ("dataAreaId", "dataAreaId"))
                ),
            ),
        ),
    )
}  # fmt: skip


# Rows


def books(seed: int, count: int) -> list[Book]:
    """Companies of random rows; the first is both ERPs' default company."""
    made = []
    for n in range(count):
        rng = random.Random(f"{seed}-{n}")
        book = Book(BC_COMPANY if n == 0 else f"Book {n}, Ltd.", FO_COMPANY.lower() if n == 0 else f"b{n:03d}")
        _fill(book, rng, n)
        book.default = made[0] if made else None
        made.append(book)
    return made


def _fill(book: Book, rng: random.Random, n: int) -> None:
    base = n * 1000
    few = rng.choice((2, 5, 9))
    numbers = ["C00042", *(f"c{i}" for i in range(1, 9))][:few]
    book.rows["customer"] = [_row("customer", rng, rowId=_id(1, base + i), number=x) for i, x in enumerate(numbers)]
    items = [f"i{i}" for i in range(rng.choice((1, 4, 7)))]
    book.rows["item"] = [_row("item", rng, rowId=_id(2, base + i), number=x) for i, x in enumerate(items)]
    orders = []
    for i in range(rng.choice((0, 6, 14))):
        of = rng.choice([None, *book.rows["customer"]])
        ids = {"customerId": of["rowId"] if of else None, "customerNumber": of["number"] if of else ""}
        orders.append(_row("order", rng, rowId=_id(3, base + rng.randrange(900)), number=f"o{i}", **ids))
    book.rows["order"] = list({o["rowId"]: o for o in orders}.values())
    lines = []
    for i in range(rng.choice((0, 8, 20)) if orders else 0):
        item = rng.choice([None, *book.rows["item"]])
        ids = {"documentId": rng.choice(book.rows["order"])["rowId"], "itemId": item["rowId"] if item else None}
        lines.append(_row("line", rng, rowId=_id(4, base + i), **ids))
    book.rows["line"] = lines
    _fill_fo(book, rng, numbers, items)


def _fill_fo(book: Book, rng: random.Random, numbers: list[str], items: list[str]) -> None:
    area = {"dataAreaId": book.fo}
    book.rows["foCustomer"] = [_row("foCustomer", rng, customerAccount=x, **area) for x in numbers]
    book.rows["foProduct"] = [_row("foProduct", rng, itemNumber=x, **area) for x in items]
    book.rows["foOrder"] = [
        _row(
            "foOrder", rng, salesOrderNumber=f"s{i:02d}",
            orderingCustomerAccountNumber=rng.choice(["", "gone", *numbers]),
            invoiceCustomerAccountNumber=rng.choice(["", *numbers]), **area,
        )
        for i in range(rng.choice((0, 5, 13)))
    ]  # fmt: skip
    orders = [o["salesOrderNumber"] for o in book.rows["foOrder"]]
    book.rows["foLine"] = [
        _row(
            "foLine", rng, inventoryLotId=f"l{i:02d}", salesOrderNumber=rng.choice(orders),
            itemNumber=rng.choice(["", *items]), **area,
        )
        for i in range(rng.choice((0, 7, 18)) if orders else 0)
    ]  # fmt: skip


def _row(name: str, rng: random.Random, **given: Any) -> dict[str, Any]:
    return {f.name: given[f.name] if f.name in given else rng.choice(f.pool) for f in ENTITIES[name].fields}


def _wire(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    found = {f.wire: f.write(row[f.name]) for f in entity.fields if row[f.name] is not None}
    return {k: v for k, v in found.items() if v != ""}


def bc_batches(given: Iterable[Book]) -> Iterator[Batch]:
    """Seed rows for Business Central."""
    given = list(given)
    yield Batch("companies", None, [{"id": _id(8, i), "name": b.bc, "displayName": b.bc} for i, b in enumerate(given)])
    for book in given:
        for name in ("customer", "item", "order", "line"):
            entity = ENTITIES[name]
            yield Batch(entity.set, book.bc, [_wire(entity, r) for r in book.rows[name]])


def fo_batches(given: Iterable[Book]) -> Iterator[Batch]:
    """Seed rows for finance and operations."""
    given = list(given)
    yield Batch("LegalEntities", None, [{"LegalEntityId": b.fo.upper(), "Name": b.fo} for b in given])
    for book in given:
        for name in ("foCustomer", "foProduct", "foOrder", "foLine"):
            entity = ENTITIES[name]
            yield Batch(entity.set, None, [_wire(entity, r) for r in book.rows[name]])


# What a query means


def fits(book: Book, entity: Entity, row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Does the row fit the filter, as JSON variables state it?"""
    for name, given in where.items():
        if name == "and":
            held = all(fits(book, entity, row, w) for w in given)
        elif name == "or":
            held = any(fits(book, entity, row, w) for w in given)
        elif name == "not":
            held = not fits(book, entity, row, given)
        elif any(link.name == name for link in entity.links):
            held = _relation(book, entity.link(name), row, given)
        else:
            held = all(_operator(entity.field(name), row[name], op, v) for op, v in given.items())
        if not held:
            return False
    return True


def _relation(book: Book, link: Link, row: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    target, rows, there = ENTITIES[link.target], book.related(row, link), book.at(link)
    if not link.many:
        return _empty(given, target) or any(fits(there, target, r, given) for r in rows)
    quantifiers = {"some": any, "every": all, "none": lambda found: not any(found)}
    return all(quantifiers[q]([fits(there, target, r, inner) for r in rows]) for q, inner in given.items())


def _empty(where: Mapping[str, Any], entity: Entity) -> bool:
    """No condition at all: `{}`, and what says as much; before a to-one relation it doesn't ask for a target."""
    return all(_always(name, given, entity) for name, given in where.items())


def _always(name: str, given: Any, entity: Entity) -> bool:
    if name in ("and", "or"):
        return (all if name == "and" else any)([_empty(w, entity) for w in given])
    if name == "not":
        return _never(given, entity)
    link = next((link for link in entity.links if link.name == name), None)
    if link is None:
        return all(op == "notIn" and v == [] for op, v in given.items())
    target = ENTITIES[link.target]
    if not link.many:
        return _empty(given, target)
    return all((q == "every" and _empty(i, target)) or (q == "none" and _never(i, target)) for q, i in given.items())


def _never(where: Mapping[str, Any], entity: Entity) -> bool:
    return any(_absurd(name, given, entity) for name, given in where.items())


def _absurd(name: str, given: Any, entity: Entity) -> bool:
    if name in ("and", "or"):
        return (any if name == "and" else all)([_never(w, entity) for w in given])
    if name == "not":
        return _empty(given, entity)
    link = next((link for link in entity.links if link.name == name), None)
    if link is None:
        return any(op == "in" and v == [] for op, v in given.items())
    target = ENTITIES[link.target]
    if not link.many:
        return _never(given, target)
    return any(q == "some" and _never(i, target) for q, i in given.items())


def _operator(f: Field, value: Any, op: str, given: Any) -> bool:
    if op == "isNull":
        return (value is None) is given
    if op in ("in", "notIn"):
        return (value in [_plain(f, v) for v in given]) is (op == "in")
    other = _plain(f, given)
    if op == "eq":
        return bool(value == other)
    if op == "ne":
        return bool(value != other)
    if value is None:
        return False
    match op:
        case "lt":
            return _comparable(f, value) < _comparable(f, other)
        case "lte":
            return _comparable(f, value) <= _comparable(f, other)
        case "gt":
            return _comparable(f, value) > _comparable(f, other)
        case "gte":
            return _comparable(f, value) >= _comparable(f, other)
        case "contains":
            return other in value
        case "startsWith":
            return bool(value.startswith(other))
        case "endsWith":
            return bool(value.endswith(other))
    raise AssertionError(op)


def _plain(f: Field, given: Any) -> Any:
    """A filter's JSON value as rows hold it."""
    match f.kind:
        case "Decimal":
            return Decimal(given)
        case "Long":
            return int(given)
        case "UUID":
            return str(UUID(given))
    return given


def _comparable(f: Field, value: Any) -> Any:
    if f.kind == "DateTime":
        return value.rstrip("Z").ljust(30, "0") if "." in value else f"{value.rstrip('Z')}.".ljust(30, "0")
    if f.kind.startswith("enum"):
        return f.pool.index(value)
    return value


def in_order(
    entity: Entity, rows: Iterable[tuple[Book, Mapping[str, Any]]], order_by: Iterable[Mapping[str, Any]]
) -> list[Any]:
    """The rows, each with its book, as `orderBy` says, then by key; null before all values, last when descending."""
    items = [*order_by, *({k: "ASC"} for k in entity.key)]

    def compare(a: tuple[Book, Mapping[str, Any]], b: tuple[Book, Mapping[str, Any]]) -> int:
        for item in items:
            left, falling = _order_value(a[0], entity, a[1], item)
            right, _ = _order_value(b[0], entity, b[1], item)
            if left != right:
                return (1 if left > right else -1) * (-1 if falling else 1)
        return 0

    return [row for _, row in sorted(rows, key=cmp_to_key(compare))]


def _order_value(book: Book, entity: Entity, row: Mapping[str, Any] | None, item: Mapping[str, Any]) -> Any:
    ((name, below),) = item.items()
    if isinstance(below, Mapping):
        link = entity.link(name)
        found = book.related(row, link) if row is not None else []
        return _order_value(book.at(link), ENTITIES[link.target], found[0] if found else None, below)
    value = row[name] if row is not None else None
    return (() if value is None else (_comparable(entity.field(name), value),)), below == "DESC"
