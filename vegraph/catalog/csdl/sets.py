"""Entity sets and singletons from raw declarations: bindings that resolve, and what the document lets be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawContainer, RawSet
from vegraph.catalog.csdl.structures import Structures
from vegraph.catalog.model import Capabilities, ComplexType, EntitySet, EntityType

__all__ = ["push_down", "sets"]

_CAPABILITIES = frozenset(Capabilities.__struct_fields__)


def sets(containers: Iterable[tuple[str, RawContainer]], types: Structures, names: Names) -> dict[str, EntitySet]:
    """Sets and singletons by name, of all containers. Also moves alternate keys said on a set to its type."""
    declared: dict[str, tuple[str, RawSet, Mapping[str, Any]]] = {}
    for place, container in containers:
        said = names.set.facts(names.target(place), container.annotations)
        common = {fact: value for fact, value in said.items() if fact in _CAPABILITIES}
        for raw in container.children:
            if raw.kind in ("set", "singleton"):
                _declare(place, raw, common, declared, types, names)
    resolver = _Bindings(types, names, frozenset(declared))
    return {name: _set(place, raw, common, types, names, resolver) for name, (place, raw, common) in declared.items()}


def _declare(
    place: str,
    raw: RawSet,
    common: Mapping[str, Any],
    declared: dict[str, tuple[str, RawSet, Mapping[str, Any]]],
    types: Structures,
    names: Names,
) -> None:
    kind = names.qualify(raw.refers)
    if not raw.name or raw.name in declared:
        names.defect(f"{place}/{raw.name}", "the set's name is missing or repeated", "the first one counts")
    elif kind not in types.entity:
        names.defect(
            f"{place}/{raw.name}",
            f"its type {kind or '(none)'} is not an entity type of this document",
            "the set is left out",
        )
    else:
        declared[raw.name] = (place, raw, common)


def _set(
    place: str,
    raw: RawSet,
    common: Mapping[str, Any],
    types: Structures,
    names: Names,
    resolver: _Bindings,
) -> EntitySet:
    kind = names.qualify(raw.refers)
    facts = {**common, **names.set.facts(names.target(f"{place}/{raw.name}"), raw.annotations)}
    if kind in types.read_only:
        facts.update(insertable=False, updatable=False, deletable=False)
    entity = types.entity[kind]
    extra = tuple(
        key
        for key in facts.get("alternate_keys", ())
        if key not in entity.alternate_keys and all(entity.property(part) for part in key)
    )
    if extra:
        types.entity[kind] = msgspec.structs.replace(entity, alternate_keys=entity.alternate_keys + extra)
    return EntitySet(
        name=raw.name,
        type=kind,
        singleton=raw.kind == "singleton",
        bindings=resolver.resolve(f"{place}/{raw.name}", kind, raw),
        capabilities=Capabilities(**{k: v for k, v in facts.items() if k in _CAPABILITIES}),
        optimistic=bool(facts.get("optimistic")),
        required=tuple(facts.get("required", ())),
        **{fact: facts[fact] for fact in ("label", "description", "deprecated") if fact in facts},
    )


class _Bindings:
    """Navigation property bindings of which both ends exist (§13.4); the others dangle and are named."""

    def __init__(self, types: Structures, names: Names, sets: frozenset[str]) -> None:
        self.types = types
        self.names = names
        self.sets = sets

    def resolve(self, place: str, kind: str, raw: RawSet) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, target in raw.bindings:
            resolved = self._target(target)
            if resolved is None:
                problem = f"it binds '{path}' to '{target}', which is not a set of this document"
            elif self._leads_to(kind, path):
                found.setdefault(self._qualified(path), resolved)
                continue
            else:
                problem = f"it binds '{path}', which is not a navigation property of {kind}"
            self.names.defect(place, problem, "the binding is ignored")
        return found

    def _qualified(self, path: str) -> str:
        return "/".join(self.names.qualify(step) if "." in step else step for step in path.split("/"))

    def _target(self, text: str) -> str | None:
        """The set's name; `NS.Container/Set` loses its container, a path below a set stays."""
        head, slash, rest = text.partition("/")
        if slash and "." in head:
            text, head = rest, rest.partition("/")[0]
        return text if head in self.sets else None

    def _leads_to(self, kind: str, path: str) -> bool:
        """Whether the path ends in a navigation property; casts may name any declared type."""
        at: EntityType | ComplexType | None = self.types.entity[kind]
        *steps, last = path.split("/")
        for step in steps:
            if at is None:
                return False
            if "." in step:
                name = self.names.qualify(step)
            else:
                prop = next((p.type.name for p in at.properties if p.name == step), None)
                name = prop or next((n.target for n in at.navigation if n.name == step), "")
            at = self.types.entity.get(name) or self.types.complex.get(name)
        return at is not None and any(n.name == last for n in at.navigation)


def push_down(types: Structures, found: Mapping[str, EntitySet]) -> None:
    """Tell a type's properties what all sets of the type say about them (NonInsertableProperties and so on)."""
    by_type: dict[str, list[EntitySet]] = defaultdict(list)
    for entity_set in found.values():
        by_type[entity_set.type].append(entity_set)
    for name, of_type in by_type.items():
        said = {
            "insertable": _all(s.capabilities.no_insert for s in of_type),
            "updatable": _all(s.capabilities.no_update for s in of_type),
            "filterable": _all(s.capabilities.no_filter for s in of_type),
            "sortable": _all(s.capabilities.no_sort for s in of_type),
        }
        required = _all(s.required for s in of_type)
        if not required and not any(said.values()):
            continue
        entity = types.entity[name]
        properties = []
        for prop in entity.properties:
            changed: dict[str, Any] = {fact: False for fact, paths in said.items() if prop.name in paths}
            if prop.name in required:
                changed["required"] = True
            properties.append(msgspec.structs.replace(prop, **changed) if changed else prop)
        types.entity[name] = msgspec.structs.replace(entity, properties=tuple(properties))


def _all(groups: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """What every group names."""
    each = [frozenset(group) for group in groups]
    return frozenset.intersection(*each) if each else frozenset()
