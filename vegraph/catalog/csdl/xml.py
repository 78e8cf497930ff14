"""CSDL XML (OData CSDL XML 4.01) to raw declarations, one schema child at a time, so that no whole tree is held.

The parser fetches nothing, expands nothing and refuses a DTD; references are never followed, only the aliases
they include are noted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, TypeVar

from lxml import etree

from vegraph.catalog.csdl import document
from vegraph.catalog.csdl.raw import (
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
)
from vegraph.catalog.csdl.xml_annotations import EDM, annotated, facet, flag, scale
from vegraph.catalog.csdl.xml_refusals import EDMX, check_root, malformed
from vegraph.errors import CatalogError

__all__ = ["parse"]

_PROPERTY = f"{EDM}Property"
_NAVIGATION = f"{EDM}NavigationProperty"
_CONSTRAINT = f"{EDM}ReferentialConstraint"
_MEMBER = f"{EDM}Member"
_ENTITY_TYPE = f"{EDM}EntityType"
_KEY = f"{EDM}Key"
_KEY_PART = f"{EDM}PropertyRef"
_BINDING = f"{EDM}NavigationPropertyBinding"
_CHILDREN = (
    "EntityType",
    "ComplexType",
    "EnumType",
    "TypeDefinition",
    "Action",
    "Function",
    "EntityContainer",
    "Annotations",
)
_TAGS = tuple(f"{{*}}{name}" for name in ("Edmx", "Schema", "Reference", *_CHILDREN))
_EVENTS = ("start", "end")
_NO = ("false", "0")
_V = TypeVar("_V", bound=RawValue)


def parse(data: bytes, where: str) -> RawDocument:
    """The raw declarations of a CSDL 4.x XML document. Raises CatalogError for anything else."""
    document.check_nodes(data, where)
    found = RawDocument()
    events = etree.iterparse(
        BytesIO(data),
        events=_EVENTS,
        tag=_TAGS,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        collect_ids=False,
    )
    try:
        seen = False
        for event, element in events:
            if not seen:
                check_root(element.getroottree(), where)
                seen = True
            if event == "start":
                _open(found, element, where)
            else:
                _close(found, element)
        if not seen:
            check_root(events.root.getroottree(), where)
    except etree.XMLSyntaxError as error:
        raise CatalogError(malformed(error, data, where)) from None
    if not found.schemas:
        raise CatalogError(f"{where}: the document declares no <Schema>. Ask for <service>/$metadata.")
    return found


def _open(found: RawDocument, element: Any, where: str) -> None:
    """Note what the start tags of `Edmx` and `Schema` say."""
    name = etree.QName(element)
    if name.localname == "Edmx" and name.namespace == EDMX[1:-1]:
        version = element.get("Version", "4.0")
        if not version.startswith("4."):
            raise CatalogError(
                f"{where}: the document says OData version {version!r}; vegraph reads 4.0 and 4.01. "
                "Ask for the service's V4 endpoint."
            )
        found.version = version
    elif name.localname == "Schema":
        if f"{{{name.namespace}}}" != EDM:
            raise CatalogError(
                f"{where}: <Schema> of namespace '{name.namespace}' is not OData V4 metadata. "
                "Ask for the service's V4 endpoint."
            )
        namespace = element.get("Namespace")
        if namespace:
            found.schema(namespace)
            if element.get("Alias"):
                found.aliases[element.get("Alias")] = namespace


def _close(found: RawDocument, element: Any) -> None:
    """Read one finished schema child and let go of it."""
    parent = element.getparent()
    tag = element.tag
    if tag == f"{EDMX}Reference":
        for include in element.iterchildren(f"{EDMX}Include"):
            if include.get("Alias") and include.get("Namespace"):
                found.aliases[include.get("Alias")] = include.get("Namespace")
    if parent is None or parent.tag != f"{EDM}Schema":
        return
    read = _READERS.get(tag)
    namespace = parent.get("Namespace")
    if read and namespace:
        read(found, found.schema(namespace), element)
    elif read:
        found.problems.append(("Schema", "it has no Namespace", f"its {etree.QName(element).localname} is left out"))
    element.clear()
    while element.getprevious() is not None:
        del parent[0]


def _structured(found: RawDocument, schema: RawSchema, element: Any) -> None:
    said = dict(element.items())
    entity = element.tag == _ENTITY_TYPE
    properties: list[RawValue] = []
    navigation: list[RawNavigation] = []
    key: tuple[str, ...] = ()
    others = []
    for child in element:
        tag = child.tag
        if tag == _PROPERTY:
            properties.append(_value(RawValue, child))
        elif tag == _NAVIGATION:
            navigation.append(_navigation(child))
        elif tag == _KEY:
            key = tuple(ref.get("Name", "") for ref in child.iterchildren(_KEY_PART))
        else:
            others.append(child)
    schema.types.append(
        RawStructured(
            kind="entity" if entity else "complex",
            name=said.get("Name", ""),
            base=said.get("BaseType"),
            abstract=flag(said.get("Abstract")),
            open=flag(said.get("OpenType")),
            has_stream=flag(said.get("HasStream")),
            key=key,
            properties=tuple(properties),
            navigation=tuple(navigation),
            annotations=annotated(others),
        )
    )


def _value(kind: type[_V], element: Any) -> _V:
    """A property, parameter or return type."""
    said = dict(element.items())
    value = kind(said.get("Name", ""), said.get("Type", ""), said.get("Nullable") not in _NO)
    value.annotations = annotated(element)
    if len(said) > 2:  # most have no facets
        value.max_length = facet(said.get("MaxLength"))
        value.precision = facet(said.get("Precision"))
        value.scale = scale(said.get("Scale"))
        value.default = said.get("DefaultValue")
    return value


def _navigation(element: Any) -> RawNavigation:
    said = dict(element.items())
    constraints = []
    others = []
    for child in element:
        if child.tag == _CONSTRAINT:
            constraints.append((child.get("Property", ""), child.get("ReferencedProperty", "")))
        else:
            others.append(child)
    return RawNavigation(
        name=said.get("Name", ""),
        type=said.get("Type", ""),
        nullable=said.get("Nullable") not in _NO,
        contains_target=flag(said.get("ContainsTarget")),
        partner=said.get("Partner"),
        constraints=tuple(constraints),
        annotations=annotated(others),
    )


def _enum(found: RawDocument, schema: RawSchema, element: Any) -> None:
    schema.enums.append(
        RawEnum(
            name=element.get("Name", ""),
            underlying=element.get("UnderlyingType", "Edm.Int32"),
            flags=flag(element.get("IsFlags")),
            members=tuple(
                RawMember(member.get("Name", ""), member.get("Value"), annotated(member))
                for member in element.iterchildren(_MEMBER)
            ),
            annotations=annotated(element),
        )
    )


def _definition(found: RawDocument, schema: RawSchema, element: Any) -> None:
    schema.definitions.append(
        RawTypeDefinition(
            name=element.get("Name", ""),
            underlying=element.get("UnderlyingType", ""),
            max_length=facet(element.get("MaxLength")),
            precision=facet(element.get("Precision")),
            scale=scale(element.get("Scale")),
        )
    )


def _operation(found: RawDocument, schema: RawSchema, element: Any) -> None:
    returned = element.find(f"{EDM}ReturnType")
    schema.operations.append(
        RawOperation(
            kind="action" if element.tag == f"{EDM}Action" else "function",
            name=element.get("Name", ""),
            bound=flag(element.get("IsBound")),
            composable=flag(element.get("IsComposable")),
            entity_set_path=element.get("EntitySetPath"),
            parameters=tuple(_value(RawParameter, child) for child in element.iterchildren(f"{EDM}Parameter")),
            returns=None if returned is None else _value(RawValue, returned),
            annotations=annotated(element),
        )
    )


def _container(found: RawDocument, schema: RawSchema, element: Any) -> None:
    schema.containers.append(RawContainer(element.get("Name", ""), tuple(_sets(element)), annotated(element)))


def _sets(container: Any) -> Iterator[RawSet]:
    """The entity sets, singletons and imports of a container."""
    for child in container:
        said = dict(child.items())
        name = said.get("Name", "")
        match child.tag.removeprefix(EDM):
            case "EntitySet":
                yield RawSet("set", name, said.get("EntityType", ""), None, _bindings(child), annotated(child))
            case "Singleton":
                yield RawSet("singleton", name, said.get("Type", ""), None, _bindings(child), annotated(child))
            case "ActionImport":
                yield RawSet("action", name, said.get("Action", ""), said.get("EntitySet"))
            case "FunctionImport":
                yield RawSet("function", name, said.get("Function", ""), said.get("EntitySet"))


def _bindings(element: Any) -> tuple[tuple[str, str], ...]:
    return tuple((child.get("Path", ""), child.get("Target", "")) for child in element.iterchildren(_BINDING))


def _targeted(found: RawDocument, schema: RawSchema, element: Any) -> None:
    if not element.get("Qualifier"):
        schema.targets.append((element.get("Target", ""), annotated(element)))


_READERS: dict[str, Callable[[RawDocument, RawSchema, Any], None]] = {
    _ENTITY_TYPE: _structured,
    f"{EDM}ComplexType": _structured,
    f"{EDM}EnumType": _enum,
    f"{EDM}TypeDefinition": _definition,
    f"{EDM}Action": _operation,
    f"{EDM}Function": _operation,
    f"{EDM}EntityContainer": _container,
    f"{EDM}Annotations": _targeted,
}
