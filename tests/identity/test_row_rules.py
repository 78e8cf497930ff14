"""Row rules: text becomes a tree once, and a claim is a leaf of it (I8, T19, T20)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vegraph.identity.row_rules import And, Claim, Compare, Everything, Not, Or, claims_of, parse


def anything(path):
    return None


A, B, C = (Compare((name,), "eq", value) for name, value in [("a", 1), ("b", 2), ("c", 3)])
OWN = Compare(("contactId",), "eq", Claim("contact"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("contactId eq @contact", OWN),
        ("  contactId   eq   @contact  ", OWN),
        ("true", Everything()),
        ("blocked eq false", Compare(("blocked",), "eq", False)),
        ("blocked ne null", Compare(("blocked",), "ne", None)),
        ("name eq 'O''Neil or true'", Compare(("name",), "eq", "O'Neil or true")),
        ("balance ge -1.50", Compare(("balance",), "ge", Decimal("-1.50"))),
        ("level lt 3", Compare(("level",), "lt", 3)),
        ("customer/contactId eq @contact", Compare(("customer", "contactId"), "eq", Claim("contact"))),
        ("a eq 1 or b eq 2 and c eq 3", Or((A, And((B, C))))),
        ("(a eq 1 or b eq 2) and c eq 3", And((Or((A, B)), C))),
        ("not a eq 1 and b eq 2", And((Not(A), B))),
        ("not (a eq 1)", Not(A)),
    ],
)  # fmt: skip
def test_a_rule_is_read(text, rule):
    assert parse(text, anything) == rule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "more was expected"),
        ("contactId", "more was expected"),
        ("contactId eq", "more was expected"),
        ("contactId eq @", "'@' is not understood"),
        ("contactId like 'x'", "one of eq, ne, lt, le, gt, ge"),
        ("contactId eq contact", "a value was expected"),
        ("contactId eq 'x", "is not understood"),
        ("contactId eq 1x", "is not understood"),
        ("contactId eq @contact or", "more was expected"),
        ("contactId eq @contact)", "the end was expected"),
        ("(contactId eq @contact", r"'\)' was expected"),
        ("eq eq @contact", "a property was expected"),
        ("'a' eq 'a'", "a property was expected"),
        ("@contact eq 'a'", "a property was expected"),
        ("contains(name, 'a')", "is not understood"),
        ("contains(name)", "one of eq"),
        ("false", "a property was expected"),
        ("contactId eq @contact -- x", "is not understood"),
        ("(" * 30 + "a eq 1" + ")" * 30, "nested deeper"),
        ("not " * 5000 + "a eq 1", "nested deeper"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_place(text, says):
    with pytest.raises(ValueError, match=says):
        parse(text, anything)


def test_properties_are_checked_where_they_stand():
    def why_not(path):
        return None if path == ("contactId",) else f"there is no property {'/'.join(path)}. Did you mean contactId?"

    assert parse("contactId eq @contact", why_not)
    with pytest.raises(ValueError, match="no property contact/id"):
        parse("contactId eq @contact or not contact/id eq 1", why_not)


def test_a_rule_tells_which_claims_it_needs():
    assert claims_of(parse("not (a eq @contact or b eq 1) and c eq @company", anything)) == {"contact", "company"}
    assert claims_of(parse("true", anything)) == frozenset()


@given(st.text())
def test_i8_no_text_in_a_literal_changes_the_shape_of_a_rule(text):
    quoted = text.replace("'", "''")
    assert parse(f"a eq '{quoted}' and {'contactId eq @contact'}", anything) == And((Compare(("a",), "eq", text), OWN))


@given(st.text(alphabet="abeqnorltd @'()/.0123-", max_size=60))
def test_any_text_is_a_rule_or_a_sentence(text):
    said = "."
    try:
        parse(text, anything)
    except ValueError as problem:
        said = str(problem)
    assert said.endswith(".")
