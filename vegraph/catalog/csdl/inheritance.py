"""Inheritance flattened: every type with all it inherits, base first (§6.2, §9.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawStructured
from vegraph.catalog.model import ComplexType, EntityType, NavigationProperty, Property

__all__ = ["MAX_DEPTH", "Own", "Structures", "flattened"]

MAX_DEPTH = 64
"""Base types above a type. Real documents have up to 6; without a bound a small document could grow without one."""

_MEMBERS = tuple[tuple[Property, ...], tuple[NavigationProperty, ...]]


class Structures(msgspec.Struct):
    """The structured types of a document."""

    entity: dict[str, EntityType]
    complex: dict[str, ComplexType]
    derived: dict[str, tuple[str, ...]]
    read_only: set[str]
    """Entity types that F&O marks IsReadOnly."""


class Own(msgspec.Struct):
    """What one type declares itself."""

    raw: RawStructured
    base: str | None
    properties: tuple[Property, ...]
    navigation: tuple[NavigationProperty, ...]
    facts: dict[str, Any]


def flattened(own: Mapping[str, Own], names: Names) -> Structures:
    """All types with what they inherit, in the document's order. Cuts cycles and endless chains with a defect."""
    entity: dict[str, EntityType] = {}
    complex_: dict[str, ComplexType] = {}
    read_only: set[str] = set()
    for name in _bases_first(own, names):
        each = own[name]
        if each.facts.pop("read_only", False):
            read_only.add(name)
        if each.raw.kind == "entity":
            entity[name] = _entity(name, each, entity.get(each.base or ""), names)
        else:
            complex_[name] = _complex(name, each, complex_.get(each.base or ""), names)
    below: dict[str, list[str]] = defaultdict(list)
    for name, each in own.items():
        if each.base:
            below[each.base].append(name)
    for name in [name for name, found in entity.items() if found.abstract and name not in below]:
        names.defect(
            name, "it is abstract, and no type of this document has it as base", "its rows are shown as they are"
        )
        entity[name] = msgspec.structs.replace(entity[name], abstract=False)
    return Structures(
        {name: entity[name] for name in own if name in entity},
        {name: complex_[name] for name in own if name in complex_},
        {base: tuple(subtypes) for base, subtypes in below.items()},
        read_only,
    )


def _bases_first(own: Mapping[str, Own], names: Names) -> Iterator[str]:
    """Every name after its base's."""
    depth: dict[str, int] = {}
    for name in own:
        path: list[str] = []
        on_path: set[str] = set()
        at: str | None = name
        while at is not None and at not in depth:
            if at in on_path:
                _cut(own, path[-1], f"its base types lead back to {at}", names)
                break
            path.append(at)
            on_path.add(at)
            at = own[at].base
        for step in reversed(path):
            base = own[step].base
            depth[step] = depth[base] + 1 if base else 0
            if depth[step] > MAX_DEPTH:
                _cut(own, step, f"it has more than {MAX_DEPTH} base types", names)
                depth[step] = 0
            yield step


def _cut(own: Mapping[str, Own], name: str, problem: str, names: Names) -> None:
    own[name].base = None
    names.defect(name, problem, "it stands without the inherited members")


def _members(name: str, own: Own, base: EntityType | ComplexType | None, names: Names) -> _MEMBERS:
    """The base's members, then the own ones that are new."""
    if base is None:
        return own.properties, own.navigation
    taken = {p.name for p in base.properties} | {n.name for n in base.navigation}
    for member in (*(p.name for p in own.properties), *(n.name for n in own.navigation)):
        if member in taken:
            names.defect(f"{name}/{member}", "a base type has a member of that name", "the inherited one counts")
    return (
        (*(_again(name, p, names) for p in base.properties), *(p for p in own.properties if p.name not in taken)),
        (*base.navigation, *(n for n in own.navigation if n.name not in taken)),
    )


def _again(name: str, inherited: Property, names: Names) -> Property:
    """An inherited property, changed where annotations are aimed at it through this type (§14.2.2)."""
    found = names.targets and names.target(f"{name}/{inherited.name}")
    if not found:
        return inherited
    return msgspec.structs.replace(inherited, **names.property.facts(found))


def _entity(name: str, own: Own, base: EntityType | None, names: Names) -> EntityType:
    properties, navigation = _members(name, own, base, names)
    key = own.raw.key
    if base is not None and base.key:
        if key:
            names.defect(name, "it declares a key although a base type has one", "the inherited one counts")
        key = base.key
    alternate = (*(base.alternate_keys if base else ()), *own.facts.get("alternate_keys", ()))
    return EntityType(
        name=name,
        base=own.base,
        abstract=own.raw.abstract,
        open=own.raw.open or (base is not None and base.open),
        has_stream=own.raw.has_stream or (base is not None and base.has_stream),
        key=tuple(dict.fromkeys(key)),
        alternate_keys=tuple(dict.fromkeys(alternate)),
        properties=properties,
        navigation=navigation,
        **{fact: value for fact, value in own.facts.items() if fact not in ("alternate_keys", "help_id")},
    )


def _complex(name: str, own: Own, base: ComplexType | None, names: Names) -> ComplexType:
    properties, navigation = _members(name, own, base, names)
    return ComplexType(
        name=name,
        base=own.base,
        abstract=own.raw.abstract,
        open=own.raw.open or (base is not None and base.open),
        properties=properties,
        navigation=navigation,
        **{fact: value for fact, value in own.facts.items() if fact in ("description", "deprecated")},
    )
