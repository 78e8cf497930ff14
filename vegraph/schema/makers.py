"""Who makes which type: the one place where the modules that make types meet."""

from __future__ import annotations

from collections.abc import Mapping

from vegraph.schema import connections, filters, inputs, lookups, objects, orders
from vegraph.schema.aggregates import AGGREGATE_MAKERS
from vegraph.schema.mutations import WRITE_MAKERS
from vegraph.schema.names import TypeKind
from vegraph.schema.naming import Helper
from vegraph.schema.types import Maker

__all__ = ["MAKERS"]

_ENTITY: Mapping[Helper | None, Maker] = {
    None: objects.entity_type,
    Helper.INTERFACE: objects.interface_type,
    Helper.CONNECTION: connections.connection_type,
    Helper.EDGE: connections.edge_type,
    Helper.FILTER: filters.entity_filter,
    Helper.LIST_FILTER: filters.list_filter,
    Helper.ORDER: orders.entity_order,
    Helper.BY: lookups.by_type,
    Helper.KEY: lookups.key_type,
    Helper.INPUT: inputs.entity_input,
    Helper.PATCH: inputs.entity_patch,
    **AGGREGATE_MAKERS,
    **WRITE_MAKERS,
}
_COMPLEX: Mapping[Helper | None, Maker] = {
    None: objects.complex_type,
    Helper.FILTER: filters.complex_filter,
    Helper.ORDER: orders.complex_order,
    Helper.INPUT: inputs.complex_input,
}
_ENUM: Mapping[Helper | None, Maker] = {
    None: objects.enum_type,
    Helper.FILTER: filters.enum_filter,
}
_KINDS: Mapping[TypeKind, Mapping[Helper | None, Maker]] = {"entity": _ENTITY, "complex": _COMPLEX, "enum": _ENUM}

MAKERS: Mapping[tuple[TypeKind, Helper | None], Maker] = {
    (kind, helper): maker for kind, makers in _KINDS.items() for helper, maker in makers.items()
}
"""By kind of declared type, and helper (None: the type itself)."""
