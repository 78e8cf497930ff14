"""The databases that hold a mapping in tests: SQLite always, PostgreSQL where one answers (required in CI)."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.services import require
from vegraph.identity.mapping_tables import tables

__all__ = ["NAMES", "database"]

NAMES = ("sqlite", "postgresql")
POSTGRESQL = os.environ.get("VEGRAPH_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@contextmanager
def database(name: str) -> Iterator[tuple[str, str]]:
    """(URL, name of a table that is not there yet); the table is dropped afterwards."""
    table = f"mapping_{uuid.uuid4().hex[:12]}"
    if name == "sqlite":
        yield "sqlite:///portal.db", table
        return
    why_not = _why_not_postgresql()
    require(why_not is None, why_not or "")
    yield POSTGRESQL, table
    engine = sa.create_engine(POSTGRESQL)
    tables(table).metadata.drop_all(engine)
    engine.dispose()


def _why_not_postgresql() -> str | None:
    try:
        engine = sa.create_engine(POSTGRESQL, connect_args={"connect_timeout": 2}, poolclass=sa.NullPool)
        with engine.connect():
            return None
    except ImportError:
        return "psycopg is not installed"
    except sa.exc.OperationalError:
        return "no PostgreSQL answers at 127.0.0.1:5432 (database test, user postgres)"
