"""What is refused before anything is sent: the same shape for each limit, a 400 only where the client reads it."""

import pytest

from tests.contract.program import Program, codes

MODERN = "application/graphql-response+json"


def _nested(levels: int) -> str:
    inner = "number"
    for _ in range(levels):
        inner = f"salesOrderLines(first: 1) {{ nodes {{ salesOrder {{ {inner} }} }} }}"
    return f"{{ bcSalesOrders(first: 1) {{ nodes {{ {inner} }} }} }}"


def _doubling(fragments: int) -> str:
    spreads = "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }} " for i in range(fragments))
    return f"{{ ...F0 }} {spreads} fragment F{fragments} on Query {{ __typename }}"


TOO_MUCH = {
    "depth": _nested(6),
    "tokens": "{ " + " ".join(f"a{i}: __typename" for i in range(2000)) + " }",
    "aliases": "{ " + " ".join(f"a{i}: __typename" for i in range(500)) + " }",
    "directives": "{ __typename " + "@skip(if: false) " * 300 + "}",
    "doubling fragments": _doubling(30),
    "cost": "{ bcSalesOrders(first: 1000) { nodes { salesOrderLines(first: 1000) { nodes { id } } } } }",
    "nested values": "{ bcItems(where: " + "{not: " * 400 + "{}" + "}" * 400 + ") { totalCount } }",
}


@pytest.mark.parametrize("query", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_complex(demo: Program, query):
    with demo.wire("bc") as seen:
        plain, modern = demo.post(query), demo.post(query, accept=MODERN)
    assert (plain.status_code, modern.status_code) == (200, 400)
    for response in (plain, modern):
        assert "data" not in response.json()
        assert {code for _, code in codes(response.json())} == {"TOO_COMPLEX"}
    assert seen == []


def test_what_is_just_within_the_depth_is_answered(demo: Program):
    assert demo.data(_nested(4))


def test_a_page_cost_counts_to_one_rows_once(demo: Program):
    assert demo.data("{ bcSalesOrders(first: 1000) { nodes { customer { currency { code } } } } }")
