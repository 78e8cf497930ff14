"""Inputs become bodies: what is absent, null or nested; and every mistake at once, with its path."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tests.plan.sample_entities import (
    ADDRESS,
    CUSTOMER,
    ORDER,
    PERKS,
    SOURCE,
    ZERO_GUID,
    entity,
    member,
    relation,
    value,
)
from vegraph.catalog.model import EntityType, Pair
from vegraph.plan.inputs import MAX_DEPTH, Children, InputRow, Link, Mistake, link_values, parameter_values, read_row
from vegraph.plan.steps import Key
from vegraph.schema.binding import EntityBinding, OpenField, ParameterBinding, PropertyField
from vegraph.schema.values import ComplexValue, Kind, Member

GUID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"

INVOICE = entity(
    "FoInvoice",
    (
        member("dataAreaId", Kind.STRING, key=True, required=True),
        member("number", Kind.STRING, wire="InvoiceNumber", key=True, required=True, max_length=5),
        member("account", Kind.STRING, wire="Account", required=True, never_null=True),
        Member(field="posted", wire="Posted", value=value(Kind.NO_YES), insertable=False, updatable=False),
        Member(field="currency", wire="Currency", value=value(Kind.STRING), updatable=False),
        member("due", Kind.NOON_DATE, wire="Due", empty="1900-01-01T12:00:00Z"),
        member("perks", Kind.FLAGS, wire="Perks", enum=PERKS),
        member("tags", Kind.STRING, wire="Tags", collection=True, max_length=3),
        member("address", Kind.COMPLEX, wire="Address", complex=ADDRESS),
    ),
    lambda: (
        relation("customer", lambda: CUSTOMER, many=False,
                 pairs=(Pair("Account", "number"), Pair("dataAreaId", "dataAreaId"))),
        relation("lines", lambda: INVOICE_LINE, many=True,
                 pairs=(Pair("InvoiceNumber", "Invoice"), Pair("dataAreaId", "dataAreaId"))),
    ),
    company="dataAreaId",
)  # fmt: skip
INVOICE_LINE = entity(
    "FoInvoiceLine",
    (
        member("dataAreaId", Kind.STRING, key=True, required=True),
        member("invoice", Kind.STRING, wire="Invoice", key=True, required=True),
        member("price", Kind.DECIMAL, wire="Price", required=True, precision=5, scale=2),
    ),
    lambda: (relation("parts", lambda: INVOICE_LINE, many=True, pairs=(Pair("Invoice", "Invoice"),)),),
    company="dataAreaId",
)


def created(given, entity_=INVOICE, path=("foInvoice",)):
    return read_row(given, entity_, creating=True, path=path)


def patched(given, entity_=INVOICE):
    return read_row(given, entity_, creating=False, path=("patch",))


def test_absent_stays_absent_and_null_clears():
    row, mistakes = patched({"due": None, "address": None, "perks": [], "tags": None, "account": None})
    assert mistakes == ()
    assert row.values == {"Due": "1900-01-01T12:00:00Z", "Address": None, "Perks": "0", "Tags": None, "Account": ""}
    assert patched({}) == (InputRow(), ())
    assert patched({"customerId": None}, ORDER)[0].values == {"customerId": ZERO_GUID}


def test_values_go_under_wire_names_in_wire_form():
    row, mistakes = created({
        "number": "I-1", "account": "", "due": date(2026, 11, 25), "perks": ["Free", "Fast"], "tags": ["a", "b"],
        "address": {"city": "Ulm", "since": None},
    })  # fmt: skip
    assert mistakes == ()
    assert row.values == {
        "InvoiceNumber": "I-1", "Account": "", "Due": "2026-11-25T12:00:00Z", "Perks": "Free,Fast", "Tags": ["a", "b"],
        "Address": {"City": "Ulm", "Since": "0001-01-01"},
    }  # fmt: skip


def test_nested_rows_become_children_and_the_body_of_a_deep_insert():
    row, mistakes = created({
        "number": "I-1", "account": "A", "lines": [{"price": Decimal("1.50")}, {"price": Decimal(2), "parts": []}],
    })  # fmt: skip
    assert mistakes == ()  # the line's invoice and company come from the row around it
    (lines,) = row.children
    assert lines.relation is INVOICE.relations["lines"]
    assert row.depth == 1
    assert msgspec.json.encode(row.nested()) == (
        b'{"InvoiceNumber":"I-1","Account":"A","lines":[{"Price":1.50},{"Price":2}]}'
    )


def test_a_to_one_relation_is_a_link_and_gives_what_is_required():
    row, mistakes = created({"number": "I-1", "customer": "some-id"})
    assert mistakes == ()
    assert row.children == [Children(INVOICE.relations["customer"], (Link("some-id"),))]
    assert row.depth == 0
    assert row.nested() == {"InvoiceNumber": "I-1"}
    assert patched({"customer": None})[0].children == [Children(INVOICE.relations["customer"], (Link(None),))]


def test_a_link_is_written_through_the_properties_of_the_row():
    to_customer = INVOICE.relations["customer"]
    number, company = CUSTOMER.members["number"], INVOICE.members["dataAreaId"]
    key = Key((company, number), ("usmf", "C-1"))
    assert link_values(to_customer, INVOICE, key) == {"Account": "C-1", "dataAreaId": "usmf"}
    assert link_values(to_customer, INVOICE, None) == {"Account": ""}  # the company stays
    assert link_values(to_customer, INVOICE, Key((number,), ("C-1",))) is None  # the key does not say it all
    assert link_values(ORDER.relations["customer"], ORDER, None) == {"customerId": ZERO_GUID}
    assert link_values(ORDER.relations["lines"], ORDER, key) is None  # no properties to say it with
    price = relation("priced", lambda: CUSTOMER, many=False, pairs=(Pair("Price", "price"),))
    found = link_values(price, INVOICE_LINE, Key((member("price", Kind.DECIMAL),), (Decimal("1.50"),)))
    assert msgspec.json.encode(found) == b'{"Price":1.50}'


def test_all_mistakes_come_at_once_each_with_its_path():
    _, mistakes = created({
        "number": "too long", "posted": True, "due": None, "perks": ["Free", "Cheap"], "tags": ["abcd", None],
        "address": {"city": "Stuttgart", "street": "x"}, "lines": [{"price": Decimal("1.555")}, {}, None], "colour": 1,
    })  # fmt: skip
    assert [(m.path, m.message) for m in mistakes] == [
        (("foInvoice", "number"), "At most 5 characters fit, and 8 were given."),
        (("foInvoice", "posted"), "posted can't be given: the service fills it in. Leave it out."),
        (("foInvoice", "perks"), "A member of the enumeration is expected."),
        (("foInvoice", "tags", "0"), "At most 3 characters fit, and 4 were given."),
        (("foInvoice", "address", "city"), "At most 5 characters fit, and 9 were given."),
        (("foInvoice", "address", "street"), "street can't be written: there is no such member."),
        (("foInvoice", "lines", "0", "price"), "At most 2 decimal places fit, and 3 were given."),
        (("foInvoice", "lines", "1", "price"), "price is required."),
        (("foInvoice", "lines", "2"), "A row is expected."),
        (("foInvoice", "colour"), "colour can't be written: there is no such member."),
        (("foInvoice", "account"), "account is required."),
    ]
    assert {m.code for m in mistakes} == {"BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("creating", "given", "mistake"),
    [
        (True, {"number": "1", "account": None}, Mistake("account is required and can't be null.", ("account",))),
        (False, {"number": None}, Mistake("number is part of the key and can't be null.", ("number",))),
        (False, {"currency": "EUR"},
         Mistake("currency can't be changed once the row is there. Leave it out.", ("currency",))),
        (False, {"lines": ["an-id"]}, Mistake("A row is expected.", ("lines", "0"))),
    ],
    ids=str,
)  # fmt: skip
def test_what_create_and_patch_refuse(creating, given, mistake):
    assert read_row(given, INVOICE, creating=creating)[1] == (mistake,)


def test_null_under_a_relation_of_a_new_row_is_nothing():
    assert created({"number": "1", "account": "A", "customer": None, "lines": None})[0].children == []


def test_rows_are_nested_deep_but_not_endlessly():
    def nested(levels):
        row = {"price": Decimal(1)}
        for _ in range(levels):
            row = {"price": Decimal(1), "parts": [row]}
        return row

    row, mistakes = created({"number": "1", "account": "A", "lines": [nested(MAX_DEPTH - 3)]})
    assert (row.depth, mistakes) == (MAX_DEPTH - 2, ())
    _, (mistake,) = created({"number": "1", "account": "A", "lines": [nested(200)]})
    assert "16 levels" in mistake.message


OPEN = EntityBinding(
    source=SOURCE,
    graph_name="Open",
    type=EntityType(name="NS.Open", key=(), open=True),
    sets=(),
    load=lambda _: {
        "name": PropertyField(member=member("name", Kind.STRING, wire="Name")),
        "dynamic": OpenField(),
        "more": PropertyField(
            member=member("more", Kind.COMPLEX, complex=ComplexValue(graph_name="X", wire_type="NS.X", open=True))
        ),
    },
)


def test_undeclared_members_of_open_types_go_beside_the_declared_ones():
    row, mistakes = created({"name": "a", "dynamic": {"x": 1}, "more": {"dynamic": {"y": [None]}}}, OPEN)
    assert (row.values, mistakes) == ({"Name": "a", "x": 1, "more": {"y": [None]}}, ())
    _, mistakes = created({"dynamic": {"Name": "b", "x@odata.bind": "Set(1)", "": 1}}, OPEN, ())
    assert [m.path for m in mistakes] == [("dynamic", "Name"), ("dynamic", "x@odata.bind"), ("dynamic", "")]


def test_parameters_of_an_action():
    parameters = (
        ParameterBinding(field="amount", wire="_amount", value=value(Kind.DECIMAL), required=True),
        ParameterBinding(field="day", wire="_day", value=value(Kind.DATE, empty="0001-01-01")),
        ParameterBinding(field="customer", wire="_customer", value=None, entity=CUSTOMER),
    )
    found, mistakes = parameter_values({"amount": Decimal("1.10"), "day": None, "customer": "id"}, parameters)
    assert (msgspec.json.encode(found), mistakes) == (b'{"_amount":1.10,"_day":"0001-01-01"}', ())
    assert parameter_values({"day": 5}, parameters, path=("input",)) == (
        {},
        (Mistake("amount is required.", ("input", "amount")), Mistake("A date is expected.", ("input", "day"))),
    )
