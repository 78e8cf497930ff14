"""One SQLite file (or memory) that holds the rows of an emulated service.

Every table has `_n` (row number, the ERP's record id), `_v` (a version that grows with each write in the whole store)
and, where companies are hidden, `_c` (number of the company). Decimals, doubles, durations and enums have a second
column `x#`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vegraph.catalog.model import Catalog
from vegraph.emulator.engine import sqlfunctions
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.shape import Shape, Table
from vegraph.emulator.engine.transaction import Change, Transaction
from vegraph.emulator.engine.values import Column

__all__ = ["Store"]

MOST_COMPANIES = 300
"""Companies of one environment (OB-161)."""

_SYSTEM = """
CREATE TABLE IF NOT EXISTS "_company" (n INTEGER PRIMARY KEY, id TEXT UNIQUE COLLATE NOCASE, name TEXT COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS "_series" (name TEXT, company INTEGER, last INTEGER, PRIMARY KEY (name, company));
CREATE TABLE IF NOT EXISTS "_media" (
  "set" TEXT, n INTEGER, property TEXT, type TEXT, content BLOB, PRIMARY KEY ("set", n, property));
CREATE TABLE IF NOT EXISTS "_state" (name TEXT PRIMARY KEY, value INTEGER);
"""


class Store:
    """The rows of one service. Not for use from two threads at once."""

    def __init__(self, catalog: Catalog, profile: Profile, path: Path | None = None) -> None:
        self.shape = Shape(catalog, profile)
        self.profile = profile
        self.path = path
        self.connection = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False, cached_statements=1024
        )
        self.listeners: list[Callable[[list[Change]], None]] = []
        """Called after a commit with what it changed."""
        self.texts: dict[tuple[object, ...], str] = {}
        """SQL that writes rows as JSON, by what it shows; kept by `reading`."""
        self._depth = 0
        self._changes: list[Change] = []
        self.connection.executescript(_SYSTEM)
        self.version = self._saved = self._state("version")
        self.loaded = bool(self._state("loaded"))
        """Whether seed rows have come in to the end."""
        if path is not None and self.version and not self.loaded:
            raise ValueError(f"{path}: loading did not come to its end the last time. Delete the file and start again.")
        self._settle()
        sqlfunctions.register(self.connection, profile.name)
        for table in self.shape.tables.values():
            self.connection.execute(_create(table))
        listed = self.connection.execute('SELECT n, id, name FROM "_company" ORDER BY n')
        self.company_list: list[tuple[int, str, str]] = listed.fetchall()
        """Number, id and name of each company."""
        self.companies: dict[str, int] = {key.lower(): n for n, i, name in self.company_list for key in (i, name)}

    def _settle(self) -> None:
        # Until the seed rows are in, a file that breaks is thrown away: no journal is written for it.
        journal = "WAL" if self.loaded or self.path is None else "OFF"
        for pragma in ("synchronous=OFF", "temp_store=MEMORY", "cache_size=-65536", "mmap_size=4294967296"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(f"PRAGMA journal_mode={journal}")

    def table(self, name: str) -> Table:
        """The table of that entity set. KeyError if there is none."""
        return self.shape.tables[name]

    def add_company(self, company_id: str, name: str) -> int:
        """Make a company known by id and name; gives its number."""
        found = self.companies.get(company_id.lower())
        if found is not None:
            return found
        if len(set(self.companies.values())) >= MOST_COMPANIES:
            raise ValueError(f"{name}: an environment holds at most {MOST_COMPANIES} companies.")
        cursor = self.connection.execute('INSERT INTO "_company" (id, name) VALUES (?, ?)', (company_id, name))
        number = int(cursor.lastrowid or 0)
        self.companies[company_id.lower()] = self.companies[name.lower()] = number
        self.company_list.append((number, company_id, name))
        return number

    def company_number(self, company: str | None) -> int | None:
        """Number of a company given by id or name; None if it's not known or none is given."""
        return None if company is None else self.companies.get(company.lower())

    def load(self, set_name: str, rows: Iterable[Mapping[str, Any]], company: str | None = None) -> int:
        """Insert seed rows in one transaction; gives how many. ValueError names set, row and property."""
        table = self.table(set_name)
        columns = table.stored
        names = [n for c in columns for n in ((c.sql, c.key_sql) if c.dual else (c.sql,))]
        fixed: tuple[Any, ...] = ()
        if table.company == "hidden":
            number = self.company_number(company)
            if number is None:
                raise ValueError(f"{set_name}: company '{company}' is not known; load the companies first.")
            names.append('"_c"')
            fixed = (number,)
        sql = f'INSERT INTO {table.sql} ("_v", {", ".join(names)}) VALUES ({", ".join("?" * (len(names) + 1))})'
        count = 0

        encode = _row_encoder(table)

        def stored() -> Iterator[tuple[Any, ...]]:
            nonlocal count
            for row in rows:
                self.version += 1
                count += 1
                try:
                    values = encode(row)
                except ValueError as problem:
                    raise ValueError(f"{set_name}, row {count}: {problem}") from None
                yield (self.version, *values, *fixed)

        with self.transaction():
            self.connection.executemany(sql, stored())
        if self.profile.company_hidden and set_name == self.profile.companies_set:
            for company_id, name in self.connection.execute(f"SELECT id, name FROM {table.sql}").fetchall():
                self.add_company(company_id, name)
        return count

    def finish_loading(self, progress: Callable[[str], None] | None = None) -> None:
        """Make the indexes after the seed rows are in; without this, only keys are indexed."""
        for table in self.shape.tables.values():
            for columns in self._index_columns(table):
                name = f"i:{table.name}:{','.join(columns)}".replace('"', "")
                if progress:
                    progress(name)
                listed = ", ".join(columns)
                self.connection.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON {table.sql} ({listed})')
        self.connection.execute("PRAGMA optimize")
        self.connection.execute("""INSERT OR REPLACE INTO "_state" VALUES ('loaded', 1)""")
        self.loaded = True
        self.connection.execute("PRAGMA journal_mode=WAL")

    def _index_columns(self, table: Table) -> list[tuple[str, ...]]:
        found: dict[tuple[str, ...], None] = {}
        own = tuple(table.columns[k].key_sql for k in table.key)
        prefix = ("_c",) if table.company == "hidden" else ()
        if table.company == "hidden":
            found[("_c",)] = None
        elif table.company_property:
            found[(table.columns[table.company_property].key_sql,)] = None
        for source in self.shape.tables.values():
            for link in source.links.values():
                if link.target == table.name and link.pairs:
                    columns = tuple(table.columns[p.target].key_sql for p in link.pairs)
                    if columns != own:
                        found[prefix + columns] = None
        for names in self.profile.indexes.get(table.name, ()):
            found[prefix + tuple(table.columns[n].key_sql for n in names)] = None
        return list(found)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All of the block or nothing; nested blocks are savepoints."""
        outer = self._depth == 0
        mark, name = len(self._changes), f"s{self._depth}"
        self.connection.execute("BEGIN" if outer else f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield Transaction(self, self._changes)
        except BaseException:
            self._depth -= 1
            del self._changes[mark:]
            if outer:
                self.connection.execute("ROLLBACK")
                self.version = max(self.version, self._state("version"))
            else:
                self.connection.execute(f"ROLLBACK TO {name}")
                self.connection.execute(f"RELEASE {name}")
            raise
        self._depth -= 1
        if not outer:
            self.connection.execute(f"RELEASE {name}")
            return
        if self.version != self._saved:
            self.connection.execute("""INSERT OR REPLACE INTO "_state" VALUES ('version', ?)""", (self.version,))
            self._saved = self.version
        self.connection.execute("COMMIT")
        changes, self._changes = self._changes, []
        if changes:
            for listener in self.listeners:
                listener(changes)

    def next_version(self) -> int:
        """The version for one more write."""
        self.version += 1
        return self.version

    def _state(self, name: str) -> int:
        row = self.connection.execute('SELECT value FROM "_state" WHERE name = ?', (name,)).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


_KEY_TYPES = {"double": "REAL", "enum": "INTEGER"}


def _row_encoder(table: Table) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Rows to stored values in the order of the columns. What a row leaves out is encoded once, not for each row."""
    plan = []
    for column in table.stored:
        empty = column.encode(None)
        pair = (empty, column.sort_key(empty)) if column.dual else (empty,)
        plan.append((column.name, column, column.dual, pair, _Pairs(column)))

    def encode(row: Mapping[str, Any]) -> list[Any]:
        values: list[Any] = []
        for name, column, dual, empty, pairs in plan:
            value = row.get(name)
            if value is None:
                values += empty
            elif dual:
                values += pairs[value if type(value) is str else (type(value), str(value))]
            else:
                values.append(column.encode(value))
        if unknown := row.keys() - table.columns.keys():
            raise ValueError(f"no property '{sorted(unknown)[0]}'")
        return values

    return encode


class _Pairs(dict[Any, tuple[Any, Any]]):
    """Stored value and sort key of values seen before: seed rows repeat prices, percentages and enum members."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column

    def __missing__(self, key: Any) -> tuple[Any, Any]:
        value = key if isinstance(key, str) else key[0](key[1])
        stored = self._column.encode(value)
        found = (stored, self._column.sort_key(stored))
        if len(self) < 50_000:
            self[key] = found
        return found


def _create(table: Table) -> str:
    parts = ['"_n" INTEGER PRIMARY KEY', '"_v" INTEGER NOT NULL']
    if table.company == "hidden":
        parts.append('"_c" INTEGER NOT NULL')
    for column in table.stored:
        affinity = "INTEGER" if column.kind in ("int", "bool") else "TEXT"
        fold = " COLLATE NOCASE" if column.nocase else ""
        parts.append(f"{column.sql} {affinity}{fold}")
        if column.dual:
            parts.append(f"{column.key_sql} {_KEY_TYPES.get(column.kind, 'TEXT')}")
    if table.key:
        prefix = '"_c", ' if table.company == "hidden" else ""
        parts.append(f"UNIQUE ({prefix}{', '.join(table.columns[k].key_sql for k in table.key)})")
    return f"CREATE TABLE IF NOT EXISTS {table.sql} ({', '.join(parts)})"
