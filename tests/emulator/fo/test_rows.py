"""Every row of erp.md §4.1 has a test, or a reason why not."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROWS = [
    *range(1, 18), *range(20, 28), *range(30, 37), *range(40, 55), *range(60, 70), *range(70, 83), *range(90, 93),
    *range(100, 109), *range(110, 117), *range(120, 134), *range(140, 145), *range(150, 165),
]  # fmt: skip

NOT_APPLICABLE = {
    16: "how long a restarted server takes is no behaviour of the protocol",
    52: "change tracking: vegraph keeps no copy, so it never asks for a delta",
    105: "429 inside a batch comes from the fault rules of the control port",
    107: "advice to clients",
    125: "the sum of execution times is counted by the engine; its tests move the clock",
    129: "priorities act on resource-based limits only, which are injected",
    130: "services beside OData",
    132: "advice to clients",
    133: "guidance on volume",
}


def rows_with_tests() -> set[int]:
    found: set[int] = set()
    for path in HERE.glob("test_*.py"):
        if path.name != "test_rows.py":
            text = path.read_text("utf-8")
            found |= {int(n) for n in re.findall(r"OF-(\d+)", text)}
            for name in re.findall(r"def (test_\w+)", text):
                found |= {int(n) for n in re.findall(r"of_(\d+)", name)}
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda n: f"OF-{n}")
def test_each_row_has_a_test_or_a_reason(row: int):
    assert (row in rows_with_tests()) != (row in NOT_APPLICABLE)
