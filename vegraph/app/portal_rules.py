"""What a portal lets its callers see and do: entities, operations, and the rows that are a caller's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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

__all__ = ["PortalRules", "shown_sets", "somebody"]

_MADE_UP = ("00000000-0000-4000-8000-000000000000", 0, True, "2000-01-01", "2000-01-01T00:00:00Z")
"""What a claim could hold where its own name is no value of the property."""


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
    _refuse_strangers(portal, catalogs, [f"{source}.{name}" for source, names in found.items() for name in names])
    return found


def _refuse_strangers(portal: Portal, catalogs: Catalogs, shown: Sequence[str]) -> None:
    """A misspelt pattern would leave its entities what all others are: readable."""
    for key, given in (("operations", portal.operations), ("anonymous_operations", portal.anonymous_operations)):
        for pattern in given:
            missing = pattern.partition(".")[0] in catalogs.missing
            if not missing and not any(fnmatchcase(name, pattern) for name in shown):
                raise ConfigError(
                    f"portals.{portal.name}.{key}: '{pattern}' is not among the entities this portal shows."
                    f"{or_known(pattern, shown)}"
                )


def _operations(given: Mapping[str, tuple[Operation, ...]], name: str) -> frozenset[Operation]:
    """The most exact pattern that fits decides; where none does: read."""
    fitting = sorted((p for p in given if fnmatchcase(name, p)), key=lambda p: (p == name, len(p)))
    return frozenset(given[fitting[-1]]) if fitting else frozenset({"read"})


@dataclass(frozen=True, slots=True)
class PortalRules:
    """One portal's rules over one graph."""

    portal: Portal
    rules: Mapping[tuple[str, str], Rule]
    """(source, qualified entity type) → rule; it stands over derived types too."""
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
            if source_name not in graph.sources:  # it is down, and so are its rows; the graph it joins has the rule
                continue
            entity = graph.entity_in(source_name, set_name)
            if entity is None:
                raise ConfigError(f"portals.{portal.name}.rows: '{name}' is not among the entities this portal shows.")
            where = f"portals.{portal.name}.rows.'{name}'"
            try:
                rule = row_rules.parse(text, _why_not(entity))
            except ValueError as problem:
                raise ConfigError(f"{where}: {problem}") from None
            if rules.setdefault((source_name, entity.type.name), rule) != rule:
                raise ConfigError(
                    f"{where}: another set has rows of {entity.type.short_name} too, under another rule; "
                    "give both the same."
                )
            for base in _bases(entity):
                if other := sets.get((source_name, base)):
                    raise ConfigError(
                        f"{where}: {source_name}.{other[0]} shows these rows too; give it the rule, or hide it."
                    )
        return cls(portal, rules, sets)

    def restricted(self, entity: EntityBinding) -> bool:
        """Rows of this entity stand under a rule for somebody: they are never read inside other rows."""
        names = _names(entity)
        return (
            self._rule(entity) is not None
            or entity.source.name in self.portal.shared_users
            or any("read" not in _operations(self.portal.anonymous_operations, n) for n in names)
            or any("read" not in _operations(self.portal.operations, n) for n in names)
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
        names = _names(entity)
        if names and not any(self._may(caller, name, "read") for name in names):
            return FALSE
        rule = self._rule(entity)
        if rule is None:
            # I8: where all contacts share one user, the ERP can't tell them apart; no rule, no rows.
            shared = entity.source.name in self.portal.shared_users and caller.kind == "contact"
            return FALSE if shared else TRUE
        return _predicate(rule, entity, caller)

    def allows(self, caller: Caller, entity: EntityBinding, operation: Operation) -> bool:
        """May this caller do that with rows of this entity?"""
        return any(self._may(caller, name, operation) for name in _names(entity))

    def _rule(self, entity: EntityBinding) -> Rule | None:
        """The rule of the type, or of the nearest base that has one."""
        types = (entity.type.name, *_bases(entity))
        return next((rule for t in types if (rule := self.rules.get((entity.source.name, t))) is not None), None)

    def _may(self, caller: Caller, name: str, operation: Operation) -> bool:
        portal = self.portal
        given = portal.anonymous_operations if caller.kind == "anonymous" else portal.operations
        return operation in _operations(given, name)


def _names(entity: EntityBinding) -> list[str]:
    """The sets its rows live in, as a portal's section names them."""
    return [f"{entity.source.name}.{set_.name}" for set_ in entity.sets]


def _bases(entity: EntityBinding) -> Iterator[str]:
    """Qualified base types, the nearest first."""
    return (base.name for base in entity.source.catalog.line(entity.type.base))


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
            found = _predicate(term, entity, caller)
            # What can't be compared is not thereby unequal: it shows no row.
            return FALSE if _incomparable(term, entity, caller) else opposite(found)
        case row_rules.Compare(path, op, value):
            return _comparison(entity, path[0], op, value, caller)


def _comparison(entity: EntityBinding, name: str, op: Any, value: Any, caller: Caller) -> Predicate:
    member = entity.by_wire[name]
    path = Path((member.wire,), member.value)
    if value is None:
        return IsNull(path) if op == "eq" else opposite(IsNull(path)) if op == "ne" else FALSE
    found = _value(value, member.value, caller)
    return FALSE if found is None else Compare(path, op, found)


def _incomparable(rule: Rule, entity: EntityBinding, caller: Caller) -> bool:
    """Whether somewhere in it a claim is missing, or a value is none that the property can have."""
    match rule:
        case row_rules.And(terms) | row_rules.Or(terms):
            return any(_incomparable(term, entity, caller) for term in terms)
        case row_rules.Not(term):
            return _incomparable(term, entity, caller)
        case row_rules.Compare(path, _, value):
            return value is not None and _value(value, entity.by_wire[path[0]].value, caller) is None
    return False


def _value(given: Any, type_: Any, caller: Caller) -> Any:
    """A rule's value as the property has it; None: the caller has no such claim, or no row can hold it."""
    held = _claim(caller, given.name) if isinstance(given, Claim) else (given,)
    return next((value for each in held if (value := _checked(each, type_)) is not None), None)


def _checked(given: Any, type_: Any) -> Any:
    try:
        return None if given is None else checked(given, type_)
    except ValueError:
        return None


class _AnyClaim(dict[str, str | int | bool]):
    """The claims of `somebody`."""


def somebody(portal: str) -> Caller:
    """A contact whom nobody has signed in, to show what rules do: each claim holds its name, or something made up."""
    return Caller(door=portal, kind="contact", contact_id="@contact", claims=_AnyClaim())


def _claim(caller: Caller, name: str) -> tuple[str | int | bool | None, ...]:
    """What a claim holds; of `somebody`, what it could hold, whichever of it is a value of the property."""
    if isinstance(caller.claims, _AnyClaim):
        return f"@{name}", *_MADE_UP
    return (caller.contact_id if name == "contact" else caller.claims.get(name),)
