"""The real documents load, and what they come to is counted here once more, straight from the XML."""

from collections import defaultdict
from pathlib import Path

import pytest
from lxml import etree

from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.catalog.model import Catalog, Relationship

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
DOCUMENTS = ("bc-api-v2.0.xml", "fno-procurement.xml", "fno-scm-inventory.xml", "trippin.xml")


def _root(path: Path):
    return etree.parse(path).getroot()


def _all(catalog: Catalog) -> list[Relationship]:
    return [each for group in catalog.relationships.values() for each in group]


def _constraints(navigation) -> list[tuple[str, str]]:
    return [(c.get("Property"), c.get("ReferencedProperty")) for c in navigation.iter(f"{EDM}ReferentialConstraint")]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_of_a_document_is_lost(name):
    path = metadata(name)
    root = _root(path)
    catalog = csdl.read(path, name=name)
    declared = {
        "types": len(list(root.iter(f"{EDM}EntityType"))),
        "complex": len(list(root.iter(f"{EDM}ComplexType"))),
        "enums": len(list(root.iter(f"{EDM}EnumType"))),
        "members": len(list(root.iter(f"{EDM}Member"))),
        "sets": len(list(root.iter(f"{EDM}EntitySet"))) + len(list(root.iter(f"{EDM}Singleton"))),
        "operations": len(list(root.iter(f"{EDM}Action"))) + len(list(root.iter(f"{EDM}Function"))),
        "bindings": len(list(root.iter(f"{EDM}NavigationPropertyBinding"))),
    }
    dangling = sum("binds" in defect.problem for defect in catalog.defects)
    assert declared == {
        "types": len(catalog.entity_types),
        "complex": len(catalog.complex_types),
        "enums": len(catalog.enum_types),
        "members": sum(len(enum.members) for enum in catalog.enum_types.values()),
        "sets": len(catalog.entity_sets),
        "operations": len(catalog.operations),
        "bindings": sum(len(each.bindings) for each in catalog.entity_sets.values()) + dangling,
    }
    for element in root.iter(f"{EDM}EntityType"):
        kind = catalog.entity_types[f"{element.getparent().get('Namespace')}.{element.get('Name')}"]
        own = {child.get("Name") for child in element.iterchildren(f"{EDM}Property", f"{EDM}NavigationProperty")}
        assert own <= {p.name for p in kind.properties} | {n.name for n in kind.navigation}


def test_only_dangling_bindings_are_wrong_with_the_real_documents():
    problems = [defect for name in DOCUMENTS for defect in csdl.read(metadata(name), name=name).defects]
    assert problems
    assert all("binds" in defect.problem and defect.consequence == "the binding is ignored" for defect in problems)


def test_business_central_has_its_constrained_relations():
    path = metadata("bc-api-v2.0.xml")
    catalog = csdl.read(path, name="bc")
    keys = {
        kind.get("Name"): {ref.get("Name") for ref in kind.iter(f"{EDM}PropertyRef")}
        for kind in _root(path).iter(f"{EDM}EntityType")
    }
    constrained, loose = set(), set()
    fields = defaultdict(list)
    for kind in _root(path).iter(f"{EDM}EntityType"):
        own = kind.get("Name")
        for navigation in kind.iter(f"{EDM}NavigationProperty"):
            pairs = _constraints(navigation)
            if not pairs:
                continue
            place = (f"Microsoft.NAV.{own}", navigation.get("Name"))
            constrained.add(place)
            if navigation.get("Type").startswith("Collection("):
                continue
            target = navigation.get("Type").rpartition(".")[2]
            mine, theirs = {a for a, _ in pairs}, {b for _, b in pairs}
            if not theirs >= keys[target] and not mine >= keys[own]:
                loose.add(place)
            if len(pairs) == 1:
                fields[own, pairs[0][0]].append(navigation.get("Name"))
    groups = {(f"Microsoft.NAV.{own}", field) for (own, field), names in fields.items() if len(names) > 1}

    found = _all(catalog)
    assert {(r.source, r.name) for r in found if r.pairs} == constrained
    assert {(r.source, r.name) for r in found if r.pairs and r.fetch == "follow"} == loose
    assert {(r.source, r.group) for r in found if r.group} == groups
    # what the issue and the reference state of this document, so that the counting itself is checked
    assert (len(catalog.entity_types), len(constrained), len(loose), len(groups)) == (87, 256, 7, 12)


def test_business_central_is_contained_in_name_only():
    catalog = csdl.read(metadata("bc-api-v2.0.xml"), name="bc")
    assert not [r for r in _all(catalog) if r.contained]
    assert all(r.target_set in catalog.entity_sets for r in _all(catalog))
    companies = catalog.relationships["Microsoft.NAV.company"]
    assert {(r.fetch, r.origin) for r in companies} == {("follow", "path")}


