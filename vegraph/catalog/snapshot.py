"""A catalog compiled to one file that opens in milliseconds: an index, and a block of msgpack per type and set.

    magic  8 bytes   b"VEGRAPH" and the format's number
    check  4 bytes   CRC-32 of all that follows, little-endian
    size   4 bytes   length of the index, little-endian
    index            msgpack of `_Index`: small parts whole, offsets (into `blocks`) of the rest
    blocks           msgpack per entity type, complex type, enumeration, entity set and relationship list

The same catalog always gives the same bytes.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vegraph.catalog.lazy import LazyMapping
from vegraph.catalog.model import (
    Catalog,
    ComplexType,
    Defect,
    EntitySet,
    EntityType,
    EnumType,
    Operation,
    OperationImport,
    Relationship,
    TypeDefinition,
)
from vegraph.errors import CatalogError

__all__ = ["compiled", "load", "opened", "save"]

_MAGIC = b"VEGRAPH\x01"
_HEADER = len(_MAGIC) + 8
_PIECE = 2**20
Spans = dict[str, tuple[int, int]]


class _Index(msgspec.Struct, array_like=True):
    """What is decoded at once when a snapshot is opened."""

    version: str
    namespaces: tuple[str, ...]
    entity_types: Spans
    complex_types: Spans
    enum_types: Spans
    type_definitions: dict[str, TypeDefinition]
    entity_sets: Spans
    operations: tuple[Operation, ...]
    imports: tuple[OperationImport, ...]
    relationships: Spans
    derived: dict[str, tuple[str, ...]]
    defects: tuple[Defect, ...]
    digest: str


_encode = msgspec.msgpack.Encoder().encode
_INDEX = msgspec.msgpack.Decoder(_Index)
_ENTITY_TYPE = msgspec.msgpack.Decoder(EntityType)
_COMPLEX_TYPE = msgspec.msgpack.Decoder(ComplexType)
_ENUM_TYPE = msgspec.msgpack.Decoder(EnumType)
_ENTITY_SET = msgspec.msgpack.Decoder(EntitySet)
_RELATIONSHIPS = msgspec.msgpack.Decoder(tuple[Relationship, ...])


def compiled(catalog: Catalog) -> bytes:
    """The snapshot of a catalog."""
    blocks = bytearray()

    def spans(values: Mapping[str, Any]) -> Spans:
        found: Spans = {}
        for name, value in values.items():
            block = _encode(value)
            found[name] = (len(blocks), len(block))
            blocks.extend(block)
        return found

    index = _encode(
        _Index(
            version=catalog.version,
            namespaces=catalog.namespaces,
            entity_types=spans(catalog.entity_types),
            complex_types=spans(catalog.complex_types),
            enum_types=spans(catalog.enum_types),
            type_definitions=dict(catalog.type_definitions),
            entity_sets=spans(catalog.entity_sets),
            operations=catalog.operations,
            imports=catalog.imports,
            relationships=spans(catalog.relationships),
            derived=dict(catalog.derived),
            defects=catalog.defects,
            digest=catalog.digest,
        )
    )
    size = len(index).to_bytes(4, "little")
    check = zlib.crc32(blocks, zlib.crc32(index, zlib.crc32(size)))
    return b"".join((_MAGIC, check.to_bytes(4, "little"), size, index, blocks))


def save(catalog: Catalog, path: Path) -> None:
    """Write a snapshot: whole or not at all, also when two processes write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(compiled(catalog))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: Path) -> Catalog:
    """Open a snapshot file, mapped into memory and shared by the processes of one machine. Raises CatalogError."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CatalogError(f"{path}: the compiled catalog cannot be opened ({reason}).") from None
    return opened(mapped, str(path))


def _crc(view: memoryview, data: bytes | mmap.mmap) -> int:
    """CRC-32 of all but the head. Pages of a file are let go again piece by piece: only what is looked up stays."""
    found = zlib.crc32(view[len(_MAGIC) + 4 : _PIECE])
    for start in range(_PIECE, len(view), _PIECE):
        found = zlib.crc32(view[start : start + _PIECE], found)
        if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            data.madvise(mmap.MADV_DONTNEED, start, min(_PIECE, len(view) - start))
    return found


def opened(data: bytes | mmap.mmap, where: str) -> Catalog:
    """The catalog of a snapshot's bytes, its types decoded when they are first looked up. Raises CatalogError."""
    view = memoryview(data)
    if len(view) < _HEADER or bytes(view[: len(_MAGIC)]) != _MAGIC:
        raise CatalogError(f"{where}: this is not a compiled catalog of this version. Delete it; it is made anew.")
    check = int.from_bytes(view[8:12], "little")
    size = int.from_bytes(view[12:16], "little")
    if _crc(view, data) != check or _HEADER + size > len(view):
        raise CatalogError(f"{where}: the compiled catalog is damaged. Delete it; it is made anew.")
    try:
        index = _INDEX.decode(view[_HEADER : _HEADER + size])
    except msgspec.DecodeError as error:
        raise CatalogError(f"{where}: the compiled catalog is of another version ({error}). Delete it.") from None
    blocks = view[_HEADER + size :]
    return Catalog(
        version=index.version,
        namespaces=index.namespaces,
        entity_types=LazyMapping(blocks, index.entity_types, _ENTITY_TYPE),
        complex_types=LazyMapping(blocks, index.complex_types, _COMPLEX_TYPE),
        enum_types=LazyMapping(blocks, index.enum_types, _ENUM_TYPE),
        type_definitions=index.type_definitions,
        entity_sets=LazyMapping(blocks, index.entity_sets, _ENTITY_SET),
        operations=index.operations,
        imports=index.imports,
        relationships=LazyMapping(blocks, index.relationships, _RELATIONSHIPS),
        derived=index.derived,
        defects=index.defects,
        digest=index.digest,
    )
