"""What Business Central holds: batches of rows by set and company."""

from __future__ import annotations

from collections.abc import Iterator

from vegraph.emulator.data.bc_documents import documents
from vegraph.emulator.data.bc_masters import companies, masters
from vegraph.emulator.data.business import Business, guid
from vegraph.emulator.data.seed import Batch

__all__ = ["COMPANIES", "COMPANY_IDS", "bc_seed"]

COMPANIES = ("CRONUS USA, Inc.", "Møller's Værksted A/S", "CRONUS International Ltd.")
"""By division; the first is the demo's default."""

COMPANY_IDS = tuple(guid(1, division, 1) for division in range(len(COMPANIES)))


def bc_seed(business: Business | None = None, *, orders: int | None = None) -> Iterator[Batch]:
    """All batches, companies first. Batches with a company belong to it by name.

    `orders` stands for a business of that size (`Business.of_size`); neither: the demo's.
    """
    business = business or (Business() if orders is None else Business.of_size(orders))
    yield Batch("companies", None, companies(COMPANIES, COMPANY_IDS))
    for division, company in enumerate(COMPANIES):
        for name, rows in masters(business, division, company):
            yield Batch(name, company, rows)
        for name, rows in documents(business, division):
            yield Batch(name, company, rows)
