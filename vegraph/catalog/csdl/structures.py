"""Entity and complex types from raw declarations: members resolved, inheritance flattened, base first (§6, §9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawNavigation, RawStructured, RawValue
from vegraph.catalog.model import (
    ComplexType,
    EntityType,
    NavigationProperty,
    Pair,
    Property,
    TypeDefinition,
)
from vegraph.catalog.nearest import did_you_mean

__all__ = ["Structures", "build"]


class Structures(msgspec.Struct):
    """The structured types of a document."""

    entity: dict[str, EntityType]
    complex: dict[str, ComplexType]
    derived: dict[str, tuple[str, ...]]
    read_only: set[str]
    """Entity types that F&O marks IsReadOnly."""


class _Own(msgspec.Struct):
    """What one type declares itself."""

    raw: RawStructured
    base: str | None
    properties: tuple[Property, ...]
    navigation: tuple[NavigationProperty, ...]
    facts: dict[str, Any]


def build(declared: Mapping[str, RawStructured], definitions: Mapping[str, TypeDefinition], names: Names) -> Structures:
    """All structured types, flattened. Whatever does not fit is a defect and left out."""
    builder = _Builder(declared, definitions, names)
    return builder.build()


class _Builder:
    def __init__(
        self,
        declared: Mapping[str, RawStructured],
        definitions: Mapping[str, TypeDefinition],
        names: Names,
    ) -> None:
        self.declared = declared
        self.definitions = definitions
        self.names = names
        self.own: dict[str, _Own] = {}
        self.chains: dict[str, tuple[str, ...]] = {}

    def build(self) -> Structures:
        for name, raw in self.declared.items():
            self.own[name] = self._own(name, raw)
        found = Structures({}, {}, {}, set())
        below: dict[str, list[str]] = defaultdict(list)
        for name, own in self.own.items():
            if own.facts.pop("read_only", False):
                found.read_only.add(name)
            if own.raw.kind == "entity":
                found.entity[name] = self._entity(name, own)
            else:
                found.complex[name] = self._complex(name, own)
            if self.own[name].base:
                below[str(self.own[name].base)].append(name)
        found.derived = {base: tuple(subtypes) for base, subtypes in below.items()}
        self._check(found)
        return found

    def _own(self, name: str, raw: RawStructured) -> _Own:
        names = self.names
        base = names.qualify(raw.base) if raw.base else None
        if base and names.kinds.get(base) != raw.kind:
            names.defect(
                name,
                f"its base type {base} is not {'an entity' if raw.kind == 'entity' else 'a complex'} "
                "type of this document",
                "it stands without the inherited members",
            )
            base = None
        facts = names.type.facts(names.target(name), raw.annotations)
        taken: set[str] = set()
        properties = tuple(p for p in (self._property(name, value, taken) for value in raw.properties) if p is not None)
        navigation = tuple(
            n for n in (self._navigation(name, value, taken) for value in raw.navigation) if n is not None
        )
        return _Own(raw, base, properties, navigation, facts)

    def _free(self, place: str, name: str, taken: set[str]) -> bool:
        """Whether the member's name is still free in its type."""
        if not name:
            self.names.defect(place, "a property has no Name", "it is left out")
        elif name in taken:
            self.names.defect(place, "the property is declared more than once", "the first one counts")
        else:
            taken.add(name)
            return True
        return False

    def _property(self, owner: str, raw: RawValue, taken: set[str]) -> Property | None:
        names = self.names
        place = f"{owner}/{raw.name}"
        if not self._free(place, raw.name, taken):
            return None
        ref = names.type_ref(raw.type)
        if not names.is_type(ref.name):
            names.defect(
                place,
                f"its type {ref.name} is not declared in this document" if raw.type else "it has no Type",
                "the property is left out",
            )
            return None
        if names.targets:
            facts = names.property.facts(names.target(place), raw.annotations)
        else:
            facts = names.property.facts(raw.annotations)
        definition = self.definitions.get(ref.name)
        return Property(
            name=raw.name,
            type=ref,
            nullable=raw.nullable,
            max_length=_or(raw.max_length, definition and definition.max_length),
            precision=_or(raw.precision, definition and definition.precision),
            scale=_or(raw.scale, definition and definition.scale),
            default=raw.default,
            **facts,
        )

    def _navigation(self, owner: str, raw: RawNavigation, taken: set[str]) -> NavigationProperty | None:
        names = self.names
        place = f"{owner}/{raw.name}"
        if not self._free(place, raw.name, taken):
            return None
        ref = names.type_ref(raw.type)
        if names.kinds.get(ref.name) != "entity":
            names.defect(
                place,
                f"its target {ref.name or '(none)'} is not an entity type of this document",
                "the navigation property is left out",
            )
            return None
        return NavigationProperty(
            name=raw.name,
            target=ref.name,
            collection=ref.collection,
            nullable=raw.nullable,
            contains_target=raw.contains_target,
            partner=raw.partner,
            constraints=tuple(Pair(own, target) for own, target in raw.constraints),
            conditional=raw.conditional,
            **{
                fact: value
                for fact, value in names.navigation.facts(names.target(place), raw.annotations).items()
                if fact in ("label", "description", "deprecated")
            },
        )

    def _chain(self, name: str) -> tuple[str, ...]:
        """The type and its bases, root first; a cycle is cut with a defect."""
        path: list[str] = []
        at: str | None = name
        while at is not None:
            if at in path:
                self.names.defect(
                    path[-1], f"its base types lead back to {at}", "it stands without the inherited members"
                )
                self.own[path[-1]].base = None
                break
            path.append(at)
            at = self.own[at].base
        return tuple(reversed(path))

    def _members(self, name: str) -> tuple[tuple[Property, ...], tuple[NavigationProperty, ...]]:
        own = self.own[name]
        if own.base is None:
            return own.properties, own.navigation
        properties: dict[str, Property] = {}
        navigation: dict[str, NavigationProperty] = {}
        for step in self._chain(name):
            for prop in self.own[step].properties:
                self._inherit(name, step, prop, properties, navigation)
            for nav in self.own[step].navigation:
                self._inherit(name, step, nav, navigation, properties)
        return tuple(self._again(name, p) for p in properties.values()), tuple(navigation.values())

    def _inherit(self, name: str, step: str, member: Any, into: dict[str, Any], other: dict[str, Any]) -> None:
        if member.name not in into and member.name not in other:
            into[member.name] = member
        elif step == name:
            self.names.defect(
                f"{name}/{member.name}", "a base type has a member of that name", "the inherited one counts"
            )

    def _again(self, name: str, inherited: Property) -> Property:
        """An inherited property, changed where annotations are aimed at it through this type (§14.2.2)."""
        found = self.names.targets and self.names.target(f"{name}/{inherited.name}")
        if not found:
            return inherited
        return msgspec.structs.replace(inherited, **self.names.property.facts(found))

    def _entity(self, name: str, own: _Own) -> EntityType:
        properties, navigation = self._members(name)
        chain = self._chain(name)
        key = next((self.own[step].raw.key for step in chain if self.own[step].raw.key), ())
        if own.raw.key and key is not own.raw.key:
            self.names.defect(name, "it declares a key although a base type has one", "the inherited one counts")
        alternate: list[tuple[str, ...]] = []
        for step in chain:
            alternate.extend(self.own[step].facts.get("alternate_keys", ()))
        facts = {k: v for k, v in own.facts.items() if k not in ("alternate_keys", "help_id")}
        return EntityType(
            name=name,
            base=self.own[name].base,
            abstract=own.raw.abstract,
            open=any(self.own[step].raw.open for step in chain),
            has_stream=any(self.own[step].raw.has_stream for step in chain),
            key=tuple(key),
            alternate_keys=tuple(dict.fromkeys(alternate)),
            properties=properties,
            navigation=navigation,
            **facts,
        )

    def _complex(self, name: str, own: _Own) -> ComplexType:
        properties, navigation = self._members(name)
        return ComplexType(
            name=name,
            base=self.own[name].base,
            abstract=own.raw.abstract,
            open=any(self.own[step].raw.open for step in self._chain(name)),
            properties=properties,
            navigation=navigation,
            **{k: v for k, v in own.facts.items() if k in ("description", "deprecated")},
        )

    def _check(self, found: Structures) -> None:
        """Keys, constraints and partners against the members that are really there."""
        checker = _Checker(found, self.names, self.own)
        for name, entity in found.entity.items():
            found.entity[name] = checker.entity(name, entity)


