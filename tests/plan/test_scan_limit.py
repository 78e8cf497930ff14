"""Where too many rows would have to be read, the message says what it is that the source does not do."""

from functools import cache

import pytest

from tests.stack import Stack, kept
from vegraph.plan.paging import Limits

TEXT = '{or: [{not: {displayName: {contains: "e"}}}, {not: {city: {contains: "e"}}}]}'
DISTINCT = "Business Central takes 'or' over one property only, and this one names 'city' and 'displayName'"


@cache
def stack() -> Stack:
    return kept(Stack(bc_page=10))


@pytest.mark.parametrize(
    ("query", "set_", "why"),
    [
        (f"bcCustomers(where: {TEXT}) {{ totalCount }}", "customers", DISTINCT),
        (f"bcCustomersAggregate(where: {TEXT}) {{ count }}", "customers", DISTINCT),
        ("bcCustomersAggregate { sum { balanceDue } }", "customers", "bc does not group or add them itself."),
        (f"bcSalesOrders(where: {{customer: {TEXT}}}) {{ totalCount }}", "customers", DISTINCT),
        (
            'bcSalesOrders(where: {customer: {number: {ne: "x"}}}) { totalCount }',
            "customers",
            "They are read first, for a condition on rows that they are related to.",
        ),
    ],
)
def test_the_reason_is_named(query, set_, why):
    answer = stack().ask(f"{{ {query} }}", limits=Limits(scan_rows=20))
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "SCAN_LIMIT"
    assert error["message"].startswith(f"{set_}: more than 20 rows would have to be read. {why}")
