"""What stands behind each field of the graph: set by `schema.build` as `extensions["vegraph"]`, read by the planner.

An `EntityBinding` is one entity type of one source. Its members are filled on first use, so that a catalog of
thousands of types costs only what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from vegraph.catalog.model import Catalog, EntitySet, EntityType, Operation, Relationship
from vegraph.schema.values import Member, ValueType

__all__ = [
    "BINDING",
    "ActionRoot",
    "AggregateRoot",
    "CompanyField",
    "CreateRoot",
    "DeleteRoot",
    "EntitiesRoot",
    "EntityBinding",
    "EntityField",
    "EtagField",
    "FunctionField",
    "FunctionRoot",
    "IdField",
    "ListRoot",
    "NodeRoot",
    "NodesRoot",
    "OneRoot",
    "OpenField",
    "ParameterBinding",
    "PropertyField",
    "RelationField",
    "RootField",
    "SingletonRoot",
    "SourceBinding",
    "StreamField",
    "UpdateRoot",
]

BINDING = "vegraph"
"""Key under `extensions` of a GraphQL field (root and entity fields) or type (entity object types: EntityBinding)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceBinding:
    """One configured source, as the graph and the planner know it."""

    name: str
    kind: Literal["business-central", "finance-operations", "human-resources", "dataverse", "odata"]
    prefix: str
    catalog: Catalog
    company: str | None = None
    """Default company: name or id; None: whatever the service takes for the user."""


@dataclass(kw_only=True, eq=False)
class EntityBinding:
    """An entity type of one source behind a GraphQL object type (or interface, where it has subtypes)."""

    source: SourceBinding
    graph_name: str
    type: EntityType
    sets: tuple[EntitySet, ...]
    """Visible sets that rows of this type live in, those of its bases last (their type is the base then); the first is
    where keys and relationships look. Empty: reached by navigation only."""
    place: str = ""
    """The set that keys and relationships look in, where that is not the first that the document has for the type:
    rows of several sets are several rows, whatever their keys, and their ids say so."""
    company: str | None = None
    """How rows belong to a company: None (not at all), "context" (BC: of the request), or a wire property."""
    has_etag: bool = False
    abstract: bool = False
    subtypes: tuple[str, ...] = ()
    """Graph names of all concrete types this one stands for, itself included unless abstract; () without subtypes.
    With subtypes `graph_name` is an interface's (`XAnimalInterface`; an abstract type's own name), and rows that are
    exactly of this type have a binding of their own (`XAnimal`), which has no subtypes: see `Graph.object_of`."""
    load: Callable[[EntityBinding], Mapping[str, EntityField]] = field(repr=False)
    """Makes the members; called once."""

    @cached_property
    def fields(self) -> Mapping[str, EntityField]:
        """By graph field name."""
        return self.load(self)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """Structural members by graph field name."""
        return {n: f.member for n, f in self.fields.items() if isinstance(f, PropertyField)}

    @cached_property
    def by_wire(self) -> Mapping[str, Member]:
        """Structural members by wire name."""
        return {m.wire: m for m in self.members.values()}

    @cached_property
    def key(self) -> tuple[Member, ...]:
        """Key members in the order of the document; empty for keyless types, and where a part of the key lies inside a
        complex property: part of a key finds nothing."""
        found = tuple(self.by_wire[k] for k in self.type.key if k in self.by_wire)
        return found if len(found) == len(self.type.key) else ()

    @cached_property
    def relations(self) -> Mapping[str, RelationField]:
        """Relations by graph field name."""
        return {n: f for n, f in self.fields.items() if isinstance(f, RelationField)}

    @property
    def set(self) -> EntitySet | None:
        """Where rows of this type are looked up by key."""
        return self.sets[0] if self.sets else None

    @property
    def id_name(self) -> str:
        """What global ids begin with: the type, and the set where that doesn't go without saying."""
        return f"{self.graph_name}:{self.place}" if self.place else self.graph_name


