"""Writes and calls as requests. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from vegraph.backend import payloads, urls
from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.exchange import Wire
from vegraph.backend.headers import etag
from vegraph.backend.literals import json_literal, literal
from vegraph.backend.requests import cast, row_path
from vegraph.backend.retries import Kind
from vegraph.catalog.model import wire_type
from vegraph.errors import NotSupported
from vegraph.plan.steps import Bound, Call, Create, Delete, Key, Update, Write
from vegraph.schema.values import Kind as ValueKind
from vegraph.schema.values import ValueType

__all__ = ["kind_of", "wire"]

_NO_LITERAL = (ValueKind.COMPLEX, ValueKind.JSON)


def kind_of(step: Write) -> Kind:
    """How it may be repeated (identity.md §7.1)."""
    if isinstance(step, Call) and step.operation.kind == "function":
        return "read"
    if isinstance(step, Update | Delete) and step.if_match not in (None, "*"):
        return "guarded"
    return "once"


def wire(step: Write, dialect: BaseDialect) -> Wire:
    """The request of one write. Raises BadUserInput for values that cannot be written."""
    match step:
        case Create():
            return _create(step, dialect)
        case Update():
            path, template = row_path(step.set, step.key, step.company, dialect)
            return Wire(
                method="PATCH",
                route=dialect.route(step.set),
                path=path + cast(step.set, step.entity),
                query=dialect.key_options(step.entity, keyed=True),
                template=template,
                body=_body(step.values, step, dialect),
                headers=_content(dialect) | _if_match(step.if_match),
            )
        case Delete():
            path, template = row_path(step.set, step.key, step.company, dialect)
            return Wire(
                method="DELETE",
                route=dialect.route(step.set),
                path=path + cast(step.set, step.entity),
                query=dialect.key_options(step.entity, keyed=True),
                template=template,
                headers=_if_match(step.if_match),
            )
        case Call():
            return _call(step, dialect)
        case _:
            assert_never(step)


def _create(step: Create, dialect: BaseDialect) -> Wire:
    values = step.values
    company = step.entity.company
    if dialect.company == "property" and step.company is not None and company not in (None, "context"):
        values = {str(company): step.company.name, **values}
    path, template = dialect.set_path(step.set, step.company), step.set.name
    query = ""
    if step.under is not None:
        key, navigation = step.under
        path, template = row_path(step.set, key, step.company, dialect)
        path, template = f"{path}/{urls.name(navigation)}", f"{template}/{navigation}"
        query = dialect.key_options(step.entity, keyed=True)
    return Wire(
        method="POST",
        route=dialect.route(step.set),
        path=path,
        query=query,
        template=template,
        body=_body(values, step, dialect),
        headers=_content(dialect),
    )


def _body(values: Mapping[str, Any], step: Create | Update, dialect: BaseDialect) -> bytes:
    values = _referring(values, step, dialect)
    values = payloads.exact(values, step.entity) if dialect.ieee754 else values
    return payloads.body(_typed(values, step))


def _typed(values: Mapping[str, Any], step: Create | Update) -> Mapping[str, Any]:
    """The values with the row's type, where it is not the one that the set declares (JSON format 4.01, 4.6.3)."""
    if step.entity.type.name == step.set.type:
        return values
    return {"@odata.type": f"#{wire_type(step.entity.type.name)}", **values}


def _referring(values: Mapping[str, Any], step: Create | Update, dialect: BaseDialect) -> Mapping[str, Any]:
    """The values with references to rows as the service reads them (JSON format 4.0, section 8.5; 4.01, 8.5)."""
    made: dict[str, Any] = {}
    for wire, value in values.items():
        match value:
            case Bound(set=set_, key=key):
                path = row_path(set_, key, step.company, dialect)[0]
                newer = dialect.odata_version != "4.0"
                made.update({wire: {"@id": path}} if newer else {f"{wire}@odata.bind": path})
            case Mapping():
                made[wire] = _referring(value, step, dialect)
            case list():
                made[wire] = [_referring(v, step, dialect) if isinstance(v, Mapping) else v for v in value]
            case _:
                made[wire] = value
    return made


def _content(dialect: BaseDialect) -> dict[str, str]:
    exact = ";IEEE754Compatible=true" if dialect.ieee754 else ""
    return {"Content-Type": f"application/json{exact}", "OData-Version": dialect.odata_version}


