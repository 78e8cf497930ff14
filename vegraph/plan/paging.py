"""One page of a connection: what is asked (`Ask`), and how it is read (`PageReader`).

Cursors are keyset cursors: a page goes on after the last row's order values, as a sequence of conjunctive ranges, so
that dialects without `or` across properties can page too. What the source can't filter or order is done here over a
bounded scan.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from vegraph.errors import BackendUnavailable, BadUserInput, ScanLimit
from vegraph.plan import cursors, ordering
from vegraph.plan.nodes import ConnectionOut
from vegraph.plan.predicates import TRUE, And, Predicate
from vegraph.plan.rows import Page, Row, RowType, expanded_attribute
from vegraph.plan.steps import Company, Order, Read
from vegraph.schema.binding import EntityBinding

__all__ = ["Ask", "Limits", "PageReader", "PageResult", "both", "decode", "finish", "none_if_true", "read_ask", "stamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one request may ask for ([limits] of vegraph.toml)."""

    default_first: int = 50
    max_first: int = 1000
    scan_rows: int = 20_000
    max_cost: int = 100_000


@dataclass(slots=True, kw_only=True)
class PageResult:
    """One page, as the completion reads it."""

    rows: list[Row]
    has_next: bool = False
    has_previous: bool = False
    total: int | None = None
    cursor: Callable[[Row], str] = str
    suspect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a connection field asks for."""

    limit: int
    backward: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    orders: tuple[Order, ...]
    where: Predicate
    search: str | None
    binding: str
    """What cursors are bound to: a digest of the query they belong to; "" where nothing tells it from others."""
    wants_rows: bool
    wants_next: bool
    wants_total: bool
    wants_cursors: bool
    before_inclusive: bool = False
    """The row that `before` names is wanted too."""
    after_place: cursors.Place | None = None
    before_place: cursors.Place | None = None
    """Where several companies are merged: each goes on from its own row (`plan.fan_out`)."""
    by_position: bool = False
    """The rows have no key: the places tell positions (`plan.positions`)."""


def read_ask(
    values: Mapping[str, Any],
    entity: EntityBinding,
    where: Predicate,
    connection: ConnectionOut,
    limits: Limits,
    place: Sequence[str],
    *,
    merged: bool = False,
) -> Ask:
    """Checks the paging arguments. `where` is the whole condition, rules included; `merged`: the rows of several
    companies, of which the cursors tell. Raises BadUserInput."""
    first, last = values.get("first"), values.get("last")
    if first is not None and last is not None:
        raise BadUserInput("first, last: give one of the two.")
    limit = first if first is not None else last if last is not None else limits.default_first
    name = "last" if last is not None else "first"
    if limit < 0:
        raise BadUserInput(f"{name}: {limit} is negative.")
    if limit > limits.max_first:
        raise BadUserInput(f"{name}: {limit} is more than the {limits.max_first} rows one page may hold.")
    orders = ordering.orders(values.get("orderBy"), entity)
    given = [values.get(name) for name in ("company", "where", "orderBy", "search", "after", "before")]
    bare = not connection.wants_cursors and given == [None] * 6
    digest = "" if bare else cursors.digest(*place, *given[:4])
    keyless = not ordering.key_paths(entity)
    if keyless and merged and digest:
        raise BadUserInput(
            f"company: rows of {entity.graph_name} have no key, so a list over several companies has no cursors. "
            "Ask for one company at a time."
        )
    placed = merged or keyless
    read: Any = cursors.decode_place if placed else cursors.decode
    after, before = (
        None if cursor is None else read(cursor, digest, () if keyless else orders, argument)
        for argument, cursor in zip(("after", "before"), given[4:], strict=True)
    )
    return Ask(
        limit=limit,
        backward=last is not None,
        after=None if placed else after,
        before=None if placed else before,
        after_place=after if placed else None,
        before_place=before if placed else None,
        by_position=keyless,
        orders=orders,
        where=where,
        search=values.get("search") or None,
        binding=digest,
        wants_rows=connection.wants_rows,
        wants_next=connection.wants_next,
        wants_total=connection.wants_total,
        wants_cursors=connection.wants_cursors,
    )


def decode(row_type: RowType, body: bytes, source: str, *, single: bool = False) -> Page:
    """Body → page; a body that is no such answer is a fault of the service."""
    try:
        return row_type.row(body) if single else row_type.page(body)
    except (msgspec.DecodeError, ValueError, UnicodeDecodeError):
        raise BackendUnavailable(f"{source} sent an answer that is not what OData promises.", source=source) from None


class PageReader:
    """Reads pages of one collection through `send` (one request at a time) and `follow` (its next links)."""

    def __init__(
        self,
        *,
        base: Read,
        row_type: RowType,
        send: Callable[[Read], Awaitable[bytes]],
        follow: Callable[[Company | None, str], Awaitable[bytes]],
        scan_rows: int,
    ) -> None:
        self.base = base
        self.row_type = row_type
        self._send = send
        self._follow = follow
        self._scan_rows = scan_rows
        self.suspect = False
        self.read_rows = 0
        self.reasons: tuple[str, ...] = ()
        """Why the source does not do it all: for the message where a scan is too long."""

    async def rows(self, step: Read, enough: int | None, keep: Callable[[Row], bool] | None = None) -> Page:
        """Rows of one read, over its next links, until there are `enough` that are kept (None: all)."""
        kept: list[Row] = []
        count: int | None = None
        came = 0
        seen: set[str] = set()
        link: str | None = None
        while True:
            body = await (self._send(step) if link is None else self._follow(step.company, link))
            page = decode(self.row_type, body, step.source)
            self.suspect |= page.suspect
            came += len(page.rows)
            self.read_rows += len(page.rows)
            if self.base.company is not None:
                stamp(page.rows, self.row_type, self.base.company.name)
            kept.extend(page.rows if keep is None else filter(keep, page.rows))
            count = page.count if link is None else count
            link = page.next
            if link is None or (enough is not None and len(kept) >= enough):
                return Page(kept, count, link, came=came)
            if link in seen:
                raise BackendUnavailable(f"{step.source} sent the same next link twice.", source=step.source)
            seen.add(link)
            if keep is not None or enough is None:
                self._check_scan(step)

    async def each_page(self, step: Read, take: Callable[[list[Row]], None]) -> None:
        """Hands over all rows page by page, keeping none; bounded as a scan is."""
        seen: set[str] = set()
        link: str | None = None
        while True:
            body = await (self._send(step) if link is None else self._follow(step.company, link))
            page = decode(self.row_type, body, step.source)
            self.read_rows += len(page.rows)
            self._check_scan(step)
            take(page.rows)
            link = page.next
            if link is None:
                return
            if link in seen:
                raise BackendUnavailable(f"{step.source} sent the same next link twice.", source=step.source)
            seen.add(link)

    def _check_scan(self, step: Read) -> None:
        if self.read_rows > self._scan_rows:
            why = " ".join(self.reasons) or "The source can't evaluate the whole condition or order."
            raise ScanLimit(
                f"{step.set.name}: more than {self._scan_rows} rows would have to be read. {why} Add a condition that"
                " the source evaluates, so that fewer rows are left."
            )


def both(a: Predicate, b: Predicate) -> Predicate | None:
    """a and b, None where that is no condition."""
    terms = tuple(t for p in (a, b) if p != TRUE for t in (p.terms if isinstance(p, And) else (p,)))
    return None if not terms else terms[0] if len(terms) == 1 else And(terms)


def none_if_true(predicate: Predicate) -> Predicate | None:
    """None for no condition."""
    return None if predicate == TRUE else predicate


def stamp(rows: list[Row], row_type: RowType, company: str | None) -> None:
    """Writes the request's company onto rows, and onto those expanded into them."""
    inside = [(expanded_attribute(x.name), x) for x in row_type.expands if x.type.stamps]
    if row_type.stamped:
        for row in rows:
            row.c = company
    for attr, x in inside:
        below: list[Row] = []
        for row in rows:
            found = getattr(row, attr)
            if found is not None:
                below.extend(found) if x.many else below.append(found)
        if below:
            stamp(below, x.type, company)


def finish(rows: list[Row], ask: Ask) -> PageResult:
    """A page of rows that came in order from the source, one more than asked where there are more."""
    more = len(rows) > ask.limit
    rows = rows[: ask.limit]
    if ask.backward:
        rows.reverse()
    return PageResult(
        rows=rows,
        has_next=ask.before is not None if ask.backward else more,
        has_previous=more if ask.backward else ask.after is not None,
    )
