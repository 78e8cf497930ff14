"""The graph's shape (design.md §5.2), as one printed graph and in the particulars that decide it."""

from pathlib import Path

import pytest
from graphql import validate_schema

from tests.catalog.documents import entity, many, nav, prop, sets
from tests.schema import shop
from tests.schema.graphs import fields, graph, roots, text, without_descriptions
from vegraph.schema.binding import (
    BINDING,
    AggregateRoot,
    EntityBinding,
    ListRoot,
    OneRoot,
    PropertyField,
    RelationField,
)
from vegraph.schema.printing import print_sdl
from vegraph.schema.values import Kind

GOLDEN = Path(__file__).parent / "golden"


def a_shop(**more):
    return graph(shop.BODY, container=shop.CONTAINER, **{"kind": "business-central", "prefix": "Bc"} | more)


@pytest.mark.parametrize("federation", [False, True], ids=["plain", "federation"])
def test_the_shop_is_printed_so(federation, request):
    path = GOLDEN / f"shop{'.federation' if federation else ''}.graphql"
    printed = print_sdl(a_shop(), federation=federation)
    assert printed == path.read_text("utf-8"), f"if it is meant, write it anew: tests/schema/golden/{path.name}"


def test_the_shop_is_a_valid_schema():
    assert validate_schema(a_shop().eager()) == []


def test_only_key_members_are_non_null():
    found = fields(a_shop(), "BcOrder")
    assert {name for name, type_ in found.items() if type_.endswith("!")} == {"id", "documentType", "no"}


def test_a_composite_key_is_one_member_of_by():
    found = a_shop()
    assert text(found, "BcOrderBy", "BcOrderKey") == (
        "input BcOrderBy @oneOf {\n  id: ID\n  key: BcOrderKey\n}\n"
        "input BcOrderKey {\n  documentType: BcBlocked!\n  no: String!\n}"
    )


def test_orders_are_one_key_inputs_through_to_one_relations_and_complex_members():
    found = a_shop()
    assert fields(found, "BcOrderOrder")["customer"] == "BcCustomerOrder"
    assert fields(found, "BcCustomerOrder")["address"] == "BcAddressOrder"
    assert fields(found, "BcAddressOrder") == {"city": "OrderDirection"}
    assert found.schema.type_map["BcOrderOrder"].is_one_of
    assert not {"tags", "picture", "marks", "orders"} & fields(found, "BcCustomerOrder").keys()


def test_filters_reach_over_relations():
    found = a_shop()
    assert fields(found, "BcCustomerFilter")["orders"] == "BcOrderListFilter"
    assert fields(found, "BcOrderFilter")["customer"] == "BcCustomerFilter"
    assert fields(found, "BcOrderListFilter") == dict.fromkeys(("some", "none", "every"), "BcOrderFilter")


def test_each_type_has_the_filter_that_fits():
    found = fields(a_shop(), "BcCustomerFilter")
    assert (found["blocked"], found["marks"], found["address"]) == (
        "BcBlockedFilter",
        "BcMarksFilter",
        "BcAddressFilter",
    )
    assert fields(a_shop(), "BcOrderFilter")["open"] == "BooleanFilter"
    assert list(fields(a_shop(), "BcMarksFilter")) == ["eq", "ne", "has", "isNull"]


def test_what_cannot_be_compared_cannot_be_filtered_by():
    assert not {"tags", "picture"} & fields(a_shop(), "BcCustomerFilter").keys()
    assert fields(a_shop(), "BcAddressFilter") == {"city": "StringFilter"}


