"""Finance and operations: natural keys, companies as a property, `$expand` one level, multipart batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from vegraph.backend import filters
from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.literals import Style
from vegraph.plan.steps import Order
from vegraph.schema.binding import EntityBinding

__all__ = ["FinanceOperationsDialect"]


class FinanceOperationsDialect(BaseDialect):
    """Data entities under `/data` (erp.md §4.1)."""

    KNOWN_DIFFERENCES: ClassVar[Mapping[str, str]] = {
        "has": "OF-43",
        "in": "OF-43",
        "lambdas": "OF-44",
        "virtual fields": "OF-45",
        "one related level": "OF-46",
        "wildcards": "OF-41",
        "contains": "OF-42, US-46: & and its like fail inside contains(), a pattern under eq does not",
        "expand depth": "OF-48",
        "apply": "OF-49",
        "enum comparison": "OF-23",
        "case": "OF-67",
        "batch": "OF-100, OF-107",
        "company": "OF-60 to OF-63",
    }

    name = "Finance and operations"
    company = "property"
    max_expand_depth = 1
    batch_format = "multipart"
    batch_size = 100
    max_page = 10_000
    has_search = False
    nested_top = False
    nested_filter = False
    nested_count = False
    atomic = "changeset"
    deep_insert_depth = 0
    binds = False

    style = Style(enum="qualified", key_enum="quoted", key_guid="quoted")
    rules = filters.Rules(
        service="Finance and operations",
        lambdas=False,
        to_one_depth=1,
        has_flags=False,
        nulls=False,
        wildcards="*",
        function_wildcards="",
        function_unsafe="&#%+",
        folds_case=True,
    )
    named_keys = True
    absolute_parts = True
    read_back_in_batch = True
    max_query = 2000
    gate = 8
    retry_after_default = 30.0
    faults = "finance-operations"

    def read_options(self, *, cross_company: bool) -> str:
        """Without the option only the user's default company is read (OF-60, OF-61)."""
        return "cross-company=true" if cross_company else ""

    def key_options(self, entity: EntityBinding | None, *, keyed: bool, cross_company: bool = False) -> str:
        """Keyed calls need it where the key names a company (OF-63)."""
        bound = entity is not None and entity.company not in (None, "context") and keyed
        return "cross-company=true" if bound or cross_company else ""

    def _why_not_order_path(self, item: Order) -> str | None:
        if item.path.relations:
            return f"Finance and operations is not known to sort by '{'/'.join(item.path.names)}', a related row's."
        return super()._why_not_order_path(item)
