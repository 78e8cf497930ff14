"""Mutations: which exist, and what they take and give."""

import pytest

from tests.catalog.documents import entity, many, nav, prop, sets
from tests.schema.graphs import fields, graph, roots, shared, text
from tests.schema.test_shape import a_shop
from vegraph.schema.binding import BINDING, CreateRoot, DeleteRoot, PropertyField, RelationField, UpdateRoot

AX = "Microsoft.Dynamics.OData.Core.V1"


def _set(name: str, kind: str, **said: bool) -> str:
    names = {"insert": ("InsertRestrictions", "Insertable"), "update": ("UpdateRestrictions", "Updatable"),
             "delete": ("DeleteRestrictions", "Deletable")}  # fmt: skip
    annotations = "".join(
        f'<Annotation Term="Org.OData.Capabilities.V1.{names[verb][0]}"><Record>'
        f'<PropertyValue Property="{names[verb][1]}" Bool="{str(can).lower()}"/></Record></Annotation>'
        for verb, can in said.items()
    )
    return f'<EntitySet Name="{name}" EntityType="Self.{kind}">{annotations}</EntitySet>'


def test_they_take_one_input_and_give_a_payload_of_their_own():
    assert text(
        a_shop(), "CreateBcCustomerInput", "CreateBcCustomerPayload", "UpdateBcCustomerInput",
        "UpdateBcCustomerPayload", "DeleteBcCustomerInput", "DeleteBcCustomerPayload", "UserError",
    ) == (
        "input CreateBcCustomerInput {\n  company: String\n  bcCustomer: BcCustomerInput!\n}\n"
        "type CreateBcCustomerPayload {\n  bcCustomer: BcCustomer\n  userErrors: [UserError!]!\n}\n"
        "input UpdateBcCustomerInput {\n  id: ID!\n  ifMatch: String\n  overwrite: Boolean\n"
        "  patch: BcCustomerPatch!\n}\n"
        "type UpdateBcCustomerPayload {\n  bcCustomer: BcCustomer\n  userErrors: [UserError!]!\n}\n"
        "input DeleteBcCustomerInput {\n  id: ID!\n  ifMatch: String\n  overwrite: Boolean\n}\n"
        "type DeleteBcCustomerPayload {\n  deletedId: ID\n  userErrors: [UserError!]!\n}\n"
        "type UserError {\n  message: String!\n  code: String!\n  path: [String!]\n  target: String\n}"
    )  # fmt: skip


def test_bindings_stand_behind_them():
    found = a_shop()
    mutations, entity_ = found.schema.mutation_type.fields, found.entity("BcCustomer")
    create, update, delete = (
        mutations[f"{verb}BcCustomer"].extensions[BINDING] for verb in ("create", "update", "delete")
    )
    assert create == CreateRoot(entity=entity_, set=entity_.set, payload_field="bcCustomer")
    assert update == UpdateRoot(entity=entity_, set=entity_.set, payload_field="bcCustomer")
    assert delete == DeleteRoot(entity=entity_, set=entity_.set)


@pytest.mark.parametrize(
    ("said", "exist"),
    [
        ({}, {"createXThing", "updateXThing", "deleteXThing"}),
        ({"insert": False}, {"updateXThing", "deleteXThing"}),
        ({"update": False, "delete": False}, {"createXThing"}),
        ({"insert": False, "update": False, "delete": False}, set()),
    ],
    ids=str,
)
def test_they_exist_where_the_document_lets_rows_be_written(said, exist):
    found = graph(entity("thing", prop("a")), container=_set("things", "thing", **said))
    assert roots(found, "mutation_type") == exist


@pytest.mark.parametrize(
    ("allowed", "exist"),
    [
        ({"read", "create", "update", "delete"}, {"createXThing", "updateXThing", "deleteXThing"}),
        ({"read", "create"}, {"createXThing"}),
        ({"read"}, set()),
        (set(), set()),
    ],
    ids=str,
)
def test_a_portal_has_those_it_is_given(allowed, exist):
    found = graph(entity("thing", prop("a")), container=sets("thing"), allowed={"things": frozenset(allowed)})
    assert roots(found, "mutation_type") == exist
    assert ("xThings" in roots(found)) == ("read" in allowed)


def test_a_type_of_which_nothing_may_be_written_is_neither_created_nor_updated():
    computed = '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>'
    found = graph(
        entity("thing", prop("id", "Edm.Guid", inner=computed), prop("a", inner=computed)), container=sets("thing")
    )
    assert roots(found, "mutation_type") == {"deleteXThing"}


