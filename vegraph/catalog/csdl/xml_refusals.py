"""XML that is no CSDL 4.x document: one sentence each, naming the document and what to do."""

from __future__ import annotations

from typing import Any

from lxml import etree

from vegraph.catalog.csdl.xml_annotations import EDM
from vegraph.errors import CatalogError

__all__ = ["EDMX", "check_root", "malformed"]

EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"


def malformed(error: etree.XMLSyntaxError, data: bytes, where: str) -> str:
    """The sentence for XML that the parser gave up on."""
    line, column = error.position
    reason = (error.msg or "syntax error").partition(", line ")[0]
    if "Premature end" in reason or not data.rstrip(b" \t\r\n\x00").endswith(b">"):
        return f"{where}: the XML ends in the middle (line {line}). Fetch the document again, whole."
    if "depth" in reason.lower():
        return f"{where}: the XML is nested too deeply to be metadata (line {line}). Check what the address answers."
    return (
        f"{where}: not well-formed XML at line {line}, column {column} ({reason}). "
        "Fetch the document again, whole, and don't edit it by hand."
    )


def check_root(tree: Any, where: str) -> None:
    """Refuse a DTD and every root that no CSDL 4.x document has."""
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise CatalogError(f"{where}: the document has a DTD, which OData metadata never has. It is not read.")
    name = etree.QName(tree.getroot())
    namespace = name.namespace or ""
    if "schemas.microsoft.com/ado/" in namespace:
        raise CatalogError(
            f"{where}: this is OData V2 or V3 metadata; vegraph reads OData V4. Ask for the service's V4 endpoint."
        )
    if f"{{{namespace}}}" not in (EDM, EDMX) or name.localname not in ("Edmx", "Schema"):
        raise CatalogError(
            f"{where}: the document's root is <{name.localname}>, not OData V4 metadata. Ask for <service>/$metadata."
        )
