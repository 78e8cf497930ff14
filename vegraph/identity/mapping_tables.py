"""Tables of the mapping store and their versions. Each version is a function that brings a database one step on."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa

from vegraph.errors import ConfigError

__all__ = ["Tables", "migrate", "tables"]

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}", re.IGNORECASE)
_LOCK = 0x7665_6772  # any number, the same everywhere: who migrates holds it


class Tables:
    """The mapping, its change log, and the version of both, under one configured name."""

    def __init__(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ConfigError(f"mapping_table: '{name}' is not a table name of letters, digits and underscores.")
        self.metadata = sa.MetaData()
        self.mapping = sa.Table(
            name,
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("portal", sa.String(100), nullable=False),
            sa.Column("contact_id", sa.String(128), nullable=False),
            sa.Column("source", sa.String(100), nullable=False),
            sa.Column("erp_user", sa.String(200), nullable=False),
            sa.Column("disabled", sa.Boolean, nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("created_by", sa.String(200), nullable=False),
            sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("changed_by", sa.String(200), nullable=False),
            sa.UniqueConstraint("portal", "contact_id", "source", name=f"{name}_once"),
        )
        self.change = sa.Table(
            f"{name}_change",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("by", sa.String(200), nullable=False),
            sa.Column("action", sa.String(20), nullable=False),
            sa.Column("portal", sa.String(100), nullable=False),
            sa.Column("contact_id", sa.String(128), nullable=False),
            sa.Column("source", sa.String(100), nullable=False),
            sa.Column("erp_user", sa.String(200), nullable=False),
        )
        self.version = sa.Table(f"{name}_version", self.metadata, sa.Column("version", sa.Integer, nullable=False))


def tables(name: str) -> Tables:
    """The tables of that name. Raises ConfigError for one that is no name."""
    return Tables(name)


def migrate(connection: sa.Connection, found: Tables) -> int:
    """Brings the database to the newest version, inside the caller's transaction; gives that version.

    Raises ConfigError where the database is newer than this vegraph.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    found.version.create(connection, checkfirst=True)
    at = connection.scalar(sa.select(sa.func.max(found.version.c.version))) or 0
    if at > len(_STEPS):
        raise ConfigError(
            f"The mapping store is of version {at}, and this vegraph knows versions up to {len(_STEPS)}: update it."
        )
    for step in _STEPS[at:]:
        step(connection, found)
        at += 1
        connection.execute(sa.insert(found.version).values(version=at))
    return at


def _mapping_and_log(connection: sa.Connection, found: Tables) -> None:
    """Version 1."""
    found.mapping.create(connection, checkfirst=True)
    found.change.create(connection, checkfirst=True)


_STEPS: tuple[Callable[[sa.Connection, Tables], None], ...] = (_mapping_and_log,)
