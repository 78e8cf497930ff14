"""From raw declarations to a catalog, the same for XML, JSON and F&O's metadata service."""

from __future__ import annotations

from vegraph.catalog.csdl import enums, operations, sets, structures
from vegraph.catalog.csdl.names import Names
from vegraph.catalog.csdl.raw import RawDocument
from vegraph.catalog.model import Catalog

__all__ = ["assemble"]


def assemble(document: RawDocument, *, digest: str) -> Catalog:
    """The catalog of a document, relationships not yet linked. Never fails: what does not fit is a defect."""
    names = Names(document)
    names.note_targets(document)
    declared = {}
    raw_enums = {}
    raw_definitions = {}
    for schema in document.schemas.values():
        for raw in schema.types:
            name = f"{schema.namespace}.{raw.name}"
            if names.declare(name, raw.kind):
                declared[name] = raw
    for schema in document.schemas.values():
        for raw_enum in schema.enums:
            kept = names.declare_enum(f"{schema.namespace}.{raw_enum.name}")
            if kept:
                raw_enums[kept] = raw_enum
        for raw_definition in schema.definitions:
            name = f"{schema.namespace}.{raw_definition.name}"
            if names.declare(name, "definition"):
                raw_definitions[name] = raw_definition
    definitions = {n: enums.definition(n, raw, names) for n, raw in raw_definitions.items()}
    types = structures.build(declared, definitions, names)
    containers = [
        (f"{schema.namespace}.{container.name}", container)
        for schema in document.schemas.values()
        for container in schema.containers
    ]
    entity_sets = sets.sets(containers, types, names)
    sets.push_down(types, entity_sets)
    found = tuple(
        operations.operations(
            ((f"{s.namespace}.{raw.name}", raw) for s in document.schemas.values() for raw in s.operations), names
        )
    )
    imports = tuple(operations.imports((raw for _, c in containers for raw in c.children), found, entity_sets, names))
    enum_types = {n: enums.enum(n, raw, names) for n, raw in raw_enums.items()}
    names.report_unused_targets()
    return Catalog(
        version=document.version,
        namespaces=tuple(document.schemas),
        entity_types=types.entity,
        complex_types=types.complex,
        enum_types=enum_types,
        type_definitions=definitions,
        entity_sets=entity_sets,
        operations=found,
        imports=imports,
        derived=types.derived,
        defects=tuple(names.defects),
        digest=digest,
    )
