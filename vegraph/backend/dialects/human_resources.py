"""Core Human Resources: the same service as finance and operations, with people instead of ledgers."""

from __future__ import annotations

from vegraph.backend.dialects.finance_operations import FinanceOperationsDialect

__all__ = ["HumanResourcesDialect"]


class HumanResourcesDialect(FinanceOperationsDialect):
    """Nothing differs but the name (erp.md §3.1)."""

    name = "Human Resources"
