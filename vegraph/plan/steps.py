"""What is to be sent, dialect-free: the vocabulary between the planner and `backend`.

The planner makes steps and decodes their answers; a `Runner` (backend.runner) turns each into requests as the
delegated user and gives back whole JSON bodies. A `Dialect` answers what one source can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from vegraph.catalog.model import EntitySet, Operation
from vegraph.errors import VegraphError
from vegraph.plan.predicates import Path, Predicate
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Member, ValueType

__all__ = [
    "NOTHING", "Aggregate", "Bound", "Call", "Company", "Create", "Delete", "Dialect", "Expand", "Key", "Lookup",
    "Order", "Read", "ReadOne", "Runner", "Step", "Update", "Write", "Written",
]  # fmt: skip

NOTHING = b'{"value":[]}'
"""The body where there is no row: in place of a page, and of a single row too."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company as the source names it."""

    name: str
    """What the graph shows and global ids carry."""
    id: str | None = None
    """BC: the Guid used in paths; None where the name itself is used (F&O)."""


@dataclass(frozen=True, slots=True)
class Key:
    """A row's key: members and their values (as GraphQL coercion or the wire gives them, typed by the member)."""

    members: tuple[Member, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """Among the values of a write: the navigation property it stands under is to lead to that row, named by its
    address (`…@odata.bind`). Only where `Dialect.binds`."""

    set: EntitySet
    key: Key


@dataclass(frozen=True, slots=True)
class Order:
    """One item of `$orderby`."""

    path: Path
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expand:
    """A relation fetched inside its parent's request."""

    name: str
    """Wire name of the navigation property."""
    select: tuple[str, ...]
    """Wire names of structural properties; never empty."""
    many: bool = False
    filter: Predicate | None = None
    order: tuple[Order, ...] = ()
    top: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()
    cast: str | None = None
    """Qualified derived type before the navigation property (`NS.Flight/Airline`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Rows of a collection. The body is the OData collection answer (`value`, `@odata.count`, `@odata.nextLink`)."""

    source: str
    set: EntitySet
    entity: EntityBinding
    select: tuple[str, ...] = ()
    """Wire names; empty: everything (open types, streams that need their links)."""
    company: Company | None = None
    """BC: the one company of the request. F&O: None; companies stand in the filter."""
    cross_company: bool = False
    """F&O: rows of other companies than the user's default are asked for (OF-61)."""
    filter: Predicate | None = None
    search: str | None = None
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()
    under: tuple[Key, str] | None = None
    """Read `set(key)/navigation` instead of the set: the server's own navigation URL (follow)."""
    single: bool = False
    """With `under`: the navigation is to-one; the body is one row, and 204 or 404 is an empty answer."""
    page_size: int | None = None
    """`Prefer: odata.maxpagesize`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOne:
    """One row by key (or a singleton: key None). The body is the row; a missing row answers None."""

    source: str
    set: EntitySet
    entity: EntityBinding
    key: Key | None
    select: tuple[str, ...] = ()
    company: Company | None = None
    expand: tuple[Expand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """All rows whose members have one of these values; chunked by the runner (URL length, `max_or`), chunks in one
    `$batch` or side by side. Values: one per member (a tuple each)."""

    source: str
    set: EntitySet
    entity: EntityBinding
    members: tuple[Member, ...]
    values: tuple[tuple[Any, ...], ...]
    select: tuple[str, ...] = ()
    company: Company | None = None
    cross_company: bool = False
    filter: Predicate | None = None
    """In addition, the same for all."""
    order: tuple[Order, ...] = ()
    top: int | None = None
    """Per chunk, only where the planner has made sure that it is safe."""
    expand: tuple[Expand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`$apply=filter(…)/groupby((…),aggregate(…))`, for sources that have it."""

    source: str
    set: EntitySet
    entity: EntityBinding
    filter: Predicate | None
    group_by: tuple[Path, ...]
    values: tuple[tuple[str, Literal["sum", "average", "min", "max", "countdistinct"], str], ...]
    """(wire property, function, alias)."""
    company: Company | None = None
    cross_company: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function (GET) or action (POST). Bound to an instance when `key` is given, else to `set` or to nothing."""

    source: str
    operation: Operation
    set: EntitySet | None = None
    entity: EntityBinding | None = None
    key: Key | None = None
    company: Company | None = None
    arguments: tuple[tuple[str, ValueType | None, Any], ...] = ()
    """(wire name, type, value); a type of None: the value is a `Key` of an entity, sent as a reference."""
    import_name: str | None = None
    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    if_match: str | None = None
    cross_company: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """POST to a set."""

    source: str
    set: EntitySet
    entity: EntityBinding
    values: Mapping[str, Any]
    """Wire name → JSON-ready wire value; nested lists and objects for deep insert."""
    company: Company | None = None
    under: tuple[Key, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """PATCH of a row."""

    source: str
    set: EntitySet
    entity: EntityBinding
    key: Key
    values: Mapping[str, Any]
    if_match: str | None = None
    """The ETag, or `*` where overwriting was asked for; None: the type has no ETags."""
    company: Company | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """DELETE of a row."""

    source: str
    set: EntitySet
    entity: EntityBinding
    key: Key
    if_match: str | None = None
    company: Company | None = None


Write: TypeAlias = Create | Update | Delete | Call
Step: TypeAlias = Read | ReadOne | Lookup | Aggregate | Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one write."""

    status: int = 0
    body: bytes | None = None
    """The row or return value as JSON, where the ERP sent one."""
    location: str | None = None
    """Key predicate taken from `Location` or `OData-EntityId`, checked to lie on the source's own origin."""
    etag: str | None = None
    error: VegraphError | None = None
    read_back: bytes | None = None
    """Body of the read-back that went with it, where one was asked for and answered."""
    read_back_error: VegraphError | None = None


class Runner(Protocol):
    """Sends steps as the delegated user of one request. Every method raises a `BackendError` or `IdentityError`."""

    def dialect(self, source: str) -> Dialect:
        """What that source can do."""

    async def companies(self, source: str, given: Sequence[str] | None) -> tuple[Company, ...]:
        """The companies meant: the given names or ids, else the source's default; () where the service decides.
        Unknown ones raise `BadUserInput` with the nearest name."""

    async def read(self, step: Read, link: str | None = None) -> bytes:
        """One page; `link` is a previous page's `@odata.nextLink`, checked to stay on the source's origin and path."""

    async def read_one(self, step: ReadOne) -> bytes | None:
        """The row's body, or None where there is none."""

    async def lookup(self, step: Lookup) -> list[bytes]:
        """Bodies of all chunks: whole collection answers whose next links the planner follows with `read_link`."""

    async def read_link(self, source: str, company: Company | None, link: str) -> bytes:
        """One further page of a lookup or batch."""

    async def batch(self, steps: Sequence[Read | ReadOne]) -> list[bytes | VegraphError | None]:
        """All reads of one source in as few `$batch` requests as it allows (or side by side where it has none)."""

    async def count(self, step: Read) -> int:
        """`$count` alone."""

    async def aggregate(self, step: Aggregate) -> bytes:
        """The `$apply` answer."""

    async def call(self, step: Call) -> bytes | None:
        """A function's answer; None for 204."""

    async def write(
        self,
        steps: Sequence[Write],
        *,
        atomic: bool,
        read_back: Sequence[ReadOne | None] = (),
        idempotency_key: str | None = None,
        wrote: Callable[[int, Written], None] | None = None,
    ) -> list[Written]:
        """Writes in order, each sent once; with `atomic` in one change set or snapshot, all or nothing.
        `wrote` hears of each step what became of it, also of those that end after the caller was cancelled.
        `read_back[i]` (its key None: the key of the created row) goes with the same batch where the dialect
        allows, else directly after."""


class Dialect(Protocol):
    """Questions about one source. Each `why_not` gives None for yes, or one sentence that says why not."""

    name: str
    company: Literal["context", "property"] | None
    """context: one company per request (BC). property: rows carry it, several per request (F&O)."""
    max_expand_depth: int
    batch_format: Literal["json", "multipart"] | None
    batch_size: int
    max_page: int
    """Rows the server gives per page at most."""
    has_search: bool
    nested_top: bool
    """`$top` and `$orderby` inside `$expand` can be relied on."""
    nested_filter: bool
    nested_count: bool
    atomic: Literal["changeset", "snapshot"] | None
    deep_insert_depth: int
    """Levels of nested rows one POST may carry; 0: none."""
    etag_required: bool
    """If-Match is demanded on PATCH and DELETE (OB-101)."""
    binds: bool
    """A to-one navigation can be written as a reference to its target (`@odata.bind`)."""
    idempotent_header: bool
    """OData repeatability headers are supported."""

    def why_not_filter(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        """May this whole predicate stand in `$filter` of a read, truly evaluated?"""

    def why_not_superset(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        """May it stand in `$filter` so that at least the rows meant come (and be evaluated again on what comes)?
        Where `why_not_filter` says yes, this does too. Texts are compared and ordered as the service does it: ask this
        for the bounds of a cursor, whose order is the service's own."""

    def why_not_order(self, order: Sequence[Order], set_: EntitySet, entity: EntityBinding) -> str | None:
        """May these stand in `$orderby`?"""

    def why_not_expand(self, name: str, entity: EntityBinding) -> str | None:
        """May that navigation property stand in `$expand` of reads of this entity?"""

    def aggregates(self, set_: EntitySet) -> bool:
        """May the set be read with `$apply`?"""

    def why_not_count(self, set_: EntitySet) -> str | None:
        """May `$count=true` go with a read?"""

    def why_not_lookup(self, members: Sequence[Member], entity: EntityBinding) -> str | None:
        """May rows be looked up by values of these members together?"""


@dataclass(kw_only=True)
class Sent:
    """One request as `explain` shows it."""

    step: Step
    method: str
    url: str
    why: str = ""
    notes: list[str] = field(default_factory=list)
