"""CSDL 4.0 and 4.01 documents, XML or JSON, plain or gzipped, to a linked catalog."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vegraph.catalog import link
from vegraph.catalog.csdl import document
from vegraph.catalog.model import Catalog
from vegraph.errors import CatalogError

__all__ = ["read", "read_text"]


def read(source: bytes | Path, *, name: str) -> Catalog:
    """The linked catalog of one document. `name` (a source's name) begins every message.

    Raises CatalogError, with one sentence, for whatever is not CSDL 4.x. Defects inside a document that is do not
    raise: see `Catalog.defects`. Nothing is ever fetched.
    """
    where, data = document.text_of(source, name)
    return read_text(data, where, hashlib.sha256(data).hexdigest())


def read_text(data: bytes, where: str, digest: str) -> Catalog:
    """As `read`, of a document already unpacked by `document.text_of`; `digest` is its SHA-256."""
    from vegraph.catalog.csdl import halves, json  # a start from compiled catalogs needs no parser
    from vegraph.catalog.csdl.assemble import assemble

    if data[:1] in (b"{", b"["):
        found = json.parse(data, where)
    elif data[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = halves.parse(data, where)
    else:
        raise CatalogError(
            f"{where}: this is neither XML nor JSON, so it is not OData metadata. "
            "Ask for <service>/$metadata, or check the path."
        )
    return link.linked(assemble(found, digest=digest))
