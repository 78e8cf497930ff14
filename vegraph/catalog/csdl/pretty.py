"""An XML document indented one element a line, so that git shows what changed in it."""

from __future__ import annotations

from lxml import etree

from vegraph.catalog.csdl import document
from vegraph.errors import CatalogError

__all__ = ["indented"]


def indented(data: bytes, where: str) -> bytes:
    """The same document, one element a line, in UTF-8. Raises CatalogError where it is not well-formed."""
    if data.count(b"<") + data.count(b"=") > document.MAX_NODES:
        document.refuse_size(where)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise CatalogError(f"{where}: not well-formed XML ({error.msg}). Fetch the document again, whole.") from None
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8")
