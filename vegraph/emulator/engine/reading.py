"""Reads: filter, order, select, page and expand over the tables, as JSON in UTF-8."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.rowtext import row_sql
from vegraph.emulator.engine.shape import Link, Table
from vegraph.emulator.engine.syntax import Expand, Member, OrderTerm, QueryOptions, Segment
from vegraph.emulator.engine.translate import Predicate, Translator, fixed_part
from vegraph.emulator.engine.values import Column

if TYPE_CHECKING:
    from vegraph.emulator.engine.dialect import Dialect
    from vegraph.emulator.engine.scope import Scope
    from vegraph.emulator.engine.storage import Store

__all__ = ["Page", "Reader"]

_MOST_TEXTS = 4096
"""SQL texts of row shapes that are remembered."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as JSON objects, and how to go on."""

    rows: list[bytes]
    count: int | None = None
    token: str | None = None
    """Skip token of the next page; None at the end."""

    left: int | None = None
    """What remains of `$top` after this page."""


@dataclass(frozen=True, slots=True)
class _Sort:
    sql: str
    params: tuple[Any, ...]
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a row shows: own columns and expansions."""

    columns: tuple[Column, ...]
    expansions: tuple[tuple[Link, QueryOptions, str], ...]

    @property
    def joins(self) -> tuple[str, ...]:
        """Own columns the expansions start from."""
        return tuple(dict.fromkeys(p.own for link, _, _ in self.expansions for p in link.pairs))


class Reader:
    """Reads in one scope."""

    def __init__(self, store: Store, dialect: Dialect, scope: Scope, *, now: str = "") -> None:
        self.store = store
        self.shape = store.shape
        self.dialect = dialect
        self.scope = scope
        self.now = now

    def translator(self, table: Table, alias: str, options: QueryOptions) -> Translator:
        """A translator that sees other tables as the user does."""
        return Translator(
            self.shape,
            table,
            alias,
            visible=lambda other, name: self.scope.visible(self.shape, other, name),
            values=dict(options.aliases),
            now=self.now,
        )

    def where(self, table: Table, alias: str, options: QueryOptions) -> Predicate:
        """The filter together with what the user may see."""
        found = self.scope.visible(self.shape, table, alias)
        if options.search is not None:
            found = found & self._search(table, alias, options.search)
        if options.filter is None:
            return found
        expression = self.dialect.check_filter(self.shape, table, options.filter, self.scope)
        return found & self.translator(table, alias, options).predicate(expression)

    def _search(self, table: Table, alias: str, text: str) -> Predicate:
        if not self.shape.profile.search:
            raise Problem(501, "not_implemented", "The query option '$search' is not supported.")
        columns = [c for c in table.columns.values() if c.kind == "text"]
        found = Predicate()
        for word in text.replace('"', " ").split():
            sql = " OR ".join(f"instr(lower({alias}.{c.sql}), lower(?)) > 0" for c in columns) or "0"
            found = found & Predicate(f"({sql})", (word,) * len(columns))
        return found

    def collection(
        self, table: Table, options: QueryOptions, extra: Predicate, *, page_size: int | None = None
    ) -> Page:
        """One page of a set, narrowed by `extra` (over alias `t`)."""
        shown = self._shown(table, options, 1)
        where = extra & self.where(table, "t", options)
        count = None
        if options.count:
            count = self._count(table, where)
        sorts = self._sorts(table, "t", options)
        if options.skiptoken is not None:
            where = where & _after(sorts, _token_values(options.skiptoken, len(sorts)))
        size = page_size if page_size is not None else self.shape.profile.page_size
        limit = size if options.top is None else min(size, options.top)
        more = options.top is None or options.top > limit
        fetched = self._select(table, shown, where, sorts, limit + more, options.skip or 0)
        rows, rest = fetched[:limit], len(fetched) > limit
        texts = self._complete(table, shown, rows, len(sorts), 1)
        if not rest or limit == 0:
            return Page(texts, count)
        left = None if options.top is None else options.top - limit
        return Page(texts, count, _token(rows[-1][1 : 1 + len(sorts)]), left)

    def one(self, table: Table, options: QueryOptions, extra: Predicate) -> bytes | None:
        """The row as JSON, or None where it's not there or not to be seen."""
        shown = self._shown(table, options, 1)
        where = extra & self.scope.visible(self.shape, table, "t")
        rows = self._select(table, shown, where, [], 1, 0)
        return self._complete(table, shown, rows, 0, 1)[0] if rows else None

    def count(self, table: Table, options: QueryOptions, extra: Predicate) -> int:
        """How many rows a filter leaves."""
        return self._count(table, extra & self.where(table, "t", options))

    def number(self, table: Table, extra: Predicate) -> int | None:
        """Record id of the row that `extra` describes, if the user may see it."""
        where = extra & self.scope.visible(self.shape, table, "t")
        found = self.store.connection.execute(
            f'SELECT t."_n" FROM {table.sql} AS t WHERE {where.sql} LIMIT 1',
            where.params,
        ).fetchone()
        return int(found[0]) if found else None

    def _text(self, table: Table, columns: tuple[Column, ...]) -> str:
        scope = self.scope
        key = (
            table.name, tuple(c.name for c in columns), scope.metadata, scope.root, scope.company_path,
            scope.strings_for_numbers,
        )  # fmt: skip
        found = self.store.texts.get(key)
        if found is None:
            if len(self.store.texts) > _MOST_TEXTS:
                self.store.texts.clear()
            # A blob: SQLite hands its UTF-8 over as it is, nothing is decoded to be encoded again.
            found = f"CAST({row_sql(table, 't', columns, scope, etag=self.dialect.has_etag(table))} AS BLOB)"
            self.store.texts[key] = found
        return found

    def _count(self, table: Table, where: Predicate) -> int:
        sql = f"SELECT count(*) FROM {table.sql} AS t WHERE {where.sql}"
        return int(self.store.connection.execute(sql, where.params).fetchone()[0])

    def _select(
        self, table: Table, shown: _Shown, where: Predicate, sorts: Sequence[_Sort], limit: int, skip: int
    ) -> list[tuple[Any, ...]]:
        text = self._text(table, shown.columns)
        wanted = [text, *(s.sql for s in sorts), *(f"t.{table.columns[j].key_sql}" for j in shown.joins)]
        selected = tuple(p for s in sorts for p in s.params)
        order, ordered = _order_by(sorts)
        sql = f"SELECT {', '.join(wanted)} FROM {table.sql} AS t WHERE {where.sql}{order} LIMIT ? OFFSET ?"
        params = (*selected, *where.params, *ordered, limit, skip)
        return self.store.connection.execute(sql, params).fetchall()

    def _complete(
        self, table: Table, shown: _Shown, rows: list[tuple[Any, ...]], sorts: int, depth: int
    ) -> list[bytes]:
        if not shown.expansions:
            return [row[0] + b"}" for row in rows]
        texts = [row[0] for row in rows]
        at = {name: 1 + sorts + i for i, name in enumerate(shown.joins)}
        for link, options, name in shown.expansions:
            keys = [tuple(row[at[p.own]] for p in link.pairs) for row in rows]
            for position, piece in enumerate(self._children(table, link, options, name, keys, depth + 1)):
                texts[position] += piece
        return [text + b"}" for text in texts]

    def _children(
        self, table: Table, link: Link, options: QueryOptions, name: str, keys: list[tuple[Any, ...]], depth: int
    ) -> list[bytes]:
        target = self.shape.tables[link.target]
        self.scope.demand(self.shape, target, "read")
        distinct = {key: None for key in keys if all(part is not None for part in key)}
        grouped: dict[int, list[bytes]] = {}
        positions = {key: i for i, key in enumerate(distinct)}
        counts: dict[int, int] = {}
        if distinct:
            shown = self._shown(target, options, depth)
            rows = self._joined(target, link, options, shown, list(distinct))
            texts = self._complete(target, shown, rows, 1, depth)
            for row, text in zip(rows, texts, strict=True):
                grouped.setdefault(row[1], []).append(text)
            if options.count:
                counts = self._counts(target, link, options, list(distinct))
        pieces, label = [], f',"{name}":'.encode()
        for key in keys:
            position = positions.get(key, -1)
            found = grouped.get(position, [])
            body = b"[" + b",".join(found) + b"]" if link.many else (found[0] if found else b"null")
            counted = b""
            if options.count:
                counted = f',"{name}@odata.count":{self.scope.number(counts.get(position, 0))}'.encode()
            pieces.append(counted + label + body)
        return pieces

    def _joined(
        self, target: Table, link: Link, options: QueryOptions, shown: _Shown, keys: list[tuple[Any, ...]]
    ) -> list[tuple[Any, ...]]:
        where = self.where(target, "t", options) & fixed_part(target, link, "t")
        sorts = self._sorts(target, "t", options)
        order, ordered = _order_by(sorts)
        text = self._text(target, shown.columns)
        wanted = [text, "p.i", *(f"t.{target.columns[j].key_sql}" for j in shown.joins)]
        source, on = _keys_table(target, link)
        sql = f"SELECT {', '.join(wanted)} FROM {source} CROSS JOIN {target.sql} AS t ON {on} WHERE {where.sql}"
        given = orjson.dumps([list(key) for key in keys]).decode()
        if options.top is None and not options.skip:
            by = order.replace(" ORDER BY ", " ORDER BY p.i, ")
            return self.store.connection.execute(sql + by, (given, *where.params, *ordered)).fetchall()
        window = f", row_number() OVER (PARTITION BY p.i{order}) AS r"
        numbered = sql.replace(" FROM ", window + " FROM ", 1) if not ordered else ""
        if not numbered:
            raise Problem(501, "not_implemented", "This order cannot be combined with $top inside $expand.")
        first = options.skip or 0
        last = first + options.top if options.top is not None else 2**62
        names = ", ".join(f"c{i}" for i in range(len(wanted)))
        listed = f"WITH q({names}, r) AS ({numbered}) SELECT {names} FROM q WHERE r > ? AND r <= ? ORDER BY c1, r"
        return self.store.connection.execute(listed, (given, *where.params, first, last)).fetchall()

    def _counts(self, target: Table, link: Link, options: QueryOptions, keys: list[tuple[Any, ...]]) -> dict[int, int]:
        where = self.where(target, "t", options) & fixed_part(target, link, "t")
        source, on = _keys_table(target, link)
        sql = f"SELECT p.i, count(*) FROM {source} CROSS JOIN {target.sql} AS t ON {on} WHERE {where.sql} GROUP BY p.i"
        given = orjson.dumps([list(key) for key in keys]).decode()
        return dict(self.store.connection.execute(sql, (given, *where.params)).fetchall())

    def _shown(self, table: Table, options: QueryOptions, depth: int) -> _Shown:
        self.dialect.check_options(table, options, depth, self.scope)
        wanted = self._selected(table, options)
        columns = (
            tuple(table.columns.values())
            if wanted is None
            else tuple(c for c in table.columns.values() if c.name in wanted)
        )
        expansions = tuple(x for item in options.expand for x in self._expansion(table, item, depth))
        names = [name for _, _, name in expansions]
        if len(names) != len(set(names)):
            raise Problem(400, "bad_expand", "A navigation property stands more than once in $expand.")
        return _Shown(columns, expansions)

    def _selected(self, table: Table, options: QueryOptions) -> set[str] | None:
        if options.select is None:
            return None
        found: set[str] = set()
        for item in options.select:
            name = self.name_of(table, item.path[0])
            if item.path == ("*",):
                return None
            if name is None:
                raise Problem(
                    400,
                    "unknown_property",
                    f"Could not find a property named '{item.path[0]}' on type '{table.type.name}'.",
                    target=item.path[0],
                )
            found.add(name)
        return found

    def name_of(self, table: Table, written: str) -> str | None:
        """Wire name of a property or navigation property as written in a request."""
        if written in table.columns or written in table.links or written == "*":
            return written
        return table.by_lower.get(written.lower()) if self.shape.profile.select_ignores_case else None

    def _expansion(self, table: Table, item: Expand, depth: int) -> Iterable[tuple[Link, QueryOptions, str]]:
        limit = self.shape.profile.expand_depth
        if limit is not None and depth > limit:
            raise Problem(400, "bad_expand", f"The $expand is deeper than the {limit} level that is allowed.")
        if item.suffix:
            raise Problem(501, "not_implemented", f"'{item.suffix}' in $expand is not supported.")
        options = item.options or QueryOptions()
        if options != QueryOptions() and not self.shape.profile.expand_options:
            raise Problem(400, "bad_expand", "Options inside $expand are not supported.")
        if item.path == ("*",):
            return [(link, options, link.name) for link in table.links.values() if link.pairs]
        name = self.name_of(table, item.path[0]) if len(item.path) == 1 else None
        link = table.links.get(name or "")
        if link is None:
            raise Problem(
                400,
                "unknown_property",
                f"Could not find a property named '{'/'.join(item.path)}' on type '{table.type.name}'.",
                target=item.path[0],
            )
        if not link.pairs:
            raise Problem(400, "bad_expand", f"The navigation property '{link.name}' cannot be expanded.")
        return [(link, options, link.name)]

    def _sorts(self, table: Table, alias: str, options: QueryOptions) -> list[_Sort]:
        translator = self.translator(table, alias, options)
        self.dialect.check_order(table, options.orderby, self.scope)
        found = []
        for term in options.orderby:
            operand = translator.operand(self._sortable(table, term).expression)
            if operand.kind in ("json", "stream", "binary"):
                raise Problem(400, "bad_order", f"'{operand.edm}' cannot be sorted.")
            found.append(_Sort(operand.sql, operand.params, term.descending, operand.nullable))
        found.append(_Sort(f'{alias}."_n"', (), False, False))
        return found

    def _sortable(self, table: Table, term: OrderTerm) -> OrderTerm:
        member = term.expression
        if isinstance(member, Member) and len(member.path) == 1:
            name = self.name_of(table, member.path[0].name)
            if name and name != member.path[0].name:
                return replace(term, expression=Member((Segment(name),)))
        return term


