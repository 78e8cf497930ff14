"""How one dialect behaves, as data. What cannot be said as data is a method of `dialect.Dialect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["ALL_FUNCTIONS", "EMPTY_VALUES", "Limits", "Profile"]

ALL_FUNCTIONS = frozenset(
    [
        "contains",
        "startswith",
        "endswith",
        "length",
        "indexof",
        "substring",
        "tolower",
        "toupper",
        "trim",
        "concat",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "date",
        "time",
        "round",
        "floor",
        "ceiling",
        "now",
    ]
)
"""Functions the engine can evaluate; a profile lists which of them its dialect has."""

ZERO_GUID = "00000000-0000-0000-0000-000000000000"

EMPTY_VALUES: Mapping[str, object] = {
    "Edm.String": "",
    "Edm.Guid": ZERO_GUID,
    "Edm.Boolean": False,
    "Edm.Byte": 0,
    "Edm.SByte": 0,
    "Edm.Int16": 0,
    "Edm.Int32": 0,
    "Edm.Int64": 0,
    "Edm.Decimal": 0,
    "Edm.Double": 0,
    "Edm.Single": 0,
    "Edm.Date": "0001-01-01",
    "Edm.DateTimeOffset": "0001-01-01T00:00:00Z",
    "Edm.TimeOfDay": "00:00:00",
    "Edm.Duration": "PT0S",
    "Enum": 0,
}
"""What stands for "no value" where a dialect has no null. `Enum` is the member's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a user may ask of the service at once and over time. None or 0: not limited."""

    concurrent: int | None = None
    """Requests of one user processed at the same time."""

    queued: int | None = None
    """Requests of one user that wait for a free place; above it 429."""

    queue_wait_s: float = 480.0
    """Longest wait in the queue; then 503."""

    window_requests: int | None = None
    """Requests of one user within `window_s`; above it 429."""

    window_s: float = 300.0
    """Length of the sliding window, on the emulator's clock."""

    window_execution_s: float | None = None
    """Execution time of one user's requests within the window (F&O)."""

    operation_s: float | None = None
    """Longest execution; then 408."""

    body_bytes: int = 350 * 1024 * 1024
    """Larger: 413."""

    query_chars: int | None = None
    """Longest query string; then 414."""

    retry_after_503_s: int = 5
    """Value of `Retry-After` on 503."""

    retry_after_s: int | None = None
    """Value of `Retry-After` on 429; None: the header is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The dialect's rules that the engine applies by itself."""

    name: str
    namespace: str = ""
    """For qualified enum literals and action names."""

    company_property: str | None = None
    """Property that holds the company in sets that are bound to one (F&O `dataAreaId`). Values are compared
    without case and stored in lower case."""

    company_hidden: bool = False
    """Rows belong to a company that is no property (BC): given by path, query or header."""

    shared_sets: frozenset[str] = frozenset()
    """Sets outside any company where `company_hidden`."""

    companies_set: str = "companies"
    """Where companies are hidden, the set that lists them by `id` and `name`."""

    nulls: bool = True
    """False: no property is ever null; absent and null become `empty` (BC, F&O)."""

    empty: Mapping[str, object] = field(default_factory=lambda: dict(EMPTY_VALUES))
    """By EDM type; `Enum` for all enums (member number), `AX.Date` for F&O's dates."""

    string_case: Literal["sensitive", "insensitive"] = "sensitive"
    """How text is compared and ordered: by code point, or with ASCII letters folded."""

    functions: frozenset[str] = ALL_FUNCTIONS
    operators: frozenset[str] = frozenset(
        [
            "eq",
            "ne",
            "gt",
            "ge",
            "lt",
            "le",
            "and",
            "or",
            "not",
            "add",
            "sub",
            "mul",
            "div",
            "divby",
            "mod",
            "has",
            "in",
        ]
    )
    or_rule: Literal["free", "one property"] = "free"
    lambdas: Literal["serve", "refuse", "ignore"] = "serve"
    wildcards: bool = False
    """`eq 'v2*'` matches by pattern."""

    property_comparison: bool = True
    """Both sides of a comparison may be expressions; False: property, operator, literal only (BC)."""

    nested_functions: bool = True
    boolean_literals: bool = True
    """`$filter=true` is a filter."""

    navigation_filter: bool = True
    """`$filter=Nav/Property eq …` over to-one navigation."""

    enum_literals: Literal["qualified", "quoted", "both"] = "both"
    enum_ordering: bool = True
    """gt, ge, lt, le over enums."""

    select_ignores_case: bool = False
    expand_depth: int | None = None
    """Levels of `$expand`; None: any."""

    expand_options: bool = True
    """Nested `$select`, `$filter`, … inside `$expand`."""

    escaped_enums: bool = False
    """Enum members may be written decoded (`Sales Order`) as well as escaped (`Sales_x0020_Order`)."""

    decoded_enums: bool = False
    """Enum members are shown decoded in JSON."""

    naive_datetimes: bool = False
    """Date-times without an offset are accepted and read as UTC."""

    search: bool = False
    page_size: int = 10_000
    """Rows per response; more come by next link. `Prefer: odata.maxpagesize` may lower it."""

    max_page_preference: bool = True
    if_match: Literal["required", "optional"] = "optional"
    stale_status: int = 412
    patch_answer: Literal["row", "empty"] = "empty"
    deep_insert: bool = True
    client_keys: bool = True
    """The caller may give the key on create."""

    quoted_keys: bool = False
    """GUIDs and enum members in a key may be quoted (F&O)."""

    batch_format: Literal["json", "multipart", "both"] = "both"
    batch_max: int = 1000
    batch_stops: bool = False
    """After a failure outside isolation the rest answers 424 (JSON) unless continue-on-error is preferred."""

    indexes: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """Set → further indexes. Keys and navigation targets are always indexed."""

    limits: Limits = field(default_factory=Limits)
