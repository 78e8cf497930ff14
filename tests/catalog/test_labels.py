"""Labels by id and captions by language become the texts of the catalog."""

import pytest

from tests.catalog.documents import entity, prop, read, sets
from vegraph.catalog.labels import label_ids, lcid, with_captions, with_labels
from vegraph.catalog.routes import merged

AX = "Microsoft.Dynamics.OData.Core.V1"


def _label(term: str, text: str) -> str:
    return f'<Annotation Term="{AX}.{term}" String="{text}"/>'


FO = read(
    entity(
        "order",
        prop("number", inner=_label("LabelId", "@SYS1") + _label("HelpTextId", "@SYS2")),
        prop("plain", inner=_label("LabelId", "Plain text")),
        _label("LabelId", "@sys3"),
    )
    + f'<EnumType Name="E">{_label("LabelId", "@SYS5")}'
    + f'<Member Name="A">{_label("LabelId", "@SYS4")}</Member></EnumType>',
    container=sets("order"),
)
BC = read(
    entity("customer", prop("number"), prop("kind", "NS.Kind"))
    + '<EnumType Name="Kind"><Member Name="A"/><Member Name="B"/></EnumType>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="NS.customer"/></Action>',
    container=sets("customer"),
)


def _captions(texts: dict[int, str]) -> list[dict[str, object]]:
    return [{"languageCode": code, "caption": text} for code, text in texts.items()]


DEFINITIONS = [
    {
        "entityName": "customer",
        "entitySetName": "customers",
        "entityCaptions": [
            {"languageCode": 1033, "caption": "Customer"},
            {"languageCode": 3079, "caption": "Kunde (AT)"},
        ],
        "entitySetCaptions": [
            {"languageCode": 1031, "caption": "Debitoren"},
            {"languageCode": 1033, "caption": "Customers"},
        ],
        "properties": [
            {
                "name": "number",
                "captions": [{"languageCode": 1031, "caption": "Nr."}, {"languageCode": 1033, "caption": "No."}],
            },
            {"name": "gone", "captions": []},
        ],
        "actions": [{"name": "post", "captions": _captions({1033: "Post it"})}],
        "enumMembers": [],
    },
    {
        "entityName": "Kind",
        "enumMembers": [{"name": "B", "value": 1, "captions": _captions({1033: "Second"})}],
    },
]


def test_every_label_id_is_asked_for():
    assert label_ids(FO) == {"@SYS1", "@SYS2", "@sys3", "@SYS4", "@SYS5"}


def test_labels_become_texts_letter_case_aside():
    found = with_labels(
        FO, {"@sys1": "Number", "@SYS2": "What it is", "@SYS3": "Order", "@SYS4": "First", "@SYS5": "Kind"}
    )
    order = found.entity_types["NS.order"]
    number = order.property("number")
    assert (order.label, number.label, number.description) == ("Order", "Number", "What it is")
    assert order.property("plain").label == "Plain text"
    assert (found.enum_types["NS.E"].label, found.enum_types["NS.E"].members[0].label) == ("Kind", "First")


def test_an_id_without_a_text_stays_without():
    order = with_labels(FO, {"@SYS1": "Number", "@SYS2": ""}).entity_types["NS.order"]
    assert (order.label, order.label_id, order.property("number").description) == (None, "@sys3", None)
    assert with_labels(FO, {}) is FO


def test_captions_in_the_chosen_language():
    found = with_captions(BC, DEFINITIONS, "en-US")
    customer = found.entity_types["NS.customer"]
    assert (customer.label, customer.plural_label, found.entity_sets["customers"].label) == (
        "Customer",
        "Customers",
        "Customers",
    )
    assert customer.property("number").label == "No."
    assert [m.label for m in found.enum_types["NS.Kind"].members] == [None, "Second"]
    assert found.operations[0].label == "Post it"


def test_another_country_stands_in_but_never_another_language():
    german = with_captions(BC, DEFINITIONS, 1031).entity_types["NS.customer"]
    assert (german.label, german.plural_label, german.property("number").label) == ("Kunde (AT)", "Debitoren", "Nr.")
    french = with_captions(BC, DEFINITIONS, "fr-FR").entity_types["NS.customer"]
    assert (french.label, french.property("number").label) == (None, None)


@pytest.mark.parametrize(
    "definitions",
    [[], [{}], [3], [{"entityName": "customer", "properties": [1, {}], "entityCaptions": "x"}]],
    ids=str,
)
def test_odd_definitions_change_nothing(definitions):
    assert with_captions(BC, definitions, "en-US") == BC


@pytest.mark.parametrize(
    ("language", "number"),
    [
        ("de-DE", 1031),
        ("de_de", 1031),
        ("de", 1031),
        ("en", 1033),
        ("en-GB", 2057),
        ("sv", 1053),
        ("1031", 1031),
        ("xx", None),
    ],
)
def test_windows_number_of_a_language(language, number):
    assert lcid(language) == number


def test_a_language_without_a_number_changes_nothing():
    assert with_captions(BC, DEFINITIONS, "tlh") is BC


def test_labels_of_chosen_sets_are_those_of_their_types_and_enumerations():
    body = entity("a", prop("x", "NS.E", inner=_label("LabelId", "@A1"))) + entity(
        "b", prop("y", inner=_label("LabelId", "@B1"))
    )
    enum = (
        f'<EnumType Name="E">{_label("LabelId", "@E1")}<Member Name="m">{_label("LabelId", "@M1")}</Member></EnumType>'
    )
    catalog = read(body + enum, container=sets("a", "b"))
    assert label_ids(catalog, ["as"]) == {"@A1", "@E1", "@M1"}
    assert label_ids(catalog, ["bs"]) == {"@B1"}
    assert label_ids(catalog, []) == frozenset()


def test_captions_of_a_further_route_touch_its_own_sets_only():
    more = read(entity("customer", prop("loyalty")), container=sets("customers:customer"))
    whole = merged({"": BC, "contoso/app/v1.0": more})
    rows = [{"entityName": "customer", "entityCaptions": _captions({1033: "Member"})}]
    found = with_captions(whole, rows, "en-US", api="contoso/app/v1.0")
    theirs = found.entity_sets["contoso/app/v1.0/customers"]
    assert found.entity_types[theirs.type].label == "Member"
    assert found.entity_types["NS.customer"].label is None
