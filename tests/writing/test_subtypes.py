"""Rows of subtypes in a set of their base: written as what they are, and found as nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.catalog.documents import entity, prop, sets, xml
from tests.small_odata import Asked, SmallOData
from tests.stack import Stack

BOUND = '<Action Name="{name}" IsBound="true"><Parameter Name="who" Type="NS.{type}" Nullable="false"/></Action>'
DOCUMENT = xml(
    f'<ComplexType Name="place">{prop("city")}</ComplexType>'
    f'<ComplexType Name="desk" BaseType="NS.place">{prop("floor", "Edm.Int32")}</ComplexType>'
    f'<ComplexType Name="home" BaseType="NS.place">{prop("street")}</ComplexType>'
    f'<ComplexType Name="attic" BaseType="NS.home">{prop("stairs", "Edm.Int32")}</ComplexType>'
    + entity("person", prop("code"), prop("name"), prop("at", "NS.place"), key=("code",))
    + f'<EntityType Name="employee" BaseType="NS.person">{prop("room", "Edm.Int32")}</EntityType>'
    + f'<EntityType Name="manager" BaseType="NS.employee">{prop("budget", "Edm.Int64")}</EntityType>'
    + BOUND.format(name="greet", type="person")
    + BOUND.format(name="move", type="employee"),
    container=sets("person"),
)
ROWS = [
    {"code": "ann", "name": "Ann"},
    {"code": "bob", "name": "Bob", "room": 1, "@odata.type": "#NS.employee"},
    {"code": "cyd", "name": "Cyd", "room": 2, "budget": 3, "@odata.type": "#NS.manager"},
]


@dataclass
class Office:
    service: SmallOData
    stack: Stack

    def id(self, who: str) -> str:
        query = "{ persons { nodes { __typename ... on PersonInterface { id code } } } }"
        rows = self.stack.data(query)["persons"]["nodes"]
        return next(row["id"] for row in rows if row["code"] == who)

    def write(self, field: str, given: str, selected: str = "userErrors { code }") -> tuple[dict, list[Asked]]:
        """The payload, and the writes that the service saw."""
        self.service.seen()
        found = self.stack.data(f"mutation {{ {field}(input: {{{given}}}) {{ {selected} }} }}")[field]
        return found, [asked for asked in self.service.seen() if asked.method != "GET"]


@pytest.fixture
def office() -> Iterator[Office]:
    service = SmallOData({"persons": [dict(row) for row in ROWS]}, key="code")
    with Stack(odata=(service.app, DOCUMENT)) as stack:
        yield Office(service, stack)


@pytest.mark.parametrize(
    ("type_", "given", "sent"),
    [
        ("person", 'name: "Dan"', {"name": "Dan"}),
        ("employee", "room: 4", {"@odata.type": "#NS.employee", "room": 4}),
        ("manager", 'budget: "5", room: 4', {"@odata.type": "#NS.manager", "budget": "5", "room": 4}),
    ],
)
def test_a_new_row_names_its_type_where_it_is_not_the_set_s(office: Office, type_: str, given: str, sent: dict):
    selected = f"{type_} {{ __typename code }} userErrors {{ code }}"
    field = f"create{type_.capitalize()}"
    found, asked = office.write(field, f'{type_}: {{code: "dan", {given}}}', selected)
    assert found == {type_: {"__typename": type_.capitalize(), "code": "dan"}, "userErrors": []}
    assert asked == [Asked("POST", "persons", {"code": "dan", **sent})]


@pytest.mark.parametrize(
    ("who", "type_", "given", "target", "sent"),
    [
        ("ann", "person", 'name: "Anna"', "persons('ann')", {"name": "Anna"}),
        ("bob", "employee", "room: 7", "persons('bob')/NS.employee", {"@odata.type": "#NS.employee", "room": 7}),
        ("cyd", "manager", 'budget: "8"', "persons('cyd')/NS.manager", {"@odata.type": "#NS.manager", "budget": "8"}),
    ],
)
def test_a_change_is_of_the_row_as_its_type(office: Office, who, type_, given, target, sent):
    selected = f"{type_} {{ code }} userErrors {{ code }}"
    found, asked = office.write(f"update{type_.capitalize()}", f'id: "{office.id(who)}", patch: {{{given}}}', selected)
    assert found == {type_: {"code": who}, "userErrors": []}
    assert asked == [Asked("PATCH", target, sent)]


def test_a_deleted_row_is_of_the_type_that_its_id_names(office: Office):
    _, asked = office.write("deleteEmployee", f'id: "{office.id("bob")}"', "deletedId")
    assert asked == [Asked("DELETE", "persons('bob')/NS.employee")]
    assert [row["code"] for row in office.service.sets["persons"]] == ["ann", "cyd"]


@pytest.mark.parametrize(
    ("field", "who", "target"),
    [
        ("greetPerson", "ann", "persons('ann')/NS.greet"),
        ("greetPerson", "bob", "persons('bob')/NS.greet"),
        ("moveEmployee", "bob", "persons('bob')/NS.employee/NS.move"),
        ("moveEmployee", "cyd", "persons('cyd')/NS.employee/NS.move"),
    ],
)
def test_an_action_of_a_subtype_is_called_on_the_row_as_that(office: Office, field: str, who: str, target: str):
    _, asked = office.write(field, f'id: "{office.id(who)}"')
    assert [(a.method, a.target) for a in asked] == [("POST", target)]


def test_a_row_is_not_changed_as_what_it_is_not(office: Office):
    found, asked = office.write("updateEmployee", f'id: "{office.id("cyd")}", patch: {{room: 1}}')
    assert (found, asked) == ({"userErrors": [{"code": "BAD_USER_INPUT"}]}, [])


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ('{city: "Oslo"}', {"city": "Oslo"}),
        ('{city: "Oslo", floor: null}', {"city": "Oslo"}),
        ("{floor: 1}", {"@odata.type": "#NS.desk", "floor": 1}),
        ('{street: "x"}', {"@odata.type": "#NS.home", "street": "x"}),
        ('{street: "x", stairs: 2}', {"@odata.type": "#NS.attic", "street": "x", "stairs": 2}),
        ("{stairs: 2, street: null}", {"@odata.type": "#NS.attic", "street": None, "stairs": 2}),
    ],
)
def test_a_complex_value_names_the_type_that_has_its_members(office: Office, given: str, sent: dict):
    _, asked = office.write("updatePerson", f'id: "{office.id("ann")}", patch: {{at: {given}}}')
    assert [a.body for a in asked] == [{"at": sent}]


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ("where: {at: {street: {eq: 'x'}}}", "$filter=at/NS.home/street eq 'x'"),
        ("where: {at: {stairs: {gt: 1}, city: {eq: 'y'}}}", "$filter=at/city eq 'y' and at/NS.attic/stairs gt 1"),
        ("orderBy: [{at: {floor: DESC}}]", "$orderby=at/NS.desk/floor desc,code"),
    ],
)
def test_a_member_of_a_subtype_is_asked_for_with_a_cast(office: Office, asked: str, option: str):
    office.stack.ask(f"{{ persons({asked}) {{ nodes {{ __typename }} }} }}".replace("'", '"'))
    assert option in office.service.seen()[0].target.split("?")[1].split("&")


def test_undeclared_members_of_a_complex_value_name_the_subtype_that_is_open():
    loose = f'<ComplexType Name="loose" BaseType="NS.place" OpenType="true">{prop("note")}</ComplexType>'
    document = DOCUMENT.replace(b'<ComplexType Name="desk"', loose.encode() + b'<ComplexType Name="desk"')
    service = SmallOData({"persons": []}, key="code")
    given = '{code: "a", at: {city: "Oslo", dynamicProperties: {pets: 2}}}'
    with Stack(odata=(service.app, document)) as stack:
        stack.data(f"mutation {{ createPerson(input: {{person: {given}}}) {{ userErrors {{ message }} }} }}")
        rows = "{ persons { nodes { ... on PersonInterface { at { city dynamicProperties } } } } }"
        [row] = stack.both(rows)["data"]["persons"]["nodes"]
    assert service.sets["persons"][0]["at"] == {"@odata.type": "#NS.loose", "city": "Oslo", "pets": 2}
    assert row["at"] == {"city": "Oslo", "dynamicProperties": {"pets": 2}}


def test_members_that_no_type_has_together_are_a_mistake(office: Office):
    given = f'id: "{office.id("ann")}", patch: {{at: {{floor: 1, street: "x"}}}}'
    found, asked = office.write("updatePerson", given, "userErrors { code message path }")
    message = "Place: floor and street don't tell which of its types is meant."
    assert found["userErrors"] == [
        {"code": "BAD_USER_INPUT", "message": message, "path": ["input", "patch", "at"]},
    ]
    assert asked == []