def _if_match(given: str | None) -> dict[str, str]:
    return {"If-Match": etag(given)} if given is not None else {}


def _call(step: Call, dialect: BaseDialect) -> Wire:
    path, template = _place(step, dialect)
    name = step.import_name or step.operation.name
    path, template = path + urls.name(name), template + name
    options = [dialect.key_options(step.entity, keyed=step.key is not None, cross_company=step.cross_company)]
    shape = [urls.select(step.select), urls.expand(step.expand, dialect)]
    if step.operation.kind == "function":
        inline, aliases = _inline(step, dialect)
        return Wire(
            method="GET",
            route=dialect.route(step.set),
            path=path + inline,
            query=urls.options(*options, *aliases, *shape),
            template=f"{template}(…)",
        )
    return Wire(
        method="POST",
        route=dialect.route(step.set),
        path=path,
        query=urls.options(*options, *shape),
        template=template,
        body=payloads.body({name: _argument(name, t, v, step, dialect) for name, t, v in step.arguments}),
        headers=_content(dialect) | _if_match(step.if_match or _any_version(step, dialect)),
    )


def _any_version(step: Call, dialect: BaseDialect) -> str | None:
    """`*` where the service wants to be told that the row's version does not matter to the caller."""
    guarded = dialect.actions_guarded and step.key is not None and step.set is not None and step.set.optimistic
    return "*" if guarded else None


def _place(step: Call, dialect: BaseDialect) -> tuple[str, str]:
    """What the operation is bound to, with the slash behind it."""
    if step.key is not None:
        if step.set is None:
            raise NotSupported(f"{step.operation.short_name} is bound to rows of a set that is not visible.")
        path, template = row_path(step.set, step.key, step.company, dialect)
        return f"{path}{_cast_to_bound(step)}/", f"{template}/"
    if step.set is not None and step.operation.bound:
        return f"{dialect.set_path(step.set, step.company)}/", f"{step.set.name}/"
    return dialect.prefix(step.company), ""


def _cast_to_bound(step: Call) -> str:
    """A type cast segment where the operation is bound to a subtype of what the set declares: what is bound to the type
    itself, or to a base, is found by every row's address."""
    if step.set is None or step.entity is None or step.operation.binding is None:
        return ""
    types, base = step.entity.source.catalog.entity_types, step.set.type
    while (declared := types.get(base)) is not None and declared.name != step.operation.binding.name:
        base = declared.base or ""
    return cast(step.set, step.entity) if declared is None else ""


def _inline(step: Call, dialect: BaseDialect) -> tuple[str, Sequence[str]]:
    """`(a=1,b=@b)` and `@b=…`: values without a literal go by alias (4.01 part 2, section 5.3)."""
    inline, aliases = [], []
    for name, type_, value in step.arguments:
        encoded = urls.name(name)
        if value is None:
            inline.append(f"{encoded}=null")
        elif type_ is None or type_.collection or type_.kind in _NO_LITERAL:
            text = json_literal(payloads.body(_argument(name, type_, value, step, dialect)))
            inline.append(f"{encoded}=@{encoded}")
            aliases.append(f"@{encoded}={text}")
        else:
            inline.append(f"{encoded}={literal(value, type_, dialect.style)}")
    return f"({','.join(inline)})", aliases


def _argument(name: str, type_: ValueType | None, value: Any, step: Call, dialect: BaseDialect) -> Any:
    if type_ is not None:
        found = payloads.wire_value(value, type_)
        return payloads.exact_value(found, type_) if dialect.ieee754 else found
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_reference(name, key, step, dialect) for key in value]
    return _reference(name, value, step, dialect)


def _reference(name: str, key: Key, step: Call, dialect: BaseDialect) -> dict[str, str]:
    """An entity as an argument: by its address (JSON format 4.01, section 14)."""
    wanted = next((p.type.name for p in step.operation.parameters if p.name == name), None)
    found = next((s for s in dialect.catalog.entity_sets.values() if s.type == wanted and not s.singleton), None)
    if found is None:
        raise NotSupported(f"{step.operation.short_name}: the rows that '{name}' takes have no set to be named by.")
    return {"@odata.id": row_path(found, key, step.company, dialect)[0]}
