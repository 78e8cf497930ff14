"""Entity and complex types from raw declarations: members resolved, then flattened and checked (§6, §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vegraph.catalog.csdl.checks import checked
from vegraph.catalog.csdl.inheritance import Own, Structures, flattened
from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawNavigation, RawStructured, RawValue
from vegraph.catalog.model import NavigationProperty, Pair, Property, TypeDefinition, TypeRef

__all__ = ["Structures", "build"]


def build(declared: Mapping[str, RawStructured], definitions: Mapping[str, TypeDefinition], names: Names) -> Structures:
    """All structured types, flattened. Whatever does not fit is a defect and left out."""
    reader = _Reader(definitions, names)
    own = {name: reader.own(name, raw) for name, raw in declared.items()}
    found = flattened(own, names)
    checked(found, own, definitions, names)
    return found


_ValueType = tuple[TypeRef, TypeDefinition | None, tuple[()] | tuple[str, str]]


class _Reader:
    """What each type declares itself, types and annotations resolved."""

    def __init__(self, definitions: Mapping[str, TypeDefinition], names: Names) -> None:
        self.definitions = definitions
        self.names = names
        self._types: dict[str, _ValueType] = {}
        """By the text that a document names it with; it has a few hundred of them."""

    def own(self, name: str, raw: RawStructured) -> Own:
        """The type without what it inherits."""
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
        for nav in navigation if raw.kind == "complex" else ():
            names.defect(
                f"{name}/{nav.name}",
                "it leads from a complex value to rows",
                "the graph does not show it; bindings may pass through it",
            )
        return Own(raw, base, properties, navigation, facts)

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
        known = self._types.get(raw.type)
        if known is None:
            known = self._types[raw.type] = self._value_type(raw.type)
        ref, definition, problem = known
        place = f"{owner}/{raw.name}"
        if not self._free(place, raw.name, taken):
            return None
        if problem:
            names.defect(place, *problem)
            return None
        if names.targets:
            facts = names.property.facts(names.target(place), raw.annotations)
        else:
            facts = names.property.facts(raw.annotations)
        length, precision, scale = raw.max_length, raw.precision, raw.scale
        if definition is not None:
            length = _or(length, definition.max_length)
            precision, scale = _or(precision, definition.precision), _or(scale, definition.scale)
        return Property(
            name=raw.name,
            type=ref,
            nullable=raw.nullable,
            max_length=length,
            precision=precision,
            scale=scale,
            default=raw.default,
            **facts,
        )

    def _value_type(self, text: str) -> _ValueType:
        """What a property of that type holds; or why there is none, and what follows."""
        names = self.names
        ref = names.value_ref(text)
        problem: tuple[()] | tuple[str, str] = ()
        if not names.is_type(ref.name):
            said = f"its type {ref.name} is not declared in this document" if text else "it has no Type"
            problem = said, "the property is left out"
        elif names.kinds.get(ref.name) == "entity":
            problem = f"its type {ref.name} is an entity type, which only navigation leads to", "it is left out"
        return ref, self.definitions.get(ref.name), problem

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


def _or(own: Any, other: Any) -> Any:
    return other if own is None else own
