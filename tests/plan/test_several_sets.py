"""A type that has rows in two sets: what is read and written by id is the row of the set that it came from."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.catalog.documents import entity, nav, prop, xml
from tests.schema.graphs import source
from tests.small_odata import SmallOData
from tests.stack import Stack
from vegraph.catalog import csdl
from vegraph.errors import BadUserInput
from vegraph.plan import global_ids
from vegraph.schema.build import build

DOCUMENT = xml(
    entity("person", prop("code"), prop("name"), prop("mentorCode"), nav("mentor", "person", ("mentorCode", "code")),
           key=("code",))
    + f'<EntityType Name="trainee" BaseType="NS.person">{prop("desk")}</EntityType>',
    container='<EntitySet Name="persons" EntityType="NS.person">'
    '<NavigationPropertyBinding Path="mentor" Target="newcomers"/></EntitySet>'
    '<EntitySet Name="newcomers" EntityType="NS.person"/>',
)  # fmt: skip
TRAINEE = {"@odata.type": "#NS.trainee", "desk": "a"}


@dataclass
class Office:
    service: SmallOData
    stack: Stack

    def ids(self, field: str) -> dict[str, str]:
        query = f"{{ {field} {{ nodes {{ ... on PersonInterface {{ code }} ... on Node {{ id }} }} }} }}"
        return {row["code"]: row["id"] for row in self.stack.both(query)["data"][field]["nodes"]}


@pytest.fixture
def office() -> Iterator[Office]:
    rows = {
        "persons": [{"code": "a", "name": "old a", "mentorCode": "b"}, {"code": "t", "name": "old t", **TRAINEE}],
        "newcomers": [
            {"code": "a", "name": "new a"}, {"code": "b", "name": "new b"}, {"code": "t", "name": "new t", **TRAINEE},
        ],
    }  # fmt: skip
    service = SmallOData(rows, key="code", expands=False)
    with Stack(odata=(service.app, DOCUMENT)) as stack:
        yield Office(service, stack)


@pytest.mark.parametrize(
    ("field", "code", "name"),
    [
        ("persons", "a", "old a"),
        ("newcomers", "a", "new a"),
        ("newcomers", "b", "new b"),
        ("persons", "t", "old t"),
        ("newcomers", "t", "new t"),
    ],
)
def test_an_id_leads_back_to_its_set(office: Office, field: str, code: str, name: str):
    id_ = office.ids(field)[code]
    query = "query ($id: ID!) { node(id: $id) { id ... on PersonInterface { name } } }"
    assert office.stack.both(query, {"id": id_})["data"]["node"] == {"id": id_, "name": name}


def test_rows_of_both_sets_are_told_apart_in_one_answer(office: Office):
    ids = [office.ids("persons")["a"], office.ids("newcomers")["a"], office.ids("newcomers")["b"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PersonInterface { name } } }"
    names = [row["name"] for row in office.stack.both(query, {"ids": ids})["data"]["nodes"]]
    assert names == ["old a", "new a", "new b"]


def test_related_rows_are_of_the_set_that_the_document_names(office: Office):
    query = (
        "{ persons(first: 1) { nodes { ... on PersonInterface { mentor { ... on PersonInterface { id name } } } } } }"
    )
    mentor = office.stack.both(query)["data"]["persons"]["nodes"][0]["mentor"]
    assert mentor == {"id": office.ids("newcomers")["b"], "name": "new b"}


@pytest.mark.parametrize("of", ["persons", "newcomers"])
def test_one_row_by_an_id_of_the_other_set_is_a_mistake(office: Office, of: str):
    fields = office.stack.graph.schema.query_type.fields
    one = next(n for n, f in fields.items() if (f.description or "").startswith(f"One row of `{of}`"))
    asked = f"query ($id: ID!) {{ found: {one}(by: {{id: $id}}) {{ ... on PersonInterface {{ name }} }} }}"
    other = office.ids("newcomers" if of == "persons" else "persons")["a"]
    (error,) = office.stack.ask(asked, {"id": other})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    own = office.stack.data(asked, {"id": office.ids(of)["a"]})
    assert own["found"]["name"] == {"persons": "old a", "newcomers": "new a"}[of]


@pytest.mark.parametrize("of", ["persons", "newcomers"])
def test_a_change_is_of_the_set_that_the_mutation_says_and_the_id_must_be_its(office: Office, of: str):
    fields = office.stack.graph.schema.mutation_type.fields
    update = next(n for n, f in fields.items() if (f.description or "") == f"Update a row of `{of}`.")
    given = '{id: $id, patch: {name: "x"}}'
    text = f"mutation ($id: ID!) {{ found: {update}(input: {given}) {{ userErrors {{ code }} }} }}"
    other = office.ids("newcomers" if of == "persons" else "persons")["a"]
    assert office.stack.data(text, {"id": other})["found"]["userErrors"] == [{"code": "BAD_USER_INPUT"}]
    assert office.stack.data(text, {"id": office.ids(of)["a"]})["found"]["userErrors"] == []
    names = {name: rows[0]["name"] for name, rows in office.service.sets.items()}
    assert names == {"persons": "old a", "newcomers": "new a"} | {of: "x"}


def test_an_id_stands_for_its_row_whatever_sets_are_shown(office: Office):
    old, new = office.ids("persons")["a"], office.ids("newcomers")["a"]
    catalog = csdl.read(DOCUMENT, name="odata")
    shown = build([source(catalog, name="odata", prefix="", visible=["newcomers"])])
    assert global_ids.decode(new, shown).entity.set.name == "newcomers"
    with pytest.raises(BadUserInput, match="does not show"):
        global_ids.decode(old, shown)
