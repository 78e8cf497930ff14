"""Enumerations and type definitions from raw declarations (§10, §11)."""

from __future__ import annotations

import re

from vegraph.catalog import edm
from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawEnum, RawMember, RawTypeDefinition
from vegraph.catalog.model import EnumMember, EnumType, TypeDefinition

__all__ = ["definition", "enum"]

_NUMBER = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_LARGEST = 2**63 - 1
"""Of Edm.Int64, the largest of the types that can underlie an enumeration (§10.1)."""


def enum(name: str, raw: RawEnum, names: Names) -> EnumType:
    """An enumeration; repeated values are kept (F&O's Timezone has them), repeated names are not."""
    members: dict[str, EnumMember] = {}
    following = 1 if raw.flags and all(m.value is None for m in raw.members) else 0
    for member in raw.members:
        place = f"{name}/{member.name}"
        if not member.name or member.name in members:
            names.defect(place, "the member's name is missing or repeated", "the first one counts")
            continue
        value = _value(place, member, following, names)
        following = min(value << 1 if raw.flags and value > 0 else value + 1, _LARGEST)
        facts = names.member.facts(names.target(place), member.annotations)
        members[member.name] = EnumMember(
            name=member.name,
            value=value,
            label=facts.get("label") or facts.get("description"),
            label_id=facts.get("label_id"),
            deprecated=facts.get("deprecated"),
        )
    facts = names.enum.facts(names.target(name), raw.annotations)
    return EnumType(
        name=name,
        underlying=names.qualify(raw.underlying),
        flags=raw.flags,
        members=tuple(members.values()),
        label=facts.get("label"),
        description=facts.get("description"),
        label_id=facts.get("label_id"),
    )


def _value(place: str, member: RawMember, following: int, names: Names) -> int:
    """The declared value, or the one after the member before (§10.3.1)."""
    if member.value is None:
        return following
    text = str(member.value).strip()
    if _NUMBER.fullmatch(text) and -_LARGEST - 1 <= int(text) <= _LARGEST:
        return int(text)
    names.defect(place, f"its value {text[:40]!r} is not a number of at most 64 bits", f"{following} is assumed")
    return following


def definition(name: str, raw: RawTypeDefinition, names: Names) -> TypeDefinition:
    """A type definition over a primitive type."""
    underlying = names.qualify(raw.underlying)
    if underlying not in edm.BUILT_IN:
        names.defect(name, f"its underlying type '{underlying}' is not a primitive type", "Edm.String is assumed")
        underlying = "Edm.String"
    return TypeDefinition(
        name=name,
        underlying=underlying,
        max_length=raw.max_length,
        precision=raw.precision,
        scale=raw.scale,
    )
