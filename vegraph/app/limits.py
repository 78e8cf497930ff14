"""How much a document asks for, found in one pass before validation, in time linear in the document (T25).

Each definition is walked once by itself; a fragment's measure is added where it is spread, so fragments that
spread each other twice cost no more than their text. Counts are exact, however large: they are whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from vegraph.app.settings.limits import Limits

__all__ = ["INTROSPECTION_DEPTH", "Measure", "excess", "measure"]

INTROSPECTION_DEPTH = 25
"""Fields inside fields below `__schema` and `__type`: the usual tools ask for up to 15."""

_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Measure:
    """What one definition asks for, its fragments followed."""

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0


@dataclass(slots=True)
class _Spread:
    """A fragment spread, and where it stands."""

    name: str
    depth: int
    """Fields around it."""
    root: bool
    introspection: bool


@dataclass(slots=True)
class _Local:
    """What one definition asks for by itself, and which fragments it spreads."""

    own: Measure = field(default_factory=Measure)
    spreads: list[_Spread] = field(default_factory=list)


def measure(document: DocumentNode) -> Iterator[tuple[str | None, Measure]]:
    """(name, measure) of each operation. A fragment that leads back to itself adds nothing at that place."""
    local = {
        definition.name.value: _walk(definition)
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    whole: dict[str, Measure] = {}
    for name in local:
        _resolve(name, local, whole)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield definition.name.value if definition.name else None, _added(_walk(definition), whole)


def excess(found: Measure, limits: Limits) -> str | None:
    """The first limit that is exceeded, as a sentence; None: all are kept."""
    checks = (
        ("fields deep", found.depth, limits.max_depth),
        ("fields deep in the introspection", found.introspection_depth, INTROSPECTION_DEPTH),
        ("fields", found.fields, limits.max_fields),
        ("aliases", found.aliases, limits.max_aliases),
        ("directives", found.directives, limits.max_directives),
        ("fields at its root", found.root_fields, limits.max_root_fields),
    )
    for what, value, limit in checks:
        if value > limit:
            shown = str(value) if value < 1_000_000 else "more than a million"
            return f"The operation is too complex: {shown} {what}, {limit} are allowed. Ask for less at once."
    return None


def _walk(definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Local:
    """One definition by itself. A fragment is measured as if it stood at the root."""
    found = _Local()
    own = found.own
    own.directives = len(definition.directives or ())
    stack: list[tuple[SelectionSetNode, int, bool]] = [(definition.selection_set, 0, False)]
    while stack:
        selection_set, depth, introspection = stack.pop()
        for selection in selection_set.selections:
            own.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                own.fields += 1
                own.aliases += selection.alias is not None
                own.root_fields += depth == 0
                inside = introspection or selection.name.value in _INTROSPECTION
                if inside:
                    own.introspection_depth = max(own.introspection_depth, depth + 1)
                else:
                    own.depth = max(own.depth, depth + 1)
                if selection.selection_set is not None:
                    stack.append((selection.selection_set, depth + 1, inside))
            elif isinstance(selection, InlineFragmentNode):
                stack.append((selection.selection_set, depth, introspection))
            elif isinstance(selection, FragmentSpreadNode):
                found.spreads.append(_Spread(selection.name.value, depth, depth == 0, introspection))
    return found


def _resolve(name: str, local: Mapping[str, _Local], whole: dict[str, Measure]) -> None:
    """Puts the whole measure of a fragment, and of those it needs, into `whole`; without recursion."""
    if name in whole:
        return
    path = [(name, iter(local[name].spreads))]
    entered = {name}
    while path:
        current, spreads = path[-1]
        for spread in spreads:  # goes on where it stopped: each spread is looked at once
            if spread.name in local and spread.name not in whole and spread.name not in entered:
                entered.add(spread.name)
                path.append((spread.name, iter(local[spread.name].spreads)))
                break
        else:
            whole[current] = _added(local[current], whole)
            path.pop()


def _added(local: _Local, whole: Mapping[str, Measure]) -> Measure:
    """The definition's own measure with those of the fragments it spreads."""
    total = Measure(**{name: getattr(local.own, name) for name in Measure.__slots__})
    for spread in local.spreads:
        part = whole.get(spread.name)
        if part is None:
            continue
        if spread.introspection:
            deepest = max(part.depth, part.introspection_depth)
            total.introspection_depth = max(total.introspection_depth, spread.depth + deepest)
        else:
            total.depth = max(total.depth, spread.depth + part.depth)
            if part.introspection_depth:
                inside = spread.depth + part.introspection_depth
                total.introspection_depth = max(total.introspection_depth, inside)
        total.fields += part.fields
        total.aliases += part.aliases
        total.directives += part.directives
        total.root_fields += part.root_fields if spread.root else 0
    return total
