"""The plan tree: what is to be fetched (`Rows` and its relations), and what each row gives to the response (`Shape`).

A tree is made once per document (`plan.selection`) and never changed by a request; everything a request finds out
lives in `plan.engine.Execution`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from vegraph.plan.arguments import Arguments
from vegraph.schema.binding import EntityBinding, FunctionField, RelationField, RootField
from vegraph.schema.values import ComplexValue, Member

__all__ = [
    "Aggregated",
    "CompanyOut",
    "ComplexOut",
    "ComplexShape",
    "ConnectionOut",
    "EtagOut",
    "FunctionOut",
    "IdOut",
    "LeafOut",
    "MediaOut",
    "OpenOut",
    "OperationPlan",
    "Out",
    "Relation",
    "RelationOut",
    "Root",
    "Rows",
    "Shape",
    "Shapes",
    "Strategy",
    "TypeNameOut",
]


MOST_REMEMBERED = 256
"""Of one plan: more than its nodes, so that conditions which read ever other columns do not fill the memory."""


class Strategy(enum.Enum):
    """How a relation is fetched (design.md §2)."""

    EXPAND = "expand"
    """Inside the parent's request."""
    LOOKUP = "lookup"
    """One request for all distinct link values."""
    BATCH = "batch"
    """One `$batch` of per-parent reads."""
    FOLLOW = "follow"
    """The server's own navigation URLs, batched."""


# What a row gives to the response. `key` is the response key.


@dataclass(slots=True)
class LeafOut:
    """A structural member's value."""

    key: str
    member: Member


@dataclass(slots=True)
class TypeNameOut:
    """`__typename`."""

    key: str


@dataclass(slots=True)
class IdOut:
    """The global id."""

    key: str


@dataclass(slots=True)
class CompanyOut:
    """The company's name."""

    key: str


@dataclass(slots=True)
class EtagOut:
    """The row's ETag."""

    key: str


@dataclass(slots=True)
class OpenOut:
    """Undeclared members of an open type."""

    key: str


@dataclass(slots=True)
class MediaOut:
    """A stream: response key → `url`, `contentType` or `__typename`."""

    key: str
    member: Member
    fields: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ComplexShape:
    """The selection on one complex type."""

    value: ComplexValue
    outs: tuple[LeafOut | ComplexOut | MediaOut | OpenOut | TypeNameOut, ...]


@dataclass(slots=True)
class ComplexOut:
    """A complex member: an object, or a list of them."""

    key: str
    member: Member
    shape: ComplexShape


@dataclass(slots=True)
class RelationOut:
    """A relation's object or connection."""

    key: str
    relation: Relation


@dataclass(slots=True)
class FunctionOut:
    """A bound function's result."""

    key: str
    binding: FunctionField
    arguments: Arguments
    number: int
    rows: Rows | None = None
    """Where it returns entities."""
    shapes: Shapes | None = None
    connection: ConnectionOut | None = None
    complex: ComplexShape | None = None
    only: frozenset[str] | None = None
    """Wire types of the rows that it was selected on; None: all."""


Out: TypeAlias = (
    LeafOut | TypeNameOut | IdOut | CompanyOut | EtagOut | OpenOut | MediaOut | ComplexOut | RelationOut | FunctionOut
)


@dataclass(slots=True)
class Shape:
    """The selection on one concrete entity type."""

    entity: EntityBinding
    outs: tuple[Out, ...]


@dataclass(slots=True)
class Shapes:
    """The selections by concrete type; one, unless the type has subtypes."""

    by_type: Mapping[str, Shape]
    """Graph type name → shape."""
    wire: Mapping[str, str]
    """`@odata.type` (without `#`) → graph type name."""
    default: Shape


