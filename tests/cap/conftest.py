from collections.abc import Iterator

import pytest

from tests.cap.asking import Vegraph, over
from tests.cap.plain import Plain
from tests.cap.rows import seed
from tests.cap.serving import Cap, running


@pytest.fixture(scope="session")
def cap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cap]:
    """The publisher, only to be read."""
    with running(tmp_path_factory.mktemp("cap"), seed()) as found:
        yield found


@pytest.fixture(scope="session")
def press(cap: Cap) -> Iterator[Vegraph]:
    """vegraph over it."""
    with over(cap.url) as found:
        yield found


@pytest.fixture(scope="session")
def plain() -> Plain:
    """The same rows, in Python."""
    return Plain(seed())


@pytest.fixture(scope="module")
def other_cap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cap]:
    """A publisher of the module's own, to be written to."""
    with running(tmp_path_factory.mktemp("cap"), seed()) as found:
        yield found


@pytest.fixture(scope="module")
def desk(other_cap: Cap) -> Iterator[Vegraph]:
    """vegraph over that one."""
    with over(other_cap.url) as found:
        yield found
