"""CSDL JSON gives the same catalog as CSDL XML."""

import json

import msgspec
import pytest

from tests.catalog.documents import entity, many, nav, prop, xml
from vegraph.catalog import csdl, snapshot

XML = xml(
    entity(
        "order",
        prop("number", "Edm.String", 'MaxLength="20"'),
        prop("lines", "Collection(Self.Line)", 'Nullable="false"'),
        prop("total", "Edm.Decimal", 'Precision="18" Scale="variable" Nullable="false"'),
        nav("customer", "customer", ("number", "number"), more='Nullable="true" Partner="orders"'),
    )
    + entity("customer", prop("number"), nav("orders", many("order"), more='Partner="customer" Nullable="false"'))
    + '<EntityType Name="special" BaseType="Self.order" OpenType="true"/>'
    + '<ComplexType Name="Line"><Property Name="text" Type="Edm.String" Nullable="false"/></ComplexType>'
    + '<EnumType Name="Colour" IsFlags="true"><Member Name="Red" Value="1"/><Member Name="Blue" Value="2"/></EnumType>'
    + '<TypeDefinition Name="Code" UnderlyingType="Edm.String" MaxLength="10"/>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="Self.order" Nullable="false"/></Action>'
    + '<Function Name="near" IsComposable="true"><Parameter Name="lat" Type="Edm.Double" Nullable="false"/>'
    + '<ReturnType Type="Collection(Self.order)" Nullable="false"/></Function>',
    version="4.01",
    references='<edmx:Reference Uri="x"><edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/></edmx:Reference>',
    container='<EntitySet Name="orders" EntityType="NS.order"><NavigationPropertyBinding Path="customer" '
    'Target="customers"/></EntitySet><EntitySet Name="customers" EntityType="Self.customer"/>'
    '<Singleton Name="Me" Type="NS.customer"/><FunctionImport Name="Near" Function="NS.near" EntitySet="orders"/>',
    after='<Annotations Target="NS.order/number"><Annotation Term="Core.Description" String="No."/></Annotations>'
    '<Annotations Target="NS.C/orders"><Annotation Term="Org.OData.Capabilities.V1.DeleteRestrictions"><Record>'
    '<PropertyValue Property="Deletable" Bool="false"/></Record></Annotation></Annotations>',
)

JSON = {
    "$Version": "4.01",
    "$EntityContainer": "NS.C",
    "$Reference": {"x": {"$Include": [{"$Namespace": "Org.OData.Core.V1", "$Alias": "Core"}]}},
    "NS": {
        "$Alias": "Self",
        "order": {
            "$Kind": "EntityType",
            "$Key": ["id"],
            "id": {"$Type": "Edm.Guid"},
            "number": {"$Nullable": True, "$MaxLength": 20, "@Core.Description": "No."},
            "lines": {"$Type": "Self.Line", "$Collection": True},
            "total": {"$Type": "Edm.Decimal", "$Precision": 18, "$Scale": "variable"},
            "customer": {
                "$Kind": "NavigationProperty",
                "$Type": "Self.customer",
                "$Nullable": True,
                "$Partner": "orders",
                "$ReferentialConstraint": {"number": "number", "number@Core.Description": "ignored"},
            },
        },
        "customer": {
            "$Kind": "EntityType",
            "$Key": [{"alias": "id"}],
            "id": {"$Type": "Edm.Guid"},
            "number": {"$Nullable": True},
            "orders": {
                "$Kind": "NavigationProperty",
                "$Collection": True,
                "$Type": "Self.order",
                "$Partner": "customer",
            },
        },
        "special": {"$Kind": "EntityType", "$BaseType": "Self.order", "$OpenType": True},
        "Line": {"$Kind": "ComplexType", "text": {}},
        "Colour": {"$Kind": "EnumType", "$IsFlags": True, "Red": 1, "Blue": 2},
        "Code": {"$Kind": "TypeDefinition", "$UnderlyingType": "Edm.String", "$MaxLength": 10},
        "post": [{"$Kind": "Action", "$IsBound": True, "$Parameter": [{"$Name": "it", "$Type": "Self.order"}]}],
        "near": [
            {
                "$Kind": "Function",
                "$IsComposable": True,
                "$Parameter": [{"$Name": "lat", "$Type": "Edm.Double"}],
                "$ReturnType": {"$Type": "Self.order", "$Collection": True},
            }
        ],
        "C": {
            "$Kind": "EntityContainer",
            "orders": {
                "$Collection": True,
                "$Type": "NS.order",
                "$NavigationPropertyBinding": {"customer": "customers"},
            },
            "customers": {"$Collection": True, "$Type": "Self.customer"},
            "Me": {"$Type": "NS.customer"},
            "Near": {"$Function": "NS.near", "$EntitySet": "orders"},
        },
        "$Annotations": {
            "NS.C/orders": {"@Org.OData.Capabilities.V1.DeleteRestrictions": {"Deletable": False}},
        },
    },
}


