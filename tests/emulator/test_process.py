"""Emulators in a process or a thread of their own."""

import httpx
import pytest

from tests.emulator.bc import books
from vegraph.emulator import process
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.running import threaded
from vegraph.emulator.server import BC_ROOT, create_bc
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, User

EVERYBODY = Anyone(user=User(id="ADMIN", roles=(SYSTEM_ADMINISTRATOR,)))
OPTIONS = {"tokens": EVERYBODY, "default_company": books.MAIN_NAME, "seed": "tests.emulator.bc.books:batches"}


def test_an_emulator_runs_in_its_own_process_and_says_how_far_it_is():
    seen: dict[str, int] = {}

    def progress(name: str, rows: int) -> None:
        seen[name] = seen.get(name, 0) + rows

    with process.start("bc", options=OPTIONS, progress=progress) as handle:
        assert len(httpx.get(f"{handle.url}{BC_ROOT}/customers").json()["value"]) == 7
        assert httpx.get(f"{handle.control_url}/control/requests").json()["total"] == 1
        assert seen["customers"] == 8
    assert not handle.process.is_alive()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({**OPTIONS, "colour": "red"}, "unexpected keyword argument 'colour'"),
        ({**OPTIONS, "seed": "tests.emulator.bc.books:nothing"}, "has no attribute 'nothing'"),
    ],
    ids=["unknown option", "unknown seed"],
)
def test_what_keeps_it_from_starting_is_said_in_one_sentence(options, said):
    with pytest.raises(RuntimeError, match="The bc emulator cannot start: ") as caught:
        process.start("bc", options=options)
    assert said in str(caught.value)


def test_a_port_in_use_is_said():
    with threaded(lambda *_: None) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(RuntimeError, match=r"cannot start: .*in use"):
            process.start("bc", port, options=OPTIONS)


def test_an_emulator_runs_in_a_thread():
    emulator = create_bc(tokens=EVERYBODY, rows=books.batches(), default_company=books.MAIN_NAME)
    with threaded(emulator.app) as url:
        assert httpx.get(f"{url}{BC_ROOT}/items({books.item(1)})").json()["number"] == "1001"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}{BC_ROOT}/items")
    emulator.store.close()


def test_a_database_that_has_rows_is_used_as_it_is(tmp_path):
    path = tmp_path / "bc.db"
    first = create_bc(tokens=EVERYBODY, rows=books.batches(), path=path)
    version = first.store.version
    first.store.close()
    second = create_bc(tokens=EVERYBODY, rows=iter(()), path=path)
    assert second.store.connection.execute('SELECT count(*) FROM "customers"').fetchone() == (8,)
    assert second.store.company_number(books.OTHER_NAME) == 2
    assert second.store.version >= version
    second.store.close()


def test_a_database_whose_loading_broke_off_is_refused(tmp_path):
    def broken():
        yield from list(books.batches())[:3]
        raise OSError("no more")

    path = tmp_path / "bc.db"
    with pytest.raises(OSError, match="no more"):
        create_bc(tokens=EVERYBODY, rows=broken(), path=path)
    with pytest.raises(ValueError, match="loading did not come to its end"):
        create_bc(tokens=EVERYBODY, rows=iter(()), path=path)
