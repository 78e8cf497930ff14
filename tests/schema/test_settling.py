"""The one rule for names that meet."""

from itertools import permutations

import pytest

from vegraph.schema.settling import Claim, settle


def held(*claims, taken=()):
    found, _ = settle([Claim(*claim) for claim in claims], taken)
    return {claim.key: name for name, claim in found.items()}


def test_names_that_do_not_meet_are_as_wanted():
    assert held(("a", "A", "a"), ("b", "B", "b")) == {"a": "a", "b": "b"}


def test_the_one_spelled_so_on_the_wire_keeps_the_name():
    found = held((1, "Document_Type", "documentType"), (2, "documentType", "documentType"))
    assert found == {1: "documentType_7553", 2: "documentType"}


def test_a_kind_that_comes_first_keeps_the_name():
    found = held((1, "Customer", "customer", 2), (2, "customer", "customer", 3))
    assert found[1] == "customer"


def test_a_word_of_the_kind_is_put_behind_where_there_is_one():
    found = held((1, "ExternalLinks", "foExternalLinks", 0), (2, "ExternalLinks", "foExternalLinks", 1, "ByKey"))
    assert found == {1: "foExternalLinks", 2: "foExternalLinksByKey"}


def test_a_word_does_not_take_what_another_wants():
    found = held((1, "A", "a", 0), (2, "A", "a", 1, "ByKey"), (3, "AByKey", "aByKey", 0))
    assert found[3] == "aByKey"
    assert found[2].startswith("a_")


def test_what_every_graph_needs_is_nobodys():
    found, settlements = settle([Claim(1, "me", "me")], {"me"}, place="Query")
    [name] = found
    assert name.startswith("me_")
    assert [(s.wire, s.wanted, s.name, s.why) for s in settlements] == [
        ("me", "me", name, "the name is one that every graph needs")
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_order_of_asking_changes_nothing(order):
    claims = [(1, "a_b", "aB"), (2, "aB", "aB"), (3, "A.B", "aB")]
    in_order = held(*claims)
    assert held(*(claims[i] for i in order)) == in_order
    assert len(set(in_order.values())) == 3


def test_what_comes_besides_changes_no_settled_name():
    few = held((1, "Document_Type", "documentType"), (2, "documentType", "documentType"))
    more = held((1, "Document_Type", "documentType"), (2, "documentType", "documentType"), (3, "x", "x"))
    assert more == few | {3: "x"}


def test_settlements_name_who_has_the_name():
    _, settlements = settle([Claim(1, "a_b", "aB"), Claim(2, "aB", "aB")], place="NS.thing")
    assert [(s.place, s.wire, s.wanted, s.why) for s in settlements] == [("NS.thing", "a_b", "aB", "'aB' has the name")]


def test_enum_values_are_settled_in_capitals():
    found, _ = settle([Claim(1, "Sales Order", "SALES_ORDER"), Claim(2, "SalesOrder", "SALES_ORDER")], upper=True)
    assert all(name == name.upper() for name in found)
    assert len(found) == 2
