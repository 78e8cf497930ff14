"""Large XML documents are read by two processes: this one and another, each a part, at the same time.

A document is cut by its text, and only where that is certain: without comments, CDATA, DTD and processing instructions
a `<` begins a tag and nothing else (XML 1.0 §2.4), so that `</EntityType>` is the end of one. Both parts are documents
of their own, with the same root; together they are well-formed where the whole is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryFile

import msgspec

from vegraph.catalog.csdl import document, xml
from vegraph.catalog.csdl.raw import RawDocument, RawSchema
from vegraph.catalog.python import environment, module
from vegraph.errors import CatalogError

__all__ = ["LARGE", "cut", "parse"]

LARGE = 8 * 2**20
"""Bytes from which on a second process is quicker, its start included."""

FIRST = 0.56
"""Share of the first part, which is begun before the other process is ready."""

PATIENCE_S = 60.0

_PROLOG = re.compile(rb"<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_OPENING = re.compile(rb"""<Schema(?:\s+[^\s<>="']+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*>""")
_SCHEMA, _SCHEMA_ENDS, _TYPE_ENDS = b"<Schema ", b"</Schema>", b"</EntityType>"
_DECODER = msgspec.msgpack.Decoder(RawDocument)


def parse(data: bytes, where: str) -> RawDocument:
    """As `xml.parse`. Whatever goes wrong on the way, the document is then read whole, here."""
    document.check_nodes(data, where)
    parts = cut(data) if len(data) >= LARGE else None
    found = None
    if parts is not None:
        with suppress(CatalogError, OSError, subprocess.TimeoutExpired, msgspec.DecodeError):
            found = _parsed(parts, where)
    return xml.parse(data, where) if found is None else found


def cut(data: bytes) -> tuple[bytes, bytes] | None:
    """Two documents that together declare what one does, in its order; None where its text does not show where."""
    prolog = _PROLOG.match(data)
    encoding = _ENCODING.search(prolog[0]) if prolog else None
    if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        return None
    if _follows(data, b"!", 0) or _follows(data, b"?", len(prolog[0]) if prolog else 0):
        return None
    at = data.find(_TYPE_ENDS, int(len(data) * FIRST)) + len(_TYPE_ENDS)
    first, schema, last = data.find(_SCHEMA), data.rfind(_SCHEMA, 0, at), data.rfind(_SCHEMA_ENDS)
    if at < len(_TYPE_ENDS) or first < 0 or last < at or data.find(_SCHEMA_ENDS, schema, at) >= 0:
        return None
    head, tail = data[:first], data[last:]
    if b"Schema" in head or b"Schema" in tail[len(_SCHEMA_ENDS) :]:  # written in another way: both parts would have it
        return None
    opening = _OPENING.match(data, schema)
    return (data[:at] + tail, head + opening[0] + data[at:]) if opening else None


def _follows(data: bytes, mark: bytes, at: int) -> bool:
    """Whether the mark follows a `<` somewhere from there on. Marks are rare and `<` is not."""
    while (at := data.find(mark, at) + 1) > 0:
        if data[at - 2 : at - 1] == b"<":
            return True
    return False


def _parsed(parts: tuple[bytes, bytes], where: str) -> RawDocument | None:
    first, second = parts
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(second)
        given.seek(0)
        other = subprocess.Popen(  # noqa: S603  # this interpreter, this package
            module("vegraph.catalog.csdl.halves"),
            env=environment(),
            stdin=given,
            stdout=answer,
            stderr=subprocess.DEVNULL,
        )
        try:
            found = xml.parse(first, where)
            if other.wait(PATIENCE_S) != 0:
                return None
            answer.seek(0)
            return _joined(found, _DECODER.decode(answer.read()))
        finally:
            other.kill()
            other.wait()


def _joined(first: RawDocument, second: RawDocument) -> RawDocument | None:
    """Both as one; None where an alias is given twice, for which of them comes last cannot be told any more."""
    if any(first.aliases.get(alias, name) != name for alias, name in second.aliases.items()):
        return None
    first.aliases.update(second.aliases)
    first.problems += second.problems
    for name, more in second.schemas.items():
        schema = first.schema(name)
        for part in RawSchema.__struct_fields__[1:]:
            getattr(schema, part).extend(getattr(more, part))
    return first


def _second() -> None:
    import gc

    gc.disable()
    found = xml.parse(sys.stdin.buffer.read(), "")
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    _second()
