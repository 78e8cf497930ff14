"""Several API routes of one Business Central environment as one catalog (erp.md OB-3, OB-12, BC-20).

The first route is the main one and keeps every name. A set or type of a further route that is the same as one already
there is shared; one that only has the same name gets its route before the name: set `contoso/app/v1.0/customers`, type
`contoso/app/v1.0:Microsoft.NAV.customer`. The rule looks at the documents alone, never at what is visible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vegraph.catalog import link
from vegraph.catalog.model import Catalog, EntitySet, Operation, TypeRef

__all__ = ["merged"]

_KINDS = ("entity_types", "complex_types", "enum_types", "type_definitions")


def merged(routes: Mapping[str, Catalog], *, main: str | None = None) -> Catalog:
    """One linked catalog of all routes. `main` (default: the first) is the route of the source's own URL: its sets have
    `api` "", the others' the route."""
    first = next(iter(routes)) if main is None else main
    whole = routes[first]
    for route, catalog in routes.items():
        if route != first:
            whole = _joined(whole, catalog, route)
    digest = hashlib.sha256("".join(f"{route}={c.digest};" for route, c in routes.items()).encode()).hexdigest()
    return link.linked(msgspec.structs.replace(whole, digest=digest))


def _joined(whole: Catalog, more: Catalog, route: str) -> Catalog:
    renamed = {name: f"{route}:{name}" for name in _clashing(whole, more)}
    types: dict[str, dict[str, Any]] = {}
    for kind in _KINDS:
        own = getattr(more, kind)
        types[kind] = {
            **getattr(whole, kind),
            **{renamed.get(name, name): _rewritten(value, renamed) for name, value in own.items()},
        }
    set_names = {name: _set_name(whole, name, renamed, more, route) for name in more.entity_sets}
    sets = dict(whole.entity_sets)
    for name, entity_set in more.entity_sets.items():
        sets.setdefault(set_names[name], _set(entity_set, set_names, renamed, route))
    operations = dict.fromkeys((*whole.operations, *(_operation(o, renamed) for o in more.operations)))
    known = {(each.kind, each.name) for each in whole.imports}
    return msgspec.structs.replace(
        whole,
        namespaces=tuple(dict.fromkeys((*whole.namespaces, *more.namespaces))),
        entity_sets=sets,
        operations=tuple(operations),
        imports=(*whole.imports, *(each for each in more.imports if (each.kind, each.name) not in known)),
        derived={
            **whole.derived,
            **{
                renamed.get(base, base): tuple(renamed.get(each, each) for each in below)
                for base, below in more.derived.items()
            },
        },
        defects=(
            *whole.defects,
            *(msgspec.structs.replace(defect, place=f"{route}: {defect.place}") for defect in more.defects),
        ),
        **types,
    )


def _clashing(whole: Catalog, more: Catalog) -> frozenset[str]:
    """Types of a further route that differ from the one of the same name, or lead to one that does."""
    there: dict[str, Any] = {name: value for kind in _KINDS for name, value in getattr(whole, kind).items()}
    here: dict[str, Any] = {name: value for kind in _KINDS for name, value in getattr(more, kind).items()}
    clashing = {name for name, value in here.items() if name in there and there[name] != value}
    grown = True
    while grown:
        grown = False
        for name, value in here.items():
            if name in there and name not in clashing and not clashing.isdisjoint(_referred(value)):
                clashing.add(name)
                grown = True
    return frozenset(clashing)


def _referred(value: Any) -> Iterator[str]:
    """The type names that a type refers to."""
    if getattr(value, "base", None):
        yield value.base
    for prop in getattr(value, "properties", ()):
        yield prop.type.name
    for nav in getattr(value, "navigation", ()):
        yield nav.target


def _rewritten(value: Any, renamed: Mapping[str, str]) -> Any:
    """A type with every reference to a renamed type following it."""
    changed: dict[str, Any] = {"name": renamed.get(value.name, value.name)}
    if getattr(value, "base", None):
        changed["base"] = renamed.get(value.base, value.base)
    if hasattr(value, "properties"):
        changed["properties"] = tuple(
            msgspec.structs.replace(prop, type=_ref(prop.type, renamed)) for prop in value.properties
        )
        changed["navigation"] = tuple(
            msgspec.structs.replace(nav, target=renamed.get(nav.target, nav.target)) for nav in value.navigation
        )
    return msgspec.structs.replace(value, **changed)


def _ref(ref: TypeRef, renamed: Mapping[str, str]) -> TypeRef:
    return TypeRef(renamed[ref.name], ref.collection) if ref.name in renamed else ref


def _set_name(whole: Catalog, name: str, renamed: Mapping[str, str], more: Catalog, route: str) -> str:
    """The set's own name, unless another set has it; the very same set is shared."""
    there = whole.entity_sets.get(name)
    here = more.entity_sets[name]
    if there is None or (here.type not in renamed and here.type == there.type):
        return name
    return f"{route}/{name}"


def _set(entity_set: EntitySet, names: Mapping[str, str], renamed: Mapping[str, str], route: str) -> EntitySet:
    name = names[entity_set.name]
    return msgspec.structs.replace(
        entity_set,
        name=name,
        path="" if name == entity_set.name else entity_set.name,
        api=route,
        type=renamed.get(entity_set.type, entity_set.type),
        bindings={path: names.get(target, target) for path, target in entity_set.bindings.items()},
    )


def _operation(operation: Operation, renamed: Mapping[str, str]) -> Operation:
    changed: dict[str, Any] = {
        "parameters": tuple(
            msgspec.structs.replace(each, type=_ref(each.type, renamed)) for each in operation.parameters
        )
    }
    if operation.binding:
        changed["binding"] = _ref(operation.binding, renamed)
    if operation.returns:
        changed["returns"] = _ref(operation.returns, renamed)
    return msgspec.structs.replace(operation, **changed)
