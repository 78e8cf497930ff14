"""The emulator's own F&O document is one as the product makes them: metadata.md §3."""

import pytest
from lxml import etree

from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.emulator.documents.fo import NAMESPACE, fo_metadata
from vegraph.emulator.documents.notation import read

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
FACTS = read("fo")
ROOT = etree.fromstring(fo_metadata())


def test_its_only_defect_is_the_name_that_two_things_share():
    defects = csdl.read(fo_metadata(), name="fo").defects
    assert [d.place for d in defects] == [f"{NAMESPACE}.JobFunction"]


def test_value_types_are_not_null_enums_are_and_texts_only_in_keys():
    for node in ROOT.iter(f"{EDM}EntityType"):
        key = {ref.get("Name") for ref in node.iter(f"{EDM}PropertyRef")}
        for prop in node.iter(f"{EDM}Property"):
            kind = prop.get("Type")
            strict = prop.get("Nullable") == "false"
            if kind.startswith(NAMESPACE) or kind == "Edm.Binary":
                assert not strict, prop.attrib
            else:
                assert strict == (kind != "Edm.String" or prop.get("Name") in key), prop.attrib
            assert not {"MaxLength", "Precision", "Scale"} & set(prop.attrib)


def test_both_ends_of_a_relation_state_it_with_the_company():
    for entity in FACTS.entities:
        for navigation in entity.navigation:
            target = FACTS.entity(navigation.target)
            for own, other in navigation.pairs:
                assert entity.column(own), (entity.name, navigation.name)
                assert target.column(other), (entity.name, navigation.name)
            if navigation.partner:
                back = next(n for n in target.navigation if n.name == navigation.partner)
                assert back.partner == navigation.name
                assert {(b, a) for a, b in back.pairs} == set(navigation.pairs)


def test_a_relation_may_have_no_constraint_at_all():
    bare = [
        n.get("Name") for n in ROOT.iter(f"{EDM}NavigationProperty") if n.find(f"{EDM}ReferentialConstraint") is None
    ]
    assert bare == ["DimensionSet"]


def test_every_navigation_is_bound_and_every_binding_resolves():
    sets = {s.get("Name"): s for s in ROOT.iter(f"{EDM}EntitySet")}
    for entity in FACTS.entities:
        bound = {b.get("Path"): b.get("Target") for b in sets[entity.set]}
        assert set(bound) == {n.name for n in entity.navigation}
        assert set(bound.values()) <= set(sets)


def test_enums_keep_their_order_and_repeat_values():
    orders = [[value for _, value in enum.members] for enum in FACTS.enums]
    assert any(values != sorted(values) for values in orders)
    assert any(len(values) != len(set(values)) for values in orders)
    assert any(0 not in values for values in orders)


@pytest.mark.parametrize("name", ["fno-scm-inventory.xml", "fno-procurement.xml"])
def test_it_uses_the_terms_and_elements_real_documents_use(name: str):
    real = etree.parse(metadata(name)).getroot()
    terms = {a.get("Term") for a in ROOT.iter(f"{EDM}Annotation")}
    assert {"AXType", "LabelId", "IsRequired", "AllowEdit"} <= {t.rpartition(".")[2] for t in terms}
    known = {a.get("Term") for a in real.iter(f"{EDM}Annotation")}
    others = {
        f"Microsoft.Dynamics.OData.Core.V1.{t}"
        for t in ("IsReadOnly", "IsDimension", "DimensionRelation", "LookupGroup")
    }
    assert terms <= known | others


def test_actions_are_bound_to_a_row_a_set_and_nothing_and_return_all_kinds():
    actions = [a for e in FACTS.entities for a in e.actions] + list(FACTS.actions)
    assert {a.binding for a in actions} == {"BoundToEntityInstance", "BoundToEntitySet", "Unbound"}
    returns = {(a.returns.type, a.returns.collection) if a.returns else None for a in actions}
    assert None in returns
    assert ("SalesOrderHeaderV2", True) in returns
    assert ("SalesOrderHeaderV2", False) in returns
    assert ("dec", False) in returns
