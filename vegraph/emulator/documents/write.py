"""Small helpers to write CSDL XML in this project's own form: two blanks a level, attributes in a fixed order."""

from __future__ import annotations

from typing import Any

from lxml import etree

__all__ = ["EDM", "EDMX", "EDM_TYPES", "annotate", "document", "element", "render"]

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"

_DEFAULT: Any = {None: EDM}
"""The stubs of lxml forget that None names the default namespace."""

EDM_TYPES = {
    "str": "Edm.String",
    "guid": "Edm.Guid",
    "dec": "Edm.Decimal",
    "bool": "Edm.Boolean",
    "i32": "Edm.Int32",
    "i64": "Edm.Int64",
    "dto": "Edm.DateTimeOffset",
    "stream": "Edm.Stream",
    "bin": "Edm.Binary",
}
"""Short names both ERPs share; `date` means another type in each."""


def document() -> tuple[etree._Element, etree._Element]:
    """An empty document: (root, DataServices)."""
    root = etree.Element(etree.QName(EDMX, "Edmx"), {"Version": "4.0"}, nsmap={"edmx": EDMX})
    return root, etree.SubElement(root, etree.QName(EDMX, "DataServices"))


def element(parent: etree._Element, tag: str, **attributes: object) -> etree._Element:
    """A child in the CSDL namespace. Attributes that are None are left out, booleans are written lower-case."""
    child = etree.SubElement(parent, etree.QName(EDM, tag), nsmap=_DEFAULT if tag == "Schema" else None)
    for name, value in attributes.items():
        if value is not None:
            child.set(name, str(value).lower() if isinstance(value, bool) else str(value))
    return child


def annotate(parent: etree._Element, term: str, **expression: object) -> etree._Element:
    """An annotation with a constant expression (or none: content follows)."""
    return element(parent, "Annotation", Term=term, **expression)


def render(root: etree._Element) -> bytes:
    """UTF-8 bytes, the same for the same facts."""
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"
