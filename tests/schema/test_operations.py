"""Actions and functions: names, arguments, results."""

import pytest

from tests.catalog.documents import entity, prop, sets
from tests.schema.graphs import fields, graph, roots, shared, text
from tests.schema.nasty import NASTY
from tests.schema.test_shape import a_shop
from vegraph.schema.binding import BINDING, ActionRoot, FunctionField, FunctionRoot


@pytest.fixture
def operations():
    return NASTY["operations"]()


def test_a_bound_action_is_called_by_the_id_of_its_row():
    found = a_shop()
    assert text(found, "BlockBcCustomerInput", "BlockBcCustomerPayload") == (
        "input BlockBcCustomerInput {\n  id: ID!\n  reason: String!\n}\n"
        "type BlockBcCustomerPayload {\n  bcCustomer: BcCustomer\n  userErrors: [UserError!]!\n}"
    )
    binding = found.schema.mutation_type.fields["blockBcCustomer"].extensions[BINDING]
    assert isinstance(binding, ActionRoot)
    assert binding.bound_to is found.entity("BcCustomer")
    assert (binding.payload_field, binding.result_field, binding.bound_to_set) == ("bcCustomer", None, None)
    [reason] = binding.parameters
    assert (reason.field, reason.wire, reason.required) == ("reason", "reason", True)


def test_overloads_by_binding_type_are_told_apart_by_it(operations):
    assert {"postXThing", "postXOther"} <= roots(operations, "mutation_type")


def test_an_action_does_not_take_the_name_of_a_create(operations):
    mutations = operations.schema.mutation_type.fields
    assert mutations["createXThing"].extensions[BINDING].entity is operations.entity("XThing")
    [other] = [name for name in mutations if name.startswith("createXThing_")]
    assert isinstance(mutations[other].extensions[BINDING], ActionRoot)


def test_an_action_of_a_collection_is_named_by_the_set(operations):
    binding = operations.schema.mutation_type.fields["mergeXThings"].extensions[BINDING]
    assert binding.bound_to_set.name == "things"
    assert fields(operations, "MergeXThingsInput") == {"p1": "ID"}
    assert fields(operations, "MergeXThingsPayload") == {"result": "XThingConnection", "userErrors": "[UserError!]!"}


def test_an_unbound_action_has_its_own_name_under_the_prefix(operations):
    field = operations.schema.mutation_type.fields["xReset"]
    assert not field.args  # nothing to give: GraphQL has no empty inputs
    assert fields(operations, "XResetPayload") == {"userErrors": "[UserError!]!"}


def test_unbound_overloads_are_told_apart_by_their_parameters(operations):
    assert {"xFind", "xFindWithP0", "xFindWithP0AndP1"} <= roots(operations)
    assert [*operations.schema.query_type.fields["xFindWithP0AndP1"].args] == ["p0", "p1"]


def test_unbound_functions_are_called_by_their_import_where_there_is_one(operations):
    query = operations.schema.query_type.fields
    assert query["xFind"].extensions[BINDING].import_name == "Find"
    assert query["xAll"].extensions[BINDING].import_name is None


def test_a_bound_function_is_a_field_of_its_type(operations):
    field = operations.schema.type_map["XThing"].fields["near"]
    assert (str(field.type), {name: str(arg.type) for name, arg in field.args.items()}) == ("XOther", {"p1": "Int"})
    assert isinstance(field.extensions[BINDING], FunctionField)


def test_a_function_does_not_take_the_name_of_a_property(operations):
    found = fields(operations, "XThing")
    assert found["a"] == "String"
    assert any(name.startswith("a_") for name in found)


def test_a_function_of_a_collection_is_a_root_field(operations):
    field = operations.schema.query_type.fields["newestXThings"]
    assert str(field.type) == "XThing"
    assert isinstance(field.extensions[BINDING], FunctionRoot)
    assert field.extensions[BINDING].bound_to_set.name == "things"


def test_several_rows_are_a_connection_and_several_values_a_list(operations):
    query = operations.schema.query_type.fields
    assert str(query["xAll"].type) == "XThingConnection"
    assert str(query["xReport"].type) == "[XR]"
    assert str(query["xReport"].args["p0"].type) == "XRInput"


def test_what_leads_to_hidden_types_is_not_there():
    [view] = NASTY["operations"]().views.values()
    from tests.schema.graphs import source
    from vegraph.schema.build import build

    found = build([source(view.catalog, visible={"things"})])
    assert "near" not in fields(found, "XThing")
    assert "postXOther" not in roots(found, "mutation_type")
    assert "postXThing" in roots(found, "mutation_type")


def test_a_portal_has_the_actions_it_is_given_and_no_unbound_ones():
    [view] = NASTY["operations"]().views.values()
    from tests.schema.graphs import source
    from vegraph.schema.build import build

    allowed = {"things": frozenset({"read", "action"}), "others": frozenset({"read"})}
    found = build([source(view.catalog, allowed=allowed)])
    mutations = roots(found, "mutation_type")
    assert "postXThing" in mutations
    assert not {"postXOther", "xReset"} & mutations
    assert not {"xFind", "xAll"} & roots(found)


def test_a_parameter_that_would_be_id_makes_way():
    action = (
        '<Action Name="mark" IsBound="true"><Parameter Name="it" Type="Self.thing"/>'
        '<Parameter Name="id" Type="Edm.Int32"/><Parameter Name="by" Type="Self.thing" Nullable="false"/></Action>'
    )
    found = graph(entity("thing", prop("a")) + action, container=sets("thing"))
    assert fields(found, "MarkXThingInput") == {"id": "ID!", "rowId": "Int", "by": "ID!"}


def test_real_documents():
    trippin = shared("trippin.xml")
    assert {"shareTripTpPerson", "tpResetDataSource"} <= roots(trippin, "mutation_type")
    assert "tpGetNearestAirport" in roots(trippin)
    assert fields(trippin, "TpPerson")["getFriendsTrips"] == "TpTripConnection"
