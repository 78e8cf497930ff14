"""What the terms of annotations mean for the catalog: one table per kind of element that carries them.

Known vocabularies: Org.OData.Core.V1, Org.OData.Capabilities.V1, Org.OData.Aggregation.V1, OData.Community.Keys.V1,
F&O's Microsoft.Dynamics.OData.Core.V1 (metadata.md §3), the labels of NAV web services and of SAP. Values are the
plain ones of `csdl.raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vegraph.catalog.untyped import items, records

__all__ = [
    "ENUM",
    "MEMBER",
    "NAVIGATION",
    "OPERATION",
    "PARAMETER",
    "PROPERTY",
    "SET",
    "TYPE",
    "Facts",
    "Rules",
    "is_known",
]

Facts = dict[str, Any]
"""Members of a model struct, by name."""

Rules = Mapping[str, Callable[[Facts, Any], None]]
"""Qualified term → what it does to the facts."""

_CORE = "Org.OData.Core.V1."
_CAPABILITIES = "Org.OData.Capabilities.V1."
_KEYS = "OData.Community.Keys.V1."
_AGGREGATION = "Org.OData.Aggregation.V1."
_AX = "Microsoft.Dynamics.OData.Core.V1."


def _sets(member: str) -> Callable[[Facts, Any], None]:
    def rule(facts: Facts, value: Any) -> None:
        if isinstance(value, str) and value:
            facts[member] = value

    return rule


def _sets_bool(member: str) -> Callable[[Facts, Any], None]:
    def rule(facts: Facts, value: Any) -> None:
        if isinstance(value, bool):
            facts[member] = value

    return rule


def _label_id(facts: Facts, value: Any) -> None:
    """F&O's LabelId: an id (`@SYS80100`), or a text where no label was made for it."""
    if isinstance(value, str) and value:
        facts["label_id" if value.startswith("@") else "label"] = value


def _help_id(facts: Facts, value: Any) -> None:
    if isinstance(value, str) and value:
        facts["help_id" if value.startswith("@") else "description"] = value


def _long_description(facts: Facts, value: Any) -> None:
    if isinstance(value, str) and value:
        facts.setdefault("description", value)


def _revisions(facts: Facts, value: Any) -> None:
    """Core.Revisions: deprecated where a revision says so; the reason is its description."""
    for revision in records(value):
        if revision.get("Kind") in ("Deprecated", 2, "2"):
            facts["deprecated"] = str(revision.get("Description") or "Deprecated by the service.")


def _immutable(facts: Facts, value: Any) -> None:
    if value is True:
        facts["updatable"] = False


def _no(member: str) -> Callable[[Facts, Any], None]:
    """A term whose `false` takes an ability away and whose `true` says nothing new."""

    def rule(facts: Facts, value: Any) -> None:
        if value is False:
            facts[member] = False

    return rule


def _permissions(facts: Facts, value: Any) -> None:
    """Core.Permissions: not writable unless Write is among them (flags: 1 Read, 2 Write, 3 both)."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    writable = value & 2 if isinstance(value, int) else "Write" in str(value)
    if not writable:
        facts["computed"] = True


def _alternate_keys(facts: Facts, value: Any) -> None:
    keys = []
    for record in records(value):
        parts = tuple(str(part["Name"]) for part in records(record.get("Key")) if part.get("Name"))
        if parts:
            keys.append(parts)
    if keys:
        facts["alternate_keys"] = tuple(dict.fromkeys((*facts.get("alternate_keys", ()), *keys)))


def _read_only(facts: Facts, value: Any) -> None:
    """F&O's IsReadOnly on an entity type: nothing of it can be written (kept for its sets)."""
    if value is True:
        facts["read_only"] = True


def _ability(member: str, flag: str) -> Callable[[Facts, Any], None]:
    """A restrictions record whose Boolean `flag` says whether the set can do it at all."""

    def rule(facts: Facts, value: Any) -> None:
        said = value.get(flag) if isinstance(value, dict) else value
        if isinstance(said, bool):
            facts[member] = said

    return rule


def _restrictions(member: str, flag: str, **lists: str) -> Callable[[Facts, Any], None]:
    """A restrictions record with a flag and lists of property paths; `lists` maps fact → record member."""
    ability = _ability(member, flag)

    def rule(facts: Facts, value: Any) -> None:
        ability(facts, value)
        if isinstance(value, dict):
            for fact, key in lists.items():
                paths = tuple(path for path in items(value.get(key)) if isinstance(path, str))
                if paths:
                    facts[fact] = paths

    return rule