def test_aggregates_have_the_members_that_can_be_summed_and_grouped():
    found = a_shop()
    assert fields(found, "BcCustomerSum") == {"balanceDue": "Decimal"}
    assert fields(found, "BcOrderSum") == {"linesCount": "Long"}
    assert fields(found, "BcOrderAverage") == {"linesCount": "Decimal"}
    assert fields(found, "BcCustomerMax") == {"number": "String", "displayName": "String", "balanceDue": "Decimal"}
    assert fields(found, "BcCustomerAggregate") == {
        "group": "BcCustomerGroup!", "count": "Int!", "sum": "BcCustomerSum", "average": "BcCustomerAverage",
        "min": "BcCustomerMin", "max": "BcCustomerMax",
    }  # fmt: skip
    values = found.schema.type_map["BcCustomerGroupBy"].values
    assert {name: value.value for name, value in values.items()} == {
        "ROW_ID": "rowId", "NUMBER": "number", "DISPLAY_NAME": "displayName", "BALANCE_DUE": "balanceDue",
        "BLOCKED": "blocked",
    }  # fmt: skip


def test_a_company_is_asked_for_where_rows_have_one():
    body = entity("company", nav("things", many("thing"))) + entity("thing")
    found = graph(body, container='<EntitySet Name="companies" EntityType="Self.company"/>' + sets("thing"),
                  kind="business-central")  # fmt: skip
    assert "company" in found.schema.query_type.fields["xThings"].args
    assert "company" not in found.schema.query_type.fields["xCompanies"].args
    assert found.entity("XThing").company == "context"
    assert found.entity("XCompany").company is None


def test_the_company_of_finance_rows_is_a_property():
    found = graph(
        entity("Item", prop("dataAreaId"), prop("Name"), key=("dataAreaId",)) + entity("Unit"),
        container=sets("Item", "Unit"),
        kind="finance-operations",
    )
    assert found.entity("XItem").company == "dataAreaId"
    assert list(fields(found, "XItem")) == ["id", "dataAreaId", "company", "etag", "name"]
    assert found.entity("XUnit").company is None


@pytest.mark.parametrize(
    ("kind", "member", "kind_of_value", "empty"),
    [
        ("business-central", prop("p", "Edm.Date"), Kind.DATE, "0001-01-01"),
        ("business-central", prop("p", "Edm.DateTimeOffset"), Kind.DATE_TIME, "0001-01-01T00:00:00Z"),
        ("business-central", prop("p", "Edm.Guid"), Kind.UUID, "00000000-0000-0000-0000-000000000000"),
        ("finance-operations", prop("p", "Edm.DateTimeOffset"), Kind.DATE_TIME, "1900-01-01T00:00:00Z"),
        ("dataverse", prop("p", "Edm.Guid"), Kind.UUID, None),
        ("odata", prop("p", "Edm.Date"), Kind.DATE, None),
        ("odata", prop("p", "Edm.GeographyPoint"), Kind.JSON, None),
        ("odata", prop("p", "Edm.Untyped"), Kind.JSON, None),
        ("odata", prop("p", "Edm.Duration"), Kind.DURATION, None),
    ],
    ids=str,
)
def test_what_stands_for_null_follows_from_the_kind_of_source(kind, member, kind_of_value, empty):
    found = graph(entity("thing", member), container=sets("thing"), kind=kind).entity("XThing").members["p"]
    assert (found.value.kind, found.value.empty) == (kind_of_value, empty)


def test_a_key_has_no_stand_in_for_null():
    [key] = a_shop().entity("BcCustomer").key
    assert (key.value.kind, key.value.empty) == (Kind.UUID, None)


@pytest.mark.parametrize(("kind", "never"), [("business-central", True), ("odata", False)])
def test_erp_texts_are_never_null(kind, never):
    found = graph(entity("thing", prop("p")), container=sets("thing"), kind=kind)
    assert found.entity("XThing").members["p"].value.never_null is never


AX = "Microsoft.Dynamics.OData.Core.V1.AXType"


