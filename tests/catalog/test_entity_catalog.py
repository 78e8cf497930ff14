"""Everything public is listed; what the patterns name is visible."""

import pytest

from tests.catalog.documents import entity, nav, read, sets
from vegraph.catalog.entity_catalog import EntityCatalog

CATALOG = read(
    entity("customer", nav("orders", "order")) + entity("order") + entity("line"),
    container=sets("customers:customer", "salesOrders:order", "salesOrderLines:line", "Items:line")
    + '<Singleton Name="me" Type="NS.customer"/>',
)


@pytest.mark.parametrize(
    ("patterns", "visible"),
    [
        ([], []),
        (["customers"], ["customers"]),
        (["salesOrder*"], ["salesOrders", "salesOrderLines"]),
        (["*"], ["customers", "salesOrders", "salesOrderLines", "Items", "me"]),
        (["sales*", "!*Lines"], ["salesOrders"]),
        (["*", "!*", "me"], ["me"]),
        (["[cI]*"], ["customers", "Items"]),
        (["items"], []),  # letter case counts
        (["customer"], []),  # whole names only
    ],
    ids=str,
)
def test_what_is_visible(patterns, visible):
    entities = EntityCatalog("bc", CATALOG, patterns)
    assert [each.name for each in entities.visible] == visible
    assert len(entities) == 5
    assert [name for name, each in entities.items() if each.visible] == visible


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("costumers", "source 'bc': entity pattern 'costumers' matches no entity set. Did you mean 'customers'?"),
        ("items", "source 'bc': entity pattern 'items' matches no entity set. Did you mean 'Items'?"),
        (
            "Itemz*",
            "source 'bc': entity pattern 'Itemz*' matches no entity set. Did you mean 'Items'?",
        ),
        ("zzz", "source 'bc': entity pattern 'zzz' matches no entity set."),
    ],
)
def test_a_pattern_that_matches_nothing_is_a_problem(pattern, problem):
    assert EntityCatalog("bc", CATALOG, ["customers", pattern]).problems == (problem,)


def test_everything_of_an_empty_catalog_is_no_problem():
    assert EntityCatalog("bc", read(entity("a")), ["*"]).problems == ()


def test_an_entity_knows_its_set_type_and_relationships():
    customers = EntityCatalog("bc", CATALOG)["customers"]
    assert (customers.set.name, customers.type.name, customers.visible) == ("customers", "NS.customer", False)
    assert [r.name for r in customers.relationships] == ["orders"]
    with pytest.raises(KeyError):
        EntityCatalog("bc", CATALOG)["gone"]


def test_showing_and_hiding_leave_the_old_one_as_it_was():
    before = EntityCatalog("bc", CATALOG, ["customers"])
    shown = before.showing("Items")
    hidden = shown.hiding("customers")
    assert [sorted(each.visible_names) for each in (before, shown, hidden)] == [
        ["customers"],
        ["Items", "customers"],
        ["Items"],
    ]


def test_a_refresh_keeps_the_patterns():
    smaller = read(entity("customer"), container=sets("customers:customer"))
    refreshed = EntityCatalog("bc", CATALOG, ["customers", "Items"]).with_catalog(smaller)
    assert [each.name for each in refreshed.visible] == ["customers"]
    assert "Items" in refreshed.problems[0]
