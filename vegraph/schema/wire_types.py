"""CSDL types of one source as `ValueType`: the scalar, what counts as empty, enumerations and complex types behind it.

Decided from the document (metadata.md §3): an enumeration of exactly No and Yes is a Boolean, a DateTimeOffset with
AXType Date a date, an Int32 with AXType Time a time of day. What stands for null follows from the kind of source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import msgspec

from vegraph.catalog.model import EnumType, Parameter, Property, TypeRef
from vegraph.schema import naming
from vegraph.schema.binding import SourceBinding
from vegraph.schema.deferred import Deferred
from vegraph.schema.fields import FieldNames, complex_names, enum_names
from vegraph.schema.names import Names
from vegraph.schema.values import ComplexValue, EnumValues, Kind, Member, ValueType

__all__ = ["ValueTypes", "is_no_yes"]

COMPANY = "dataAreaId"
"""The property that holds the company of a finance-and-operations row: compared without regard to case (OF-67)."""

_STREAM = "Edm.Stream"
_KINDS = {
    "Edm.String": Kind.STRING, "Edm.Guid": Kind.UUID, "Edm.Byte": Kind.INT, "Edm.SByte": Kind.INT,
    "Edm.Int16": Kind.INT, "Edm.Int32": Kind.INT, "Edm.Int64": Kind.LONG, "Edm.Decimal": Kind.DECIMAL,
    "Edm.Double": Kind.FLOAT, "Edm.Single": Kind.FLOAT, "Edm.Boolean": Kind.BOOLEAN, "Edm.Date": Kind.DATE,
    "Edm.DateTimeOffset": Kind.DATE_TIME, "Edm.TimeOfDay": Kind.TIME, "Edm.Duration": Kind.DURATION,
    "Edm.Binary": Kind.BASE64, _STREAM: Kind.MEDIA,
}  # fmt: skip
"""Everything else is JSON: untyped, abstract and spatial values, and types that the document does not declare."""

_ANY = TypeRef("Edm.Untyped")
_ZERO_GUID = "00000000-0000-0000-0000-000000000000"
_BC_EMPTY = {
    Kind.DATE: "0001-01-01",  # OB-122
    Kind.DATE_TIME: "0001-01-01T00:00:00Z",  # OB-123
    Kind.UUID: _ZERO_GUID,  # OB-121
}
_FO_EMPTY = {
    Kind.NOON_DATE: "1900-01-01T12:00:00Z",  # OF-73
    Kind.DATE_TIME: "1900-01-01T00:00:00Z",  # OF-74
    Kind.DATE: "1900-01-01",
    Kind.UUID: _ZERO_GUID,  # OF-78
}
_EMPTY: Mapping[str, Mapping[Kind, str]] = {
    "business-central": _BC_EMPTY,
    "finance-operations": _FO_EMPTY,
    "human-resources": _FO_EMPTY,
}

_Faceted: TypeAlias = Property | Parameter


class ValueTypes:
    """Value types of one source; enumerations and complex types are made once."""

    def __init__(self, source: SourceBinding, names: Names) -> None:
        self._source = source
        self._catalog = source.catalog
        self._names = names
        self._empty = _EMPTY.get(source.kind, {})
        self._enums: dict[str, EnumValues] = {}
        self._complex: dict[str, ComplexValue] = {}
        self._complex_names: dict[str, FieldNames] = {}
        self._values: dict[tuple[object, ...], ValueType] = {}

    def of_property(self, prop: Property, *, key: bool = False) -> ValueType:
        """The value of a property. A key has no stand-in for null: its parts are never null.

        Properties alike in what decides it share one: a document has thousands of them and a few hundred kinds.
        """
        folds = prop.name == COMPANY and bool(self._empty)
        alike = prop.type, prop.ax_type, key, folds, prop.max_length, prop.precision, prop.scale
        found = self._values.get(alike)
        if found is None:
            found = self._value(prop.type, prop, ax_type=prop.ax_type, key=key)
            found = self._values[alike] = replace(found, folds_case=True) if folds else found
        return found

    def of_parameter(self, parameter: Parameter) -> ValueType:
        """The value of a parameter."""
        return self._value(parameter.type, parameter)

    def of_return(self, type_: TypeRef) -> ValueType:
        """The value that an operation gives."""
        return self._value(type_, None)

    def _value(
        self, type_: TypeRef, facets: _Faceted | None, *, ax_type: str | None = None, key: bool = False
    ) -> ValueType:
        definition = self._catalog.type_definitions.get(type_.name)
        edm = definition.underlying if definition else type_.name
        kind, enum, complex_ = self._kind(edm, ax_type)
        if kind is Kind.MEDIA and type_.collection:  # no address leads to one of several streams
            kind = Kind.JSON
        said = [facet for facet in (facets, definition) if facet is not None]
        return ValueType(
            kind=kind,
            edm=edm,
            collection=type_.collection,
            enum=enum,
            complex=complex_,
            empty=None if key or type_.collection else self._empty.get(kind),
            never_null=kind is Kind.STRING and bool(self._empty) and not type_.collection,  # OB-120, OF-70
            max_length=next((f.max_length for f in said if f.max_length is not None), None),
            precision=next((f.precision for f in said if f.precision is not None), None),
            scale=next((f.scale for f in said if f.scale is not None), None),
        )

    def _kind(self, edm: str, ax_type: str | None) -> tuple[Kind, EnumValues | None, ComplexValue | None]:
        if edm in self._catalog.enum_types:
            declared = self._catalog.enum_types[edm]
            if not declared.members:
                return Kind.JSON, None, None
            kind = Kind.NO_YES if is_no_yes(declared) else Kind.FLAGS if declared.flags else Kind.ENUM
            return kind, self.enum(edm), None
        if edm in self._catalog.complex_types:
            return Kind.COMPLEX, None, self.complex(edm)
        return _ax_kind(_KINDS.get(edm, Kind.JSON), ax_type), None, None

    def enum(self, wire: str) -> EnumValues:
        """The values of a declared enumeration."""
        if wire not in self._enums:
            declared = self._catalog.enum_types[wire]
            to_graph, _ = enum_names(declared)
            value = {member.name: member.value for member in declared.members}
            spelled = {naming.decoded(member): name for member, name in to_graph.items()}
            by_value = sorted(to_graph, key=value.__getitem__)
            first = {value[member]: member for member in reversed(by_value)}
            self._enums[wire] = EnumValues(
                graph_name=self._names.of(self._source.name, wire).name,
                wire_type=wire,
                to_graph={**spelled, **to_graph},  # services send members escaped or not (CF-15)
                to_wire={to_graph[member]: member for member in by_value},
                same={m: one for m in by_value if (one := first[value[m]]) != m},
            )
        return self._enums[wire]

    def complex(self, wire: str) -> ComplexValue:
        """A declared complex type. It holds its subtypes' members too: GraphQL sees one type, whatever is sent."""
        if wire not in self._complex:
            declared = self._catalog.complex_types[wire]
            open_itself = declared.open or not self.complex_properties(wire)
            self._complex[wire] = ComplexValue(
                graph_name=self._names.of(self._source.name, wire).name,
                wire_type=wire,
                open=open_itself or any(self._catalog.complex_types[name].open for name in self._catalog.below(wire)),
                closed_itself=not open_itself,
                members=Deferred(lambda: {m.field: m for m in self._members(wire)}),
                own=frozenset(prop.name for prop in declared.properties),
                derived=Deferred(lambda: {name: self.complex(name) for name in self._catalog.below(wire)}),
            )
        return self._complex[wire]

    def complex_properties(self, wire: str) -> Mapping[str, Property]:
        """The declared properties of a complex type and its subtypes by wire name; the nearest declaration counts, and
        what is of several types may be any JSON."""
        found: dict[str, Property] = {}
        for name in (wire, *self._catalog.below(wire)):
            for prop in self._catalog.complex_types[name].properties:
                known = found.setdefault(prop.name, prop)
                if known.type != prop.type:
                    found[prop.name] = msgspec.structs.replace(known, type=_ANY)
        return found

    def complex_fields(self, wire: str) -> FieldNames:
        """The field names of a complex type, those of its base first."""
        if wire not in self._complex_names:
            declared = self._catalog.complex_types[wire]
            based = declared.base is not None and declared.base in self._catalog.complex_types
            inherited = self.complex_fields(declared.base) if based and declared.base else None
            properties = tuple(self.complex_properties(wire).values())
            self._complex_names[wire] = complex_names(properties, place=wire, inherited=inherited)
        return self._complex_names[wire]

    def _members(self, wire: str) -> Iterator[Member]:
        names = self.complex_fields(wire)
        for prop in self.complex_properties(wire).values():
            member = self.member(prop, names.property(prop.name))
            subtypes = tuple(name for name in self._first_with(wire, prop.name) if name != wire)
            yield msgspec.structs.replace(member, subtypes=subtypes) if subtypes else member

    def _first_with(self, wire: str, name: str) -> Iterator[str]:
        """The most general types, from this one down, that have a property."""
        if any(prop.name == name for prop in self._catalog.complex_types[wire].properties):
            yield wire
        else:
            for subtype in self._catalog.derived.get(wire, ()):
                yield from self._first_with(subtype, name)

    def reaches(self, wire: str, fits: Callable[[Member], bool], through: Callable[[Member], bool]) -> bool:
        """Whether a complex type has a member that fits, or one of those has that its members hold; `through` which."""
        seen, waiting = {wire}, [wire]
        while waiting:
            for member in self.complex(waiting.pop()).members.values():
                if fits(member):
                    return True
                inside = member.value.complex
                if inside is not None and inside.wire_type not in seen and through(member):
                    seen.add(inside.wire_type)
                    waiting.append(inside.wire_type)
        return False

    def member(self, prop: Property, field: str, *, key: bool = False) -> Member:
        """A property under its field."""
        value = self.of_property(prop, key=key)
        written = not prop.computed and value.edm != _STREAM
        return Member(
            field=field,
            wire=prop.name,
            value=value,
            filterable=prop.filterable,
            sortable=prop.sortable,
            insertable=written and prop.insertable,
            updatable=written and prop.updatable and not key,
            required=bool(prop.required) and written and prop.insertable,
            key=key,
        )

    def stream(self, field: str) -> Member:
        """A media entity's own stream under its field: no property holds it."""
        value = self._value(TypeRef(name=_STREAM), None)
        return Member(field=field, wire="", value=value, filterable=False, sortable=False, insertable=False,
                      updatable=False)  # fmt: skip


def is_no_yes(enum: EnumType) -> bool:
    """F&O's Boolean: an enumeration of exactly No and Yes."""
    return not enum.flags and {member.name for member in enum.members} == {"No", "Yes"}


def _ax_kind(kind: Kind, ax_type: str | None) -> Kind:
    match kind, ax_type:
        case Kind.DATE_TIME, "Date":
            return Kind.NOON_DATE
        case Kind.INT, "Time":
            return Kind.SECONDS
        case _:
            return kind
