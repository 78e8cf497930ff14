"""Inheritance: an interface for each type with subtypes, an object type for each that has rows of its own."""

import pytest

from tests.catalog.documents import entity, nav, prop, sets
from tests.schema.graphs import fields, graph, roots
from tests.schema.nasty import NASTY


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