def test_keyless_rows_are_created_only():
    found = graph(entity("thing", prop("a"), key=()), container=sets("thing"))
    assert roots(found, "mutation_type") == {"createXThing"}


def test_types_without_etags_are_written_without_if_match():
    found = graph(entity("thing", prop("a")), container=sets("thing"))
    assert fields(found, "UpdateXThingInput") == {"id": "ID!", "patch": "XThingPatch!"}
    assert fields(found, "DeleteXThingInput") == {"id": "ID!"}


def test_a_patch_holds_what_may_change_and_demands_nothing():
    body = entity(
        "Thing",
        prop("Code", "Edm.String", 'Nullable="false"'),
        prop("Name", inner=f'<Annotation Term="{AX}.IsRequired" Bool="true"/>'),
        prop("Once", inner=f'<Annotation Term="{AX}.AllowEdit" Bool="false"/>'),
        prop("Never", inner=f'<Annotation Term="{AX}.IsReadOnly" Bool="true"/>'),
        key=("Code",),
    )
    found = graph(body, container=sets("Thing"), kind="finance-operations")
    assert fields(found, "XThingPatch") == {"name": "String"}
    assert fields(found, "XThingInput") == {"code": "String", "name": "String!", "once": "String"}


def test_the_company_is_given_beside_the_row_and_not_demanded_in_it():
    required = f'<Annotation Term="{AX}.IsRequired" Bool="true"/>'
    body = entity("Item", prop("dataAreaId", inner=required), prop("No", inner=required), key=("dataAreaId", "No"))
    found = graph(body, container=sets("Item"), kind="finance-operations")
    assert fields(found, "CreateXItemInput") == {"company": "String", "xItem": "XItemInput!"}
    assert fields(found, "XItemInput") == {"dataAreaId": "String", "no": "String!"}


def test_new_rows_may_hold_new_related_rows_and_lead_to_others_by_id():
    found = a_shop()
    assert fields(found, "BcCustomerInput")["orders"] == "[BcOrderInput!]"
    assert fields(found, "BcOrderInput")["customer"] == "ID"
    assert fields(found, "BcOrderPatch")["customer"] == "ID"
    assert "orders" not in fields(found, "BcCustomerPatch")


def test_what_a_relation_sets_is_not_demanded():
    required = f'<Annotation Term="{AX}.IsRequired" Bool="true"/>'
    body = entity("order", nav("lines", many("line"), ("id", "orderId"))) + entity(
        "line", prop("orderId", "Edm.Guid", inner=required), prop("text", inner=required),
        nav("order", "order", ("orderId", "id")),
    )  # fmt: skip
    assert fields(graph(body, container=sets("order", "line")), "XLineInput") == {
        "rowId": "UUID", "orderId": "UUID", "text": "String!", "order": "ID",
    }  # fmt: skip


def test_a_relation_from_the_own_key_cannot_be_set():
    body = entity("customer", nav("picture", "picture", ("id", "id"))) + entity("picture", prop("a"))
    found = graph(body, container=sets("customer", "picture"))
    assert "picture" not in fields(found, "XCustomerInput")


def test_streams_are_not_written_here():
    assert "picture" not in fields(a_shop(), "BcCustomerInput")


def test_complex_values_are_written_whole():
    found = a_shop()
    assert fields(found, "BcCustomerInput")["address"] == "BcAddressInput"
    assert fields(found, "BcAddressInput") == {"city": "String", "geo": "JSON"}


def test_input_fields_say_what_they_stand_for():
    type_ = a_shop().schema.type_map["BcCustomerInput"]
    assert isinstance(type_.fields["number"].extensions[BINDING], PropertyField)
    assert isinstance(type_.fields["orders"].extensions[BINDING], RelationField)


def test_the_real_document_decides():
    found = shared("bc-api-v2.0.xml")
    mutations = roots(found, "mutation_type")
    [view] = found.views.values()
    for entity_set in view.catalog.entity_sets.values():
        name = found.entity_of("s", entity_set.type).graph_name
        for verb, can in (("create", "insertable"), ("update", "updatable"), ("delete", "deletable")):
            if getattr(entity_set.capabilities, can) is False:
                assert f"{verb}{name}" not in mutations
            elif verb != "update":
                assert f"{verb}{name}" in mutations


def test_the_lines_of_an_order_are_created_with_it():
    found = shared("bc-api-v2.0.xml")
    assert fields(found, "BcSalesOrderInput")["salesOrderLines"] == "[BcSalesOrderLineInput!]"
