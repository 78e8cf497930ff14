"""Business Central: what is kept by company is told by each API route's own document."""

import pytest

from tests.catalog.documents import entity, many, nav, read, sets
from vegraph.catalog.routes import merged
from vegraph.schema.binding import SourceBinding
from vegraph.schema.build import SourceInput, build

COMPANY = entity("company", nav("customers", many("customer")))
MAIN = read(COMPANY + entity("customer") + entity("unit"), container=sets("companies:company", "customer", "unit"))
BARE = read(entity("car") + entity("wheel"), container=sets("car", "wheel"))
OWN = read(
    entity("company", nav("cars", many("car"))) + entity("car") + entity("wheel"),
    container=sets("companies:company", "car", "wheel"),
)


@pytest.mark.parametrize(
    ("route", "kept"),
    [(BARE, {"BcCustomer", "BcCar", "BcWheel"}), (OWN, {"BcCustomer", "BcCar"})],
    ids=["a route without companies", "a route with companies"],
)
def test_types_with_a_company(route, kept):
    catalog = merged({"": MAIN, "contoso/fleet/v1.0": route})
    binding = SourceBinding(name="bc", kind="business-central", prefix="Bc", catalog=catalog, company=None)
    graph = build([SourceInput(binding=binding, visible=frozenset(catalog.entity_sets))])
    names = ("BcCustomer", "BcUnit", "BcCar", "BcWheel")
    assert {name for name in names if "company" in graph.schema.type_map[name].fields} == kept
