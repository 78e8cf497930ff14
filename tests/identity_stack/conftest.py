"""One estate for all tests of this folder; each finds it healthy."""

from collections.abc import Iterator

import pytest

from tests.app.server import served
from tests.identity_stack.estate import Estate, estate


@pytest.fixture(scope="session")
def _estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with estate(tmp_path_factory.mktemp("estate")) as found:
        yield found
        assert found.secrets_logged() == []


@pytest.fixture
def stack(_estate: Estate) -> Iterator[Estate]:
    """The whole stack. After each test no ERP has seen a call under anybody else than whom it was for."""
    _estate.authority.provider.asked.clear()
    yield _estate
    _estate.heal()
    assert _estate.strays() == []


@pytest.fixture
def serving():
    """Serves one more server over the same ERPs: `with serving(server) as url`."""
    return lambda server: served(server.app)