@dataclass
class ConnectionOut:
    """The selection on a connection: (response key, field, what is selected below)."""

    outs: tuple[tuple[str, str, Any], ...]
    """Below: Shapes for `nodes`; for `edges` a tuple of (key, `node`|`cursor`|`__typename`, Shapes or None); for
    `pageInfo` a tuple of (key, field); None else."""
    type_name: str
    edge_type_name: str

    @cached_property
    def fields(self) -> set[str]:
        """Names of the selected connection fields."""
        return {name for _, name, _ in self.outs}

    def page_info(self) -> set[str]:
        """Names of the selected `pageInfo` fields."""
        return {f for _, name, below in self.outs if name == "pageInfo" for _, f in below}

    @cached_property
    def wants_total(self) -> bool:
        """The number of all rows is selected."""
        return "totalCount" in self.fields

    @cached_property
    def wants_rows(self) -> bool:
        """Rows are needed: anything but `totalCount` and `__typename` is selected."""
        return bool(self.fields & {"nodes", "edges", "pageInfo"})

    @cached_property
    def wants_next(self) -> bool:
        """One row more than asked is needed to tell whether there are more."""
        return bool(self.page_info() & {"hasNextPage", "hasPreviousPage"})

    @cached_property
    def wants_cursors(self) -> bool:
        """Cursors are selected somewhere."""
        below = {f for _, name, b in self.outs if name == "edges" for _, f, _ in b}
        return "cursor" in below or bool(self.page_info() & {"startCursor", "endCursor"})


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows of one entity, wherever they come from, and what is needed of them."""

    entity: EntityBinding
    columns: set[str] = field(default_factory=set)
    """Wire names needed by the response and by the relations below (filled by `plan.passes`)."""
    wants_etag: bool = False
    wants_company: bool = False
    wants_open: bool = False
    wants_stream: bool = False
    """What is said of the stream that a row is."""
    derived: dict[str, Member] = field(default_factory=dict)
    """Members that only subtypes of the entity have, by wire name."""
    ambiguous: bool = False
    """Two subtypes mean different things by one wire name: values are looked at when they are completed."""
    relations: list[Relation] = field(default_factory=list)
    functions: list[FunctionOut] = field(default_factory=list)

    def wants(self, member: Member) -> None:
        """This member is needed, of the entity or of a subtype."""
        self.columns.add(member.wire)
        if member.wire not in self.entity.by_wire:
            known = self.derived.setdefault(member.wire, member)
            self.ambiguous |= known.value != member.value


@dataclass(slots=True, kw_only=True)
class Relation(Rows):
    """Related rows below others."""

    field: RelationField
    parent: EntityBinding
    arguments: Arguments
    number: int
    """Its place among all relations of the plan."""
    shapes: Shapes | None = None
    """To-one."""
    connection: ConnectionOut | None = None
    """To-many."""
    strategy: Strategy = Strategy.FOLLOW
    otherwise: Strategy = Strategy.FOLLOW
    """Where the parent's request with `$expand` was refused."""
    owned: bool = False
    """To-many rows that are part of their parent (an order's lines): all of them are read, and paged in vegraph."""
    settled: bool = False
    """With the parents' rows everything below is here."""
    bare: bool = False
    """The rows inside their parents are all that is asked of it, from the first on."""
    why: str = ""
    """Why this strategy; for `explain`."""
    only: frozenset[str] | None = None
    """Wire types of the rows that it was selected on, "" for rows that name none; None: all."""
    cast: str | None = None
    """The subtype that has the navigation property, where the parent rows' own type does not."""

    @property
    def many(self) -> bool:
        """To-many."""
        return self.field.many

    @property
    def link(self) -> tuple[str, ...]:
        """The parent's wire names that tell which rows are related: own sides of the pairs, else its key."""
        pairs = self.field.relationship.pairs
        if self.strategy is Strategy.FOLLOW or not pairs:
            return tuple(m.wire for m in self.parent.key)
        return tuple(p.own for p in pairs)


@dataclass(slots=True, kw_only=True)
class Aggregated:
    """The selection on an aggregate: response key, `group`|`count`|`sum`|…, and (key, member) pairs below."""

    outs: tuple[tuple[str, str, tuple[tuple[str, Member | None], ...]], ...]
    type_name: str
    below_types: Mapping[str, str]
    """`sum` → its type's name, for `__typename`."""


@dataclass(slots=True, kw_only=True)
class Root:
    """A root field that the plan answers."""

    key: str
    binding: RootField | None
    """None: `__typename` and what graphql-core answers itself (introspection, `me`, `catalog`, `_service`)."""
    arguments: Arguments
    name: str = ""
    type_name: str = ""
    """For `__typename`: the root type's name."""
    rows: Rows | None = None
    shapes: Shapes | None = None
    connection: ConnectionOut | None = None
    aggregate: Aggregated | None = None
    complex: ComplexShape | None = None
    payload: Payload | None = None
    by_entity: dict[str, tuple[Rows, Shapes]] = field(default_factory=dict)
    """`node`, `nodes`, `_entities`: compiled when a type first comes up."""


@dataclass(slots=True, kw_only=True)
class Payload:
    """The selection on a mutation's payload: (response key, field, below)."""

    outs: tuple[tuple[str, str, Any], ...]
    """Below: Shapes for the row; for `userErrors` a tuple of (key, field); the result's shape for actions."""
    type_name: str


@dataclass(slots=True, kw_only=True)
class OperationPlan:
    """One operation, compiled."""

    roots: tuple[Root, ...]
    mutation: bool
    mixed: bool
    """Some root field is graphql-core's: the answer is completed there."""
    root_type: str
    relation_count: int = 0
    atomic: bool = False
    _remembered: dict[Hashable, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    def remember(self, key: Hashable, owner: Any, make: Callable[[], Any]) -> Any:
        """What is the same for all requests with this plan: row types, `$select`s, how a page is read. `owner`: the
        part of the plan that it belongs to; its `id` may stand in the key."""
        known = self._remembered.get(key)
        if known is not None and known[0] is owner:
            return known[1]
        made = make()
        if len(self._remembered) < MOST_REMEMBERED:
            self._remembered[key] = owner, made
        return made
