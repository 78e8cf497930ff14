"""What all dialects answer alike: by the specification and by what the document says. The kinds differ by overriding.

Each `why_not_…` gives None for yes, or one sentence that says why not; `KNOWN_DIFFERENCES` of each kind maps the
reasons named there to their evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from vegraph.backend import filters
from vegraph.backend.literals import Style
from vegraph.backend.urls import name as encoded_name
from vegraph.catalog.model import Catalog, EntitySet
from vegraph.plan.predicates import And, Compare, IsNull, Match, Not, OneOf, Or, Path, Predicate
from vegraph.plan.steps import Company, Order
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Member

__all__ = ["BaseDialect"]


class BaseDialect:
    """A service by the specification. Attributes are those of `plan.steps.Dialect`, then what the backend needs."""

    KNOWN_DIFFERENCES: ClassVar[Mapping[str, str]] = {}
    """Reason → the rows of the ERP reference that it rests on."""

    name: str = "OData service"
    company: Literal["context", "property"] | None = None
    max_expand_depth: int = 8
    batch_format: Literal["json", "multipart"] | None = "multipart"
    batch_size: int = 100
    max_page: int = 1000
    has_apply: bool = False
    has_search: bool = True
    nested_top: bool = True
    nested_filter: bool = True
    nested_count: bool = True
    atomic: Literal["changeset", "snapshot"] | None = "changeset"
    deep_insert_depth: int = 8
    etag_required: bool = False
    idempotent_header: bool = False
    actions_guarded: bool = False
    """Actions on rows whose set says OptimisticConcurrency are refused without If-Match (4.01 part 1, 11.5.5.1)."""
    binds: bool = True

    style: Style = Style()
    rules: filters.Rules = filters.Rules(service="The service")
    named_keys: bool = False
    max_query: int = 6000
    """Characters of a query string that are safe to send; longer ones go into a batch or are split."""
    max_or: int = 400
    """Keys in one lookup at most."""
    gate: int = 8
    """Requests of one principal at once, at most (identity.md §7.2)."""
    retry_after_default: float | None = None
    """Seconds to wait after a 429 that names none; None: 1 s, doubling."""
    count_segment: bool = True
    """`/$count` is there; no: `$count=true&$top=0` tells the number."""
    continue_on_error: str = "odata.continue-on-error"
    """Preference that lets the rest of a batch run after a failure."""
    absolute_parts: bool = False
    """Parts of a multipart batch carry the absolute URL (OF-103)."""
    ieee754: bool = False
    """Decimals and Int64 travel as strings, so that no digit is lost on the way."""
    odata_version: str = "4.0"
    read_back_in_batch: bool = False
    """A read may follow its write in one batch and sees what it did."""
    media_verb: Literal["PUT", "PATCH"] = "PUT"
    """Replaces a stream (OB-44)."""
    patch_gives_row: bool = False
    """PATCH answers with the whole row (OB-42)."""
    faults: Literal["generic", "business-central", "finance-operations"] = "generic"

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def headers(self) -> dict[str, str]:
        """What every request has."""
        exact = ";IEEE754Compatible=true" if self.ieee754 else ""
        return {
            "Accept": f"application/json;odata.metadata=minimal{exact}",
            "OData-MaxVersion": self.odata_version,
        }

    # Where things are

    def route(self, set_: EntitySet | None) -> str:
        """Path of the service root of that set, below the configured one."""
        return set_.api.strip("/") if set_ is not None else ""

    def set_path(self, set_: EntitySet, company: Company | None) -> str:
        """Encoded path of a set below its route."""
        return encoded_name(set_.segment)

    def prefix(self, company: Company | None) -> str:
        """Encoded path that goes before an import or action of a company."""
        return ""

    def read_options(self, *, cross_company: bool) -> str:
        """Query options beside the system's own ones, for reads of a collection."""
        return ""

    def key_options(self, entity: EntityBinding | None, *, keyed: bool, cross_company: bool = False) -> str:
        """The same for single rows and what is done with them."""
        return ""

    # Questions

    def why_not_filter(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        """May this whole predicate stand in `$filter`, truly evaluated?"""
        return self._not_declared(predicate, entity) or filters.why_not(predicate, self.rules)

    def why_not_superset(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        """May it stand there so that at least the rows meant come, and vegraph evaluates it again on them?"""
        return self._not_declared(predicate, entity) or filters.why_not_superset(predicate, self.rules)

    def why_not_order(self, order: Sequence[Order], set_: EntitySet, entity: EntityBinding) -> str | None:
        """May these stand in `$orderby`?"""
        if order and set_.capabilities.sortable is False:
            return f"{self.name}: '{set_.name}' does not sort, as its metadata says."
        for item in order:
            member = entity.by_wire.get(item.path.names[0])
            excluded = _named_in(set_.capabilities.no_sort, item.path)
            if excluded or (member is not None and not member.sortable):
                return f"{self.name}: '{set_.name}' does not sort by '{item.path.text}', as its metadata says."
            if why := self._why_not_order_path(item):
                return why
        return None

    def why_not_expand(self, name: str, entity: EntityBinding) -> str | None:
        """May that navigation property stand in `$expand`?"""
        relation = next((r for r in entity.relations.values() if r.relationship.name == name), None)
        if relation is not None and (not relation.relationship.declared or relation.relationship.target_source):
            return f"'{name}' is no navigation property of {self.name}; it was declared here."
        for set_ in entity.sets[:1]:
            if set_.capabilities.expandable is False or name in set_.capabilities.no_expand:
                return f"{self.name}: '{set_.name}' does not expand '{name}', as its metadata says."
        return None

    def aggregates(self, set_: EntitySet) -> bool:
        """May the set be read with `$apply`?"""
        return self.has_apply or set_.capabilities.aggregates is True

    def why_not_count(self, set_: EntitySet) -> str | None:
        """May `$count=true` go with a read?"""
        if set_.capabilities.countable is False:
            return f"{self.name}: '{set_.name}' does not count, as its metadata says."
        return None

    def why_not_lookup(self, members: Sequence[Member], entity: EntityBinding) -> str | None:
        """May rows be looked up by values of these members together?"""
        if not members:
            return "There is no member to look up by."
        if len(members) > 1 and not self.rules.distinct_or:
            named = " and ".join(f"'{m.wire}'" for m in members)
            return f"{self.name} takes 'or' over one property only, so {named} can't be looked up together."
        for member in members:
            if not member.filterable or member.value.opaque:
                return f"{self.name}: '{member.wire}' cannot be filtered by."
        return self._set_filters(entity)

    # Parts of answers

    def _why_not_order_path(self, item: Order) -> str | None:
        if item.path.value.opaque:
            return f"{self.name} has no order for '{item.path.text}'."
        if any(not r.relationship.declared for r in item.path.relations):
            return f"'{item.path.text}' lies behind a relationship that {self.name} does not know."
        return None

    def _set_filters(self, entity: EntityBinding) -> str | None:
        if entity.set is not None and entity.set.capabilities.filterable is False:
            return f"{self.name}: '{entity.set.name}' does not filter, as its metadata says."
        return None

    def _not_declared(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        """What the document excludes from filters."""
        return self._set_filters(entity) or self._member_filters(predicate, entity)

    def _member_filters(self, predicate: Predicate, entity: EntityBinding) -> str | None:
        match predicate:
            case And(terms) | Or(terms):
                return next((why for term in terms if (why := self._member_filters(term, entity))), None)
            case Not(term):
                return self._member_filters(term, entity)
            case Compare(path) | OneOf(path) | Match(path) | IsNull(path):
                member = entity.by_wire.get(path.names[0])
                excluded = entity.set is not None and _named_in(entity.set.capabilities.no_filter, path)
                if excluded or (member is not None and not member.filterable):
                    return f"{self.name}: '{path.text}' cannot be filtered by, as its metadata says."
        return None


def _named_in(excluded: Sequence[str], path: Path) -> bool:
    """Whether property paths name this one, or what it begins with."""
    return bool(excluded) and any("/".join(path.names[:n]) in excluded for n in range(1, len(path.names) + 1))
