"""Field names inside one type, and values of enumerations."""

import pytest

from tests.catalog.documents import entity, nav, prop, sets
from tests.schema.graphs import fields, graph
from vegraph.catalog.model import EnumMember, EnumType
from vegraph.schema.catalog_report import settlements
from vegraph.schema.fields import enum_names


def test_a_property_that_would_be_id_is_row_id():
    for wire in ("id", "ID", "Id", "_id"):
        found = graph(entity("thing", key=(wire,)), container=sets("thing"))
        assert fields(found, "XThing") == {"id": "ID!", "rowId": "UUID!"}


def test_the_property_spelled_so_has_the_name_that_is_promised():
    found = graph(entity("thing", prop("ID"), prop("Etag"), prop("etag")), container=sets("thing"))
    assert found.entity("XThing").members["rowId"].wire == "id"
    assert found.entity("XThing").members["rowEtag"].wire == "etag"


def test_a_property_that_would_be_etag_or_company_makes_way():
    body = entity("customer", prop("etag"), prop("company")) + entity(
        "company", nav("customers", "Collection(Self.customer)")
    )
    found = graph(body, container=sets("customer"), kind="business-central")
    assert list(fields(found, "XCustomer")) == ["id", "rowId", "company", "etag", "rowEtag", "rowCompany"]


def test_a_company_that_is_a_property_where_rows_have_none_keeps_its_name():
    found = graph(entity("thing", prop("Company")), container=sets("thing"))
    assert "company" in fields(found, "XThing")


def test_properties_come_before_navigation_properties():
    body = entity("order", prop("Customer_No"), nav("customerNo", "order"))
    found = graph(body, container=sets("order"))
    assert fields(found, "XOrder")["customerNo"] == "String"
    [settled] = [s for s in settlements(found, "s") if s.place == "NS.order"]
    assert fields(found, "XOrder")[settled.name] == "XOrder"


def test_properties_equal_but_for_case_have_names_of_their_own():
    found = graph(entity("thing", prop("feedbackid"), prop("FeedbackId"), prop("FEEDBACKID")), container=sets("thing"))
    names = set(fields(found, "XThing")) - {"id", "rowId"}
    assert len(names) == 3
    assert {"feedbackid", "feedbackId"} <= names


def test_inherited_members_have_the_names_of_the_base():
    body = entity("base", prop("Document_Type")) + (
        '<EntityType Name="sub" BaseType="NS.base">' + prop("DocumentType") + "</EntityType>"
    )
    found = graph(body, container=sets("base"))
    base, sub = fields(found, "XBase"), fields(found, "XSub")
    assert base.items() <= sub.items()
    assert len(sub) == len(base) + 1


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ("", "content"),
        (prop("Content"), "contentStream"),
        (prop("content") + prop("contentStream"), "content_"),
    ],
    ids=["alone", "the name is a property's", "so is the next one"],
)
def test_a_media_entity_has_its_stream_as_a_field(members: str, name: str):
    body = f'<EntityType Name="photo" HasStream="true"><Key><PropertyRef Name="no"/></Key>{prop("no")}{members}'
    found = graph(
        body + '</EntityType><EntityType Name="poster" BaseType="NS.photo"/>' + entity("frame"),
        container=sets("photo", "frame"),
    )
    streams = [field for field, type_ in fields(found, "XPhoto").items() if type_ == "Media"]
    assert [stream[: len(name)] for stream in streams] == [name]
    assert [fields(found, type_).get(streams[0]) for type_ in ("XPoster", "XPhotoInterface")] == ["Media", "Media"]
    assert streams[0] not in fields(found, "XFrame")


def test_a_media_entity_without_an_address_has_no_stream_to_read():
    body = f'<EntityType Name="photo" HasStream="true">{prop("no")}</EntityType>'
    assert "content" not in fields(graph(body, container=sets("photo")), "XPhoto")


def test_members_that_want_one_name_are_settled_and_keep_their_spelling_on_the_wire():
    members = ("Sales_x0020_Order", "SalesOrder", "_x0020_")
    enum = EnumType(name="NS.e", members=tuple(EnumMember(name, i) for i, name in enumerate(members)))
    names, settled = enum_names(enum)
    assert list(names) == ["Sales_x0020_Order", "SalesOrder", "_x0020_"]
    assert len(set(names.values())) == 3
    assert names["_x0020_"] == "BLANK"
    assert len(settled) == 1