def _aggregates(facts: Facts, value: Any) -> None:
    """Aggregation.ApplySupported: all transformations unless some are listed, all properties unless some are."""
    said = value if isinstance(value, dict) else {}
    listed = said.get("Transformations")
    transforms = listed is None or {"filter", "groupby", "aggregate"} <= {str(item) for item in items(listed)}
    restricted = said.get("GroupableProperties") or said.get("AggregatableProperties")
    facts["aggregates"] = value is not False and transforms and not restricted


def _present(member: str) -> Callable[[Facts, Any], None]:
    def rule(facts: Facts, value: Any) -> None:
        if value is not False:
            facts[member] = True

    return rule


_LABELS: Rules = {
    "NAV.LabelId": _sets("label"),
    "com.sap.vocabularies.Common.v1.Label": _sets("label"),
    "com.sap.vocabularies.Common.v1.QuickInfo": _long_description,
    f"{_AX}HelpTextId": _help_id,
    f"{_AX}LabelId": _label_id,
    f"{_CORE}Description": _sets("description"),
    f"{_CORE}LongDescription": _long_description,
    f"{_CORE}Revisions": _revisions,
}

PROPERTY: Rules = {
    **_LABELS,
    f"{_AX}AXType": _sets("ax_type"),
    f"{_AX}AllowEdit": _no("updatable"),
    f"{_AX}AllowEditOnCreate": _no("insertable"),
    f"{_AX}IsReadOnly": _sets_bool("computed"),
    f"{_AX}IsRequired": _sets_bool("required"),
    f"{_CORE}Computed": _sets_bool("computed"),
    f"{_CORE}Immutable": _immutable,
    f"{_CORE}Permissions": _permissions,
}
NAVIGATION: Rules = _LABELS
TYPE: Rules = {
    **_LABELS,
    f"{_AX}IsReadOnly": _read_only,
    f"{_CORE}AlternateKeys": _alternate_keys,
    f"{_KEYS}AlternateKeys": _alternate_keys,
}
ENUM: Rules = _LABELS
MEMBER: Rules = _LABELS
OPERATION: Rules = _LABELS
PARAMETER: Rules = {**_LABELS, f"{_CORE}OptionalParameter": _present("optional")}

SET: Rules = {
    **_LABELS,
    f"{_AGGREGATION}ApplySupported": _aggregates,
    f"{_CAPABILITIES}BatchSupport": _ability("batch", "Supported"),
    f"{_CAPABILITIES}BatchSupported": _ability("batch", "Supported"),
    f"{_CAPABILITIES}CountRestrictions": _ability("countable", "Countable"),
    f"{_CAPABILITIES}DeepInsertSupport": _ability("deep_insert", "Supported"),
    f"{_CAPABILITIES}DeleteRestrictions": _ability("deletable", "Deletable"),
    f"{_CAPABILITIES}ExpandRestrictions": _restrictions(
        "expandable", "Expandable", no_expand="NonExpandableProperties"
    ),
    f"{_CAPABILITIES}FilterRestrictions": _restrictions(
        "filterable", "Filterable", no_filter="NonFilterableProperties"
    ),
    f"{_CAPABILITIES}InsertRestrictions": _restrictions(
        "insertable", "Insertable", no_insert="NonInsertableProperties", required="RequiredProperties"
    ),
    f"{_CAPABILITIES}SearchRestrictions": _ability("searchable", "Searchable"),
    f"{_CAPABILITIES}SkipSupported": _ability("skip", "Supported"),
    f"{_CAPABILITIES}SortRestrictions": _restrictions("sortable", "Sortable", no_sort="NonSortableProperties"),
    f"{_CAPABILITIES}TopSupported": _ability("top", "Supported"),
    f"{_CAPABILITIES}UpdateRestrictions": _restrictions("updatable", "Updatable", no_update="NonUpdatableProperties"),
    f"{_CORE}AlternateKeys": _alternate_keys,
    f"{_CORE}OptimisticConcurrency": _present("optimistic"),
    f"{_KEYS}AlternateKeys": _alternate_keys,
}
"""Members of Capabilities, and `optimistic`, `alternate_keys`, `required` (paths) beside them."""

_LAST_SEGMENTS = frozenset(term.rpartition(".")[2] for rules in (PROPERTY, TYPE, PARAMETER, SET) for term in rules)


def is_known(term: str) -> bool:
    """Whether a term, its alias not yet resolved, may be one of the tables': readers drop the others early."""
    return term.rpartition(".")[2] in _LAST_SEGMENTS
