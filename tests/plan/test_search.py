"""`search` where the service has no `$search`: the natural texts, with the case rules that the field tells of."""

import pytest

from tests.stack import Stack, small


@pytest.fixture(scope="module")
def stack() -> Stack:
    return small()


def found(stack: Stack, field: str, name: str, text: str) -> list[str]:
    query = f"query ($text: String) {{ {field}(search: $text, first: 100) {{ nodes {{ {name} }} }} }}"
    return [row[name] for row in stack.both(query, {"text": text})["data"][field]["nodes"]]


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.swapcase], ids=["lower", "upper", "swapped"])
def test_finance_and_operations_finds_a_text_however_it_is_spelled(stack: Stack, spelled):
    rows = found(stack, "foReleasedProductsV2", "productName", "Lamp")
    assert rows
    assert all("lamp" in name.lower() for name in rows)
    assert found(stack, "foReleasedProductsV2", "productName", spelled("Lamp")) == rows


def test_finance_and_operations_reads_no_pattern_in_it(stack: Stack):
    assert found(stack, "foReleasedProductsV2", "productName", "la*p") == []


def test_business_central_finds_it_as_it_is_spelled(stack: Stack):
    names = [name for name in found(stack, "bcItems", "displayName", "Lamp") if "Lamp" in name]
    assert names
    assert found(stack, "bcItems", "displayName", "lAMP") == []
