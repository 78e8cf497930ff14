"""Create and patch inputs → what goes to the wire, and every mistake in them at once, before anything is sent.

Absent stays absent (unchanged, or the service's default), null becomes what the type has for null: its empty stand-in,
"" for text that has none, a blank enum member, or JSON null (OF-70 to OF-81, OB-120 to OB-125).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from vegraph.catalog.model import wire_type
from vegraph.plan.steps import Key
from vegraph.plan.wire_values import null_of, wire_value
from vegraph.schema import naming
from vegraph.schema.binding import EntityBinding, OpenField, ParameterBinding, RelationField
from vegraph.schema.values import ComplexValue, Member, ValueType

__all__ = ["MAX_DEPTH", "Children", "InputRow", "Link", "Mistake", "link_values", "parameter_values", "read_row"]

MAX_DEPTH = 16
"""Levels of nested rows and complex values in one input."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What the person can mend: one of the payload's `userErrors`."""

    message: str
    path: tuple[str, ...]
    """Graph names of the input's members, positions in lists as text."""
    code: str = "BAD_USER_INPUT"


@dataclass(frozen=True, slots=True)
class Link:
    """An existing row that a to-one relation is to lead to."""

    id: str | None
    """Its global id, not yet looked at; None: to no row any more."""


@dataclass(frozen=True, slots=True)
class Children:
    """Rows nested under a relation."""

    relation: RelationField
    rows: tuple[InputRow | Link, ...]
    """One, for a to-one relation. Links stand under to-one relations only."""


@dataclass(slots=True)
class InputRow:
    """A row as it is to be written."""

    values: dict[str, Any] = field(default_factory=dict)
    """Wire name → JSON-ready value; decimals are `msgspec.Raw`, so that every digit is written."""
    children: list[Children] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """Levels of nested new rows; 0: none."""
        below = [row.depth + 1 for c in self.children for row in c.rows if isinstance(row, InputRow)]
        return max(below, default=0)

    def nested(self) -> dict[str, Any]:
        """The body of a deep insert: nested rows under their navigation names. Links have no place in it."""
        body = dict(self.values)
        for each in self.children:
            rows = [row.nested() for row in each.rows if isinstance(row, InputRow)]
            if rows:
                body[each.relation.relationship.name] = rows if each.relation.many else rows[0]
        return body


def read_row(
    given: Mapping[str, Any], entity: EntityBinding, *, creating: bool, path: Sequence[str] = ()
) -> tuple[InputRow, tuple[Mistake, ...]]:
    """The row that a create input (or a patch) states, and all its mistakes with their paths below `path`.

    `given` is the input as GraphQL coercion gives it: under to-many and contained relations new rows, under other
    to-one relations a global id. The company is the caller's to set.
    """
    reader = _Reader(creating)
    return reader.row(given, entity, tuple(path)), tuple(reader.mistakes)


def link_values(relation: RelationField, entity: EntityBinding, key: Key | None) -> dict[str, Any] | None:
    """The properties of a row of `entity` that make a to-one relation lead to that key: wire name → JSON-ready value.

    None: no properties of its own say it, only a reference can. Without a key: what makes it lead nowhere; the company
    stays. Raises ValueError where a property has no null.
    """
    found: dict[str, Any] = {}
    for pair in relation.relationship.pairs:
        own = entity.by_wire.get(pair.own)
        places = [] if key is None else [i for i, member in enumerate(key.members) if member.wire == pair.target]
        if own is None or (key is not None and not places):
            return None
        if key is not None:
            value = key.values[places[0]]
            found[own.wire] = msgspec.Raw(format(value, "f").encode()) if isinstance(value, Decimal) else value
        elif own.wire != entity.company:
            found[own.wire] = null_of(own.value)
    return found or None


def parameter_values(
    given: Mapping[str, Any], parameters: Sequence[ParameterBinding], *, path: Sequence[str] = ()
) -> tuple[dict[str, Any], tuple[Mistake, ...]]:
    """The body of an action: wire name → JSON-ready value. Entity-typed parameters are the caller's."""
    reader = _Reader(creating=True)
    found: dict[str, Any] = {}
    for parameter in parameters:
        here = (*path, parameter.field)
        if parameter.value is None:
            continue
        if parameter.field in given:
            reader.put(found, parameter.wire, given[parameter.field], parameter.value, here)
        elif parameter.required:
            reader.mistake(f"{parameter.field} is required.", here)
    return found, tuple(reader.mistakes)


_NONE: frozenset[str] = frozenset()


