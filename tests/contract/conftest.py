"""One demo for all tests of the contract."""

from collections.abc import Iterator

import pytest

from tests.contract.program import Program, started


@pytest.fixture(scope="session")
def demo() -> Iterator[Program]:
    """Started once. Tests that write make rows of their own."""
    with started() as program:
        yield program