@pytest.mark.parametrize(
    ("kind", "name", "fetch", "many", "target_set"),
    [
        ("salesOrder", "customer", "key", False, "customers"),
        ("salesOrder", "salesOrderLines", "field", True, "salesOrderLines"),
        ("salesOrderLine", "itemVariant", "key", False, "itemVariants"),  # two pairs: the second is a check
        ("salesInvoice", "pdfDocument", "field", False, "pdfDocument"),  # own key to the target's field
        ("salesInvoice", "dimensionValue", "follow", False, "dimensionValues"),  # code is unique per dimension only
        ("jobQueueEntry", "jobQueueLogEntries", "field", True, "jobQueueLogEntries"),  # field to field
        ("vendorPayment", "applyVendorEntries", "follow", True, "applyVendorEntries"),  # the one without
    ],
)
def test_business_central_relations_are_fetched(kind, name, fetch, many, target_set):
    catalog = csdl.read(metadata("bc-api-v2.0.xml"), name="bc")
    found = next(r for r in catalog.relationships[f"Microsoft.NAV.{kind}"] if r.name == name)
    assert (found.fetch, found.many, found.target_set) == (fetch, many, target_set)
    assert found.why


def test_business_central_discriminators_name_their_members():
    catalog = csdl.read(metadata("bc-api-v2.0.xml"), name="bc")
    lines = {r.name: r for r in catalog.relationships["Microsoft.NAV.dimensionSetLine"] if r.group == "parentId"}
    assert lines["salesOrder"].discriminator == "parentType"
    assert lines["salesOrder"].discriminator_member == "Sales_x0020_Order"
    assert lines["salesOrderLine"].discriminator_member == "Sales_x0020_Order_x0020_Line"
    assert lines["customerPayment"].discriminator_member is None  # no member of that name: asked always
    customer = [r for r in catalog.relationships["Microsoft.NAV.customer"] if r.group]
    assert {r.discriminator for r in customer} == {None}  # one-to-one in reverse: all answer


def test_business_central_capabilities_differ_by_set():
    sets = csdl.read(metadata("bc-api-v2.0.xml"), name="bc").entity_sets.values()
    said = [each.capabilities for each in sets]
    assert sum(c.insertable is True for c in said) == 51
    assert sum(c.updatable is True for c in said) == 55
    assert sum(c.deletable is True for c in said) == 53
    assert sum(c.sortable is True for c in said) == 81


def test_business_central_alternate_keys_and_actions():
    catalog = csdl.read(metadata("bc-api-v2.0.xml"), name="bc")
    assert catalog.entity_types["Microsoft.NAV.company"].alternate_keys == (("businessProfileId",), ("name",))
    post = [o.binding.name for o in catalog.operations if o.short_name == "post"]
    assert len(post) == len(set(post)) == 5


def test_the_surviving_finance_relation_works_from_both_ends():
    catalog = csdl.read(metadata("fno-procurement.xml"), name="fo")
    up, down = (
        catalog.relationships[f"Microsoft.Dynamics.DataEntities.{kind}"][0]
        for kind in ("ExternalLinks", "ExternalLinksGroups")
    )
    assert (up.fetch, up.many, down.fetch, down.many) == ("key", False, "field", True)
    assert {pair.own for pair in up.pairs} == {"GroupName", "dataAreaId"}  # the whole tuple, company included


def test_finance_annotations_become_members():
    catalog = csdl.read(metadata("fno-procurement.xml"), name="fo")
    reason = catalog.entity_types["Microsoft.Dynamics.DataEntities.VendorReasons"]
    code = reason.property("ReasonCode")
    assert (code.required, code.updatable, code.insertable, code.label_id) == (True, False, True, "@SYS111246")
    assert reason.label_id == "@AccountsPayable:VendVendorReasonsEntity"
    read_only = catalog.entity_sets["PurchaseOrderLineV2ExistAddrReadOnly"].capabilities
    assert (read_only.insertable, read_only.updatable, read_only.deletable) == (False, False, False)


def test_finance_keys_keep_all_their_parts():
    catalog = csdl.read(metadata("fno-scm-inventory.xml"), name="fo")
    assert max(len(kind.key) for kind in catalog.entity_types.values()) == 14


def test_trippin_has_inheritance_containment_and_a_singleton():
    catalog = csdl.read(metadata("trippin.xml"), name="trip")
    ns = "Microsoft.OData.SampleService.Models.TripPin"
    flight = catalog.entity_types[f"{ns}.Flight"]
    assert flight.key == ("PlanItemId",)
    assert [p.name for p in flight.properties[-2:]] == ["SeatNumber", "FlightNumber"]
    assert catalog.derived[f"{ns}.PlanItem"] == (f"{ns}.PublicTransportation", f"{ns}.Event")
    trips = next(r for r in catalog.relationships[f"{ns}.Person"] if r.name == "Trips")
    assert trips.contained
    assert trips.target_set is None
    assert catalog.entity_sets["Me"].singleton
    assert catalog.entity_types[f"{ns}.Person"].open
    airline = next(r for r in catalog.relationships[f"{ns}.Flight"] if r.name == "Airline")
    assert airline.target_set == "Airlines"  # bound through a cast
