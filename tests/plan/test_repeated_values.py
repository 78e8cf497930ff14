"""Members of an enumeration that repeat a value (F&O's Timezone) are one value: in orders, pages and conditions."""

import pytest

from tests.stack import small
from vegraph.plan.comparable import operand
from vegraph.plan.ordering import position
from vegraph.plan.predicates import Path
from vegraph.plan.steps import Order

BERLIN, PARIS = "GMTPLUS0100_AMSTERDAM_BERLIN_ROME", "GMTPLUS0100_COPENHAGEN_MADRID_PARIS"
PAGES = """query($after: String, $order: [FoOperationalSiteOrder!]) {
  foOperationalSitesV2(first: 1, after: $after, orderBy: $order, company: ["USMF", "DEMF"]) {
    totalCount nodes { dataAreaId siteId } pageInfo { hasNextPage endCursor } } }"""


def zone():
    entity = small().graph.entity("FoOperationalSite")
    return entity.members["siteTimezone"]


def test_they_compare_as_one():
    assert operand(BERLIN, zone().value) == operand(PARIS, zone().value)
    orders = [Order(Path((zone().wire,), zone().value))]
    assert position(orders, [BERLIN]) == position(orders, [PARIS])


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_a_list_in_their_order_is_walked_to_its_end(direction):
    variables, found = {"order": [{"siteTimezone": direction}], "after": None}, []
    for _ in range(20):
        page = small().data(PAGES, variables)["foOperationalSitesV2"]
        found += [tuple(row.values()) for row in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        variables["after"] = page["pageInfo"]["endCursor"]
    assert len(found) == len(set(found)) == page["totalCount"]
