"""What one metadata document says, as frozen values. Wire names only; graph names are made in `schema.naming`.

Everything here is a msgspec struct, so a catalog can be written to and read from a compiled snapshot entity
by entity. Section numbers are those of OData CSDL 4.01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

__all__ = [
    "Action",
    "Capabilities",
    "Catalog",
    "ComplexType",
    "Defect",
    "EntitySet",
    "EntityType",
    "EnumMember",
    "EnumType",
    "NavigationProperty",
    "Operation",
    "OperationImport",
    "Pair",
    "Parameter",
    "Property",
    "Relationship",
    "TypeDefinition",
    "TypeRef",
    "wire_type",
]


def wire_type(name: str) -> str:
    """A qualified name as the service knows it: what clashes carries more before a colon, the route where another one's
    type has the name (`contoso/app/v1.0:Microsoft.NAV.customer`, see `catalog.routes`), `enum` where an entity type of
    the same document does (`enum:Microsoft.Dynamics.DataEntities.Gender`, see `catalog.csdl.names`)."""
    return name.rpartition(":")[2]


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A frozen value with keyword-only members."""


class TypeRef(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A type as a property, parameter or return type names it (§4)."""

    name: str
    """Qualified name, aliases resolved: `Edm.String`, `Microsoft.NAV.customer`. Never `Collection(…)`."""

    collection: bool = False

    @property
    def text(self) -> str:
        """As CSDL XML writes it: `Collection(NS.T)` or `NS.T`."""
        return f"Collection({self.name})" if self.collection else self.name


class Property(_Value, frozen=True, kw_only=True):
    """A structural property (§7)."""

    name: str
    type: TypeRef
    nullable: bool = True
    """As the document says it. F&O says it by type, not by meaning (metadata.md §3): see `required`."""

    max_length: int | None = None
    """Code points for strings, octets for binary (§7.2.2). None: unbounded."""

    precision: int | None = None
    """Digits of a decimal; decimal places of the seconds of a time (§7.2.3)."""

    scale: int | Literal["variable", "floating"] | None = None
    """Digits after the point (§7.2.4)."""

    default: str | None = None

    ax_type: str | None = None
    """F&O's AXType: Date, UtcDateTime, Time, Real, Enum, …; tells a date from a timestamp."""

    required: bool | None = None
    """True where the service demands a value on create (F&O IsRequired; Capabilities RequiredProperties)."""

    computed: bool = False
    """Never writable (Core.Computed, Core.Permissions Read, F&O IsReadOnly)."""

    insertable: bool = True
    """May be given on create (F&O AllowEditOnCreate, Capabilities NonInsertableProperties)."""

    updatable: bool = True
    """May be changed later (F&O AllowEdit, Core.Immutable, Capabilities NonUpdatableProperties)."""

    filterable: bool = True
    sortable: bool = True
    label: str | None = None
    description: str | None = None
    label_id: str | None = None
    """F&O's label id (`@SYS80100`), before labels are looked up."""
    help_id: str | None = None
    deprecated: str | None = None
    """The reason, where the document calls it deprecated or obsolete."""


class Pair(msgspec.Struct, frozen=True, gc=False):
    """One pair of a referential constraint, seen from the navigation property's own end (§8.5)."""

    own: str
    target: str


class NavigationProperty(_Value, frozen=True, kw_only=True):
    """A navigation property as declared (§8). What it means is a `Relationship`, see `catalog.link`."""

    name: str
    target: str
    """Qualified name of the target entity type."""
    collection: bool = False
    nullable: bool = True
    contains_target: bool = False
    partner: str | None = None
    constraints: tuple[Pair, ...] = ()
    conditional: bool = False
    """Narrowed by fixed values which pairs cannot say (F&O's metadata service, erp.md OF-156): never batched."""
    label: str | None = None
    description: str | None = None
    deprecated: str | None = None


class EntityType(_Value, frozen=True, kw_only=True):
    """An entity type with everything it inherits (§6)."""

    name: str
    """Qualified name."""
    base: str | None = None
    abstract: bool = False
    open: bool = False
    has_stream: bool = False
    key: tuple[str, ...] = ()
    """Property names, or paths into a complex property (`Address/Code`). Empty: keyless."""
    alternate_keys: tuple[tuple[str, ...], ...] = ()
    properties: tuple[Property, ...] = ()
    """Inherited ones first."""
    navigation: tuple[NavigationProperty, ...] = ()
    label: str | None = None
    plural_label: str | None = None
    description: str | None = None
    label_id: str | None = None
    deprecated: str | None = None

    @property
    def short_name(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(".")[2]

    def property(self, name: str) -> Property | None:
        """The structural property of that wire name."""
        return next((p for p in self.properties if p.name == name), None)


class ComplexType(_Value, frozen=True, kw_only=True):
    """A complex type with everything it inherits (§9)."""

    name: str
    base: str | None = None
    abstract: bool = False
    open: bool = False
    properties: tuple[Property, ...] = ()
    navigation: tuple[NavigationProperty, ...] = ()
    description: str | None = None
    deprecated: str | None = None


class EnumMember(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A member of an enumeration (§10.3)."""

    name: str
    """Wire name as the service writes it, escapes included (`Sales_x0020_Order`)."""
    value: int
    label: str | None = None
    label_id: str | None = None
    deprecated: str | None = None


class EnumType(_Value, frozen=True, kw_only=True):
    """An enumeration (§10)."""

    name: str
    underlying: str = "Edm.Int32"
    flags: bool = False
    members: tuple[EnumMember, ...] = ()
    label: str | None = None
    description: str | None = None
    label_id: str | None = None


class TypeDefinition(_Value, frozen=True, kw_only=True):
    """A named primitive type with facets (§11)."""

    name: str
    underlying: str
    max_length: int | None = None
    precision: int | None = None
    scale: int | Literal["variable", "floating"] | None = None


class Parameter(_Value, frozen=True, kw_only=True):
    """A parameter of an action or function (§12.9)."""

    name: str
    type: TypeRef
    nullable: bool = True
    optional: bool = False
    """Core.OptionalParameter."""
    max_length: int | None = None
    precision: int | None = None
    scale: int | Literal["variable", "floating"] | None = None
    description: str | None = None


class Operation(_Value, frozen=True, kw_only=True):
    """One overload of an action or function (§12)."""

    name: str
    """Qualified name."""
    kind: Literal["action", "function"]
    bound: bool = False
    binding: TypeRef | None = None
    """Type of the binding parameter: an instance, or a collection where `collection`."""
    parameters: tuple[Parameter, ...] = ()
    """Without the binding parameter."""
    binding_name: str | None = None
    """Name of the binding parameter (F&O names it like the set)."""
    returns: TypeRef | None = None
    returns_nullable: bool = True
    composable: bool = False
    entity_set_path: str | None = None
    label: str | None = None
    description: str | None = None
    deprecated: str | None = None

    @property
    def short_name(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(".")[2]


Action = Operation


class OperationImport(_Value, frozen=True, kw_only=True):
    """An action or function import: how an unbound operation is called (§13.5, §13.6)."""

    name: str
    operation: str
    """Qualified operation name; a function import stands for all unbound overloads."""
    kind: Literal["action", "function"]
    entity_set: str | None = None


class Capabilities(_Value, frozen=True, kw_only=True):
    """What the document says a set can do (Org.OData.Capabilities.V1). None: it doesn't say."""

    insertable: bool | None = None
    updatable: bool | None = None
    deletable: bool | None = None
    filterable: bool | None = None
    sortable: bool | None = None
    countable: bool | None = None
    expandable: bool | None = None
    searchable: bool | None = None
    skip: bool | None = None
    top: bool | None = None
    deep_insert: bool | None = None
    batch: bool | None = None
    aggregates: bool | None = None
    """`$apply` filters, groups and aggregates any property (Org.OData.Aggregation.V1.ApplySupported)."""
    no_filter: tuple[str, ...] = ()
    no_sort: tuple[str, ...] = ()
    no_expand: tuple[str, ...] = ()
    no_insert: tuple[str, ...] = ()
    no_update: tuple[str, ...] = ()


class EntitySet(_Value, frozen=True, kw_only=True):
    """An entity set or a singleton (§13.2, §13.3)."""

    name: str
    type: str
    """Qualified entity type name."""
    singleton: bool = False
    bindings: Mapping[str, str] = {}
    """Navigation path → target set name; only those that resolve."""
    capabilities: Capabilities = Capabilities()
    optimistic: bool = False
    """Core.OptimisticConcurrency is stated."""
    required: tuple[str, ...] = ()
    """Properties a create must give, as the set says it (Capabilities InsertRestrictions/RequiredProperties)."""
    api: str = ""
    """Route below the service root where the set lives, for sources that span several (BC); "" for the root."""
    path: str = ""
    """Its segment in URLs where that is not `name`: two routes of one source may have sets of the same name."""
    label: str | None = None
    description: str | None = None
    deprecated: str | None = None

    @property
    def segment(self) -> str:
        """What stands for the set in a URL, before encoding."""
        return self.path or self.name


class Relationship(_Value, frozen=True, kw_only=True):
    """What a navigation property means and how it can be fetched (metadata.md §5, rules 1 to 9)."""

    source: str
    """Qualified entity type it starts from."""
    name: str
    """Wire name of the navigation property, or the configured name of a declared one."""
    target: str
    """Qualified entity type it leads to (in the target source's catalog)."""
    many: bool
    target_source: str | None = None
    """Name of the other source, for a declared relationship across sources."""
    target_set: str | None = None
    """Entity set (or contained path owner) to read from; None: only navigation paths lead there (rule 5)."""
    pairs: tuple[Pair, ...] = ()
    """own property = target property, all of them; empty: only the server can join (rule 4)."""
    fetch: Literal["key", "field", "follow"] = "follow"
    """key: the pairs cover the target's key (pairs beyond it are a check on the row). field: they start from the own
    key (or are declared), the target is filtered by field and grouped. follow: not batchable by value (rules 3, 4)."""
    origin: Literal["constraint", "partner", "declared", "path"] = "path"
    partner: str | None = None
    group: str | None = None
    """Own property shared by several to-one relationships (rule 8). Most often one answers at most; where the property
    is the own key (`customer.id`) several may. Leave one out only when the discriminator names another's member."""
    discriminator: str | None = None
    """Own property that says which one of the group, where the document lets it be told (`parentType`)."""
    discriminator_member: str | None = None
    """The discriminator's wire value for this one."""
    declared: bool = True
    """False: no navigation property on the wire by that name (`$expand` is impossible)."""
    contained: bool = False
    """True containment: the target has no set of its own (rule 6)."""
    why: str = ""
    """One sentence for `catalog show`: where it came from and how it will be fetched."""
    label: str | None = None
    description: str | None = None
    deprecated: str | None = None


class Defect(_Value, frozen=True, kw_only=True):
    """Something wrong in a document that was skipped."""

    place: str
    """Where: `NS.Type/Member`, or a line."""
    problem: str
    consequence: str


class Catalog(_Value, frozen=True, kw_only=True):
    """Everything one source's metadata says. Mappings may decode their values on first use."""

    version: str = "4.0"
    namespaces: tuple[str, ...] = ()
    entity_types: Mapping[str, EntityType] = {}
    complex_types: Mapping[str, ComplexType] = {}
    enum_types: Mapping[str, EnumType] = {}
    type_definitions: Mapping[str, TypeDefinition] = {}
    entity_sets: Mapping[str, EntitySet] = {}
    """Sets and singletons by name."""
    operations: tuple[Operation, ...] = ()
    imports: tuple[OperationImport, ...] = ()
    relationships: Mapping[str, tuple[Relationship, ...]] = {}
    """By qualified source type. Filled by `catalog.link`."""
    derived: Mapping[str, tuple[str, ...]] = {}
    """Qualified base type → qualified direct subtypes."""
    defects: tuple[Defect, ...] = ()
    digest: str = ""
    """SHA-256 of the document(s) it was read from, hex."""

    def line(self, name: str | None) -> Iterator[EntityType]:
        """An entity type and its bases, nearest first."""
        while name and (entity := self.entity_types.get(name)) is not None:
            yield entity
            name = entity.base

    def below(self, name: str) -> Iterator[str]:
        """A type's subtypes at any depth, in the document's order."""
        for subtype in self.derived.get(name, ()):
            yield subtype
            yield from self.below(subtype)
