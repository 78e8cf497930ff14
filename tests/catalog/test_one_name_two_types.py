"""OF-82: an enumeration and an entity type of one name. Their uses tell them apart; nothing is lost."""

import pytest

from tests.catalog.documents import entity, nav, problems, prop, sets, xml
from vegraph.catalog import csdl, snapshot
from vegraph.catalog.model import wire_type
from vegraph.schema.binding import SourceBinding
from vegraph.schema.build import SourceInput, build

ENUM = (
    '<EnumType Name="Gender"><Member Name="Male"/><Member Name="Female">'
    '<Annotation Term="Org.OData.Core.V1.Description" String="She"/></Member></EnumType>'
)
GENDER = entity("Gender", prop("text"))
PERSON = entity("Person", prop("gender", "NS.Gender"), prop("all", "Collection(Self.Gender)"), nav("row", "Gender"))
ACTION = (
    '<Action Name="mark" IsBound="true"><Parameter Name="it" Type="NS.Gender"/>'
    '<Parameter Name="as" Type="NS.Gender"/><ReturnType Type="NS.Gender"/></Action>'
)
AIMED = (
    '<Annotations Target="NS.Gender/Male"><Annotation Term="Org.OData.Core.V1.Description" String="He"/></Annotations>'
)
BOTH = "enum:NS.Gender"


@pytest.mark.parametrize("body", [ENUM + GENDER + PERSON, GENDER + PERSON + ENUM, PERSON + ENUM + GENDER])
def test_properties_are_of_the_enumeration_and_navigation_leads_to_the_entity_type(body):
    catalog = csdl.read(xml(body + ACTION, container=sets("Gender", "Person"), after=AIMED), name="t")
    person = catalog.entity_types["NS.Person"]
    assert {p.name: p.type.text for p in person.properties if p.name != "id"} == {
        "gender": BOTH,
        "all": f"Collection({BOTH})",
    }
    assert [n.target for n in person.navigation] == ["NS.Gender"]
    assert catalog.entity_sets["Genders"].type == "NS.Gender"
    assert [(m.name, m.label) for m in catalog.enum_types[BOTH].members] == [("Male", "He"), ("Female", "She")]
    [action] = catalog.operations
    assert (action.binding.name, [p.type.name for p in action.parameters], action.returns.name) == (
        "NS.Gender",
        [BOTH],
        "NS.Gender",
    )
    assert problems(catalog) == ["NS.Gender: an enumeration and an entity type have this name"]
    assert wire_type(BOTH) == "NS.Gender"
    assert snapshot.opened(snapshot.compiled(catalog), "t").enum_types[BOTH] == catalog.enum_types[BOTH]


def test_the_graph_has_both_under_names_of_their_own():
    catalog = csdl.read(xml(ENUM + GENDER + PERSON, container=sets("Gender", "Person")), name="t")
    binding = SourceBinding(name="fo", kind="finance-operations", prefix="Fo", catalog=catalog, company=None)
    graph = build([SourceInput(binding=binding, visible=frozenset(catalog.entity_sets))])
    fields = graph.schema.type_map["FoPerson"].fields
    assert str(fields["row"].type) == "FoGender"
    names = {str(fields["gender"].type), str(graph.schema.type_map["FoPersonFilter"].fields["gender"].type)}
    [enum] = {name for name in names if not name.endswith("Filter")}
    assert enum != "FoGender"
    assert set(graph.schema.type_map[enum].values) == {"MALE", "FEMALE"}
    assert [s.name for s in graph.names.report if s.wire == BOTH] == [enum]


def test_a_second_enumeration_of_that_name_is_a_defect_like_any_other():
    catalog = csdl.read(xml(GENDER + ENUM + ENUM), name="t")
    assert "NS.Gender: the type is declared more than once" in problems(catalog)
