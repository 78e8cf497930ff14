"""Keys, constraints and partners against the members that are really there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vegraph.catalog import edm
from vegraph.catalog.csdl.inheritance import Own, Structures
from vegraph.catalog.csdl.names import Names
from vegraph.catalog.model import EntityType, NavigationProperty, Property, TypeDefinition
from vegraph.catalog.nearest import did_you_mean

__all__ = ["checked"]

_FEW = 60
"""Names among which the nearest is looked for: a trimmed document may have thousands of lost partners."""


def checked(found: Structures, own: Mapping[str, Own], definitions: Mapping[str, TypeDefinition], names: Names) -> None:
    """Take out of the entity types whatever names what does not exist or cannot stand there, with a defect."""
    checker = _Checker(found, names, own, definitions)
    for name, entity in found.entity.items():
        found.entity[name] = checker.entity(name, entity)


class _Checker:
    """Leaves out keys, constraints and partners that name what does not exist."""

    def __init__(
        self,
        found: Structures,
        names: Names,
        own: Mapping[str, Own],
        definitions: Mapping[str, TypeDefinition],
    ) -> None:
        self.found = found
        self.names = names
        self.own = own
        self.definitions = definitions
        self.members = {
            name: frozenset(p.name for p in kind.properties)
            for kinds in (found.entity, found.complex)
            for name, kind in kinds.items()
        }
        self.navigations = {name: frozenset(n.name for n in entity.navigation) for name, entity in found.entity.items()}
        self.reported: set[tuple[str, str]] = set()

    def entity(self, name: str, entity: EntityType) -> EntityType:
        changed: dict[str, Any] = {}
        lost = next((part for part in entity.key if not self._has(name, part)), None)
        unfit = None if lost is not None else next((p for p in entity.key if not self._identifies(name, p)), None)
        if lost is not None:
            self._defect(name, f"key part '{lost}' is not one of its properties", "the type counts as keyless")
            changed["key"] = ()
        elif unfit is not None:
            found = self._property(name, unfit).type.text
            self._defect(name, f"key part '{unfit}' is {found}, which no key can hold", "the type counts as keyless")
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
            known = self.navigations[nav.target]
            if partner not in known:
                hint = did_you_mean(partner, known) if len(known) <= _FEW else ""
                self._defect(
                    place,
                    f"partner '{partner}' is not declared on {nav.target}.{hint}",
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
        return self._has(self._property(owner, head).type.name, rest)

    def _property(self, owner: str, path: str) -> Property:
        """The property at the end of a path that leads to one."""
        head, slash, rest = path.partition("/")
        kind: Any = self.found.entity.get(owner) or self.found.complex[owner]
        found: Property = next(p for p in kind.properties if p.name == head)
        return self._property(found.type.name, rest) if slash else found

    def _identifies(self, owner: str, path: str) -> bool:
        """Whether the values of a property can tell rows apart: single values with an equality."""
        type_ = self._property(owner, path).type
        name = type_.name
        kind = self.names.kinds.get(name)
        if kind == "definition":
            name = self.definitions[name].underlying
        return not type_.collection and (kind == "enum" or name in edm.IN_KEYS)

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
