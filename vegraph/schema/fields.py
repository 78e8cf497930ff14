"""The field names inside one entity type, complex type or enumeration.

A type's inherited members have the names they have in its base, so that a type fits the interface of its base; its own
come after. `id` and `etag` are every entity's; a property that would be called so is `rowId`, `rowEtag`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vegraph.catalog.model import EnumType, Property
from vegraph.schema import naming
from vegraph.schema.settling import Claim, Settlement, settle

__all__ = ["STREAM", "FieldNames", "Member", "complex_names", "enum_names", "field_names", "parameter_names"]

MemberKey = tuple[str, str]
"""("property" | "relation" | "function" | "stream", wire name)."""
STREAM: MemberKey = ("stream", "$value")
"""The stream that a row of a media entity type is."""


class Member(NamedTuple):
    """A member that wants a name."""

    key: MemberKey
    wanted: str
    word: str = ""
    """Put behind the name when it is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """Graph names by member."""

    names: Mapping[MemberKey, str] = field(default_factory=dict)
    settlements: tuple[Settlement, ...] = ()

    def property(self, wire: str) -> str:
        """The field of a structural property."""
        return self.names["property", wire]

    def relation(self, wire: str) -> str:
        """The field of a navigation property or declared relationship."""
        return self.names["relation", wire]

    def function(self, key: str) -> str:
        """The field of a bound function overload."""
        return self.names["function", key]

    def stream(self) -> str:
        """The field of a media entity's own stream."""
        return self.names[STREAM]


_RANK = {"property": 1, "relation": 2, "function": 3, "stream": 4}


def field_names(
    members: Iterable[Member],
    *,
    place: str,
    fixed: Sequence[str] = (),
    inherited: FieldNames | None = None,
) -> FieldNames:
    """Names for members; those that `inherited` has keep theirs."""
    known = dict(inherited.names) if inherited else {}
    taken = {*fixed, *known.values()}
    held, settlements = settle(
        (_claim(member, fixed) for member in members if member.key not in known), taken, place=place
    )
    names = known | {claim.key: name for name, claim in held.items()}
    return FieldNames(names=names, settlements=(*settlements, *_repaired(names, place)))


def _claim(member: Member, fixed: Sequence[str]) -> Claim[MemberKey]:
    key, wanted, word = member
    if wanted in fixed:  # `rowId` is promised (design.md §5.1), so nobody else can have it
        return Claim(key, key[1], f"row{naming.capitalised(wanted)}", -1 if key[1] == wanted else 0)
    return Claim(key, key[1], wanted, _RANK[key[0]], word)


def _repaired(names: Mapping[MemberKey, str], place: str) -> list[Settlement]:
    return [
        Settlement(place=place, wire=wire, wanted=wire, name=name, why=why)
        for (_, wire), name in names.items()
        if (why := naming.repair(wire))
    ]


def parameter_names(wires: Iterable[str], *, place: str, fixed: Sequence[str] = ()) -> Mapping[str, str]:
    """Argument or input field by parameter."""
    members = (Member(("property", wire), naming.field_name(wire)) for wire in wires)
    found = field_names(members, place=place, fixed=fixed)
    return {wire: name for (_, wire), name in found.names.items()}


def complex_names(properties: Sequence[Property], *, place: str, inherited: FieldNames | None = None) -> FieldNames:
    """Field names of a complex type."""
    members = (Member(("property", p.name), naming.field_name(p.name)) for p in properties)
    return field_names(members, place=place, fixed=(naming.DYNAMIC,), inherited=inherited)


def enum_names(enum: EnumType) -> tuple[dict[str, str], tuple[Settlement, ...]]:
    """(wire member → enum value, what was settled)."""
    claims = (Claim(member.name, member.name, naming.upper_snake(member.name)) for member in enum.members)
    held, settlements = settle(claims, (), place=enum.name, upper=True)
    found = {str(claim.key): name for name, claim in held.items()}
    return {member.name: found[member.name] for member in enum.members}, tuple(settlements)