def _keys_table(target: Table, link: Link) -> tuple[str, str]:
    parts = ", ".join(f"json_extract(value, '$[{i}]') AS k{i}" for i in range(len(link.pairs)))
    on = " AND ".join(f"t.{target.columns[p.target].key_sql} = p.k{i}" for i, p in enumerate(link.pairs))
    return f"(SELECT key AS i, {parts} FROM json_each(?)) AS p", on


def _order_by(sorts: Sequence[_Sort]) -> tuple[str, tuple[Any, ...]]:
    if not sorts:
        return "", ()
    terms = ", ".join(f"{s.sql}{' DESC' if s.descending else ''}" for s in sorts)
    return f" ORDER BY {terms}", tuple(p for s in sorts for p in s.params)


def _after(sorts: Sequence[_Sort], values: list[Any]) -> Predicate:
    """Rows behind those values in that order; null sorts before everything, as in SQLite."""
    found: list[str] = []
    params: list[Any] = []
    equal, fixed = "", list[Any]()
    for sort, value in zip(sorts, values, strict=True):
        if value is None:
            beyond, given = ("0", []) if sort.descending else (f"{sort.sql} IS NOT NULL", [])
            used = list(sort.params) if not sort.descending else []
        else:
            beyond = f"{sort.sql} {'<' if sort.descending else '>'} ?"
            used, given = list(sort.params), [value]
            if sort.descending and sort.nullable:
                beyond = f"({beyond} OR {sort.sql} IS NULL)"
                given = [value, *sort.params]
        found.append(f"({equal}{beyond})")
        params += [*fixed, *used, *given]
        equal += f"{sort.sql} IS ? AND "
        fixed += [*sort.params, value]
    return Predicate(f"({' OR '.join(found)})", tuple(params))


def _token(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def _token_values(token: str, length: int) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise Problem(400, "bad_token", "The skip token is not valid.")
    return values
