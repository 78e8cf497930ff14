"""What finance and operations holds: batches of rows by set. Companies stand in the rows (`dataAreaId`)."""

from __future__ import annotations

from collections.abc import Iterator

from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo_codes import AREAS
from vegraph.emulator.data.fo_documents import documents
from vegraph.emulator.data.fo_masters import masters, shared
from vegraph.emulator.data.fo_people import people
from vegraph.emulator.data.seed import Batch

__all__ = ["AREAS", "fo_seed"]


def fo_seed(business: Business | None = None, *, orders: int | None = None) -> Iterator[Batch]:
    """All batches: shared tables, people, then each company's.

    `orders` stands for a business of that size (`Business.of_size`); neither: the demo's.
    """
    business = business or (Business() if orders is None else Business.of_size(orders))
    for name, rows in shared(business):
        yield Batch(name, None, rows)
    for name, rows in people():
        yield Batch(name, None, rows)
    for division in range(len(AREAS)):
        for name, rows in masters(business, division):
            yield Batch(name, None, rows)
        for name, rows in documents(business, division):
            yield Batch(name, None, rows)
