"""Any OData v4 service (`kind = "odata"`): by the specification, and by what its document says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from vegraph.backend import filters
from vegraph.backend.dialects.base import BaseDialect
from vegraph.catalog.model import Catalog

__all__ = ["GenericDialect"]


class GenericDialect(BaseDialect):
    """`in` and JSON batches belong to 4.01; a 4.0 document means `or` chains and multipart."""

    KNOWN_DIFFERENCES: ClassVar[Mapping[str, str]] = {
        "in": "4.01 part 2, 5.1.1.1.12: new in 4.01, so a 4.0 document does not promise it",
        "json batch": "JSON format 4.01, section 19: new in 4.01",
    }

    name = "The OData service"
    ieee754 = True
    actions_guarded = True

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog)
        newer = catalog.version not in ("", "4.0")
        self.continue_on_error = "continue-on-error" if newer else "odata.continue-on-error"
        self.odata_version = "4.01" if newer else "4.0"
        self.batch_format = "json" if newer else "multipart"
        self.rules = replace(filters.Rules(service=self.name), has_in=newer)
