"""The compiled path answers as graphql-core does: random documents over the demo's graph, with faults and without."""

import os
import re
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.plan.misfits import METADATA, Service, rows
from tests.plan.questions import Asker
from tests.stack import Stack, kept, small
from vegraph.emulator.data.people import CLERK, MANAGER, PORTAL_CONTACT

pytestmark = pytest.mark.timeout(1200)

EXAMPLES = int(os.environ.get("VEGRAPH_EXAMPLES", "1500")) // 5

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


def too_costly(answer: dict[str, Any]) -> bool:
    """Refused before anything was asked: both completions say so alike, and there is nothing to complete."""
    return [e["extensions"]["code"] for e in answer.get("errors", ())] == ["TOO_COMPLEX"]


@thorough
@given(random=st.randoms(use_true_random=False), person=st.sampled_from((MANAGER, MANAGER, CLERK, PORTAL_CONTACT)))
def test_both_completions_give_the_same_answer(ids, random: Random, person):
    asked = Asker(small().graph, random).question(ROOTS, ids)
    compiled = small().ask(asked.query, asked.variables, person=person)
    fast = small().fast
    assert compiled == small().ask(asked.query, asked.variables, person=person, exact=True)
    assume(not too_costly(compiled))
    assert "data" in compiled, compiled
    assert fast or "errors" in compiled or person is not MANAGER


@cache
def odd() -> tuple[Stack, Service]:
    service = Service()
    return kept(Stack(odata=(service.app, METADATA))), service


@settings(thorough, max_examples=EXAMPLES * 3)
@given(random=st.randoms(use_true_random=False))
def test_values_that_do_not_fit_are_told_alike(random: Random):
    stack, service = odd()
    service.rows = rows(random)
    asked = Asker(stack.graph, random, depth=2).question([("things", "Thing")])
    compiled = stack.ask(asked.query, asked.variables)
    assert compiled == stack.ask(asked.query, asked.variables, exact=True)
    assert "data" in compiled, compiled


FAULTS = (
    {"source": "bc", "path": "customers", "status": 403},
    {"source": "bc", "path": "items", "status": 500},
    {"source": "bc", "path": "salesOrderLines", "malformed": True},
    {"source": "fo", "path": "CustomersV3", "status": 404},
    {"source": "fo", "path": "batch", "status": 400},
    {"source": "fo", "path": "batch", "batch": "missing"},
    {"source": "fo", "html": True},
)


@settings(thorough, max_examples=EXAMPLES // 3)
@given(random=st.randoms(use_true_random=False), fault=st.sampled_from(FAULTS))
def test_what_fails_is_told_alike_and_leaves_the_rest(ids, random: Random, fault):
    asked = Asker(small().graph, random, depth=2).question(ROOTS, ids)
    small().heal()
    small().fault(**fault)
    try:
        compiled = small().ask(asked.query, asked.variables)
        small().settle()
        assert compiled == small().ask(asked.query, asked.variables, exact=True)
        assume(not too_costly(compiled))
        assert "data" in compiled, compiled
    finally:
        small().heal()


@pytest.mark.parametrize(
    ("row", "what"), [({"Small": "x"}, "Small: .* no Int32"), ({"Price": "ten"}, "Price: .* no Decimal")]
)
def test_rows_that_cannot_be_added_up_are_a_fault_of_the_service(row, what):
    stack, service = odd()
    service.rows = [{"No": "a", **row}]
    answer = stack.ask("{ thingsAggregate { sum { small price } } }")
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "source": "odata"}
    assert re.match(what, error["message"])
