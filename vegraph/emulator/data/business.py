"""The one business that both ERPs tell: divisions, customers, items and orders, each made from its number.

Everything is a function of (division, number), so a million orders need no memory and the same number always gives
the same row. Amounts are whole cents until they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from vegraph.emulator.data.words import (
    ADJECTIVES,
    CITIES,
    FIRST_NAMES,
    LAST_NAMES,
    PRODUCTS,
    SHOWCASE,
    STREETS,
    TRADES,
)

__all__ = ["TODAY", "Business", "Customer", "Item", "Line", "Order", "guid", "mix", "money"]

TODAY = date(2026, 11, 20)
"""The day the books were last written; nothing reads the clock."""

_MASK = (1 << 64) - 1
_SHARES = ((0, 80), (1, 12), (2, 8))
"""Division → share of everything, in hundredths."""

_KEPT_ORDERS = 20_000
"""A business of at most so many orders keeps them: many tables are made from the same ones."""

_LINES = (4, 2, 6, 3, 5)
"""Lines of an order by its number: four on average."""


def mix(*parts: int) -> int:
    """A well-stirred number from others: the same today, tomorrow and elsewhere."""
    x = 0x2545F4914F6CDD1D
    for part in parts:
        x = ((x ^ part) * 0x9E3779B97F4A7C15) & _MASK
        x ^= x >> 29
    return x


def guid(kind: int, division: int, number: int) -> str:
    """The id of row `number` of that kind in that division; lower case, as the services write it."""
    return f"{0x7E610000 + kind:08x}-{division:04x}-4eed-a{kind & 0xFFF:03x}-{number:012x}"


def money(cents: int) -> Decimal:
    """Cents as an amount with two decimals."""
    return Decimal(cents).scaleb(-2)


class Customer(NamedTuple):
    """A customer of a division."""

    division: int
    n: int
    """From 1."""
    number: str
    name: str
    person: bool
    contact_first: str
    contact_last: str
    email: str
    phone: str
    street: str
    city: str
    state: str
    zip: str
    country: str
    terms: int
    """Index of the terms of payment."""
    blocked: int
    """0 free, 1 ship, 2 invoice, 3 all."""
    credit_limit: Decimal


class Item(NamedTuple):
    """Something a division sells."""

    division: int
    n: int
    number: str
    name: str
    category: str
    service: bool
    price: int
    """Cents."""
    cost: int
    """Cents."""


class Line(NamedTuple):
    """A line of an order."""

    n: int
    """From 1."""
    item: int
    """Number of the item; 0: a line of text only."""
    quantity: int
    price: int
    """Cents a piece."""
    discount: int
    """Cents off the line."""
    net: int
    """Cents, discount taken off, tax not added."""
    tax: int
    """Cents."""


class Order(NamedTuple):
    """An order with its lines."""

    division: int
    n: int
    customer: int
    day: date
    status: int
    """0 draft, 1 in review, 2 open."""
    lines: tuple[Line, ...]

    @property
    def net(self) -> int:
        """Cents without tax."""
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        """Cents of tax."""
        return sum(line.tax for line in self.lines)


@dataclass(frozen=True)
class Business:
    """How much of everything there is."""

    orders: int = 10_000
    customers: int = 2_000
    items: int = 500

    @classmethod
    def of_size(cls, orders: int) -> Business:
        """A business with that many orders, and customers and items in proportion (never fewer than the demo has)."""
        return cls(orders, max(2_000, min(orders // 5, 50_000)), max(500, min(orders // 100, 5_000)))

    def share(self, whole: int, division: int) -> int:
        """How many of `whole` belong to a division."""
        if division == 0:
            return whole - self.share(whole, 1) - self.share(whole, 2)
        return whole * _SHARES[division][1] // 100

    def all_customers(self, division: int) -> list[Customer]:
        """The customers of a division."""
        return self._customers[division]

    def all_items(self, division: int) -> list[Item]:
        """The items of a division."""
        return self._items[division]

    @cached_property
    def _customers(self) -> tuple[list[Customer], ...]:
        return tuple([_customer(d, n) for n in range(1, self.share(self.customers, d) + 1)] for d, _ in _SHARES)

    @cached_property
    def _items(self) -> tuple[list[Item], ...]:
        return tuple([_item(d, n) for n in range(1, self.share(self.items, d) + 1)] for d, _ in _SHARES)

    def all_orders(self, division: int) -> Iterable[Order]:
        """The orders of a division, oldest first."""
        if self.orders > _KEPT_ORDERS:
            return self._made_orders(division)
        if division not in self._kept:
            self._kept[division] = list(self._made_orders(division))
        return self._kept[division]

    @cached_property
    def _kept(self) -> dict[int, list[Order]]:
        return {}

    def _made_orders(self, division: int) -> Iterator[Order]:
        count = self.share(self.orders, division)
        customers = self.share(self.customers, division)
        items = self._items[division]
        for n in range(1, count + 1):
            stir = mix(11, division, n)
            customer = 42 if n % 97 == 0 and customers > 42 else 1 + stir % customers
            day = TODAY - timedelta(days=(count - n) * 900 // count)
            status = (2, 2, 2, 0, 2, 1, 2)[(stir >> 20) % 7]
            lines = tuple(_line(stir, i, items) for i in range(_LINES[n % 5]))
            if n % 25 == 24:
                lines = (*lines[:-1], Line(len(lines), 0, 0, 0, 0, 0, 0))
            yield Order(division, n, customer, day, status, lines)


def _customer(division: int, n: int) -> Customer:
    stir = mix(3, division, n)
    first = FIRST_NAMES[stir % len(FIRST_NAMES)]
    last = LAST_NAMES[(stir >> 8) % len(LAST_NAMES)]
    person = n % 9 == 0
    trade = TRADES[(stir >> 16) % len(TRADES)]
    name = SHOWCASE.get(n, f"{first} {last}" if person else f"{last} {trade}")
    city, state, code, country = CITIES[(stir >> 24) % len(CITIES)]
    number = f"{'CDI'[division]}{n:05d}"
    limits = {1: Decimal("123456789012345678.90"), 2: Decimal("99999999999999999999"), 4: Decimal("0.01")}
    return Customer(
        division=division,
        n=n,
        number=number,
        name=name,
        person=person and n not in SHOWCASE,
        contact_first=first,
        contact_last=last,
        email="" if n % 13 == 0 else f"{number.lower()}@example.com",
        phone="" if n % 11 == 0 else f"+1 425 555 {stir % 10_000:04d}",
        street=f"{1 + (stir >> 32) % 299} {STREETS[(stir >> 40) % len(STREETS)]}",
        city=city,
        state=state,
        zip=code,
        country=country,
        terms=(stir >> 44) % 4,
        blocked=(stir >> 48) % 4 if n % 40 == 0 else 0,
        credit_limit=limits.get(n) or Decimal((stir >> 52) % 50 * 1000),
    )


def _item(division: int, n: int) -> Item:
    name, category, price, cost = PRODUCTS[n % len(PRODUCTS)]
    place = ADJECTIVES[n // len(PRODUCTS) % len(ADJECTIVES)]
    round_ = n // (len(PRODUCTS) * len(ADJECTIVES))
    suffix = f" {round_ + 1}" if round_ else ""
    wobble = mix(5, division, n) % 500
    return Item(division, n, f"{1000 + n}", f"{place} {name}{suffix}", category, n % 25 == 0, price + wobble, cost)


def _line(stir: int, i: int, items: list[Item]) -> Line:
    roll = mix(stir, i)
    item = items[roll % len(items)]
    quantity = 1 + (roll >> 20) % 12
    gross = quantity * item.price
    discount = gross // 10 if (roll >> 30) % 6 == 0 else 0
    net = gross - discount
    return Line(i + 1, item.n, quantity, item.price, discount, net, (net * 6 + 50) // 100)