class _Checker:
    """Leaves out keys, constraints and partners that name what does not exist."""

    def __init__(self, found: Structures, names: Names, own: Mapping[str, _Own]) -> None:
        self.found = found
        self.names = names
        self.own = own
        self.members = {
            name: frozenset(p.name for p in kind.properties)
            for kinds in (found.entity, found.complex)
            for name, kind in kinds.items()
        }
        self.reported: set[tuple[str, str]] = set()

    def entity(self, name: str, entity: EntityType) -> EntityType:
        changed: dict[str, Any] = {}
        if not all(self._has(name, part) for part in entity.key):
            lost = next(part for part in entity.key if not self._has(name, part))
            self._defect(name, f"key part '{lost}' is not one of its properties", "the type counts as keyless")
            changed["key"] = ()
        alternate = tuple(k for k in entity.alternate_keys if all(self._has(name, part) for part in k))
        if alternate != entity.alternate_keys:
            self._defect(name, "an alternate key names unknown properties", "that alternate key is left out")
            changed["alternate_keys"] = alternate
        navigation = tuple(self._navigation(name, nav) for nav in entity.navigation)
        if any(a is not b for a, b in zip(navigation, entity.navigation, strict=True)):
            changed["navigation"] = navigation
        return msgspec.structs.replace(entity, **changed) if changed else entity

    def _navigation(self, owner: str, nav: NavigationProperty) -> NavigationProperty:
        place = f"{owner}/{nav.name}"
        for pair in nav.constraints:
            side, lost = (owner, pair.own) if not self._has(owner, pair.own) else (nav.target, pair.target)
            if not self._has(side, lost):
                self._defect(
                    place,
                    f"its referential constraint names '{lost}', which {side} does not have",
                    "the whole constraint is ignored, so the relation is not batched",
                )
                nav = msgspec.structs.replace(nav, constraints=())
                break
        partner = nav.partner
        if partner and "/" not in partner:
            known = [n.name for n in self.found.entity[nav.target].navigation]
            if partner not in known:
                self._defect(
                    place,
                    f"partner '{partner}' is not declared on {nav.target}.{did_you_mean(partner, known)}",
                    "the partner is ignored",
                )
                nav = msgspec.structs.replace(nav, partner=None)
        return nav

    def _has(self, owner: str, path: str) -> bool:
        """Whether a property path (`number`, `Address/Code`) leads to a property of that type."""
        head, slash, rest = path.partition("/")
        if head not in self.members.get(owner, ()):
            return False
        if not slash:
            return True
        kind: Any = self.found.entity.get(owner) or self.found.complex[owner]
        step = next(p for p in kind.properties if p.name == head)
        return self._has(step.type.name, rest)

    def _defect(self, place: str, problem: str, consequence: str) -> None:
        """Once per declaring type: every derived type would repeat it."""
        owner, _, member = place.partition("/")
        declaring = owner
        at: str | None = owner
        while at is not None and at in self.own:
            own = self.own[at]
            if any(n.name == member for n in own.navigation):
                declaring = at
            at = own.base
        if (declaring + "/" + member, problem) not in self.reported:
            self.reported.add((declaring + "/" + member, problem))
            self.names.defect(f"{declaring}/{member}" if member else owner, problem, consequence)


def _or(own: Any, other: Any) -> Any:
    return other if own is None else own
