"""Business Central: one company per request, in the path; `or` over one property; ETags demanded; JSON batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from vegraph.backend import filters
from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.literals import Style, encode
from vegraph.backend.urls import name as encoded_name
from vegraph.catalog.model import EntitySet
from vegraph.plan.steps import Company, Order

__all__ = ["BusinessCentralDialect"]


class BusinessCentralDialect(BaseDialect):
    """API v2.0 and other API routes (erp.md §4.2)."""

    KNOWN_DIFFERENCES: ClassVar[Mapping[str, str]] = {
        "distinct or": "OB-72",
        "not": "OB-73",
        "in": "OB-76",
        "has": "not among the operators of OB-70 to OB-74",
        "lambdas": "OB-77: ignored silently",
        "navigation in filters": "OB-81",
        "boolean literals": "OB-78",
        "wildcards": "OB-79",
        "nested top": "OB-84: nested $select and $filter only",
        "apply": "OB-89",
        "search": "OB-89",
        "query length": "OB-91",
        "if-match": "OB-101",
        "batch": "OB-110, OB-115",
        "snapshot": "OB-114",
    }

    name = "Business Central"
    company = "context"
    batch_format = "json"
    batch_size = 100
    max_page = 20_000
    has_search = False
    nested_top = False
    nested_count = False
    atomic = "snapshot"
    deep_insert_depth = 2
    binds = False
    etag_required = True

    style = Style(enum="quoted", key_enum="quoted")
    rules = filters.Rules(
        service="Business Central",
        distinct_or=False,
        has_not=False,
        lambdas=False,
        to_one_depth=0,
        has_flags=False,
        nulls=False,
        wildcards="*",
        function_wildcards="*?",
    )
    max_query = 8099
    gate = 4
    count_segment = False
    read_back_in_batch = True
    patch_gives_row = True
    media_verb = "PATCH"
    faults = "business-central"

    def set_path(self, set_: EntitySet, company: Company | None) -> str:
        """`companies(<guid>)/customers`; sets outside any company stand alone (OB-5, OB-14)."""
        return self.prefix(company) + encoded_name(set_.segment)

    def prefix(self, company: Company | None) -> str:
        """The company's own path."""
        return f"companies({encode(company.id)})/" if company is not None and company.id else ""

    def _why_not_order_path(self, item: Order) -> str | None:
        if len(item.path.names) > 1:
            return f"Business Central does not sort by '{'/'.join(item.path.names)}', which is on another page."
        return super()._why_not_order_path(item)
