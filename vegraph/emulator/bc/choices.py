"""Where the published behaviour is uncertain (erp.md §7 and rows marked C, I or ≠): one option each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["BcChoices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BcChoices:
    """Readings of Business Central's behaviour; the working choice is the default."""

    empty_date: Literal["0001-01-01", "1900-01-01"] = "0001-01-01"
    """CF-12: what an empty date looks like."""

    enum_text: Literal["escaped", "decoded"] = "escaped"
    """CF-15: how enum members are written in JSON; both are read."""

    stale_status: Literal[409, 412] = 409
    """CF-16: answer to a stale ETag."""

    in_below_21: Literal["501", "ignored"] = "501"
    """CF-17, OB-76: `in` without `$schemaversion=2.1`; `ignored` is the older releases' way."""

    nested_functions: Literal["error", "undefined"] = "error"
    """OB-75: functions inside functions without `$schemaversion=2.1`; `undefined` evaluates them."""

    not_operator: Literal["501", "evaluated"] = "501"
    """OB-73: `not` is undocumented."""

    boolean_literal: Literal["error", "evaluated"] = "error"
    """OB-78: `$filter=true` has no equivalent in AL."""

    wildcards: bool = True
    """OB-79: `eq 'v2.0*'` matches by pattern."""

    batch_after_failure: Literal["stops", "goes on"] = "stops"
    """OB-113: whether parts behind a failed one still run without `odata.continue-on-error`."""

    posted_id: Literal["new", "same"] = "new"
    """OB-56: whether a posted or converted document keeps its id; its Location is given either way."""

    retry_after_429_s: int | None = None
    """OB-165: `Retry-After` on 429 is not documented."""

    missing_write_right: Literal[405, 403] = 405
    """OB-46: answer to a write without permission."""
