"""Every shared document becomes a graph that holds no less than it does, in graphql-core and in graphql-js."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, validate_schema

from tests import node
from tests.schema.graphs import SHARED, rebuilt, shared
from tests.schema.nasty import NASTY
from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.schema.binding import FunctionField, PropertyField, RelationField
from vegraph.schema.fields import enum_names
from vegraph.schema.printing import print_sdl

DOCUMENTS = {**{name: lambda name=name: shared(name) for name in SHARED}, **NASTY}

every_document = pytest.mark.parametrize("document", list(DOCUMENTS))


@every_document
def test_the_graph_is_valid(document):
    assert validate_schema(DOCUMENTS[document]().eager()) == []


@every_document
@pytest.mark.parametrize("federation", [False, True], ids=["plain", "federation"])
def test_graphql_core_builds_what_is_printed(document, federation):
    found = DOCUMENTS[document]()
    again = build_schema(print_sdl(found, federation=federation), assume_valid_sdl=federation)
    federated = {"_Any", "_Entity", "_Service"}
    assert set(again.type_map) - federated == set(found.schema.type_map) - federated


@every_document
def test_nothing_of_the_document_is_missing(document):
    found = DOCUMENTS[document]()
    [view] = found.views.values()
    catalog = view.catalog
    for entity_set in catalog.entity_sets.values():
        assert found.entity_in(view.name, entity_set.name) is not None
    for wire, declared in catalog.entity_types.items():
        entity = found.entity_of(view.name, wire)
        assert entity is not None, wire
        held = [field for field in entity.fields.values() if isinstance(field, PropertyField)]
        assert sorted(field.member.wire for field in held) == sorted(prop.name for prop in declared.properties)
        relations = [field.relationship.name for field in entity.relations.values()]
        assert sorted(relations) == sorted(nav.name for nav in declared.navigation)
    functions = sum(o.kind == "function" and not o.bound for o in catalog.operations)
    assert sum(root.kind == "operation" for root in found.root_names.query.values()) >= functions
    assert len(found.root_names.actions) >= sum(o.kind == "action" for o in catalog.operations)


@every_document
def test_every_root_field_can_be_had(document):
    found = DOCUMENTS[document]()
    [view] = found.views.values()
    query = found.schema.query_type.fields
    hidden = [n for n, root in found.root_names.query.items() if n not in query and root.kind != "one"]
    assert hidden == []
    for name, root in found.root_names.query.items():
        if root.kind == "one" and name not in query:
            entity = found.entity_in(view.name, root.set)
            assert not entity.key, name


@every_document
def test_every_field_leads_to_a_type_of_the_graph(document):
    found = DOCUMENTS[document]()
    for entity in (found.entity(name) for name in list(found.schema.type_map)):
        for field in entity.fields.values() if entity else ():
            if isinstance(field, RelationField):
                assert field.target.graph_name in found.schema.type_map
            if isinstance(field, FunctionField):
                assert field.bound_to is not None


def test_the_real_business_central_graph_has_the_promised_names():
    found = shared("bc-api-v2.0.xml")
    mutations = found.schema.mutation_type.fields
    assert {"postBcSalesInvoice", "postBcJournal", "shipAndInvoiceBcSalesOrder"} <= mutations.keys()
    assert {"bcCustomers", "bcCustomer", "bcCustomersAggregate"} <= found.schema.query_type.fields.keys()
    assert "createBcCustomer" in mutations
    assert "createBcAgedAccountsReceivable" not in mutations  # the document forbids it


def test_an_enum_that_a_partner_added_has_lawful_values():
    catalog = csdl.read(metadata("bc-api-v2.0.xml"), name="bc")
    values, settled = enum_names(catalog.enum_types["Microsoft.NAV.idysSourceDocumentType"])
    assert list(values.items())[:2] == [("0", "VALUE_0"), ("1", "VALUE_1")]
    assert not settled


def test_a_declared_type_that_nothing_uses_is_not_in_the_graph():
    assert "BcIdysSourceDocumentType" not in shared("bc-api-v2.0.xml").schema.type_map


def test_graphql_js_builds_what_is_printed(tmp_path):
    folder = node.package(Path(__file__).parent / "graphql_js")
    for number, make in enumerate(DOCUMENTS.values()):
        (tmp_path / f"{number}.graphql").write_text(print_sdl(make()), "utf-8")
    script = folder / "build.mjs"
    done = subprocess.run(
        [shutil.which("node"), str(script), str(tmp_path)], capture_output=True, text=True, timeout=120, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert len(counts) == len(DOCUMENTS)
    for number, make in enumerate(DOCUMENTS.values()):
        types = {name for name in rebuilt(make()).type_map if not name.startswith("__")}
        assert set(counts[f"{number}.graphql"]) == types
