"""Dataverse's table definitions (`EntityDefinitions`, with their attributes) in the form of BC's `entityDefinitions`.

Both say a text per language by Windows' language number, so one reader takes both (`labels.with_captions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["PATH", "QUERY", "definitions"]

PATH = "EntityDefinitions"
QUERY = (
    "$select=LogicalName,EntitySetName,DisplayName,DisplayCollectionName"
    "&$expand=Attributes($select=LogicalName,DisplayName)"
)

Json = Mapping[str, Any]


def definitions(rows: Iterable[Json]) -> list[dict[str, Any]]:
    """One row per table: `{entityName, entitySetName, entityCaptions, entitySetCaptions, properties}`."""
    return [
        {
            "entityName": row["LogicalName"],
            "entitySetName": row.get("EntitySetName"),
            "entityCaptions": _captions(row.get("DisplayName")),
            "entitySetCaptions": _captions(row.get("DisplayCollectionName")),
            "properties": list(_properties(row.get("Attributes"))),
        }
        for row in rows
        if isinstance(row, Mapping) and row.get("LogicalName")
    ]


def _properties(attributes: Any) -> Iterator[dict[str, Any]]:
    """A look-up column `ownerid` is the property `_ownerid_value`, so its captions stand under both names."""
    for each in attributes if isinstance(attributes, list) else ():
        name, captions = each.get("LogicalName"), _captions(each.get("DisplayName"))
        if name and captions:
            yield {"name": name, "captions": captions}
            yield {"name": f"_{name}_value", "captions": captions}


def _captions(label: Any) -> list[dict[str, Any]]:
    found = label.get("LocalizedLabels") if isinstance(label, Mapping) else None
    return [
        {"languageCode": each.get("LanguageCode"), "caption": each.get("Label")}
        for each in found or ()
        if isinstance(each, Mapping) and each.get("Label")
    ]
