"""F&O's metadata services (`/metadata/PublicEntities`, `…/PublicEnumerations`, `…/DataEntities`) to a catalog.

A full alternative to the 30–50 MB `$metadata` (erp.md OF-150 to OF-164), and in one thing better: it says which
relations are narrowed by fixed values, which look complete in `$metadata` and are too wide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from vegraph.catalog import link
from vegraph.catalog.csdl.raw import (
    Annotations,
    RawContainer,
    RawDocument,
    RawEnum,
    RawMember,
    RawNavigation,
    RawOperation,
    RawParameter,
    RawSet,
    RawStructured,
    RawValue,
)
from vegraph.catalog.model import Catalog
from vegraph.catalog.untyped import records
from vegraph.errors import CatalogError

__all__ = ["NAMESPACE", "read", "rows"]

NAMESPACE = "Microsoft.Dynamics.DataEntities"
_AX = "Microsoft.Dynamics.OData.Core.V1"
_NEVER_NULL = frozenset({"Edm.DateTimeOffset", "Edm.Decimal", "Edm.Guid", "Edm.Int32", "Edm.Int64"})
"""As `$metadata` has it: by type, not by meaning (metadata.md §3)."""

Json = Mapping[str, Any]


def read(
    entities: bytes | Iterable[Json],
    enumerations: bytes | Iterable[Json],
    data_entities: bytes | Iterable[Json] = (),
    *,
    name: str,
) -> Catalog:
    """The linked catalog of the three lists, each the service's answer or its rows. Raises CatalogError.

    `data_entities` may be left out: it adds read-only marks and labels that the public list lacks.
    """
    where = f"{name}: PublicEntities"
    from vegraph.catalog.csdl.assemble import assemble  # a start from compiled catalogs does without

    found_entities = rows(entities, where)
    found_enums = rows(enumerations, f"{name}: PublicEnumerations")
    physical = {str(row.get("PublicEntityName")): row for row in rows(data_entities, f"{name}: DataEntities")}
    document = RawDocument()
    schema = document.schema(NAMESPACE)
    navigation: dict[str, list[Json]] = {
        str(row.get("Name")): list(records(row.get("NavigationProperties"))) for row in found_entities
    }
    children: list[RawSet] = []
    for row in found_enums:
        schema.enums.append(_enum(row))
    for row in found_entities:
        entity = str(row.get("Name", ""))
        known = physical.get(entity, {})
        schema.types.append(_entity(row, known, navigation))
        set_name = row.get("EntitySetName") or known.get("PublicCollectionName")
        if set_name:
            children.append(RawSet("set", str(set_name), f"{NAMESPACE}.{entity}"))
        schema.operations.extend(
            _action(action, entity, str(set_name or entity)) for action in records(row.get("Actions"))
        )
    children.extend(
        RawSet("action", operation.name, f"{NAMESPACE}.{operation.name}")
        for operation in schema.operations
        if not operation.bound
    )
    schema.containers.append(RawContainer("Resources", tuple(children)))
    return link.linked(assemble(document, digest=_digest(found_entities, found_enums, list(physical.values()))))


def rows(answer: bytes | Iterable[Json], where: str) -> list[Json]:
    """The rows of an answer (`{"value": […]}` or a bare list), or rows as they are. Raises CatalogError."""
    if not isinstance(answer, bytes):
        return list(answer)
    try:
        found = json.loads(answer.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raise CatalogError(f"{where}: the answer is not JSON. Fetch it again with 'vegraph catalog pull'.") from None
    if isinstance(found, dict):
        found = found.get("value")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise CatalogError(f"{where}: the answer is not a list of rows. Check the address and the user's rights.")
    return found


def _digest(*lists: list[Json]) -> str:
    found = hashlib.sha256()
    for each in lists:
        found.update(json.dumps(each, sort_keys=True, separators=(",", ":")).encode())
    return found.hexdigest()


def _labels(row: Json) -> Annotations:
    label = row.get("LabelId")
    return {f"{_AX}.LabelId": label} if isinstance(label, str) and label else {}


def _enum(row: Json) -> RawEnum:
    return RawEnum(
        name=str(row.get("Name", "")),
        members=tuple(
            RawMember(str(member.get("Name", "")), member.get("Value"), _labels(member))
            for member in records(row.get("Members"))
        ),
        annotations=_labels(row),
    )


def _entity(row: Json, physical: Json, navigation: Mapping[str, list[Json]]) -> RawStructured:
    properties = list(records(row.get("Properties")))
    annotations = {**_labels(physical), **_labels(row)}
    if row.get("IsReadOnly") is True or physical.get("IsReadOnly") is True:
        annotations[f"{_AX}.IsReadOnly"] = True
    return RawStructured(
        kind="entity",
        name=str(row.get("Name", "")),
        key=tuple(str(prop.get("Name")) for prop in properties if prop.get("IsKey") is True),
        properties=tuple(_property(prop) for prop in properties),
        navigation=tuple(
            _navigation(str(row.get("Name")), nav, navigation) for nav in records(row.get("NavigationProperties"))
        ),
        annotations=annotations,
    )


def _property(row: Json) -> RawValue:
    kind = _type(row.get("TypeName"))
    said = {
        f"{_AX}.AXType": row.get("DataType"),
        f"{_AX}.AllowEdit": row.get("AllowEdit"),
        f"{_AX}.AllowEditOnCreate": row.get("AllowEditOnCreate"),
        f"{_AX}.IsRequired": True if row.get("IsMandatory") is True else None,
    }
    return RawValue(
        name=str(row.get("Name", "")),
        type=kind,
        nullable=not (row.get("IsKey") is True or kind in _NEVER_NULL),
        annotations={**_labels(row), **{term: value for term, value in said.items() if value is not None}},
    )


def _type(name: Any) -> str:
    text = str(name or "")
    return text if not text or "." in text else f"{NAMESPACE}.{text}"


def _navigation(owner: str, row: Json, navigation: Mapping[str, list[Json]]) -> RawNavigation:
    related = str(row.get("RelatedEntity", ""))
    partner = row.get("RelatedRelationName")
    back = next((nav for nav in navigation.get(related, ()) if nav.get("Name") == partner), None)
    kind = f"{NAMESPACE}.{related}"
    pairs, conditional = _constraints(row)
    return RawNavigation(
        name=str(row.get("Name", "")),
        type=f"Collection({kind})" if row.get("Cardinality") == "Multiple" else kind,
        partner=str(partner) if back is not None and back.get("RelatedEntity") == owner else None,
        constraints=pairs,
        conditional=conditional,
        annotations=_labels(row),
    )


def _constraints(row: Json) -> tuple[tuple[tuple[str, str], ...], bool]:
    """(pairs, whether a fixed or related-fixed constraint narrows the relation) (OF-156)."""
    pairs: list[tuple[str, str]] = []
    conditional = False
    for constraint in records(row.get("Constraints")):
        if "ReferencedProperty" in constraint:
            pairs.append((str(constraint.get("Property")), str(constraint["ReferencedProperty"])))
        else:
            conditional = True
    return tuple(pairs), conditional


def _action(row: Json, entity: str, set_name: str) -> RawOperation:
    """An action; the binding parameter is made where the service leaves it out (OF-157, OF-163)."""
    kind = row.get("BindingKind", "Unbound")
    parameters = [
        RawParameter(str(each.get("Name", "")), _parameter_type(each.get("Type")))
        for each in records(row.get("Parameters"))
    ]
    own = f"{NAMESPACE}.{entity}"
    binding = f"Collection({own})" if kind == "BoundToEntitySet" else own
    bound = kind in ("BoundToEntityInstance", "BoundToEntitySet")
    if bound and not (parameters and parameters[0].type in (own, binding)):
        parameters.insert(0, RawParameter(set_name, binding))
    returned = row.get("ReturnType")
    result = _parameter_type(returned) if isinstance(returned, dict) else ""
    return RawOperation(
        kind="action",
        name=str(row.get("Name", "")),
        bound=bound,
        parameters=tuple(parameters),
        returns=RawValue("", result) if result and not result.endswith(".Void") else None,
    )


def _parameter_type(said: Any) -> str:
    if not isinstance(said, dict):
        return _type(said)
    kind = _type(said.get("TypeName"))
    return f"Collection({kind})" if kind and said.get("IsCollection") is True else kind