@pytest.mark.parametrize(
    ("edm", "ax_type", "kind", "scalar"),
    [
        ("Edm.DateTimeOffset", "Date", Kind.NOON_DATE, "Date"),
        ("Edm.DateTimeOffset", "UtcDateTime", Kind.DATE_TIME, "DateTime"),
        ("Edm.Int32", "Time", Kind.SECONDS, "Time"),
        ("Edm.Int32", "Integer", Kind.INT, "Int"),
    ],
    ids=str,
)
def test_finance_dates_and_times_are_told_by_their_ax_type(edm, ax_type, kind, scalar):
    annotated = prop("p", edm, inner=f'<Annotation Term="{AX}" String="{ax_type}"/>')
    found = graph(entity("Thing", annotated), container=sets("Thing"), kind="finance-operations")
    assert found.entity("XThing").members["p"].value.kind is kind
    assert fields(found, "XThing")["p"] == scalar


def test_bindings_stand_behind_fields_and_types():
    found = a_shop()
    customer = found.entity("BcCustomer")
    types, query = found.schema.type_map, found.schema.query_type.fields
    assert types["BcCustomer"].extensions[BINDING] is customer
    assert types["BcCustomer"].fields["number"].extensions[BINDING] == PropertyField(member=customer.members["number"])
    assert isinstance(types["BcCustomer"].fields["orders"].extensions[BINDING], RelationField)
    assert customer.relations["orders"].target is found.entity("BcOrder")
    assert query["bcCustomers"].extensions[BINDING] == ListRoot(entity=customer, set=customer.set)
    assert isinstance(query["bcCustomersAggregate"].extensions[BINDING], AggregateRoot)
    one = query["bcOrder"].extensions[BINDING]
    assert isinstance(one, OneRoot)
    assert {name: [m.wire for m in members] for name, members in one.keys.items()} == {"key": ["Document_Type", "No"]}


def test_names_lead_to_bindings():
    found = a_shop()
    customer = found.entity("BcCustomer")
    assert isinstance(customer, EntityBinding)
    assert found.entity_of("s", "NS.customer") is found.object_of("s", "NS.customer") is customer
    assert found.entity_in("s", "customers") is customer
    assert [found.entity("BcNothing"), found.entity_of("s", "NS.gone"), found.entity_in("s", "gone")] == [None] * 3
    assert found.entity("BcCustomerFilter") is None
    assert found.entity_of("elsewhere", "NS.customer") is None


def test_a_relation_to_what_is_hidden_is_not_there():
    found = a_shop(visible={"orders"})
    assert "customer" not in fields(found, "BcOrder")
    assert "customer" not in fields(found, "BcOrderFilter")
    assert roots(found) == {"bcOrders", "bcOrder", "bcOrdersAggregate"}
    assert "BcCustomer" not in found.schema.type_map
    assert found.entity("BcCustomer") is None


def test_nothing_is_visible_until_somebody_says_so():
    found = a_shop(visible=())
    assert roots(found) == set()
    assert not [name for name in found.schema.type_map if name.startswith("Bc")]
    assert validate_schema(found.eager()) == []


def test_a_type_without_a_key_is_no_node_and_is_not_looked_up():
    found = graph(entity("total", prop("sum", "Edm.Decimal"), key=()), container=sets("total"))
    assert roots(found) == {"xTotals", "xTotalsAggregate"}
    assert fields(found, "XTotal") == {"sum": "Decimal"}
    assert not found.schema.type_map["XTotal"].interfaces


def test_a_contained_type_is_reached_by_navigation_only():
    found = graph(
        entity("order", nav("lines", many("line"), more='ContainsTarget="true"')) + entity("line", prop("text")),
        container=sets("order"),
    )
    assert fields(found, "XOrder")["lines"] == "XLineConnection"
    assert fields(found, "XLine") == {"rowId": "UUID!", "text": "String"}
    assert roots(found) == {"xOrder", "xOrders", "xOrdersAggregate"}
    assert fields(found, "XOrderInput")["lines"] == "[XLineInput!]"


