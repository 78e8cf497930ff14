"""Entity bindings: one for each entity type of a graph, two where a type that has rows of its own has subtypes.

family   what lists and relations give: the type, or the interface that it shares with its subtypes
exact    the object type of rows that are just this type; None for abstract types
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import RLock

from vegraph.catalog.model import EntityType, Relationship
from vegraph.schema import naming
from vegraph.schema.binding import (
    CompanyField,
    EntityBinding,
    EntityField,
    EtagField,
    IdField,
    OpenField,
    PropertyField,
    RelationField,
    StreamField,
)
from vegraph.schema.fields import STREAM, FieldNames, Member, field_names
from vegraph.schema.names import Named, Names
from vegraph.schema.naming import Helper
from vegraph.schema.operations import Operations, overload_key
from vegraph.schema.visibility import SourceView
from vegraph.schema.wire_types import ValueTypes

__all__ = ["Entities"]


class Entities:
    """The entities of a graph, made when first asked for."""

    def __init__(
        self,
        views: Mapping[str, SourceView],
        names: Names,
        relationships: Mapping[str, Mapping[str, tuple[Relationship, ...]]],
    ) -> None:
        self.views = views
        self.names = names
        self.values = {name: ValueTypes(view.source, names) for name, view in views.items()}
        self.operations = {
            name: Operations(view, self.values[name], lambda wire, source=name: self.family(source, wire))  # type: ignore[misc]
            for name, view in views.items()
        }
        self._declared = relationships
        self._lock = RLock()
        self._families: dict[tuple[str, str], EntityBinding] = {}
        self._exact: dict[tuple[str, str], EntityBinding] = {}
        self._placed: dict[tuple[str, str, str], EntityBinding] = {}
        self._fields: dict[tuple[str, str], FieldNames] = {}

    def family(self, source: str, wire: str) -> EntityBinding | None:
        """The entity behind a qualified wire type; None where the graph does not show it."""
        key = (source, wire)
        if key not in self._families:
            view = self.views.get(source)
            if view is None or not view.shown(wire):
                return None
            with self._lock:
                if key not in self._families:
                    self._families[key] = self._make(view, wire, family=True)
        return self._families[key]

    def exact(self, source: str, wire: str) -> EntityBinding | None:
        """The entity of rows that are of this type and no subtype; None for abstract and hidden types."""
        family = self.family(source, wire)
        if family is None or family.abstract:
            return None
        if not family.subtypes:
            return family
        key = (source, wire)
        if key not in self._exact:
            with self._lock:
                if key not in self._exact:
                    self._exact[key] = self._make(self.views[source], wire, family=False)
        return self._exact[key]

    def placed(self, entity: EntityBinding, set_name: str) -> EntityBinding:
        """The entity as it is in one of its sets, one object for each; itself where it has no such set."""
        if entity.set is None or entity.set.name == set_name:
            return entity
        own = next((found for found in entity.sets if found.name == set_name), None)
        if own is None:
            return entity
        key = (entity.source.name, entity.graph_name, set_name)
        if key not in self._placed:
            first = self.views[entity.source.name].first_set(entity.type.name)
            sets = (own, *(found for found in entity.sets if found is not own))
            with self._lock:
                if key not in self._placed:
                    self._placed[key] = replace(entity, sets=sets, place="" if set_name == first else set_name)
        return self._placed[key]

    def _make(self, view: SourceView, wire: str, *, family: bool) -> EntityBinding:
        type_ = view.catalog.entity_types[wire]
        named = self.names.of(view.name, wire)
        subtypes = tuple(self._concrete(view, wire)) if family and view.has_subtypes(wire) else ()
        sets = view.sets_of(wire)
        return EntityBinding(
            source=view.source,
            graph_name=self.family_name(named) if family else named.name,
            type=type_,
            sets=sets,
            place=sets[0].name if sets and sets[0].name != view.first_set(wire) else "",
            company=view.company(wire),
            has_etag=view.has_etag(wire),
            abstract=type_.abstract,
            subtypes=subtypes,
            load=self._load,
        )

    def family_name(self, named: Named) -> str:
        """The name of the type that lists and relations give."""
        view = self.views[named.source]
        if not view.has_subtypes(named.wire) or view.catalog.entity_types[named.wire].abstract:
            return named.name
        return self.names.helper(Helper.INTERFACE, named)

    def _concrete(self, view: SourceView, wire: str) -> Iterator[str]:
        for name in (wire, *view.catalog.below(wire)):
            if not view.catalog.entity_types[name].abstract and view.shown(name):
                yield self.names.of(view.name, name).name

    def fields(self, source: str, wire: str) -> FieldNames:
        """The field names of a type, over everything the document declares on it."""
        key = (source, wire)
        if key not in self._fields:
            view = self.views[source]
            type_ = view.catalog.entity_types[wire]
            base = type_.base if type_.base in view.catalog.entity_types else None
            company = ("company",) if view.company(wire) else ()
            self._fields[key] = field_names(
                self._members(view, type_),
                place=wire,
                fixed=("id", "etag", *company, naming.DYNAMIC),
                inherited=self.fields(source, base) if base else None,
            )
        return self._fields[key]

    def _members(self, view: SourceView, type_: EntityType) -> Iterator[Member]:
        for prop in type_.properties:
            yield Member(("property", prop.name), naming.field_name(prop.name))
        for relationship in self.relationships(view, type_.name):
            yield Member(("relation", relationship.name), naming.field_name(relationship.name))
        yield from self.operations[view.name].members(type_.name)
        if type_.has_stream:
            yield Member(STREAM, naming.CONTENT, "Stream")

    def relationships(self, view: SourceView, wire: str) -> Iterator[Relationship]:
        """Relationships of a type, visible or not, those of the configuration last."""
        found = view.catalog.relationships.get(wire, ())
        yield from found
        known = {relationship.name for relationship in found}
        declared = self._declared.get(view.name, {})
        for entity in view.catalog.line(wire):
            yield from (r for r in declared.get(entity.name, ()) if r.name not in known)

    def leads_to(self, view: SourceView, relationship: Relationship) -> bool:
        """Whether the graph shows where a relationship leads."""
        target = self.views.get(relationship.target_source or view.name)
        if target is None or not target.shown(relationship.target):
            return False
        return relationship.target_set is None or target.allows("read", relationship.target_set)

    def _load(self, binding: EntityBinding) -> Mapping[str, EntityField]:
        view = self.views[binding.source.name]
        return dict(self._listed(view, binding))

    def _listed(self, view: SourceView, binding: EntityBinding) -> Iterator[tuple[str, EntityField]]:
        """The fields: id, key, company, etag, the other properties, relations, functions."""
        type_ = binding.type
        names = self.fields(view.name, type_.name)
        addressable = view.addressable(type_.name)
        if addressable:
            yield "id", IdField()
        yield from self._properties(view, type_, names, key=True)
        if binding.company is not None:
            yield "company", CompanyField()
        if binding.has_etag:
            yield "etag", EtagField()
        yield from self._properties(view, type_, names, key=False)
        if type_.has_stream and addressable:
            name = names.stream()
            yield name, StreamField(member=self.values[view.name].stream(name))
        if any(entity.open or self._bare(view, entity) for entity in view.catalog.line(type_.name)):
            yield naming.DYNAMIC, OpenField()
        for relationship in self.relationships(view, type_.name):
            if self.leads_to(view, relationship):
                name = names.relation(relationship.name)
                yield name, self._relation(view, relationship, name)
        for operation in self.operations[view.name].bound_to(type_.name, "function"):
            field = self.operations[view.name].field(operation, binding)
            if field is not None:
                yield names.function(overload_key(operation)), field

    def _bare(self, view: SourceView, type_: EntityType) -> bool:
        """Whether a type has nothing else to show: GraphQL has no types without fields."""
        return not (
            type_.properties
            or view.addressable(type_.name)
            or view.company(type_.name)
            or view.has_etag(type_.name)
            or any(self.leads_to(view, r) for r in self.relationships(view, type_.name))
        )

    def _properties(
        self, view: SourceView, type_: EntityType, names: FieldNames, *, key: bool
    ) -> Iterator[tuple[str, EntityField]]:
        values = self.values[view.name]
        for prop in type_.properties:
            if (prop.name in type_.key) is key:
                name = names.property(prop.name)
                yield name, PropertyField(member=values.member(prop, name, key=key))

    def _relation(self, view: SourceView, relationship: Relationship, name: str) -> RelationField:
        def resolve() -> EntityBinding:
            found = self.family(relationship.target_source or view.name, relationship.target)
            if found is None:
                raise LookupError(f"{relationship.target} is not in this graph")
            return self.placed(found, relationship.target_set or "")

        return RelationField(name=name, relationship=relationship, resolve=resolve)
