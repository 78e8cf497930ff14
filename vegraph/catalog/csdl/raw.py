"""A document as it was written, before names are resolved: what the XML and the JSON reader both produce.

Type names are still texts (`Collection(Self.customer)`), annotations are dictionaries from term to plain value.
The values of annotations are Python's own: text, bool, int, float, None, lists and dictionaries. An enum member
is the text after the type (`Org.OData.Core.V1.Permission/Read` → `Read`), a path its text; expressions that
need evaluation (`If`, `Apply`, `Path`) are left out.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = [
    "Annotations",
    "RawContainer",
    "RawDocument",
    "RawEnum",
    "RawMember",
    "RawNavigation",
    "RawOperation",
    "RawParameter",
    "RawSchema",
    "RawSet",
    "RawStructured",
    "RawTypeDefinition",
    "RawValue",
    "Scale",
]

Annotations = dict[str, Any]
Scale = int | Literal["variable", "floating"] | None
_NONE: Annotations = {}


class _Raw(msgspec.Struct, gc=False, array_like=True):
    """What one reader hands on, perhaps from process to process; nobody keeps it."""


class RawValue(_Raw):
    """A property or return type: a type with facets."""

    name: str
    type: str
    """`Edm.String`, `Collection(NS.T)`; "" where the document has none."""
    nullable: bool = True
    max_length: int | None = None
    precision: int | None = None
    scale: Scale = None
    default: str | None = None
    annotations: Annotations = _NONE


class RawParameter(RawValue):
    """A parameter of an operation."""


class RawNavigation(_Raw):
    """A navigation property."""

    name: str
    type: str
    nullable: bool = True
    contains_target: bool = False
    partner: str | None = None
    constraints: tuple[tuple[str, str], ...] = ()
    conditional: bool = False
    """Narrowed by fixed values that no constraint can say (F&O's metadata service, erp.md OF-156)."""
    annotations: Annotations = _NONE


class RawStructured(_Raw):
    """An entity or complex type."""

    kind: Literal["entity", "complex"]
    name: str
    """Without its namespace."""
    base: str | None = None
    abstract: bool = False
    open: bool = False
    has_stream: bool = False
    key: tuple[str, ...] = ()
    properties: tuple[RawValue, ...] = ()
    navigation: tuple[RawNavigation, ...] = ()
    annotations: Annotations = _NONE


class RawMember(_Raw):
    """A member of an enumeration."""

    name: str
    value: str | int | None = None
    """None: left out, to be counted on from the one before (§10.3.1)."""
    annotations: Annotations = _NONE


class RawEnum(_Raw):
    """An enumeration."""

    name: str
    underlying: str = "Edm.Int32"
    flags: bool = False
    members: tuple[RawMember, ...] = ()
    annotations: Annotations = _NONE


class RawTypeDefinition(_Raw):
    """A type definition."""

    name: str
    underlying: str
    max_length: int | None = None
    precision: int | None = None
    scale: Scale = None


class RawOperation(_Raw):
    """One overload of an action or function, the binding parameter first."""

    kind: Literal["action", "function"]
    name: str
    bound: bool = False
    composable: bool = False
    entity_set_path: str | None = None
    parameters: tuple[RawParameter, ...] = ()
    returns: RawValue | None = None
    annotations: Annotations = _NONE


class RawSet(_Raw):
    """An entity set, a singleton, or an operation import."""

    kind: Literal["set", "singleton", "action", "function"]
    name: str
    refers: str
    """The entity type of a set or singleton, the operation of an import."""
    entity_set: str | None = None
    bindings: tuple[tuple[str, str], ...] = ()
    annotations: Annotations = _NONE


class RawContainer(_Raw):
    """An entity container."""

    name: str
    children: tuple[RawSet, ...] = ()
    annotations: Annotations = _NONE


class RawSchema(_Raw):
    """One namespace."""

    namespace: str
    types: list[RawStructured] = msgspec.field(default_factory=list)
    enums: list[RawEnum] = msgspec.field(default_factory=list)
    definitions: list[RawTypeDefinition] = msgspec.field(default_factory=list)
    operations: list[RawOperation] = msgspec.field(default_factory=list)
    containers: list[RawContainer] = msgspec.field(default_factory=list)
    targets: list[tuple[str, Annotations]] = msgspec.field(default_factory=list)
    """Annotations by external target."""


class RawDocument(_Raw):
    """Everything one document holds."""

    version: str = "4.0"
    aliases: dict[str, str] = msgspec.field(default_factory=dict)
    """Alias → namespace, of the schemas and of what the references include."""
    schemas: dict[str, RawSchema] = msgspec.field(default_factory=dict)
    problems: list[tuple[str, str, str]] = msgspec.field(default_factory=list)
    """(place, problem, consequence) met while reading."""

    def schema(self, namespace: str) -> RawSchema:
        """The schema of that namespace, made on first use: a document may open a namespace twice."""
        found = self.schemas.get(namespace)
        if found is None:
            found = self.schemas[namespace] = RawSchema(namespace)
        return found
