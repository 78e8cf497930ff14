"""Programs and servers that some tests need beside Python: without them a test is skipped, or fails in CI."""

import os

import pytest


def require(condition: object, reason: str) -> None:
    """Skips the test with that reason unless the condition holds; fails it where VEGRAPH_REQUIRE_SERVICES=1 (CI)."""
    if condition:
        return
    if os.environ.get("VEGRAPH_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason} (VEGRAPH_REQUIRE_SERVICES=1 demands it)")
    pytest.skip(reason)
