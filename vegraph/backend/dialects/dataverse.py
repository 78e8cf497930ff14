"""Dataverse's own Web API: OData 4.0 with `$apply` and multipart batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from vegraph.backend import filters
from vegraph.backend.dialects.base import BaseDialect

__all__ = ["DataverseDialect"]


class DataverseDialect(BaseDialect):
    """The Web API of a Dataverse environment (erp.md §3.4)."""

    KNOWN_DIFFERENCES: ClassVar[Mapping[str, str]] = {
        "in": "Microsoft.Dynamics.CRM.In is a function of its own; the operator is not there",
        "case": "texts are compared without regard to case",
        "skip": "$skip is refused",
    }

    name = "Dataverse"
    max_page = 5000
    batch_size = 1000
    has_apply = True
    has_search = False
    nested_count = False
    rules = filters.Rules(service="Dataverse", folds_case=True)
    max_query = 8000
    gate = 8
