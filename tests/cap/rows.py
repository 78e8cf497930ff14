"""The publisher's rows: the same each time, with what makes reading hard (nulls, ties, apostrophes, wide numbers)."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

__all__ = ["COVER", "Rows", "seed"]

Rows = Mapping[str, list[dict[str, Any]]]
"""Entity set → rows under wire names, as JSON has them; decimals and Int64 as text."""

COVER = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""A picture of one pixel: the cover of book 1."""

NAMES = ["Ada O'Neil", "Åse Øst", "李白", 'Zoë "Z" Ray', "Bo & Co", "100% Max", "Émile Zola", "a_b", "Ада", "Ψ 😀"]
WORDS = ["River", "Night", "O'Hara", "Größe", "silence", "Æther", "100%", "a_b", "sea", "Sea", "(draft)", "Zug & Meer"]
FORMATS = ["hardcover", "paperback", "ebook", None]


@cache
def seed() -> Rows:
    """All rows. Not to be changed: tests that write make rows of their own."""
    chance = random.Random(20261125)
    genres = [
        {"ID": n, "name": name, "parent_ID": parent}
        for n, (name, parent) in enumerate(
            [
                ("All", None), ("Fiction", 0), ("Facts", 0), ("Novels", 1), ("Plays", 1), ("Crime", 3), ("Sagas", 3),
                ("Science", 2), ("Physics", 7), ("Travel", 2), ("Odd ones", None), (None, 10),
            ]
        )
    ]  # fmt: skip
    authors = [
        {
            "ID": 10 * n, "name": f"{NAMES[n % len(NAMES)]}{'' if n < len(NAMES) else ' jr.'}",
            "born": None if n % 4 == 3 else (date(1890, 1, 1) + timedelta(days=chance.randrange(40000))).isoformat(),
            "home_street": chance.choice(["Quay 1", "High St", None]),
            "home_city": chance.choice(["Oslo", "Zürich", None]), "home_zip": chance.choice(["0150", "8001", None]),
        }
        for n in range(14)
    ]  # fmt: skip
    books = [_book(chance, n, len(genres), [a["ID"] for a in authors[:-2]]) for n in range(1, 121)]
    orders, items = [], []
    for n in range(1, 31):
        order = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        lines = [
            {
                "up__ID": order, "line": 10 * (i + 1), "book_ID": chance.choice([None, *range(1, 60)]),
                "quantity": chance.randrange(1, 20), "amount": _decimal(chance, 10_000, 2),
            }
            for i in range(chance.choice([0, 1, 2, 3, 5]))
        ]  # fmt: skip
        items += lines
        orders.append(
            {
                "ID": order, "number": 1000 + n // 2, "buyer": chance.choice([*NAMES[:4], None]),
                "note": chance.choice([None, "", "urgent"]), "placed": _moment(chance),
                "revision": "2026-01-01T00:00:00.000Z", "total": _decimal(chance, 10**9, 2),
            }
        )  # fmt: skip
    german = [{"locale": "de", "ID": 3, "title": "Meer und Äther"}]
    return {
        "Books_texts": german,
        "Genres": genres,
        "Authors": authors,
        "Books": books,
        "Orders": orders,
        "Orders_items": items,
    }


def _book(chance: random.Random, number: int, genres: int, authors: list[int]) -> dict[str, Any]:
    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.15 else value

    return {
        "ID": number,
        "title": maybe(f"{chance.choice(WORDS)} {chance.choice(WORDS)}"),
        "format": chance.choice(FORMATS),
        "pages": maybe(chance.choice([0, 12, 300, chance.randrange(2000)])),
        "sold": maybe(str(chance.choice([0, 7, 2**53 - 1, chance.randrange(10**12)]))),
        "price": maybe(_decimal(chance, 10**6, 4)),
        "rating": maybe(chance.choice([0.5, 1.25, 4.0, 4.75])),
        "inPrint": maybe(chance.random() < 0.5),
        "published": maybe((date(1950, 1, 1) + timedelta(days=chance.randrange(28000))).isoformat()),
        "approved": maybe(_moment(chance).replace("Z", f".{chance.randrange(1000):03d}Z")),
        "reviewed": maybe(_moment(chance)),
        "opensAt": maybe(f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:00"),
        "isbn": maybe(str(uuid.UUID(int=chance.getrandbits(128), version=4))),
        "tags": chance.sample(WORDS, chance.randrange(3)),
        "links": [{"kind": "web", "url": f"https://press.test/{number}"}] if number % 3 == 0 else [],
        "coverType": "image/png" if number == 1 else None,
        "author_ID": maybe(chance.choice(authors)),
        "genre_ID": maybe(chance.randrange(genres)),
    }


def _decimal(chance: random.Random, top: int, places: int) -> str:
    return str(Decimal(chance.choice([0, 100, chance.randrange(top)])).scaleb(-places))


def _moment(chance: random.Random) -> str:
    return (datetime(2020, 1, 1) + timedelta(seconds=chance.randrange(10**8))).isoformat() + "Z"
