"""The names of root fields, over everything the documents declare, and what each stands for.

bcCustomers, bcCustomer, bcCustomersAggregate     a set; one row of it; its aggregates
tpMe                                              a singleton
createBcCustomer, updateBcCustomer, …             rows of a type; where a type has several sets: of a set
postBcSalesInvoice                                an action or function bound to a type
countFoSalesOrderHeadersV2                        one bound to a set's collection
tpGetNearestAirport                               an unbound one
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from vegraph.catalog.model import Operation
from vegraph.schema import naming
from vegraph.schema.binding import SourceBinding
from vegraph.schema.names import Named, Names
from vegraph.schema.operations import overload_key, overload_word
from vegraph.schema.settling import Claim, Settlement, settle

__all__ = ["FIXED", "Root", "RootKind", "RootNames", "Verb", "Write"]

RootKind: TypeAlias = Literal["list", "singleton", "one", "aggregate", "operation"]
Verb: TypeAlias = Literal["create", "update", "delete"]

FIXED = frozenset({"node", "nodes", "catalog", "me", "_service", "_entities", "makeVisible", "hide", "refreshCatalog"})
"""Root fields that every graph has."""

_RANK: dict[RootKind, int] = {"list": 0, "singleton": 0, "one": 1, "aggregate": 2, "operation": 3}


class Root(NamedTuple):
    """What a root field stands for."""

    kind: RootKind
    source: str
    set: str
    """Set or singleton; "" for operations that are not bound to a collection."""
    operation: int = -1
    """Place among the operations of the catalog."""


class Write(NamedTuple):
    """What a mutation of rows stands for."""

    verb: Verb
    named: Named
    set: str | None
    """None: the set of the type."""


class RootNames:
    """Root field names of all sources."""

    def __init__(self, sources: Sequence[SourceBinding], names: Names) -> None:
        self._sources = {source.name: source for source in sources}
        self._names = names
        self._only = {source.name: _only_sets(source) for source in sources}

    def only_set(self, source: str, type_: str) -> str | None:
        """The one set of a type (singletons aside), visible or not; None for none and several."""
        return self._only[source].get(type_)

    @cached_property
    def _queries(self) -> tuple[dict[str, Claim[Root]], list[Settlement]]:
        return settle(self._query_claims(), FIXED, place="Query")

    @cached_property
    def query(self) -> Mapping[str, Root]:
        """Everything that can stand on Query, by field, apart from the fixed fields."""
        return {name: claim.key for name, claim in self._queries[0].items()}

    def _query_claims(self) -> Iterator[Claim[Root]]:
        for order, source in enumerate(self._sources.values()):
            above = 10 * order
            for entity_set in source.catalog.entity_sets.values():
                for kind, wanted, word in self._wanted(source, entity_set.name, entity_set.type, entity_set.singleton):
                    key = Root(kind, source.name, entity_set.name)
                    yield Claim(key, entity_set.name, wanted, above + _RANK[kind], word)
            for claim in self._operation_claims(source, "function"):
                yield claim._replace(rank=above + _RANK["operation"])

    def _wanted(
        self, source: SourceBinding, name: str, type_: str, singleton: bool
    ) -> Iterator[tuple[RootKind, str, str]]:
        field = naming.set_field_name(source.prefix, name)
        if singleton:
            yield "singleton", field, "Singleton"
            return
        yield "list", field, ""
        yield "aggregate", f"{field}Aggregate", ""
        named = self._names.find(source.name, type_)
        if named is not None and self.only_set(source.name, type_) == name:
            yield "one", naming.row_name(named.name), "ByKey"
        else:
            yield "one", f"{field}ByKey", ""

    def _operation_claims(self, source: SourceBinding, kind: Literal["action", "function"]) -> Iterator[Claim[Root]]:
        for index, operation in enumerate(source.catalog.operations):
            if operation.kind != kind:
                continue
            for set_name, wanted in self._called(source, operation):
                key = Root("operation", source.name, set_name, index)
                yield Claim(key, overload_key(operation), wanted, 0, overload_word(operation))

    def _called(self, source: SourceBinding, operation: Operation) -> Iterator[tuple[str, str]]:
        """(set bound to, wanted field)."""
        if not operation.bound or operation.binding is None:
            yield "", naming.set_field_name(source.prefix, operation.short_name)
        elif operation.binding.collection:
            for entity_set in source.catalog.entity_sets.values():
                if entity_set.type == operation.binding.name and not entity_set.singleton:
                    on = naming.type_name(source.prefix, entity_set.name)
                    yield entity_set.name, naming.field_name(operation.short_name) + on
        elif operation.kind == "action":
            named = self._names.find(source.name, operation.binding.name)
            if named is not None and named.kind == "entity":
                yield "", naming.field_name(operation.short_name) + named.name

    @cached_property
    def _actions(self) -> tuple[dict[str, Claim[Root]], list[Settlement]]:
        claims = (
            claim._replace(rank=order)
            for order, source in enumerate(self._sources.values())
            for claim in self._operation_claims(source, "action")
        )
        return settle(claims, _Written(self), place="Mutation")

    @cached_property
    def actions(self) -> Mapping[str, Root]:
        """Every action by field."""
        return {name: claim.key for name, claim in self._actions[0].items()}

    @cached_property
    def _of_sets(self) -> Mapping[str, Write]:
        """Sets that share their type, by the name which their mutations have behind the verb."""
        claims = (
            Claim((source.name, s.type, s.name), s.name, naming.type_name(source.prefix, s.name), order, "Rows")
            for order, source in enumerate(self._sources.values())
            for s in source.catalog.entity_sets.values()
            if not s.singleton and self.only_set(source.name, s.type) is None
        )
        held, _ = settle(claims, self._names.by_name)
        return {
            name: Write("create", named, claim.key[2])
            for name, claim in held.items()
            if (named := self._names.find(*claim.key[:2])) is not None
        }

    def write(self, field: str) -> Write | None:
        """What `createX`, `updateX`, `deleteX` stand for; None where X is neither a type nor such a set."""
        for verb in _VERBS:
            if field.startswith(verb):
                base = field[len(verb) :]
                named = self._names.by_name.get(base)
                if named is not None and named.kind == "entity":
                    return Write(verb, named, None)
                found = self._of_sets.get(base)
                return found._replace(verb=verb) if found else None
        return None

    def writes(self, verb: Verb, named: Named) -> Iterator[tuple[str, str | None]]:
        """(field, set) of the mutations of a type; set None: of the type."""
        several = [name for name, found in self._of_sets.items() if found.named == named]
        if not several:
            yield f"{verb}{named.name}", None
        for name in several:
            yield f"{verb}{name}", self._of_sets[name].set

    @property
    def report(self) -> tuple[Settlement, ...]:
        """What was settled among root fields."""
        return (*self._queries[1], *self._actions[1])


_VERBS: tuple[Verb, ...] = ("create", "update", "delete")


class _Written:
    """The names of mutations of rows, and the fixed ones: no action's."""

    def __init__(self, roots: RootNames) -> None:
        self._roots = roots

    def __contains__(self, name: object) -> bool:
        return name in FIXED or (isinstance(name, str) and self._roots.write(name) is not None)


def _only_sets(source: SourceBinding) -> dict[str, str]:
    """Type → its set, for types with one."""
    sets = [s for s in source.catalog.entity_sets.values() if not s.singleton]
    count = Counter(s.type for s in sets)
    return {s.type: s.name for s in sets if count[s.type] == 1}
