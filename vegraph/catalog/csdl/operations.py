"""Actions, functions and their imports from raw declarations (§12, §13.5, §13.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawOperation, RawParameter, RawSet
from vegraph.catalog.model import EntitySet, Operation, OperationImport, Parameter

__all__ = ["imports", "operations"]


def operations(declared: Iterable[tuple[str, RawOperation]], names: Names) -> Iterator[Operation]:
    """Every overload whose types are known; the others are defects."""
    seen: set[tuple[object, ...]] = set()
    for name, raw in declared:
        found = _operation(name, raw, names)
        if found is None:
            continue
        identity = _identity(found)
        if identity in seen:
            names.defect(_signature(found), "the overload is declared more than once", "the first one counts")
            continue
        seen.add(identity)
        yield found


def _identity(operation: Operation) -> tuple[object, ...]:
    """What tells overloads apart: actions by binding type, functions by parameter names too (§12.2, §12.4)."""
    binding = operation.binding
    arguments: tuple[object, ...] = ()
    if operation.kind == "function":
        arguments = tuple(sorted((p.name, p.type.name, p.type.collection) for p in operation.parameters))
    return operation.kind, operation.name, binding and (binding.name, binding.collection), arguments


def _signature(operation: Operation) -> str:
    binding = operation.binding
    return operation.name if binding is None else f"{operation.name}({binding.text})"


def _operation(name: str, raw: RawOperation, names: Names) -> Operation | None:
    given = [(names.value_ref if n or not raw.bound else names.type_ref)(p.type) for n, p in enumerate(raw.parameters)]
    types = [*given, *([names.type_ref(raw.returns.type)] if raw.returns else [])]
    unknown = next((ref.name for ref in types if not names.is_type(ref.name)), None)
    if not raw.name:
        names.defect(name, f"the {raw.kind} has no Name", "it is left out")
        return None
    if unknown is not None:
        names.defect(
            name,
            f"type {unknown or '(none)'} of one of its parameters or its result is not declared",
            f"this overload of the {raw.kind} is left out",
        )
        return None
    if raw.bound and not raw.parameters:
        names.defect(name, "it is bound but has no binding parameter", f"the {raw.kind} is left out")
        return None
    binding = types[0] if raw.bound else None
    place = f"{name}({','.join(ref.text for ref in types[: len(raw.parameters)])})"
    # an action's overload is told by its binding type alone, a function's by all parameters (§14.2.1)
    places = (name, place, f"{name}({binding.text})" if binding and raw.kind == "action" else place)
    facts = names.operation.facts(*(names.target(each) for each in dict.fromkeys(places)), raw.annotations)
    rest = raw.parameters[1:] if raw.bound else raw.parameters
    return Operation(
        name=name,
        kind=raw.kind,
        bound=raw.bound,
        binding=binding,
        binding_name=raw.parameters[0].name if raw.bound else None,
        parameters=tuple(_parameter(parameter, places, names) for parameter in rest),
        returns=None if raw.returns is None else types[-1],
        returns_nullable=raw.returns.nullable if raw.returns else True,
        composable=raw.composable,
        entity_set_path=raw.entity_set_path,
        **{fact: facts[fact] for fact in ("label", "description", "deprecated") if fact in facts},
    )


def _parameter(raw: RawParameter, places: tuple[str, ...], names: Names) -> Parameter:
    aimed = [names.target(f"{place}/{raw.name}") for place in dict.fromkeys(places)]
    facts = names.parameter.facts(*aimed, raw.annotations)
    return Parameter(
        name=raw.name,
        type=names.value_ref(raw.type),
        nullable=raw.nullable,
        max_length=raw.max_length,
        precision=raw.precision,
        scale=raw.scale,
        **{fact: facts[fact] for fact in ("optional", "description") if fact in facts},
    )


def imports(
    declared: Iterable[RawSet], found: Iterable[Operation], sets: dict[str, EntitySet], names: Names
) -> Iterator[OperationImport]:
    """The imports of unbound operations; a name taken twice is a defect."""
    unbound = {(operation.kind, operation.name) for operation in found if not operation.bound}
    seen: set[str] = set()
    for raw in declared:
        if raw.kind not in ("action", "function"):
            continue
        operation = names.qualify(raw.refers)
        if (raw.kind, operation) not in unbound:
            names.defect(
                raw.name, f"it imports {raw.kind} {operation}, which has no unbound overload", "it is left out"
            )
            continue
        if raw.name in seen or raw.name in sets:
            names.defect(raw.name, "the container has another child of that name", "the first one counts")
            continue
        seen.add(raw.name)
        target = raw.entity_set.rpartition("/")[2] if raw.entity_set else None
        if target and target not in sets:
            names.defect(raw.name, f"its entity set '{target}' does not exist", "the result stands without a set")
            target = None
        yield OperationImport(name=raw.name, operation=operation, kind=raw.kind, entity_set=target)
