"""CSDL JSON (OData CSDL JSON 4.01) to raw declarations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from vegraph.catalog.annotations import is_known
from vegraph.catalog.csdl.raw import (
    Annotations,
    RawContainer,
    RawDocument,
    RawEnum,
    RawMember,
    RawNavigation,
    RawOperation,
    RawParameter,
    RawSchema,
    RawSet,
    RawStructured,
    RawTypeDefinition,
    RawValue,
    Scale,
)
from vegraph.catalog.untyped import records
from vegraph.errors import CatalogError

__all__ = ["parse"]

Object = dict[str, Any]
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TOO_LONG = 10**11
"""A length that is none, as in XML."""
_V = TypeVar("_V", bound=RawValue)


def parse(data: bytes, where: str) -> RawDocument:
    """The raw declarations of a CSDL JSON document. Raises CatalogError for any other JSON."""
    found = RawDocument()
    root = _load(data, where, found)
    if not isinstance(root, dict) or not str(root.get("$Version", "")).startswith("4."):
        raise CatalogError(f"{where}: {_what(root)} Ask for <service>/$metadata.")
    found.version = str(root["$Version"])
    for _, reference in _objects(root.get("$Reference")):
        for include in records(reference.get("$Include")):
            if include.get("$Alias"):
                found.aliases[str(include["$Alias"])] = str(include.get("$Namespace"))
    for namespace, schema in _objects(root):
        if not namespace.startswith("$"):
            _schema(found, namespace, schema)
    if not found.schemas:
        raise CatalogError(f"{where}: the document declares no schema. Ask for <service>/$metadata.")
    return found


def _load(data: bytes, where: str, found: RawDocument) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> Object:
        made: Object = {}
        for name, value in items:
            if name in made:
                found.problems.append((name, "the name is repeated in one JSON object", "the first one counts"))
            else:
                made[name] = value
        return made

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    try:
        root = json.loads(data, object_pairs_hook=pairs, parse_constant=refuse)
        if _SURROGATE.search(data):
            json.dumps(root, ensure_ascii=False).encode()  # a half of a pair is no text
        return root
    except RecursionError:
        raise CatalogError(f"{where}: the JSON is nested too deeply to be metadata.") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise CatalogError(
            f"{where}: not well-formed JSON ({str(error)[:120]}). Fetch the document again, whole."
        ) from None


def _what(root: Any) -> str:
    if isinstance(root, dict) and "error" in root:
        return "the service answered with an error, not with metadata."
    if isinstance(root, dict) and "@odata.context" in root:
        return "this is an answer of the service (a service document or rows), not its metadata."
    if isinstance(root, dict) and "$Version" in root:
        return f"the document says OData version {str(root['$Version'])[:20]!r}; vegraph reads 4.0 and 4.01."
    return "this JSON is not OData metadata: it has no '$Version'."


def _objects(value: Any) -> Iterator[tuple[str, Object]]:
    """The members of an object that are objects themselves."""
    for name, child in value.items() if isinstance(value, dict) else ():
        if isinstance(child, dict):
            yield name, child


def _schema(found: RawDocument, namespace: str, said: Object) -> None:
    schema = found.schema(namespace)
    if isinstance(said.get("$Alias"), str):
        found.aliases[said["$Alias"]] = namespace
    for target, aimed in _objects(said.get("$Annotations")):
        schema.targets.append((target, _annotations(aimed)))
    for name, child in said.items():
        if name.startswith(("$", "@")) or "@" in name:
            continue
        if isinstance(child, list):
            schema.operations.extend(_operation(name, o) for o in child if isinstance(o, dict))
        elif isinstance(child, dict):
            _child(schema, name, child, said)


def _child(schema: RawSchema, name: str, child: Object, siblings: Object) -> None:
    match child.get("$Kind"):
        case "EntityType" | "ComplexType":
            schema.types.append(_structured(name, child))
        case "EnumType":
            schema.enums.append(_enum(name, child))
        case "TypeDefinition":
            schema.definitions.append(
                RawTypeDefinition(
                    name,
                    str(child.get("$UnderlyingType", "")),
                    _facet(child.get("$MaxLength")),
                    _facet(child.get("$Precision")),
                    _scale(child.get("$Scale")),
                )
            )
        case "EntityContainer":
            schema.containers.append(RawContainer(name, tuple(_sets(child)), _annotations(child)))
        case "Action" | "Function":
            schema.operations.append(_operation(name, child))


def _structured(name: str, said: Object) -> RawStructured:
    members = [(n, c) for n, c in _objects(said) if not n.startswith(("$", "@")) and "@" not in n]
    return RawStructured(
        kind="entity" if said["$Kind"] == "EntityType" else "complex",
        name=name,
        base=_text(said.get("$BaseType")),
        abstract=said.get("$Abstract") is True,
        open=said.get("$OpenType") is True,
        has_stream=said.get("$HasStream") is True,
        key=tuple(_key(said.get("$Key"))),
        properties=tuple(_value(RawValue, n, c) for n, c in members if c.get("$Kind") != "NavigationProperty"),
        navigation=tuple(_navigation(n, c) for n, c in members if c.get("$Kind") == "NavigationProperty"),
        annotations=_annotations(said),
    )


def _key(parts: Any) -> Iterator[str]:
    """Property paths; a part with an alias is an object of one member (§6.5)."""
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            yield from (str(path) for path in part.values())
        else:
            yield str(part)


def _type(said: Object, default: str) -> str:
    name = said.get("$Type", default)
    return f"Collection({name})" if said.get("$Collection") is True else str(name)


def _value(kind: type[_V], name: str, said: Object) -> _V:
    default = said.get("$DefaultValue")
    return kind(
        name=name,
        type=_type(said, "Edm.String"),
        nullable=said.get("$Nullable") is True,
        max_length=_facet(said.get("$MaxLength")),
        precision=_facet(said.get("$Precision")),
        scale=_scale(said.get("$Scale")),
        default=None if default is None else str(default),
        annotations=_annotations(said),
    )


def _navigation(name: str, said: Object) -> RawNavigation:
    constraints = said.get("$ReferentialConstraint")
    return RawNavigation(
        name=name,
        type=_type(said, ""),
        nullable=said.get("$Nullable") is True,
        contains_target=said.get("$ContainsTarget") is True,
        partner=_text(said.get("$Partner")),
        constraints=tuple(
            (own, str(target))
            for own, target in (constraints.items() if isinstance(constraints, dict) else ())
            if "@" not in own
        ),
        annotations=_annotations(said),
    )


def _enum(name: str, said: Object) -> RawEnum:
    return RawEnum(
        name=name,
        underlying=str(said.get("$UnderlyingType", "Edm.Int32")),
        flags=said.get("$IsFlags") is True,
        members=tuple(
            RawMember(
                member,
                value if isinstance(value, int) and not isinstance(value, bool) else str(value),
                _annotations({k[len(member) :]: v for k, v in said.items() if k.startswith(f"{member}@")}),
            )
            for member, value in said.items()
            if not member.startswith("$") and "@" not in member
        ),
        annotations=_annotations(said),
    )


def _operation(name: str, said: Object) -> RawOperation:
    returned = said.get("$ReturnType")
    parameters = records(said.get("$Parameter"))
    return RawOperation(
        kind="action" if said.get("$Kind") == "Action" else "function",
        name=name,
        bound=said.get("$IsBound") is True,
        composable=said.get("$IsComposable") is True,
        entity_set_path=_text(said.get("$EntitySetPath")),
        parameters=tuple(_value(RawParameter, str(p.get("$Name", "")), p) for p in parameters),
        returns=_value(RawValue, "", returned) if isinstance(returned, dict) else None,
        annotations=_annotations(said),
    )


def _sets(container: Object) -> Iterator[RawSet]:
    for name, said in _objects(container):
        if name.startswith(("$", "@")) or "@" in name:
            continue
        target = _text(said.get("$EntitySet"))
        if "$Action" in said:
            yield RawSet("action", name, str(said["$Action"]), target)
        elif "$Function" in said:
            yield RawSet("function", name, str(said["$Function"]), target)
        else:
            bindings = said.get("$NavigationPropertyBinding")
            yield RawSet(
                "set" if said.get("$Collection") is True else "singleton",
                name,
                str(said.get("$Type", "")),
                None,
                tuple((p, str(t)) for p, t in (bindings.items() if isinstance(bindings, dict) else ())),
                _annotations(said),
            )


def _annotations(said: Object) -> Annotations:
    """`@Core.Description` members; qualified ones (`#Tablet`) and annotations of annotations are left out."""
    return {
        name[1:]: _plain(value)
        for name, value in said.items()
        if name.startswith("@") and "#" not in name and "@" not in name[1:] and is_known(name[1:])
    }


def _plain(value: Any) -> Any:
    """An annotation's value as `csdl.raw` wants it: terms inside records lose nothing, expressions become None."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if not name.startswith("$")}
    return value


def _facet(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_LONG else None


def _scale(value: Any) -> Scale:
    return value if value in ("variable", "floating") else _facet(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
