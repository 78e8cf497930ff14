"""One file per kind of source; `dialect_for` picks it."""

from __future__ import annotations

from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.dialects.business_central import BusinessCentralDialect
from vegraph.backend.dialects.dataverse import DataverseDialect
from vegraph.backend.dialects.finance_operations import FinanceOperationsDialect
from vegraph.backend.dialects.generic import GenericDialect
from vegraph.backend.dialects.human_resources import HumanResourcesDialect
from vegraph.catalog.model import Catalog

__all__ = ["DIALECTS", "BaseDialect", "dialect_for"]

DIALECTS: dict[str, type[BaseDialect]] = {
    "business-central": BusinessCentralDialect,
    "finance-operations": FinanceOperationsDialect,
    "human-resources": HumanResourcesDialect,
    "dataverse": DataverseDialect,
    "odata": GenericDialect,
}
"""By `kind` in the configuration."""


def dialect_for(kind: str, catalog: Catalog) -> BaseDialect:
    """The dialect of a source. It belongs to the source: what it learns (no `$batch` here) it keeps."""
    return DIALECTS[kind](catalog)
