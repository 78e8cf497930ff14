"""A small business, for emulators in processes of their own."""

from collections.abc import Iterator

from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.data.seed import Batch


def small_seed() -> Iterator[Batch]:
    return fo_seed(Business(orders=100, customers=100, items=50))
