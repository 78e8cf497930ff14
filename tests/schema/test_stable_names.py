"""Making one more entity visible renames nothing."""

import pytest

from tests.schema.graphs import SHARED, source
from tests.schema.nasty import NASTY
from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.catalog.model import Catalog
from vegraph.schema.build import SchemaGraph, build


def _shown(found: SchemaGraph) -> dict[str, dict[str, str]]:
    """Type → field → what it stands for on the wire."""
    shown = {}
    for name in list(found.schema.type_map):
        entity = found.entity(name)
        if entity is not None:
            members = {field: member.wire for field, member in entity.members.items()}
            relations = {field: relation.relationship.name for field, relation in entity.relations.items()}
            shown[name] = {"": entity.type.name, **members, **relations}
    for root in (found.schema.query_type, found.schema.mutation_type):
        shown[root.name] = {field: str(definition.type) for field, definition in root.fields.items()}
    return shown


def _graphs(catalog: Catalog, visible: list[str], kind: str, prefix: str) -> SchemaGraph:
    return build([source(catalog, visible=visible, kind=kind, prefix=prefix)])


def _check(catalog: Catalog, kind: str, prefix: str, every: int) -> None:
    sets = list(catalog.entity_sets)
    before: dict[str, dict[str, str]] = {}
    for count in [*range(1, len(sets), every), len(sets)]:
        now = _shown(_graphs(catalog, sets[:count], kind, prefix))
        for name, members in before.items():
            assert members.items() <= now[name].items(), name
        before = now


@pytest.mark.parametrize("document", list(SHARED))
def test_of_a_real_document(document):
    kind, prefix = SHARED[document]
    catalog = csdl.read(metadata(document), name=document)
    _check(catalog, kind, prefix, every=max(1, len(catalog.entity_sets) // 4))


@pytest.mark.parametrize("document", list(NASTY))
def test_of_a_nasty_document(document):
    [view] = NASTY[document]().views.values()
    _check(view.catalog, "odata", view.source.prefix, every=1)


@pytest.mark.parametrize("document", list(NASTY))
def test_one_entity_alone_has_the_names_that_it_has_among_all(document):
    [view] = NASTY[document]().views.values()
    whole = _shown(NASTY[document]())
    for name in view.catalog.entity_sets:
        alone = _shown(_graphs(view.catalog, [name], "odata", view.source.prefix))
        for type_name, members in alone.items():
            assert members.items() <= whole[type_name].items(), (name, type_name)


def test_another_source_changes_nothing():
    [view] = NASTY["names"]().views.values()
    [other] = NASTY["cycles"]().views.values()
    alone = _shown(build([source(view.catalog, name="a", prefix="A")]))
    beside = _shown(build([source(view.catalog, name="a", prefix="A"), source(other.catalog, name="b", prefix="B")]))
    for name, members in alone.items():
        assert members.items() <= beside[name].items()
