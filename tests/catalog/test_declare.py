"""Declared relationships: within a source, across two, with inverse, and what makes one impossible."""

from dataclasses import dataclass, field

import pytest

from tests.catalog.documents import entity, nav, prop, read, sets
from vegraph.catalog import snapshot
from vegraph.catalog.declare import declare, with_declared
from vegraph.catalog.model import Pair

FO = read(
    entity("order", prop("account"), prop("area"), prop("total", "Edm.Decimal"), nav("self", "order"))
    + '<EntityType Name="rush" BaseType="NS.order"/>',
    container=sets("order"),
)
BC = read(
    entity(
        "customer", prop("number"), prop("area"), prop("picture", "Edm.Stream"), prop("tags", "Collection(Edm.String)")
    ),
    container=sets("customer"),
)
BOTH = {"fo": FO, "bc": BC}


@dataclass(frozen=True)
class Entry:
    """As the configuration gives it."""

    from_: str = "fo.orders"
    to: str = "bc.customers"
    name: str = "bcCustomer"
    on: dict[str, str] = field(default_factory=lambda: {"account": "number"})
    inverse: str | None = "foOrders"
    many: bool = False


def test_a_relationship_crosses_sources_and_comes_back():
    declared = declare(BOTH, [Entry()])
    assert declared.problems == ()
    [there], [back] = declared.relationships["fo"], declared.relationships["bc"]
    assert (there.source, there.target, there.target_source, there.target_set) == (
        "NS.order",
        "NS.customer",
        "bc",
        "customers",
    )
    assert (there.pairs, there.many, there.fetch, there.origin) == (
        (Pair("account", "number"),),
        False,
        "field",
        "declared",
    )
    assert (back.name, back.pairs, back.many, back.target_source) == (
        "foOrders",
        (Pair("number", "account"),),
        True,
        "fo",
    )
    assert not there.declared  # no navigation property of that name exists on the wire
    assert (there.partner, back.partner) == ("foOrders", "bcCustomer")


def test_the_targets_whole_key_is_fetched_by_key():
    [there] = declare(BOTH, [Entry(on={"id": "id"}, inverse=None)]).relationships["fo"]
    assert there.fetch == "key"


def test_many_turns_the_ends_round():
    declared = declare(BOTH, [Entry(many=True)])
    assert [r.many for r in (*declared.relationships["fo"], *declared.relationships["bc"])] == [True, False]


def test_within_one_source_no_other_is_named():
    [there] = declare(BOTH, [Entry(to="fo.orders", name="twin", on={"account": "area"}, inverse=None)]).relationships[
        "fo"
    ]
    assert there.target_source is None


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry(from_="fos.orders"), "unknown source 'fos'. Did you mean 'fo'?"),
        (Entry(from_="fo.order"), "source 'fo' has no entity set 'order'. Did you mean 'orders'?"),
        (Entry(to="bc"), "source 'bc' has no entity set ''"),
        (
            Entry(on={"acount": "number"}),
            "has no property 'acount' that holds one value. Did you mean 'account'?",
        ),
        (Entry(on={"account": "nummer"}), "bc.customers has no property 'nummer' that holds one value. Did you mean"),
        (Entry(on={"account": "tags"}), "bc.customers has no property 'tags' that holds one value"),
        (Entry(on={"account": "id"}), "'account' is Edm.String and 'id' is Edm.Guid, which are never equal."),
        (Entry(on={"account": "picture"}), "which are never equal"),
        (Entry(name="total"), "fo.order has a member 'total' already. Choose another name."),
        (Entry(name="self"), "fo.order has a member 'self' already"),
        (Entry(inverse="number"), "bc.customer has a member 'number' already"),
    ],
)
def test_what_cannot_be_is_said(entry, words):
    declared = declare(BOTH, [entry])
    assert declared.relationships == {}
    [problem] = declared.problems
    assert problem.startswith(f"relationships[0] '{entry.name}': ")
    assert words in problem


def test_one_name_is_given_once():
    declared = declare(BOTH, [Entry(inverse=None), Entry(inverse=None)])
    assert len(declared.relationships["fo"]) == 1
    assert "relationships[1]" in declared.problems[0]


def test_a_source_that_is_down_makes_its_entries_wait():
    declared = declare({"fo": FO}, [Entry()], absent=("bc",))
    assert (declared.relationships, declared.problems) == ({}, ())


def test_a_catalog_takes_them_beside_its_own_and_its_subtypes_too():
    declared = declare(BOTH, [Entry()])
    catalog = with_declared(FO, declared.relationships["fo"])
    assert [r.name for r in catalog.relationships["NS.order"]] == ["self", "bcCustomer"]
    assert [(r.name, r.source) for r in catalog.relationships["NS.rush"]][-1] == ("bcCustomer", "NS.rush")
    assert with_declared(BC, ()) is BC


def test_a_compiled_catalog_takes_them_too():
    compiled = snapshot.opened(snapshot.compiled(FO), "t")
    catalog = with_declared(compiled, declare({"fo": compiled, "bc": BC}, [Entry()]).relationships["fo"])
    assert [r.name for r in catalog.relationships["NS.order"]] == ["self", "bcCustomer"]
    assert set(catalog.relationships) == {"NS.order", "NS.rush"}
