"""What several entities share: complex types, enumerations, actions and functions."""

from __future__ import annotations

from collections.abc import Container, Iterator

from vegraph.catalog.diff.changes import Change
from vegraph.catalog.diff.members import properties
from vegraph.catalog.model import Catalog, ComplexType, EnumType, Operation, Parameter

__all__ = ["operations", "types"]


def types(old: Catalog, new: Catalog, only: Container[str] | None) -> Iterator[Change]:
    """Complex types, enumerations and type definitions, which several entities show."""
    for name in dict.fromkeys((*old.complex_types, *new.complex_types)):
        if only is None or name in only:
            yield from _complex(name, old.complex_types.get(name), new.complex_types.get(name))
    for name in dict.fromkeys((*old.enum_types, *new.enum_types)):
        if only is None or name in only:
            yield from _enum(name, old.enum_types.get(name), new.enum_types.get(name))
    for name, before in old.type_definitions.items():
        after = new.type_definitions.get(name, before)
        if before.underlying != after.underlying and (only is None or name in only):
            said = {"before": before.underlying, "after": after.underlying}
            yield Change(subject=name, what="type changed", **said, breaking=True)


def _complex(name: str, before: ComplexType | None, after: ComplexType | None) -> Iterator[Change]:
    if before is None or after is None:
        yield Change(subject=name, what="type added" if before is None else "type gone", breaking=after is None)
    elif before != after:
        if before.open and not after.open:
            yield Change(subject=name, what="no longer open", breaking=True)
        yield from properties(name, before.properties, after.properties)


def _enum(name: str, before: EnumType | None, after: EnumType | None) -> Iterator[Change]:
    if before is None or after is None:
        yield Change(subject=name, what="type added" if before is None else "type gone", breaking=after is None)
        return
    if before.flags != after.flags:
        yield Change(subject=name, what="now flags" if after.flags else "no longer flags", breaking=True)
    was = {member.name: member for member in before.members}
    now = {member.name: member for member in after.members}
    for member in dict.fromkeys((*was, *now)):
        if member not in now:
            yield Change(subject=name, member=member, what="enum member gone", breaking=True)
        elif member not in was:
            yield Change(subject=name, member=member, what="enum member added")
        elif was[member].value != now[member].value:
            yield Change(
                subject=name,
                member=member,
                what="enum value changed",
                before=str(was[member].value),
                after=str(now[member].value),
            )


def operations(old: Catalog, new: Catalog, only: Container[str] | None) -> Iterator[Change]:
    """The changes of actions and functions, overload by overload; `only` those bound to these types, if given."""

    def known(catalog: Catalog) -> dict[str, Operation]:
        return {
            _signature(operation): operation
            for operation in catalog.operations
            if only is None or operation.binding is None or operation.binding.name in only
        }

    was, now = known(old), known(new)
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            yield Change(subject=name, what=f"{was[name].kind} gone", breaking=True)
        elif name not in was:
            yield Change(subject=name, what=f"{now[name].kind} added")
        elif was[name] != now[name]:
            yield from _operation(name, was[name], now[name])


def _operation(subject: str, before: Operation, after: Operation) -> Iterator[Change]:
    if before.returns != after.returns:
        was, now = (each.returns.text if each.returns else "nothing" for each in (before, after))
        yield Change(subject=subject, what="result changed", before=was, after=now, breaking=True)
    old = {parameter.name: parameter for parameter in before.parameters}
    new = {parameter.name: parameter for parameter in after.parameters}
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Change(subject=subject, member=name, what="parameter gone", breaking=True)
        elif name not in old:
            yield Change(subject=subject, member=name, what="parameter added", breaking=_must(new[name]))
        elif old[name].type != new[name].type:
            yield Change(
                subject=subject,
                member=name,
                what="parameter type changed",
                before=old[name].type.text,
                after=new[name].type.text,
                breaking=True,
            )
        elif _must(old[name]) != _must(new[name]):
            must = _must(new[name])
            what = "parameter now required" if must else "parameter no longer required"
            yield Change(subject=subject, member=name, what=what, breaking=must)


def _must(parameter: Parameter) -> bool:
    return not parameter.nullable and not parameter.optional


def _signature(operation: Operation) -> str:
    if operation.kind == "action" or operation.binding is None:
        return f"{operation.name}({operation.binding.text})" if operation.binding else operation.name
    names = ",".join(parameter.name for parameter in operation.parameters)
    return f"{operation.name}({operation.binding.text}{',' if names else ''}{names})"
