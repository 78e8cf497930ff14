"""One stack for the tests of a file; each test makes the rows it changes."""

from collections.abc import Iterator

import pytest

from tests.writing.books import Books, small_books


@pytest.fixture(scope="module")
def shared_books() -> Iterator[Books]:
    with small_books() as made:
        yield made


@pytest.fixture
def books(shared_books: Books) -> Books:
    shared_books.wire()
    shared_books.records.clear()
    yield shared_books
    shared_books.heal()
