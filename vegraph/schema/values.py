"""How one CSDL type travels: its GraphQL scalar, its wire form, and what counts as empty (design.md §5.3)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

__all__ = ["ComplexValue", "EnumValues", "Kind", "Member", "ValueType"]


class Kind(enum.Enum):
    """The GraphQL side of a value. The Python value that GraphQL input coercion gives is in brackets."""

    __hash__ = object.__hash__  # as `naming.Helper`

    STRING = "String"
    """[str]"""
    UUID = "UUID"
    """[uuid.UUID]"""
    INT = "Int"
    """[int]"""
    LONG = "Long"
    """Int64, a string in GraphQL [int]"""
    DECIMAL = "Decimal"
    """A string in GraphQL, digits as sent [decimal.Decimal]"""
    FLOAT = "Float"
    """[float]"""
    BOOLEAN = "Boolean"
    """[bool]"""
    NO_YES = "NoYes"
    """Boolean in GraphQL, enum members `No` and `Yes` on the wire [bool]"""
    DATE = "Date"
    """[datetime.date]"""
    NOON_DATE = "NoonDate"
    """Date in GraphQL, F&O's DateTimeOffset at 12:00Z on the wire (OF-73) [datetime.date]"""
    DATE_TIME = "DateTime"
    """[datetime.datetime, aware]"""
    TIME = "Time"
    """[datetime.time]"""
    SECONDS = "Seconds"
    """Time in GraphQL, seconds since midnight as Int32 on the wire (OF-80) [datetime.time]"""
    DURATION = "Duration"
    """[str, checked ISO 8601]"""
    BASE64 = "Base64"
    """Edm.Binary, base64url on the wire [bytes]"""
    MEDIA = "Media"
    """Edm.Stream: an object with url and contentType; no input"""
    ENUM = "enum"
    """[str: the wire member name]"""
    FLAGS = "flags"
    """A list in GraphQL, comma-separated member names on the wire [list[str]]"""
    COMPLEX = "complex"
    """[dict by graph field name]"""
    JSON = "JSON"
    """Untyped or unknown [any JSON value]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumValues:
    """Wire member names and their graph names."""

    graph_name: str
    wire_type: str
    """Qualified name, for dialects that write it before the literal (OF-23)."""
    to_graph: Mapping[str, str]
    """Wire spelling → graph name. Holds decoded spellings too, where the service may send either (CF-15)."""
    to_wire: Mapping[str, str]
    """Lowest member value first: services order enumerations by it."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Wire member name → the first one of the same value, for those that repeat another's (F&O's Timezone)."""


_OPAQUE = frozenset({Kind.COMPLEX, Kind.MEDIA, Kind.JSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """Everything needed to read, write and compare values of one property or parameter."""

    kind: Kind
    edm: str
    """Wire type name without Collection(): `Edm.Decimal`, `Microsoft.NAV.itemType`."""
    collection: bool = False
    enum: EnumValues | None = None
    complex: ComplexValue | None = None
    empty: str | None = None
    """Wire text that stands for null (`0001-01-01`, `1900-01-01T12:00:00Z`, the zero Guid); None: JSON null does."""
    never_null: bool = False
    """The service has no null for it and no stand-in either (text in BC and F&O: OB-120, OF-70)."""
    folds_case: bool = False
    """Text that the service compares without regard to case wherever it stands: company codes (OF-67)."""
    max_length: int | None = None
    precision: int | None = None
    scale: int | str | None = None

    @property
    def opaque(self) -> bool:
        """A list, or a value without a literal: nothing is compared with it, ordered or looked up by it."""
        return self.collection or self.kind in _OPAQUE


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A structural member of an entity or complex type, under its graph field name. There are tens of thousands, which
    a struct makes in a quarter of the time."""

    field: str
    """Graph name."""
    wire: str
    """Wire name."""
    value: ValueType
    filterable: bool = True
    sortable: bool = True
    insertable: bool = True
    updatable: bool = True
    required: bool = False
    """Must be given on create."""
    key: bool = False
    subtypes: tuple[str, ...] = ()
    """The most general subtypes that have it, where values that are just of the complex type have not."""

    @property
    def in_paths(self) -> bool:
        """Whether a path can lead to its value: to no list, and not to what several subtypes have, for it names one."""
        return not self.value.collection and len(self.subtypes) < 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexValue:
    """A complex type."""

    graph_name: str
    wire_type: str
    open: bool = False
    """Values of it, or of a subtype, may hold undeclared members."""
    closed_itself: bool = False
    """Only values of subtypes may."""
    members: Mapping[str, Member] = field(default_factory=dict)
    """By graph field name, those of subtypes too; may be filled on first use (complex types can nest themselves)."""
    own: frozenset[str] | None = None
    """Wire names of what values have that are just of this type; None: all of the members, for it has no subtypes."""
    derived: Mapping[str, ComplexValue] = field(default_factory=dict)
    """By qualified wire type, for `@odata.type`."""

    def having(self, wires: Iterable[str], *, undeclared: bool = False) -> ComplexValue | None:
        """This type, or its most general subtype, that has all of these members, and undeclared ones if so; None where
        no single one does."""
        wanted = frozenset(wires)
        if self._has(wanted, undeclared):
            return self
        able = [each for each in self.derived.values() if each._has(wanted, undeclared)]
        most = [each for each in able if not any(each.wire_type in other.derived for other in able)]
        return most[0] if len(most) == 1 else None

    def _has(self, wanted: frozenset[str], undeclared: bool) -> bool:
        return (self.own is None or wanted <= self.own) and not (undeclared and (self.closed_itself or not self.open))
