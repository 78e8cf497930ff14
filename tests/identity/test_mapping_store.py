"""The mapping store on both databases: what it keeps, logs and refuses, and that its reader can't write (I7, T16)."""

import os
import sqlite3

import pytest
import sqlalchemy as sa

from tests.identity import databases
from vegraph.errors import ConfigError, IdentityUnavailable
from vegraph.identity import mapping_store
from vegraph.identity.mapping import Allowed, Mapping, MappingRow, Refused
from vegraph.identity.mapping_store import MappingReader, MappingStore
from vegraph.identity.mapping_tables import migrate, tables
from vegraph.identity.secret import Secret

CONTACT = "cccccccc-0000-4000-8000-000000000001"
ROW = MappingRow(portal="support", contact_id=CONTACT, source="fo", erp_user="portal-carl")


@pytest.fixture(params=databases.NAMES, name="database")
def _database(request, tmp_path):
    """(url, table, folder) of an empty store."""
    with databases.database(request.param) as (url, table):
        yield Secret(url), table, tmp_path


@pytest.fixture
def store(database):
    url, table, folder = database
    found = MappingStore(url, table, base=folder)
    yield found
    found.close()


@pytest.fixture
def read(database, store):
    url, table, folder = database
    found = MappingReader(url, table, base=folder)
    yield found
    found.close()


async def test_a_contact_is_mapped_and_read_by_any_spelling_of_its_id(store, read):
    store.add(ROW, by="anna")
    assert await read("support", CONTACT.upper(), "fo") == [ROW]
    assert await read("support", CONTACT, "bc") == []
    assert await read("other", CONTACT, "fo") == []


async def test_ids_that_are_no_guids_are_told_apart_by_capitals(store, read):
    for contact in ("abc", "ABC"):
        store.add(MappingRow(portal="shop", contact_id=contact, source="fo", erp_user=f"user-{contact}"))
    assert [row.erp_user for row in await read("shop", "ABC", "fo")] == ["user-ABC"]
    assert await read("shop", "Abc", "fo") == []
    assert store.remove("shop", "abc", "fo") == 1
    assert [row.contact_id for row in store.rows("shop")] == ["ABC"]


def test_every_change_is_logged_with_who_made_it(store):
    store.add(ROW, by="anna")
    store.disable("support", CONTACT, "fo", by="bert")
    store.disable("support", CONTACT, "fo", disabled=False, by="bert")
    assert store.remove("support", CONTACT, "fo", by="cora") == 1
    assert store.remove("support", CONTACT, "fo", by="cora") == 0
    assert [(change.action, change.by, change.erp_user) for change in store.changes()] == [
        ("add", "anna", "portal-carl"),
        ("disable", "bert", "portal-carl"),
        ("enable", "bert", "portal-carl"),
        ("remove", "cora", "portal-carl"),
    ]
    assert store.rows() == []


def test_a_contact_is_not_mapped_twice(store):
    store.add(ROW)
    with pytest.raises(ConfigError, match="already"):
        store.add(MappingRow(portal="support", contact_id=CONTACT.upper(), source="fo", erp_user="other"))
    assert [change.action for change in store.changes()] == ["add"]


async def test_i7_a_row_put_in_by_another_hand_is_seen_and_refused(store, read, database, clock):
    _, table, _ = database
    store.add(ROW)
    mapping = tables(table).mapping
    tampered = {
        "portal": "support", "contact_id": CONTACT.upper(), "source": "fo", "erp_user": "Admin", "disabled": False,
        "created_at": sa.func.now(), "created_by": "x", "changed_at": sa.func.now(), "changed_by": "x",
    }  # fmt: skip
    with store._engine.begin() as connection:
        connection.execute(sa.insert(mapping).values(**tampered))
    decision = await Mapping("support", read, clock).user(CONTACT, "fo")
    assert isinstance(decision, Refused)
    assert "more than once" in decision.reason


async def test_i7_the_server_can_not_write(store, database):
    url, table, folder = database
    store.add(ROW)
    engine = mapping_store._engine(url, folder, read_only=True)
    with engine.connect() as connection, pytest.raises(sa.exc.SQLAlchemyError, match=r"(?i)read.?only"):
        connection.execute(sa.delete(tables(table).mapping))
    engine.dispose()
    assert store.rows() == [ROW]


def test_what_a_server_reads_can_be_listed_without_more_rights(store, read, database):
    store.add(ROW)
    assert (read.rows("support"), read.rows("other")) == ([ROW], [])


def test_reading_makes_no_database(tmp_path):
    read = MappingReader(Secret("sqlite:///portal.db"), "mapping", base=tmp_path)
    with pytest.raises(ConfigError, match="can't be used"):
        read.rows("support")
    assert not (tmp_path / "portal.db").exists()


def test_whoever_has_no_name_is_logged_by_number(store, monkeypatch):
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", unknown)
    store.add(ROW)
    assert [change.by for change in store.changes()] == [str(os.getuid())]


async def test_a_disabled_row_is_refused_and_an_enabled_one_allowed_within_a_minute(store, read, clock):
    mapping = Mapping("support", read, clock)
    assert isinstance(await mapping.user(CONTACT, "fo"), Refused)
    store.add(ROW)
    clock.now += 10
    assert await mapping.user(CONTACT, "fo") == Allowed("portal-carl")
    store.disable("support", CONTACT, "fo")
    clock.now += 59
    assert await mapping.user(CONTACT, "fo") == Allowed("portal-carl")
    clock.now += 1
    assert isinstance(await mapping.user(CONTACT, "fo"), Refused)


async def test_an_unreadable_mapping_is_refused(tmp_path, clock):
    read = MappingReader(Secret("sqlite:///nowhere/portal.db"), "mapping", base=tmp_path)
    decision = await Mapping("support", read, clock).user(CONTACT, "fo")
    assert isinstance(decision.error("fo"), IdentityUnavailable)


async def test_opening_again_changes_nothing_and_a_newer_store_is_left_alone(store, database):
    url, table, folder = database
    store.add(ROW)
    again = MappingStore(url, table, base=folder)
    assert again.rows("support") == [ROW]
    again.close()
    found = tables(table)
    with store._engine.begin() as connection:
        assert migrate(connection, found) == 1
        connection.execute(sa.insert(found.version).values(version=99))
    with pytest.raises(ConfigError, match="version 99"):
        MappingStore(url, table, base=folder)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database's URL"),
        ("mysql://root:hush@host/x", "'mysql' is not one of"),
        ("postgresql+psycopg://root:hush@127.0.0.1:1/x", "can't be used"),
    ],
)
def test_i12_a_wrong_store_is_told_without_its_password(url, says, tmp_path):
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(ConfigError, match=says) as problem:
        MappingStore(Secret(url), "mapping", base=tmp_path)
    assert "hush" not in str(problem.value)


def test_a_table_name_is_a_name(tmp_path):
    with pytest.raises(ConfigError, match="not a table name"):
        MappingStore(Secret("sqlite:///portal.db"), "x; drop table y", base=tmp_path)


def test_the_table_has_the_seeds_name_and_plain_columns(tmp_path):
    MappingStore(Secret("sqlite:///portal.db"), "dyn_externalportalusermapping", base=tmp_path).close()
    with sqlite3.connect(tmp_path / "portal.db") as connection:
        names = [row[1] for row in connection.execute("pragma table_info(dyn_externalportalusermapping)")]
    connection.close()
    assert names == [
        "id", "portal", "contact_id", "source", "erp_user", "disabled", "created_at", "created_by", "changed_at",
        "changed_by",
    ]  # fmt: skip