def test_json_and_xml_give_the_same_catalog():
    from_xml = csdl.read(XML, name="t")
    from_json = csdl.read(json.dumps(JSON).encode(), name="t")
    assert not from_xml.defects
    assert msgspec.structs.replace(from_json, digest=from_xml.digest) == from_xml
    assert from_json.entity_types["NS.order"].property("number").description == "No."
    assert from_json.entity_sets["orders"].capabilities.deletable is False


def test_enum_members_carry_their_annotations():
    said = {
        "$Version": "4.0",
        "NS": {"E": {"$Kind": "EnumType", "A": 0, "A@Org.OData.Core.V1.Description": "First", "AB": "1"}},
    }
    first, second = csdl.read(json.dumps(said).encode(), name="t").enum_types["NS.E"].members
    assert (first.label, second.label, second.value) == ("First", None, 1)


def test_a_name_repeated_in_json_is_a_defect():
    text = '{"$Version":"4.01","NS":{"T":{"$Kind":"ComplexType","a":{},"a":{"$Type":"Edm.Int32"}}}}'
    catalog = csdl.read(text.encode(), name="t")
    assert [p.type.name for p in catalog.complex_types["NS.T"].properties] == ["Edm.String"]
    assert "repeated" in catalog.defects[0].problem


@pytest.mark.parametrize("value", [True, None, 1.5, [1], 2**63], ids=str)
def test_an_enum_value_that_is_no_number_is_a_defect_and_can_be_kept(value):
    said = {"$Version": "4.01", "NS": {"E": {"$Kind": "EnumType", "A": 7, "B": value}}}
    catalog = csdl.read(json.dumps(said).encode(), name="t")
    assert [member.value for member in catalog.enum_types["NS.E"].members] == [7, 8]
    assert [defect.place for defect in catalog.defects] == ["NS.E/B"]
    assert snapshot.opened(snapshot.compiled(catalog), "t").enum_types == catalog.enum_types


@pytest.mark.parametrize(
    "more",
    [
        {"$Version": 4.01},
        {"$Reference": {"x": {"$Include": True}}},
        {"NS": {"T": {"$Kind": "ComplexType", "p": {}}, "f": [{"$Kind": "Action", "$Parameter": True}]}},
        {"NS": {"T": {"$Kind": "ComplexType", "p": {"$MaxLength": 2**80, "$Precision": -1, "$Scale": -(2**80)}}}},
    ],
    ids=["version", "include", "parameters", "facets"],
)
def test_what_is_of_another_kind_says_nothing_and_can_be_kept(more):
    said = {"$Version": "4.01", "NS": {"T": {"$Kind": "ComplexType", "p": {}}}} | more
    catalog = csdl.read(json.dumps(said).encode(), name="t")
    [prop_] = catalog.complex_types["NS.T"].properties
    assert (catalog.version, prop_.max_length, prop_.precision, prop_.scale) == ("4.01", None, None, None)
    again = snapshot.opened(snapshot.compiled(catalog), "t")
    assert (again.version, again.complex_types) == (catalog.version, catalog.complex_types)


@pytest.mark.parametrize("value", [1, "text", None, [], {"$Kind": "Nonsense"}, {"$Kind": 7}], ids=str)
def test_children_that_are_not_declarations_are_passed_over(value):
    said = {"$Version": "4.01", "NS": {"odd": value, "T": {"$Kind": "ComplexType"}}}
    assert set(csdl.read(json.dumps(said).encode(), name="t").complex_types) == {"NS.T"}
