"""Graphs for the tests: small documents as sources, and the shared ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import GraphQLSchema, build_schema

from tests.catalog.documents import read
from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.catalog.model import Catalog
from vegraph.schema.binding import SourceBinding
from vegraph.schema.build import SchemaGraph, SourceInput, build
from vegraph.schema.printing import print_sdl, print_types

SHARED = {
    "bc-api-v2.0.xml": ("business-central", "Bc"),
    "fno-scm-inventory.xml": ("finance-operations", "Fo"),
    "fno-procurement.xml": ("finance-operations", "Fo"),
    "trippin.xml": ("odata", "Tp"),
}
"""Shared documents with the kind and prefix they are tested with."""


def source(
    catalog: Catalog,
    *,
    name: str = "s",
    kind: str = "odata",
    prefix: str = "X",
    visible: Iterable[str] | None = None,
    allowed: Mapping[str, frozenset[str]] | None = None,
) -> SourceInput:
    """A source; everything is visible unless said."""
    binding = SourceBinding(name=name, kind=kind, prefix=prefix, catalog=catalog)
    return SourceInput(
        binding=binding,
        visible=frozenset(catalog.entity_sets if visible is None else visible),
        allowed=allowed,
    )


def graph(body: str, *, container: str = "", after: str = "", **more: object) -> SchemaGraph:
    """The graph of one small document; `more` goes to `source`."""
    return build([source(read(body, container=container, after=after), **more)])


def shared(document: str, **more: object) -> SchemaGraph:
    """The graph of a shared document, all of it visible."""
    kind, prefix = SHARED[document]
    catalog = csdl.read(metadata(document), name=document)
    return build([source(catalog, **{"kind": kind, "prefix": prefix} | more)])


def text(found: SchemaGraph, *names: str) -> str:
    """The SDL of some types, descriptions left out."""
    plain = print_types(found.schema.type_map[name] for name in names)
    return without_descriptions("\n".join(plain))


def without_descriptions(sdl: str) -> str:
    """The SDL without its descriptions; arguments on one line."""
    lines, inside = [], False
    for line in sdl.split("\n"):
        bare = line.strip()
        if bare.startswith('"""') and not (len(bare) > 3 and bare.endswith('"""')):
            inside = not inside
        elif not inside and not bare.startswith('"""'):
            lines.append(line)
    found = "\n".join(lines)
    while "(\n" in found:
        before, _, rest = found.partition("(\n")
        arguments, _, after = rest.partition("\n  )")
        found = f"{before}({', '.join(part.strip() for part in arguments.split(chr(10)))}){after}"
    return found


def fields(found: SchemaGraph, name: str) -> dict[str, str]:
    """Field → type of an object, interface or input type."""
    return {field: str(definition.type) for field, definition in found.schema.type_map[name].fields.items()}


def roots(found: SchemaGraph, root: str = "query_type") -> set[str]:
    """The root fields that come from documents."""
    from vegraph.schema.root_names import FIXED

    return {name for name in getattr(found.schema, root).fields if name not in FIXED}


def rebuilt(found: SchemaGraph, *, federation: bool = False) -> GraphQLSchema:
    """What graphql-core makes of the printed graph."""
    return build_schema(print_sdl(found, federation=federation))
