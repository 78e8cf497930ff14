"""From a file or bytes to the text of one document: unpacked, bounded, and refused in one sentence if it can't be.

Nothing here trusts its input: sizes are bounded before anything is expanded (threats: bombs, depth, entities).
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from vegraph.errors import CatalogError

__all__ = ["MAX_BYTES", "MAX_NODES", "check_nodes", "refuse_size", "text_of", "unpack", "unpacked_size"]

MAX_BYTES = 200 * 2**20
"""Octets of a document once unpacked. The largest F&O document known is 50 MB (metadata.md §3)."""

MAX_NODES = 12_000_000
"""Elements and attributes of an XML document. A 50 MB F&O document has about 3 million."""

_GZIP = b"\x1f\x8b"
_CHUNK = 2**20


def text_of(source: bytes | Path, name: str) -> tuple[str, bytes]:
    """(where, bytes) of the document: `where` begins every message about it. Raises CatalogError."""
    if isinstance(source, bytes):
        return name, _checked(unpack(source, name), name)
    where = f"{name} ({source})" if name and name != str(source) else str(source)
    try:
        if source.stat().st_size > MAX_BYTES:
            refuse_size(where)
        data = source.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CatalogError(
            f"{where}: the metadata cannot be read ({reason}). Check the path, or fetch it with 'vegraph catalog pull'."
        ) from None
    return where, _checked(unpack(data, where), where)


def unpack(data: bytes, where: str) -> bytes:
    """The content of a gzip file, or the bytes as they are; never more than MAX_BYTES."""
    if not data.startswith(_GZIP):
        if len(data) > MAX_BYTES:
            refuse_size(where)
        return data
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    total, rest = 0, data
    try:
        while rest and not unpacker.eof:
            part = unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            total += len(part)
            if total > MAX_BYTES:
                refuse_size(where)
            parts.append(part)
    except zlib.error:
        raise CatalogError(f"{where}: the gzip file is damaged. Fetch it again.") from None
    if not unpacker.eof:
        raise CatalogError(f"{where}: the gzip file is cut off. Fetch it again.")
    content = b"".join(parts)
    if content.startswith(_GZIP):
        raise CatalogError(f"{where}: a gzip file inside a gzip file is not read. Unpack it once.")
    return content


def unpacked_size(path: Path) -> int:
    """Octets of a file once unpacked, as a gzip file itself says it (RFC 1952 §2.3.1, modulo 2^32), so not to be relied
    on; 0 where it cannot be read."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            size = file.seek(-4 if packed else 0, os.SEEK_END)
            return int.from_bytes(file.read(4), "little") if packed else size
    except OSError:
        return 0


def refuse_size(where: str) -> None:
    """Raise the sentence for a document that is too large."""
    raise CatalogError(
        f"{where}: the document is larger than {MAX_BYTES // 2**20} MB unpacked, which no ERP's metadata is. "
        "Check what the address answers."
    )


def check_nodes(data: bytes, where: str) -> None:
    """Refuse XML of more elements and attributes than MAX_NODES. The shortest of them takes four bytes."""
    if len(data) > 4 * MAX_NODES and data.count(b"<") + data.count(b"=") > MAX_NODES:
        refuse_size(where)


def _checked(data: bytes, where: str) -> bytes:
    """The document without byte order mark and leading blanks, which XML would not forgive."""
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not text:
        raise CatalogError(f"{where}: the document is empty. Fetch it again with 'vegraph catalog pull'.")
    head = text[:1024].lower()
    if head.startswith(b"<!doctype html") or b"<html" in head:
        raise CatalogError(
            f"{where}: this is an HTML page (a sign-in or error page?), not OData metadata. Ask for "
            "<service>/$metadata with a token that may read it."
        )
    return text
