"""The built-in types of CSDL (4.01 §3.3, §4.2): which there are, and which may be compared with which."""

from __future__ import annotations

__all__ = ["BUILT_IN", "IN_KEYS", "NUMBERS", "comparable"]

NUMBERS = frozenset(
    {
        "Edm.Byte",
        "Edm.Decimal",
        "Edm.Double",
        "Edm.Int16",
        "Edm.Int32",
        "Edm.Int64",
        "Edm.SByte",
        "Edm.Single",
    }
)
"""Numeric primitives: OData promotes between them when it compares (URL Conventions §5.1.1.16)."""

_SPATIAL = frozenset(
    f"Edm.{kind}{shape}"
    for kind in ("Geography", "Geometry")
    for shape in (
        "",
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "Collection",
    )
)

BUILT_IN = (
    NUMBERS
    | _SPATIAL
    | {
        "Edm.Binary",
        "Edm.Boolean",
        "Edm.ComplexType",
        "Edm.Date",
        "Edm.DateTimeOffset",
        "Edm.Duration",
        "Edm.EntityType",
        "Edm.Guid",
        "Edm.PrimitiveType",
        "Edm.Stream",
        "Edm.String",
        "Edm.TimeOfDay",
        "Edm.Untyped",
    }
)
"""Every type a property, parameter or return type may have without a declaration."""

IN_KEYS = BUILT_IN - _SPATIAL - {"Edm.ComplexType", "Edm.EntityType", "Edm.PrimitiveType", "Edm.Stream", "Edm.Untyped"}
"""What a part of a key may be, beside enumerations (§6.5), and what services key by although they may not: octets and
doubles."""


def comparable(left: str, right: str) -> bool:
    """Whether values of the two types (definitions already replaced by what underlies them) can be equal."""
    return left == right or (left in NUMBERS and right in NUMBERS)