@dataclass(frozen=True, slots=True, kw_only=True)
class IdField:
    """`id`: the global id (type, company, key)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyField:
    """`company`: the company a row belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EtagField:
    """`etag`: the row's `@odata.etag`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenField:
    """Undeclared members of an open type, as one JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyField:
    """A structural property."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamField:
    """The stream that a row of a media entity type is (`HasStream`, `/$value`)."""

    member: Member
    """Its `wire` is "": no property holds it, so it is none of the entity's members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationField:
    """A navigation to another entity: an object (to-one) or a connection (to-many)."""

    name: str
    """Graph field name."""
    relationship: Relationship
    resolve: Callable[[], EntityBinding] = field(repr=False)

    @property
    def target(self) -> EntityBinding:
        """The entity it leads to, possibly of another source."""
        return self.resolve()

    @property
    def many(self) -> bool:
        """To-many: the field is a connection."""
        return self.relationship.many


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterBinding:
    """An action's or function's parameter, under its graph argument or input field name."""

    field: str
    wire: str
    value: ValueType | None
    """None for entity-typed parameters (given by global id)."""
    entity: EntityBinding | None = None
    collection: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    operation: Operation
    source: SourceBinding
    parameters: tuple[ParameterBinding, ...]
    returns: ValueType | EntityBinding | None
    returns_many: bool = False
    bound_to: EntityBinding | None = None
    bound_to_set: EntitySet | None = None
    """Set for operations bound to the collection (OF-12)."""
    import_name: str | None = None
    """Action or function import to call by, for unbound ones; None: the qualified name (OF-13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionField(_Call):
    """A bound function as a field of its entity's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRoot(_Call):
    """An unbound function, or one bound to a collection, on `Query`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRoot(_Call):
    """An action on `Mutation`: `{ id, …parameters }` when bound to an instance."""

    payload_field: str | None = None
    """Payload field that holds the bound row read back (`bcSalesInvoice`)."""
    result_field: str | None = None
    """Payload field that holds the return value (`result`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRoot:
    """A connection over an entity set: `bcCustomers(first, after, last, before, company, where, orderBy, search)`."""

    entity: EntityBinding
    set: EntitySet


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRoot:
    """One entity by key: `bcCustomer(by: {…})`. `by` members: `id`, key parts or `key`, alternate keys."""

    entity: EntityBinding
    set: EntitySet
    keys: Mapping[str, tuple[Member, ...]]
    """`by` member (without `id`) → the properties it gives; several: the member is an input of its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingletonRoot:
    """A singleton."""

    entity: EntityBinding
    set: EntitySet


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRoot:
    """`bcCustomersAggregate(where, groupBy, company)`."""

    entity: EntityBinding
    set: EntitySet


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRoot:
    """`node(id)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesRoot:
    """`nodes(ids)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitiesRoot:
    """Federation's `_entities(representations)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRoot:
    """`createBcCustomer(input: {company, bcCustomer: {…}})`."""

    entity: EntityBinding
    set: EntitySet
    payload_field: str
    """Payload and input field of the row: `bcCustomer`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRoot:
    """`updateBcCustomer(input: {id, ifMatch, overwrite, patch})`."""

    entity: EntityBinding
    set: EntitySet
    payload_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRoot:
    """`deleteBcCustomer(input: {id, ifMatch, overwrite})`, gives `deletedId`."""

    entity: EntityBinding
    set: EntitySet


EntityField: TypeAlias = (
    IdField | CompanyField | EtagField | OpenField | PropertyField | StreamField | RelationField | FunctionField
)  # fmt: skip
RootField: TypeAlias = (
    ListRoot | OneRoot | SingletonRoot | AggregateRoot | NodeRoot | NodesRoot | EntitiesRoot
    | FunctionRoot | CreateRoot | UpdateRoot | DeleteRoot | ActionRoot
)  # fmt: skip


class Graph(Protocol):
    """What `schema.build` gives: the GraphQL schema and the way from names to bindings."""

    @property
    def schema(self) -> Any:
        """A `graphql.GraphQLSchema`."""

    @property
    def sources(self) -> Mapping[str, SourceBinding]:
        """By source name."""

    def entity(self, graph_name: str) -> EntityBinding | None:
        """The entity behind an object type's name."""

    def entity_of(self, source: str, wire_type: str) -> EntityBinding | None:
        """The entity behind a qualified wire type."""

    def object_of(self, source: str, wire_type: str) -> EntityBinding | None:
        """The entity of rows exactly of a wire type (`@odata.type`); None for abstract and hidden types."""

    def entity_in(self, source: str, set_name: str) -> EntityBinding | None:
        """The entity of a visible set."""

    def placed(self, entity: EntityBinding, set_name: str) -> EntityBinding:
        """The entity as it is in one of its sets; itself where it has no such set."""
