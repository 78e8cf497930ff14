"""The type names of a graph: which wire type has which, and back from any type name to what it stands for.

Everything declared in the documents has its name, visible or not. Names of helper types are not listed anywhere: each
is worked out from its type's when asked for, and read back the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from vegraph.schema import naming
from vegraph.schema.binding import SourceBinding
from vegraph.schema.naming import Helper
from vegraph.schema.settling import Claim, Settlement, settle, suffixed

__all__ = ["Named", "Names", "TypeKind"]

TypeKind: TypeAlias = Literal["entity", "complex", "enum"]


class Named(NamedTuple):
    """A wire type and its graph name."""

    source: str
    kind: TypeKind
    wire: str
    """Qualified name."""
    name: str


class Names:
    """Type names over all sources of a graph, in the order of the configuration."""

    def __init__(self, sources: Sequence[SourceBinding]) -> None:
        self._sources = sources
        held, self.settlements = settle(_claims(sources), naming.RESERVED_TYPES, place="types")
        self.by_name: dict[str, Named] = {}
        """Every declared type by graph name."""
        self._by_wire: dict[str, dict[str, Named]] = {source.name: {} for source in sources}
        for name, claim in held.items():
            source, kind = claim.key
            named = Named(source, kind, claim.wire, name)
            self.by_name[name] = self._by_wire[source][claim.wire] = named

    def of(self, source: str, wire: str) -> Named:
        """The name of a declared type. Raises KeyError for others."""
        return self._by_wire[source][wire]

    def find(self, source: str, wire: str) -> Named | None:
        """As `of`, None for what is not declared."""
        return self._by_wire[source].get(wire)

    def in_source(self, source: str) -> Mapping[str, Named]:
        """All of a source by qualified wire name."""
        return self._by_wire[source]

    def helper(self, helper: Helper, named: Named) -> str:
        """The name of a helper type. A declared type keeps its name; of two helpers that meet (`AList` + `Filter`,
        `A` + `ListFilter`), the one of the longer type name does."""
        before, after = helper.value
        name = f"{before}{named.name}{after}"
        taken = name in self.by_name or name in naming.RESERVED_TYPES or self._longer(name, helper, named)
        return suffixed(name, named.wire, self._declared) if taken else name

    def _longer(self, name: str, helper: Helper, named: Named) -> bool:
        if not naming.SHORTER[helper]:
            return False
        return any(
            other is not helper and len(base) > len(named.name) and base in self.by_name
            for other, base in naming.split_helper(name)
        )

    def _declared(self, name: str) -> bool:
        return name in self.by_name

    def read(self, name: str) -> tuple[Named, Helper | None] | None:
        """What a type name stands for: a declared type, or a helper of one; None: neither."""
        if found := self.by_name.get(name):
            return found, None
        for candidate in _without_suffix(name):
            for helper, base in naming.split_helper(candidate):
                named = self.by_name.get(base)
                if named is not None and self.helper(helper, named) == name:
                    return named, helper
        return None

    @cached_property
    def report(self) -> tuple[Settlement, ...]:
        """What was settled among type names, and which ones GraphQL would have refused."""
        return (*self.settlements, *self._repaired())

    def _repaired(self) -> Iterator[Settlement]:
        for named in self.by_name.values():
            short = named.wire.rpartition(".")[2]
            if why := naming.repair(short):
                yield Settlement(place="types", wire=named.wire, wanted=short, name=named.name, why=why)


def _claims(sources: Sequence[SourceBinding]) -> Iterator[Claim[tuple[str, TypeKind]]]:
    for index, source in enumerate(sources):
        kinds: tuple[tuple[TypeKind, Mapping[str, object]], ...] = (
            ("entity", source.catalog.entity_types),
            ("complex", source.catalog.complex_types),
            ("enum", source.catalog.enum_types),
        )
        for rank, (kind, types) in enumerate(kinds):
            key: tuple[str, TypeKind] = (source.name, kind)
            for wire in types:
                wanted = naming.type_name(source.prefix, wire.rpartition(".")[2])
                yield Claim(key, wire, wanted, index * len(kinds) + rank)


def _without_suffix(name: str) -> Iterator[str]:
    yield name
    base, underscore, digits = name.rpartition("_")
    if underscore and digits and all(char in "0123456789abcdef" for char in digits):
        yield base