def test_an_open_type_has_its_undeclared_members_as_json():
    found = graph(entity("thing", attributes='OpenType="true"'), container=sets("thing"))
    assert fields(found, "XThing")["dynamicProperties"] == "JSON"
    assert fields(found, "XThingInput")["dynamicProperties"] == "JSON"


def test_a_type_without_any_member_still_is_a_type():
    found = graph(entity("thing", key=()) + '<ComplexType Name="c"/>' + entity("other", prop("c", "Self.c")),
                  container=sets("thing", "other"))  # fmt: skip
    assert fields(found, "XThing") == fields(found, "XC") == {"dynamicProperties": "JSON"}
    assert validate_schema(found.eager()) == []


def test_several_sets_of_one_type_are_looked_up_and_written_each_by_its_own_name():
    found = graph(entity("document"), container=sets("orders:document", "invoices:document"))
    assert {"xOrders", "xOrdersByKey", "xInvoices", "xInvoicesByKey"} <= roots(found)
    assert "xDocument" not in roots(found)
    assert {"createXOrders", "deleteXInvoices"} <= roots(found, "mutation_type")
    assert found.schema.mutation_type.fields["createXInvoices"].extensions[BINDING].set.name == "invoices"


def test_a_singleton_is_a_root_field():
    found = graph(entity("settings", prop("a")), container='<Singleton Name="Settings" Type="Self.settings"/>')
    assert roots(found) == {"xSettings"}
    assert fields(found, "XSettings") == {"rowId": "UUID!", "a": "String"}


def test_alternate_keys_name_a_row_too():
    thing = entity("thing", prop("number"), prop("app"), prop("name"), _alternate(("number",), ("app", "name")))
    found = graph(thing, container=sets("thing"))
    assert found.schema.type_map["XThingKeyAppAndName"]  # by its name alone, before anything leads to it
    assert fields(found, "XThingBy") == {
        "id": "ID", "rowId": "UUID", "number": "String", "appAndName": "XThingKeyAppAndName",
    }  # fmt: skip


def test_an_alternate_key_of_what_nobody_can_look_up_by_is_left_out():
    thing = entity(
        "thing", prop("pic", "Edm.Stream"), prop("tags", "Collection(Edm.String)"), _alternate(("pic",), ("tags",))
    )
    assert fields(graph(thing, container=sets("thing")), "XThingBy") == {"id": "ID", "rowId": "UUID"}


def _alternate(*keys):
    def record(key):
        parts = "".join(f'<Record><PropertyValue Property="Name" PropertyPath="{part}"/></Record>' for part in key)
        return f'<Record><PropertyValue Property="Key"><Collection>{parts}</Collection></PropertyValue></Record>'

    records = "".join(map(record, keys))
    return f'<Annotation Term="Org.OData.Core.V1.AlternateKeys"><Collection>{records}</Collection></Annotation>'


def test_a_number_names_a_row_of_business_central():
    assert fields(a_shop(), "BcCustomerBy") == {"id": "ID", "rowId": "UUID", "number": "String"}


@pytest.mark.parametrize(
    ("kind", "about_case"),
    [
        ("odata", ""),
        ("business-central", " Upper and lower case are told apart."),
        ("finance-operations", " Upper and lower case are the same."),
    ],
)
def test_search_says_where_it_looks_and_how(kind: str, about_case: str):
    search = a_shop(kind=kind).schema.query_type.fields["bcCustomers"].args["search"]
    assert search.description == f"Rows that contain the text in one of `number`, `displayName`.{about_case}"


def test_search_is_not_there_where_it_would_find_nothing():
    found = graph(entity("thing", prop("amount", "Edm.Decimal")), container=sets("thing"))
    assert "search" not in found.schema.query_type.fields["xThings"].args


def test_wire_names_are_told_where_they_differ():
    sdl = print_sdl(a_shop())
    assert '"""On the wire: `Document_Type`."""' in sdl
    assert "Entity type `NS.customer` of s, in `customers`." in sdl
    assert "number: String" in without_descriptions(sdl)
