"""Inheritance: an interface for each type with subtypes, an object type for each that has rows of its own."""

import pytest

from tests.catalog.documents import entity, nav, prop, sets
from tests.schema.graphs import fields, graph, roots
from tests.schema.nasty import NASTY
from vegraph.schema.build import SchemaGraph


@pytest.fixture
def families():
    return NASTY["families"]()


def _interfaces(found, name):
    return [interface.name for interface in found.schema.type_map[name].interfaces]


def test_lists_give_the_interface_of_a_type_with_subtypes(families):
    assert fields(families, "XAnimalConnection")["nodes"] == "[XAnimalInterface!]!"
    animal = families.entity_of("s", "NS.animal")
    assert animal.graph_name == "XAnimalInterface"
    assert animal.subtypes == ("XAnimal", "XDog", "XPuppy", "XTiger")
    assert not animal.abstract


def test_every_concrete_type_has_an_object_type_and_a_binding(families):
    for name, wire in (("XAnimal", "animal"), ("XDog", "dog"), ("XPuppy", "puppy"), ("XTiger", "tiger")):
        exact = families.entity(name)
        assert exact is families.object_of("s", f"NS.{wire}")
        assert (exact.graph_name, exact.type.name, exact.subtypes) == (name, f"NS.{wire}", ())
        assert [found.name for found in exact.sets] == ["animals"]


def test_an_abstract_type_is_an_interface_only(families):
    cat = families.entity("XCat")
    assert (cat.graph_name, cat.abstract, cat.subtypes) == ("XCat", True, ("XTiger",))
    assert families.object_of("s", "NS.cat") is None
    assert "XCatInterface" not in families.schema.type_map


def test_types_implement_the_interfaces_of_their_bases(families):
    assert _interfaces(families, "XPuppy") == ["Node", "XDogInterface", "XAnimalInterface", "XRoot"]
    assert _interfaces(families, "XDogInterface") == ["Node", "XAnimalInterface", "XRoot"]
    assert _interfaces(families, "XTiger") == ["Node", "XCat", "XAnimalInterface", "XRoot"]


def test_subtypes_have_their_own_members_too(families):
    assert fields(families, "XPuppy")["age"] == "Int"
    assert "age" not in fields(families, "XAnimalInterface")
    assert fields(families, "XCat")["owner"] == "XPerson"


def test_a_keyless_abstract_base_is_no_node(families):
    assert _interfaces(families, "XRoot") == []
    assert fields(families, "XPerson")["anything"] == "XRoot"


def test_each_concrete_type_can_be_written(families):
    mutations = roots(families, "mutation_type")
    assert {"createXAnimal", "createXDog", "createXPuppy", "createXTiger", "updateXPuppy"} <= mutations
    assert "createXCat" not in mutations
    assert fields(families, "CreateXPuppyPayload")["xPuppy"] == "XPuppy"


def test_possible_types_are_the_concrete_ones(families):
    schema = families.schema
    possible = [type_.name for type_ in schema.get_possible_types(schema.type_map["XAnimalInterface"])]
    assert sorted(possible) == ["XAnimal", "XDog", "XPuppy", "XTiger"]
    assert schema.is_sub_type(schema.type_map["XCat"], schema.type_map["XTiger"])
    assert not schema.is_sub_type(schema.type_map["XCat"], schema.type_map["XDog"])


def test_a_complex_type_holds_the_members_of_its_subtypes(families):
    assert fields(families, "XPlace") == {"city": "String", "code": "String"}
    place = families.entity("XTrip").members["at"].value.complex
    assert {name: value.graph_name for name, value in place.derived.items()} == {"NS.airport": "XAirport"}


def _places(*subtypes: str) -> SchemaGraph:
    base = f'<ComplexType Name="place">{prop("city")}</ComplexType>'
    return graph(base + "".join(subtypes) + entity("trip", prop("at", "Self.place")), container=sets("trip"))


def _place(name: str, *members: str, attributes: str = "") -> str:
    return f'<ComplexType Name="{name}" BaseType="Self.place" {attributes}>{"".join(members)}</ComplexType>'


def test_a_member_that_is_of_another_type_in_another_subtype_may_be_anything():
    found = _places(_place("flat", prop("floor", "Edm.Int32")), _place("mall", prop("floor")))
    assert fields(found, "XPlace") == fields(found, "XPlaceInput") == {"city": "String", "floor": "JSON"}
    assert fields(found, "XFlat")["floor"] == "Int"
    assert fields(found, "XMall")["floor"] == "String"


def test_a_member_of_several_subtypes_is_not_filtered_or_ordered_by():
    found = _places(_place("flat", prop("floor", "Edm.Int32")), _place("mall", prop("floor", "Edm.Int32")))
    assert fields(found, "XPlace") == {"city": "String", "floor": "Int"}
    assert list(fields(found, "XPlaceFilter")) == list(fields(found, "XPlaceOrder")) == ["city"]


def test_a_complex_type_with_an_open_subtype_shows_what_that_holds():
    found = _places(_place("flat", attributes='OpenType="true"'))
    assert "dynamicProperties" in fields(found, "XPlace")
    assert "dynamicProperties" in fields(found, "XPlaceInput")


def test_a_complex_value_is_given_and_asked_for_through_others_that_hold_nothing_else():
    inner = f'<ComplexType Name="inner">{prop("city")}{prop("again", "Self.outer")}</ComplexType>'
    outer = f'<ComplexType Name="outer">{prop("inner", "Self.inner")}</ComplexType>'
    loop = f'<ComplexType Name="loop">{prop("loop", "Self.loop")}</ComplexType>'
    trip = entity("trip", prop("at", "Self.outer"), prop("loop", "Self.loop"))
    found = graph(inner + outer + loop + trip, container=sets("trip"))
    for kind in ("Filter", "Order", "Input", "Patch"):
        assert "at" in fields(found, f"XTrip{kind}")
        assert "loop" not in fields(found, f"XTrip{kind}")


def test_a_subtype_with_a_hidden_set_of_its_own_is_shown_with_its_visible_base():
    body = entity("base") + '<EntityType Name="sub" BaseType="Self.base"/>' + entity("x", nav("subs", "sub"))
    found = graph(body, container=sets("base", "sub", "x"), visible={"bases"})
    assert found.entity_of("s", "NS.base").subtypes == ("XBase", "XSub")
    assert roots(found) == {"xBase", "xBases", "xBasesAggregate"}


def test_a_base_is_shown_where_only_a_subtype_is_visible():
    body = entity("base", prop("a")) + '<EntityType Name="sub" BaseType="Self.base"/>'
    found = graph(body, container=sets("base", "sub"), visible={"subs"})
    assert found.entity_of("s", "NS.sub").graph_name == "XSub"
    assert roots(found) == {"xSub", "xSubs", "xSubsAggregate"}
    assert found.entity_in("s", "bases") is None