class _Reader:
    """Gathers mistakes on its way through one input."""

    def __init__(self, creating: bool) -> None:
        self.creating = creating
        self.mistakes: list[Mistake] = []

    def mistake(self, message: str, path: tuple[str, ...]) -> None:
        self.mistakes.append(Mistake(message, path))

    def row(
        self, given: Mapping[str, Any], entity: EntityBinding, path: tuple[str, ...], inherited: frozenset[str] = _NONE
    ) -> InputRow:
        """`inherited`: wire names that the surrounding row gives."""
        found = InputRow()
        if len(path) > 2 * MAX_DEPTH:
            self.mistake(f"Rows are nested deeper than {MAX_DEPTH} levels. Write the inner ones on their own.", path)
            return found
        for name, value in given.items():
            here = (*path, name)
            if name in entity.members:
                self._member(found.values, entity.members[name], value, here)
            elif name in entity.relations:
                found.children += self._children(entity.relations[name], value, here)
            elif isinstance(entity.fields.get(name), OpenField) and isinstance(value, Mapping):
                self._open(found.values, value, entity.by_wire, here)
            else:
                self.mistake(f"{name} can't be written: there is no such member.", here)
        linked = {p.own for c in found.children if not c.relation.many for p in c.relation.relationship.pairs}
        self._require(entity.members, given, path, inherited | linked | {entity.company or ""})
        return found

    def _require(
        self,
        members: Mapping[str, Member],
        given: Mapping[str, Any],
        path: tuple[str, ...],
        otherwise: frozenset[str] = _NONE,
    ) -> None:
        """`otherwise`: wire names that come from elsewhere than this input."""
        if not self.creating:
            return
        for name, member in members.items():
            if member.required and name not in given and member.wire not in otherwise:
                self.mistake(f"{name} is required.", (*path, name))

    def _member(self, into: dict[str, Any], member: Member, value: Any, path: tuple[str, ...]) -> None:
        if self.creating and not member.insertable:
            self.mistake(f"{member.field} can't be given: the service fills it in. Leave it out.", path)
        elif not self.creating and not member.updatable:
            self.mistake(f"{member.field} can't be changed once the row is there. Leave it out.", path)
        elif value is None and member.required and self.creating:
            self.mistake(f"{member.field} is required and can't be null.", path)
        elif value is None and member.key:
            self.mistake(f"{member.field} is part of the key and can't be null.", path)
        else:
            self.put(into, member.wire, value, member.value, path)

    def put(self, into: dict[str, Any], wire: str, value: Any, type_: ValueType, path: tuple[str, ...]) -> None:
        """Sets one wire value, or notes why it can't be."""
        for found in self._values(value, type_, path):
            into[wire] = found

    def _values(self, value: Any, type_: ValueType, path: tuple[str, ...]) -> Iterator[Any]:
        """The one wire value, or none where a mistake was noted."""
        if type_.collection and value is not None:
            items = value if isinstance(value, list | tuple) else [value]
            one = _item_type(type_)
            yield [found for i, item in enumerate(items) for found in self._values(item, one, (*path, str(i)))]
            return
        if type_.complex is not None and value is not None:
            yield self._complex(value, type_.complex, path)
            return
        try:
            yield null_of(type_) if value is None else wire_value(value, type_)
        except ValueError as problem:
            self.mistake(f"{problem}", path)

    def _complex(self, given: Mapping[str, Any], type_: ComplexValue, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        members: Mapping[str, Member] = type_.members
        stated = [name for name, value in given.items() if value is not None]
        wires = [members[name].wire for name in stated if name in members]
        meant = type_.having(wires, undeclared=type_.open and naming.DYNAMIC in stated)
        if meant is None:
            self.mistake(f"{type_.graph_name}: {' and '.join(stated)} don't tell which of its types is meant.", path)
            return found
        if meant is not type_:
            found["@odata.type"] = f"#{wire_type(meant.wire_type)}"
        if meant.own is not None:  # null is what members of other types are
            members = {name: member for name, member in members.items() if member.wire in meant.own}
            given = {name: value for name, value in given.items() if name in members or name not in type_.members}
        if len(path) > 2 * MAX_DEPTH:
            self.mistake(f"Values are nested deeper than {MAX_DEPTH} levels.", path)
            return found
        for name, value in given.items():
            here = (*path, name)
            if name in members:
                self._member(found, members[name], value, here)
            elif type_.open and isinstance(value, Mapping):
                self._open(found, value, {m.wire: m for m in type_.members.values()}, here)
            else:
                self.mistake(f"{name} can't be written: there is no such member.", here)
        self._require(members, given, path)
        return found

    def _open(
        self, into: dict[str, Any], given: Mapping[str, Any], declared: Mapping[str, Member], path: tuple[str, ...]
    ) -> None:
        for name, value in given.items():
            if name in declared:
                self.mistake(f"{name} is declared: give it as {declared[name].field}.", (*path, name))
            elif "@" in name or not name:
                self.mistake("A name of an undeclared member is not empty and has no @.", (*path, name))
            else:
                into[name] = value

    def _children(self, relation: RelationField, value: Any, path: tuple[str, ...]) -> list[Children]:
        if value is None:
            return [] if self.creating or relation.many else [Children(relation, (Link(None),))]
        inherited = frozenset(pair.target for pair in relation.relationship.pairs)
        items = value if relation.many and isinstance(value, list | tuple) else [value]
        rows: list[InputRow | Link] = []
        for i, item in enumerate(items):
            here = (*path, str(i)) if relation.many else path
            if isinstance(item, Mapping):
                rows.append(self.row(item, relation.target, here, inherited))
            elif isinstance(item, str) and not relation.many:
                rows.append(Link(item))
            else:
                self.mistake("A row is expected.", here)
        return [Children(relation, tuple(rows))]


def _item_type(type_: ValueType) -> ValueType:
    return ValueType(
        kind=type_.kind,
        edm=type_.edm,
        enum=type_.enum,
        complex=type_.complex,
        empty=type_.empty,
        never_null=type_.never_null,
        max_length=type_.max_length,
        precision=type_.precision,
        scale=type_.scale,
    )
