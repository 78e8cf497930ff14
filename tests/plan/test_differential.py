"""The compiled path answers as graphql-core does: random documents over the demo's graph, with faults and without."""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plan.questions import Asker
from tests.stack import small
from vegraph.emulator.data.people import CLERK, MANAGER, PORTAL_CONTACT

EXAMPLES = int(os.environ.get("VEGRAPH_EXAMPLES", "300"))

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="VEGRAPH_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

ROOTS = [
    ("bcSalesOrders", "BcSalesOrder"),
    ("bcCustomers", "BcCustomer"),
    ("bcItems", "BcItem"),
    ("bcSalesInvoices", "BcSalesInvoice"),
    ("bcSalesOrderLines", "BcSalesOrderLine"),
    ("bcDefaultDimensions", "BcDefaultDimension"),
    ("bcCompanies", "BcCompany"),
    ("foSalesOrderHeadersV2", "FoSalesOrderHeaderV2"),
    ("foSalesOrderLines", "FoSalesOrderLine"),
    ("foCustomersV3", "FoCustomerV3"),
    ("foReleasedProductsV2", "FoReleasedProductV2"),
    ("foWorkers", "FoWorker"),
    ("foLegalEntities", "FoLegalEntity"),
]


@pytest.fixture(scope="module")
def ids():
    """Global ids of rows of several types."""
    found = []
    for root, _ in ROOTS:
        page = small().data(f"{{ page: {root}(first: 2) {{ nodes {{ id }} }} }}")["page"]
        found += [node["id"] for node in page["nodes"]]
    return found


@thorough
@given(random=st.randoms(use_true_random=False), person=st.sampled_from((MANAGER, MANAGER, CLERK, PORTAL_CONTACT)))
def test_both_completions_give_the_same_answer(ids, random: Random, person):
    asked = Asker(small().graph, random).question(ROOTS, ids)
    compiled = small().ask(asked.query, asked.variables, person=person)
    fast = small().fast
    assert compiled == small().ask(asked.query, asked.variables, person=person, exact=True)
    assert "data" in compiled, compiled
    assert fast or "errors" in compiled or person is not MANAGER
