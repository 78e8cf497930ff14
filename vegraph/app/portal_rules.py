"""What a portal lets its callers see and do: entities, operations, and the rows that are a caller's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from vegraph.app.catalogs import Catalogs
from vegraph.app.settings.suggest import or_known
from vegraph.errors import ConfigError
from vegraph.identity import row_rules
from vegraph.identity.config import Operation, Portal
from vegraph.identity.row_rules import Claim, Rule
from vegraph.identity.user import Caller
from vegraph.plan.logic import all_of, any_of, opposite
from vegraph.plan.predicates import FALSE, TRUE, Compare, IsNull, Path, Predicate
from vegraph.plan.wire import checked
from vegraph.schema.binding import EntityBinding, Graph

__all__ = ["PortalRules", "shown_sets"]


def shown_sets(portal: Portal, catalogs: Catalogs) -> Mapping[str, Mapping[str, frozenset[Operation]]]:
    """Source → visible set of the portal's graph → operations somebody may do with it. Raises ConfigError."""
    found: dict[str, dict[str, frozenset[Operation]]] = {}
    known = {f"{source}.{e.name}": (source, e.name) for source, c in catalogs.entities.items() for e in c.visible}
    for pattern in portal.entities:
        source = pattern.partition(".")[0]
        names = [name for name in known if fnmatchcase(name, pattern)]
        if not names and source not in catalogs.missing:
            hint = or_known(pattern, known)
            raise ConfigError(f"portals.{portal.name}.entities: '{pattern}' is no visible entity set.{hint}")
        for name in names:
            source, set_name = known[name]
            found.setdefault(source, {})[set_name] = _operations(portal.operations, name) | _operations(
                portal.anonymous_operations, name
            )
    return found


def _operations(given: Mapping[str, tuple[Operation, ...]], name: str) -> frozenset[Operation]:
    """The most exact pattern that fits decides; where none does: read."""
    fitting = sorted((p for p in given if fnmatchcase(name, p)), key=lambda p: (p == name, len(p)))
    return frozenset(given[fitting[-1]]) if fitting else frozenset({"read"})


@dataclass(frozen=True, slots=True)
class PortalRules:
    """One portal's rules over one graph."""

    portal: Portal
    rules: Mapping[tuple[str, str], Rule]
    """(source, qualified entity type) → rule."""
    sets: Mapping[tuple[str, str], tuple[str, ...]]
    """(source, qualified entity type) → names of its shown sets."""

    @classmethod
    def of(cls, portal: Portal, graph: Graph) -> PortalRules:
        """Reads the rules against the graph's types. Raises ConfigError naming the rule."""
        rules: dict[tuple[str, str], Rule] = {}
        sets: dict[tuple[str, str], tuple[str, ...]] = {}
        for source in graph.sources.values():
            for set_ in source.catalog.entity_sets.values():
                entity = graph.entity_in(source.name, set_.name)
                if entity is not None:
                    key = (source.name, set_.type)
                    sets[key] = (*sets.get(key, ()), set_.name)
        for name, text in portal.rows.items():
            source_name, _, set_name = name.partition(".")
            entity = graph.entity_in(source_name, set_name)
            if entity is None:
                raise ConfigError(f"portals.{portal.name}.rows: '{name}' is not among the entities this portal shows.")
            try:
                rules[source_name, entity.type.name] = row_rules.parse(text, _why_not(entity))
            except ValueError as problem:
                raise ConfigError(f"portals.{portal.name}.rows.'{name}': {problem}") from None
        return cls(portal, rules, sets)

    def restricted(self, entity: EntityBinding) -> bool:
        """Rows of this entity stand under a rule for somebody: they are never read inside other rows."""
        return (
            (entity.source.name, entity.type.name) in self.rules
            or entity.source.name in self.portal.shared_users
            or any(_operations(self.portal.anonymous_operations, n) != {"read"} for n in self._names(entity))
            or any("read" not in _operations(self.portal.operations, n) for n in self._names(entity))
        )

    def rule(self, caller: Caller) -> Callable[[EntityBinding], Predicate]:
        """Entity → the condition that this caller's rows fulfil."""
        known: dict[tuple[str, str], Predicate] = {}

        def of(entity: EntityBinding) -> Predicate:
            key = (entity.source.name, entity.type.name)
            if key not in known:
                known[key] = self._of(entity, caller)
            return known[key]

        return of

    def _of(self, entity: EntityBinding, caller: Caller) -> Predicate:
        if not any(self._may(caller, name, "read") for name in self._names(entity)) and self._names(entity):
            return FALSE
        rule = self.rules.get((entity.source.name, entity.type.name))
        if rule is None:
            # I8: where all contacts share one user, the ERP can't tell them apart; no rule, no rows.
            shared = entity.source.name in self.portal.shared_users and caller.kind == "contact"
            return FALSE if shared else TRUE
        return _predicate(rule, entity, caller)

    def allows(self, caller: Caller, entity: EntityBinding, operation: Operation) -> bool:
        """May this caller do that with rows of this entity?"""
        return any(self._may(caller, name, operation) for name in self._names(entity))

    def _names(self, entity: EntityBinding) -> Iterable[str]:
        key = (entity.source.name, entity.type.name)
        return [f"{entity.source.name}.{name}" for name in self.sets.get(key, ())]

    def _may(self, caller: Caller, name: str, operation: Operation) -> bool:
        portal = self.portal
        given = portal.anonymous_operations if caller.kind == "anonymous" else portal.operations
        return operation in _operations(given, name)


def _why_not(entity: EntityBinding) -> Callable[[tuple[str, ...]], str | None]:
    def why_not(path: tuple[str, ...]) -> str | None:
        if len(path) > 1:
            return f"'{'/'.join(path)}' leads through other values; a rule names properties of the row itself."
        if path[0] not in entity.by_wire:
            return f"{entity.type.short_name} has no property '{path[0]}'.{or_known(path[0], entity.by_wire)}"
        return None

    return why_not


def _predicate(rule: Rule, entity: EntityBinding, caller: Caller) -> Predicate:
    match rule:
        case row_rules.Everything():
            return TRUE
        case row_rules.And(terms):
            return all_of(_predicate(t, entity, caller) for t in terms)
        case row_rules.Or(terms):
            return any_of(_predicate(t, entity, caller) for t in terms)
        case row_rules.Not(term):
            if any(_claim(caller, name) is None for name in row_rules.claims_of(term)):
                return FALSE
            return opposite(_predicate(term, entity, caller))
        case row_rules.Compare(path, op, value):
            return _comparison(entity, path[0], op, value, caller)


def _comparison(entity: EntityBinding, name: str, op: Any, value: Any, caller: Caller) -> Predicate:
    member = entity.by_wire[name]
    path = Path((member.wire,), member.value)
    if isinstance(value, Claim):
        value = _claim(caller, value.name)
        if value is None:
            return FALSE  # who has no such claim sees no row
    if value is None:
        return IsNull(path) if op == "eq" else opposite(IsNull(path)) if op == "ne" else FALSE
    try:
        return Compare(path, op, checked(value, member.value))
    except ValueError:
        return FALSE  # no row of this type can hold such a value


def _claim(caller: Caller, name: str) -> str | int | bool | None:
    return caller.contact_id if name == "contact" else caller.claims.get(name)
