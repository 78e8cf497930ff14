"""Seeded databases kept between runs."""

import sqlite3
from pathlib import Path

import pytest

from vegraph.emulator.data import cache
from vegraph.emulator.data.business import Business
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.users import EVERYTHING, User


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Business, "of_size", classmethod(lambda cls, orders: Business(orders, 100, 50)))


def count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        found = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
    connection.close()
    return int(found)


@pytest.mark.parametrize(("erp", "table"), [("bc", "salesOrders"), ("fo", "SalesOrderHeadersV2")])
def test_a_database_is_made_once_and_copied(tmp_path: Path, erp: cache.Erp, table: str):
    kept, work = tmp_path / "kept", tmp_path / "work"
    kept.mkdir()
    work.mkdir()
    heard: list[str] = []
    copy = cache.working_copy(erp, work, orders=100, cache=kept, progress=lambda name, _: heard.append(name))
    assert count(copy, table) == 100
    assert table in heard
    assert [p.suffix for p in kept.iterdir()] == [".db"], "no unfinished file is left"
    heard.clear()
    with sqlite3.connect(copy) as connection:
        connection.execute(f'DELETE FROM "{table}"')
    connection.close()
    assert count(
        cache.working_copy(erp, work, orders=100, cache=kept, progress=lambda name, _: heard.append(name)), table
    )
    assert not heard, "the second one was not made anew"


@pytest.mark.parametrize("make", [cache.seeded_bc, cache.seeded_fo], ids=["bc", "fo"])
def test_an_emulator_opens_over_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    emulator = make(folder=tmp_path, orders=100, tokens=Anyone(user=User(id="x", rights=EVERYTHING)))
    tables = emulator.store.shape.tables
    name = "salesOrders" if "salesOrders" in tables else "SalesOrderHeadersV2"
    found = emulator.store.connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
    emulator.store.close()
    assert found == 100


def test_another_size_is_another_file(tmp_path: Path):
    first = cache.database("fo", orders=50, cache=tmp_path)
    second = cache.database("fo", orders=100, cache=tmp_path)
    assert first != second
    assert count(first, "SalesOrderHeadersV2") < count(second, "SalesOrderHeadersV2")


def test_a_failure_leaves_nothing_behind(tmp_path: Path):
    def broken(name: str, count: int) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.database("fo", orders=100, cache=tmp_path, progress=broken)
    assert list(tmp_path.iterdir()) == []


def test_without_a_home_a_private_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here"))
    assert cache.cache_folder() == tmp_path / "here" / "vegraph"
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    folder = cache.cache_folder()
    assert folder.is_dir()
    assert blocked not in folder.parents
    folder.rmdir()
