"""Mutations become writes: what is sent for a service by the specification, and how its answers are told."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from graphql import parse, validate

from vegraph.backend.dialects import dialect_for
from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.writes import wire
from vegraph.catalog import csdl
from vegraph.errors import BackendConflict, BackendInvalid, BadUserInput, OutcomeUnknown
from vegraph.plan.operation import Planner
from vegraph.plan.passes import Scene
from vegraph.plan.scope import Scope
from vegraph.plan.selection import find_operation
from vegraph.plan.steps import Bound, Call, Company, ReadOne, Update, Write, Written
from vegraph.schema.binding import SourceBinding
from vegraph.schema.build import SourceInput, build

DOCUMENT = b"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <ComplexType Name="Address"><Property Name="City" Type="Edm.String" MaxLength="5"/></ComplexType>
  <EntityType Name="Customer"><Key><PropertyRef Name="No"/></Key>
    <Property Name="No" Type="Edm.String" Nullable="false"/><Property Name="Name" Type="Edm.String"/>
    <Property Name="Address" Type="S.Address"/><Property Name="Credit" Type="Edm.Decimal" Scale="2"/>
    <NavigationProperty Name="Friend" Type="S.Customer"/>
    <NavigationProperty Name="Orders" Type="Collection(S.Order)" Partner="Customer"/></EntityType>
  <EntityType Name="Order"><Key><PropertyRef Name="No"/></Key>
    <Property Name="No" Type="Edm.Int32" Nullable="false"/><Property Name="CustomerNo" Type="Edm.String"/>
    <NavigationProperty Name="Customer" Type="S.Customer" Partner="Orders">
      <ReferentialConstraint Property="CustomerNo" ReferencedProperty="No"/></NavigationProperty>
    <NavigationProperty Name="Lines" Type="Collection(S.Line)" ContainsTarget="true"/></EntityType>
  <EntityType Name="Line"><Key><PropertyRef Name="Row"/></Key>
    <Property Name="Row" Type="Edm.Int32" Nullable="false"/><Property Name="Price" Type="Edm.Decimal" Scale="2"/>
    <NavigationProperty Name="Seller" Type="S.Customer"/></EntityType>
  <Action Name="Merge" IsBound="true"><Parameter Name="it" Type="S.Customer"/>
    <Parameter Name="With" Type="Collection(S.Customer)" Nullable="false"/><Parameter Name="Into" Type="S.Address"/>
    <Parameter Name="Limit" Type="Edm.Decimal" Nullable="false" Scale="2"/>
    <ReturnType Type="Collection(S.Customer)"/></Action>
  <Action Name="Locate"><Parameter Name="Where" Type="Collection(Edm.String)"/><ReturnType Type="S.Address"/></Action>
  <EntityContainer Name="C">
    <EntitySet Name="Customers" EntityType="S.Customer"><NavigationPropertyBinding Path="Friend" Target="Customers"/>
      <NavigationPropertyBinding Path="Orders" Target="Orders"/></EntitySet>
    <EntitySet Name="Orders" EntityType="S.Order"><NavigationPropertyBinding Path="Customer" Target="Customers"/>
      <NavigationPropertyBinding Path="Lines/Seller" Target="Customers"/></EntitySet>
    <ActionImport Name="Locate" Action="S.Locate"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""

CATALOG = csdl.read(DOCUMENT, name="svc")
SOURCE = SourceBinding(name="svc", kind="odata", prefix="", catalog=CATALOG)
GRAPH = build([SourceInput(binding=SOURCE, visible=frozenset(CATALOG.entity_sets))])
ERRORS = "userErrors { message code path target }"


class Recording:
    """A runner that keeps what it is given and answers as told."""

    def __init__(self, *answers: Written | Exception, rows: dict[str, bytes] | None = None, **abilities: Any) -> None:
        self.answers = list(answers)
        self.steps: list[Write] = []
        self.how: list[dict[str, Any]] = []
        self.reads: list[ReadOne] = []
        self.rows = rows or {}
        self.known: BaseDialect = dialect_for("odata", CATALOG)
        for name, value in abilities.items():
            setattr(self.known, name, value)

    def dialect(self, _source: str) -> BaseDialect:
        return self.known

    async def companies(self, _source: str, _given: Sequence[str] | None) -> tuple[Company, ...]:
        return ()

    async def write(self, steps: Sequence[Write], **how: Any) -> list[Written]:
        self.steps += steps
        self.how.append(how)
        given = [self.answers.pop(0) for _ in steps[: len(self.answers)]]
        if given and isinstance(given[0], Exception):
            raise given[0]
        return [*given, *(Written(status=204) for _ in steps[len(given) :])]  # type: ignore[list-item]

    async def read_one(self, step: ReadOne) -> bytes | None:
        self.reads.append(step)
        return self.rows.get(step.key.values[0] if step.key else "")


async def ask(query: str, runner: Recording, **variables: Any) -> dict[str, Any]:
    document = parse(query)
    assert validate(GRAPH.schema, document) == []
    operation = find_operation(document, None)
    planner = Planner(GRAPH, Scene(runner.dialect, lambda _: False))
    result = await planner.execute(document, operation, variables, Scope(runner=runner), {})  # type: ignore[arg-type]
    if isinstance(result, bytes):
        return json.loads(result)
    return {"data": result.data, "errors": [e.formatted for e in result.errors or ()]}


def id_of(name: str, *key: Any) -> str:
    return Planner(GRAPH, Scene(lambda _: None, lambda _: False)).encode_id(GRAPH.entity(name))(None, *key)  # type: ignore[arg-type]


def body(runner: Recording) -> Any:
    (step,) = runner.steps
    return json.loads(wire(step, runner.known).body or b"{}")


async def test_links_without_a_property_of_their_own_go_as_references_at_any_depth():
    query = """mutation($id: ID!) { createOrder(input: { order: { no: 1, customer: $id, lines: [
        { row: 1, price: "1.10", seller: $id }] } }) { __typename } }"""
    runner = Recording()
    await ask(query, runner, id=id_of("Customer", "C'1"))
    assert body(runner) == {
        "No": 1,
        "CustomerNo": "C'1",
        "Lines": [{"Row": 1, "Price": "1.10", "Seller@odata.bind": "Customers('C''1')"}],
    }


async def test_where_the_service_takes_no_references_they_are_a_mistake():
    query = """mutation($id: ID) { createCustomer(input: { customer: { no: "1", friend: $id } }) {
        userErrors { message path } } }"""
    runner = Recording(binds=False)
    found = await ask(query, runner, id=id_of("Customer", "C1"))
    (error,) = found["data"]["createCustomer"]["userErrors"]
    assert error["path"] == ["input", "customer", "friend"]
    assert "can't be set" in error["message"]
    assert runner.steps == []


async def test_a_reference_is_set_and_cannot_be_cleared():
    query = """mutation($id: ID!, $friend: ID) { updateCustomer(input: { id: $id, patch: { friend: $friend } }) {
        userErrors { message } } }"""
    runner = Recording()
    await ask(query, runner, id=id_of("Customer", "C1"), friend=id_of("Customer", "C2"))
    (step,) = runner.steps
    assert isinstance(step, Update)
    assert isinstance(step.values["Friend"], Bound)
    found = await ask(query, Recording(), id=id_of("Customer", "C1"), friend=None)
    assert "can't be cleared" in found["data"]["updateCustomer"]["userErrors"][0]["message"]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("Name", ["name"]),
        ("Address/City", ["address", "city"]),
        ("/Customers('1')/Name", ["name"]),
        ("Orders/0/CustomerNo", ["orders", "0", "customerNo"]),
        ("Orders[1].No", ["orders", "1", "no"]),
        ("Elsewhere", []),
        (None, []),
    ],
)
async def test_a_refusal_says_which_member_of_the_input_it_is_about(target, path):
    error = BackendInvalid("No.", source="svc", status=400, target=target)
    query = f'mutation {{ createCustomer(input: {{ customer: {{ no: "1" }} }}) {{ {ERRORS} }} }}'
    found = await ask(query, Recording(Written(status=400, error=error)))
    expected = {"message": "No.", "code": "REJECTED", "path": ["input", "customer", *path], "target": target}
    assert found["data"]["createCustomer"]["userErrors"] == [expected]


async def test_each_detail_is_a_mistake_of_its_own_after_the_whole():
    error = BackendInvalid("Several.", source="svc", details=(("Name", "Too short."), ("Address/City", "Unknown.")))
    query = f'mutation($id: ID!) {{ updateCustomer(input: {{ id: $id, patch: {{ name: "x" }} }}) {{ {ERRORS} }} }}'
    found = await ask(query, Recording(Written(status=400, error=error)), id=id_of("Customer", "1"))
    told = [(e["message"], e["path"][1:]) for e in found["data"]["updateCustomer"]["userErrors"]]
    assert told == [
        ("Several.", ["patch"]),
        ("Too short.", ["patch", "name"]),
        ("Unknown.", ["patch", "address", "city"]),
    ]


async def test_a_taken_key_is_a_conflict():
    error = BackendConflict("It is there already.", source="svc", status=409, target="No")
    query = f'mutation {{ createCustomer(input: {{ customer: {{ no: "1" }} }}) {{ {ERRORS} }} }}'
    found = await ask(query, Recording(Written(status=409, error=error)))
    (told,) = found["data"]["createCustomer"]["userErrors"]
    assert (told["code"], told["path"]) == ("CONFLICT", ["input", "customer", "no"])


MERGE = """mutation($input: MergeCustomerInput!) { mergeCustomer(input: $input) {
    result { totalCount nodes { no orders { nodes { no } } } } customer { no } """ + ERRORS + " } }"  # fmt: skip


async def test_an_action_takes_and_gives_values_of_every_type():
    answer = {"value": [{"No": "1", "Name": "a"}, {"No": "2", "Name": "b"}]}
    runner = Recording(Written(status=200, body=json.dumps(answer).encode(), read_back=b'{"No":"1"}'))
    given = {"id": id_of("Customer", "1"), "with": [id_of("Customer", "2")], "limit": "10.50",
             "into": {"city": "Odense"[:5]}}  # fmt: skip
    query = MERGE.replace("orders { nodes { no } }", "name")
    found = await ask(query, runner, input=given)
    assert found["data"]["mergeCustomer"] == {
        "result": {"totalCount": 2, "nodes": [{"no": "1", "name": "a"}, {"no": "2", "name": "b"}]},
        "customer": {"no": "1"},
        "userErrors": [],
    }
    (step,) = runner.steps
    assert isinstance(step, Call)
    assert body(runner) == {
        "With": [{"@odata.id": "Customers('2')"}],
        "Into": {"City": "Odens"},
        "Limit": "10.50",
    }


async def test_all_mistakes_of_an_action_come_at_once():
    given = {"id": "nonsense", "with": ["worse"], "limit": "10.505", "into": {"city": "Odense"}}
    runner = Recording()
    found = await ask(MERGE.replace("orders { nodes { no } }", "name"), runner, input=given)
    assert {tuple(e["path"]) for e in found["data"]["mergeCustomer"]["userErrors"]} == {
        ("input", "id"), ("input", "with"), ("input", "limit"), ("input", "into", "city"),
    }  # fmt: skip
    assert runner.steps == []


async def test_a_complex_value_comes_back_as_one_can_select_on_it():
    query = 'mutation { locate(input: { where: ["a", "b"] }) { result { city } userErrors { code } } }'
    found = await ask(query, Recording(Written(status=200, body=b'{"City":"Odense"}')))
    assert found["data"]["locate"] == {"result": {"city": "Odense"}, "userErrors": []}


async def test_what_was_done_is_not_undone_by_an_answer_that_cannot_be_read():
    query = MERGE.replace("orders { nodes { no } }", "name")
    given = {"id": id_of("Customer", "1"), "with": [], "limit": "1"}
    found = await ask(query, Recording(Written(status=200, body=b"{", read_back=b"{")), input=given)
    assert found["data"]["mergeCustomer"] == {"result": None, "customer": None, "userErrors": []}
    assert [e["path"] for e in found["errors"]] == [["mergeCustomer", "result"], ["mergeCustomer", "customer"]]


async def test_a_key_for_repeating_goes_with_its_write_alone():
    query = """mutation {
      a: createCustomer(input: { customer: { no: "1" } }) @idempotent(key: "k1") { __typename }
      b: createCustomer(input: { customer: { no: "2" } }) { __typename } }"""
    runner = Recording()
    await ask(query, runner)
    assert [how["idempotency_key"] for how in runner.how] == ["k1", None]


async def test_one_key_for_two_writes_is_refused():
    query = """mutation {
      a: createCustomer(input: { customer: { no: "1" } }) @idempotent(key: "k1") { __typename }
      b: createCustomer(input: { customer: { no: "2" } }) @idempotent(key: "k1") { __typename } }"""
    runner = Recording()
    found = await ask(query, runner)
    assert [e["extensions"]["code"] for e in found["errors"]] == ["BAD_USER_INPUT"] * 2
    assert runner.steps == []


@pytest.mark.parametrize("atomic", ["", "@atomic"])
async def test_a_group_in_doubt_is_in_doubt_for_each(atomic):
    query = f"""mutation($id: ID!) {atomic} {{
      a: createCustomer(input: {{ customer: {{ no: "1" }} }}) {{ __typename }}
      b: updateCustomer(input: {{ id: $id, patch: {{ name: "x" }} }}) {{ __typename }} }}"""
    doubt = [OutcomeUnknown("Perhaps.", source="svc", status=503) for _ in range(2)]
    id_ = id_of("Customer", "1")
    answers: list[Any] = doubt if atomic else [Written(error=d) for d in doubt]
    found = await ask(query, Recording(*answers), id=id_)
    assert [e["extensions"]["known"] for e in found["errors"]] == [{"write": "create"}, {"write": "update", "id": id_}]


async def test_without_a_way_to_keep_them_together_nested_rows_and_groups_are_refused():
    nested = 'mutation { createCustomer(input: { customer: { no: "1", orders: [{ no: 1 }] } }) { __typename } }'
    group = 'mutation @atomic { createCustomer(input: { customer: { no: "1" } }) { __typename } }'
    for query in (nested, group):
        runner = Recording(atomic=None, deep_insert_depth=0)
        found = await ask(query, runner)
        assert [e["extensions"]["code"] for e in found["errors"]] == ["NOT_SUPPORTED"]
        assert runner.steps == []


async def test_nested_rows_apart_get_what_links_them_to_their_parent():
    query = (
        'mutation { createCustomer(input: { customer: { no: "1", orders: [{ no: 1 }, { no: 2 }] } }) { __typename } }'
    )
    runner = Recording(deep_insert_depth=0)
    await ask(query, runner)
    assert [dict(step.values) for step in runner.steps] == [
        {"No": "1"},
        {"No": 1, "CustomerNo": "1"},
        {"No": 2, "CustomerNo": "1"},
    ]
    assert [how["atomic"] for how in runner.how] == [True]


async def test_a_problem_of_the_source_s_side_is_the_field_s_error():
    query = 'mutation { createCustomer(input: { customer: { no: "1" } }) { customer { no } } }'
    found = await ask(query, Recording(BadUserInput("It cannot be written.")))
    assert (found["data"], found["errors"][0]["path"]) == ({"createCustomer": None}, ["createCustomer"])
