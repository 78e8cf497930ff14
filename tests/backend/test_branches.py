"""Alternatives of a condition on related rows that are written in lambdas of their own."""

import pytest

from tests.backend.test_filters import ORDERS, OWNER, PRICE, STATUS, TOTAL, text
from vegraph.backend.branches import branches
from vegraph.plan.predicates import And, Compare, Not, Or, Related

CHEAP, DEAR = Compare(TOTAL, "lt", 5), Compare(TOTAL, "gt", 9)
OWNED = Related(OWNER, "one", Compare(PRICE, "eq", 1))
OWNER_HAS = "r0/Owner/id ne null and r0/Owner/price eq 1"
OTHERS = "r0/Owner/id ne null and (r0/Owner/price ne 1 or r0/Owner/price eq null)"


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (Related(ORDERS, "some", Or((CHEAP, DEAR))), "Orders/any(r0:r0/total lt 5 or r0/total gt 9)"),
        (Related(ORDERS, "some", OWNED), f"Orders/any(r0:({OWNER_HAS}))"),
        (
            Related(ORDERS, "some", Or((CHEAP, OWNED, DEAR))),
            f"(Orders/any(r0:r0/total lt 5 or r0/total gt 9) or Orders/any(r0:({OWNER_HAS})))",
        ),
        (
            Related(ORDERS, "none", Or((CHEAP, OWNED))),
            f"not Orders/any(r0:r0/total lt 5) and not Orders/any(r0:({OWNER_HAS}))",
        ),
        (
            Related(ORDERS, "every", OWNED),
            f"not Orders/any(r0:r0/Owner/id eq null) and not Orders/any(r0:({OTHERS}))",
        ),
        (
            Related(ORDERS, "some", And((DEAR, Not(OWNED)))),
            f"(Orders/any(r0:r0/total gt 9 and r0/Owner/id eq null) or Orders/any(r0:r0/total gt 9 and ({OTHERS})))",
        ),
        (
            Related(ORDERS, "some", And((Compare(STATUS, "eq", "Open"), OWNED, OWNED))),
            f"Orders/any(r0:r0/status eq NS.Status'Open' and ({OWNER_HAS}))",
        ),
    ],
    ids=str,
)
def test_alternatives_over_a_to_one_relation_stand_apart(condition, written):
    assert text(condition) == written


def test_too_many_alternatives_stay_one():
    many = And(tuple(Or((Compare(TOTAL, "gt", n), Related(OWNER, "one", Compare(PRICE, "eq", n)))) for n in range(5)))
    assert branches(many, nulls=True) == (many,)
