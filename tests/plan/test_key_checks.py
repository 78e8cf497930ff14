"""Relations whose constraint holds more than the target's key: found by the key, and the rest is a check on the row.

Business Central's line names its item variant by id, and the variant's item must be the line's (`itemVariant`).
"""

from functools import cache

import pytest

from tests.stack import BC_COMPANY, Stack, kept
from vegraph.emulator.data.seed import Batch


def guid(kind: int, number: int) -> str:
    return f"7e63{kind:04x}-0000-4eed-a000-{number:012x}"


LINES = {  # description → (variant, item number)
    "own variant": (1, "1000"),
    "another item's variant": (1, "2000"),
    "the other item's": (2, "2000"),
    "no variant": (0, "1000"),
    "gone variant": (9, "1000"),
}
CODES = {1: "RED", 2: "BLUE"}


@cache
def stack() -> Stack:
    items = [{"id": guid(2, n), "number": f"{n}000"} for n in (1, 2)]
    variants = [
        {"id": guid(3, n), "itemId": guid(2, n), "itemNumber": f"{n}000", "code": code} for n, code in CODES.items()
    ]
    lines = [
        {
            "id": guid(4, i),
            "documentId": guid(5, 1),
            "description": text,
            "lineObjectNumber": item,
            **({"itemVariantId": guid(3, variant)} if variant else {}),
        }
        for i, (text, (variant, item)) in enumerate(LINES.items())
    ]
    rows = [
        Batch("companies", None, [{"id": guid(1, 1), "name": BC_COMPANY}]),
        Batch("items", BC_COMPANY, items),
        Batch("itemVariants", BC_COMPANY, variants),
        Batch("salesOrders", BC_COMPANY, [{"id": guid(5, 1), "number": "1"}]),
        Batch("salesOrderLines", BC_COMPANY, lines),
    ]
    return kept(Stack(bc_rows=rows, fo_rows=()))


EXPECTED = {"own variant": "RED", "the other item's": "BLUE"}


@pytest.mark.parametrize("apart", [False, True], ids=["expanded", "looked up"])
def test_the_row_found_by_key_must_pass_the_check(apart):
    planner = stack().planner_for(lambda entity: apart and entity.graph_name == "BcItemVariant")
    stack().wire()
    found = stack().data("{ bcSalesOrderLines { nodes { description itemVariant { code } } } }", planner=planner)
    seen = stack().wire()
    assert {
        line["description"]: line["itemVariant"]["code"]
        for line in found["bcSalesOrderLines"]["nodes"]
        if line["itemVariant"]
    } == EXPECTED
    assert len(seen) == 1 + apart
    assert "$batch" not in seen[-1].url


@pytest.mark.parametrize(
    ("where", "lines"),
    [
        ({"itemVariant": {"code": {"eq": "RED"}}}, {"own variant"}),
        ({"not": {"itemVariant": {"code": {"eq": "RED"}}}}, set(LINES) - {"own variant"}),
        ({"itemVariant": {"rowId": {"isNull": False}}}, set(EXPECTED)),
    ],
)
def test_a_filter_looks_at_the_same_rows(where, lines):
    query = "query($w: BcSalesOrderLineFilter) { bcSalesOrderLines(where: $w) { nodes { description } totalCount } }"
    found = stack().data(query, {"w": where})["bcSalesOrderLines"]
    assert {line["description"] for line in found["nodes"]} == lines
    assert found["totalCount"] == len(lines)


def test_an_order_goes_by_the_same_rows():
    query = "{ bcSalesOrderLines(orderBy: [{ itemVariant: { code: DESC } }]) { nodes { description } } }"
    found = [line["description"] for line in stack().data(query)["bcSalesOrderLines"]["nodes"]]
    assert found[:2] == ["own variant", "the other item's"]
