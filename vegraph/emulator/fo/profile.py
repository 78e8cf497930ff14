"""The rules of finance and operations' OData as data (erp.md §4.1), and what of them can be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vegraph.emulator.documents.fo import NAMESPACE
from vegraph.emulator.engine.profile import EMPTY_VALUES, Limits, Profile

ALL_OPERATORS = Profile(name="all").operators

__all__ = ["USER_LIMITS", "Options", "profile"]

USER_LIMITS = Limits(
    concurrent=52, queued=0, window_requests=6000, window_s=300.0, window_execution_s=1200.0, retry_after_s=30
)
"""User-based protection (OF-120). Not in force unless chosen: withdrawn in 10.0.36 (OF-121, CF-11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Readings of what the sources leave open (erp.md §7)."""

    validation_status: Literal[400, 500] = 400
    """Status of a refused write (OF-113)."""

    contains_refuses: str = "&#%+"
    """Characters inside `contains('…')` that make the request fail (OF-42, US-46: "characters such as &")."""

    lambdas: Literal["refuse", "serve"] = "refuse"
    """`any` and `all` (OF-44)."""

    unfiltered_company: bool = False
    """Reads without `cross-company` see all companies (the older page of OF-60, CF-10)."""

    user_limits: Limits | None = None
    """`USER_LIMITS`, or scaled down for a test. None: not in force."""

    page_size: int = 10_000
    """Rows per response (OF-50)."""


_BASE = Profile(
    name="finance-operations",
    namespace=NAMESPACE,
    company_property="dataAreaId",
    nulls=False,
    empty={
        **EMPTY_VALUES,
        "Edm.DateTimeOffset": "1900-01-01T00:00:00Z",
        "AX.Date": "1900-01-01T12:00:00Z",
    },
    string_case="insensitive",
    functions=frozenset({"contains", "startswith", "endswith"}),
    operators=frozenset(
        ["eq", "ne", "gt", "ge", "lt", "le", "and", "or", "not", "add", "sub", "mul", "div", "divby", "mod"]
    ),
    lambdas="refuse",
    wildcards=True,
    enum_literals="qualified",
    enum_ordering=False,
    expand_depth=1,
    if_match="optional",
    stale_status=412,
    patch_answer="empty",
    deep_insert=False,
    quoted_keys=True,
    batch_format="multipart",
    batch_max=5000,
    indexes={
        "SalesOrderHeadersV2": (
            ("dataAreaId", "SalesOrderStatus"),
            ("OrderingCustomerAccountNumber",),
            ("OrderCreationDateTime",),
        ),
        "SalesOrderLines": (("dataAreaId", "SalesOrderNumber"), ("ItemNumber",)),
        "CustomersV3": (("OrganizationName",),),
        "ReleasedProductsV2": (("ProductName",),),
        "MyLeaveRequests": (("PersonnelNumber",),),
    },
)


def profile(options: Options) -> Profile:
    """The profile with the readings chosen."""
    return replace(
        _BASE,
        lambdas=options.lambdas,
        page_size=options.page_size,
        limits=options.user_limits or Limits(),
    )
