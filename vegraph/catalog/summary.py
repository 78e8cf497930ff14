"""A catalog told entity by entity, for reviewers and `catalog show`: plain JSON values, always in the same order."""

from __future__ import annotations

from typing import Any

from vegraph.catalog.model import Catalog, EntitySet, Property, Relationship

__all__ = ["entity", "summary"]


def summary(catalog: Catalog) -> dict[str, Any]:
    """What the document comes to: counts, entities by name, defects."""
    relationships = [each for group in catalog.relationships.values() for each in group]
    return {
        "counts": {
            "entitySets": len(catalog.entity_sets),
            "entityTypes": len(catalog.entity_types),
            "complexTypes": len(catalog.complex_types),
            "enumTypes": len(catalog.enum_types),
            "operations": len(catalog.operations),
            "relationships": len(relationships),
            "followed": sum(each.fetch == "follow" for each in relationships),
            "defects": len(catalog.defects),
        },
        "entities": {name: entity(catalog, catalog.entity_sets[name]) for name in sorted(catalog.entity_sets)},
        "defects": [f"{each.place}: {each.problem}; {each.consequence}" for each in catalog.defects],
    }


def entity(catalog: Catalog, entity_set: EntitySet) -> dict[str, Any]:
    """One entity: type, key, properties, relations with how each is fetched and why."""
    kind = catalog.entity_types[entity_set.type]
    said = entity_set.capabilities
    found: dict[str, Any] = {
        "type": entity_set.type,
        "key": list(kind.key),
        "alternateKeys": [list(key) for key in kind.alternate_keys],
        "writes": [
            word
            for word, can in (
                ("insert", said.insertable),
                ("update", said.updatable),
                ("delete", said.deletable),
            )
            if can is not False
        ],
        "properties": {prop.name: _property(prop) for prop in kind.properties},
        "relationships": {each.name: _relationship(each) for each in catalog.relationships.get(entity_set.type, ())},
    }
    for member, value in (("label", entity_set.label or kind.label), ("deprecated", kind.deprecated)):
        if value:
            found[member] = value
    return {member: value for member, value in found.items() if value not in ([], {})}


def _property(prop: Property) -> str:
    """`Edm.String(20), required, not updatable`."""
    text = prop.type.text
    if prop.max_length is not None:
        text += f"({prop.max_length})"
    marks = [
        (prop.ax_type in ("Date", "Time"), str(prop.ax_type)),
        (not prop.nullable, "not null"),
        (prop.required is True, "required"),
        (prop.computed, "computed"),
        (not prop.insertable and not prop.computed, "not insertable"),
        (not prop.updatable and not prop.computed, "not updatable"),
        (bool(prop.deprecated), "deprecated"),
    ]
    return ", ".join((text, *(word for holds, word in marks if holds)))


def _relationship(each: Relationship) -> dict[str, Any]:
    found: dict[str, Any] = {
        "to": f"Collection({each.target})" if each.many else each.target,
        "fetch": each.fetch,
        "why": each.why,
    }
    for member, value in (
        ("source", each.target_source),
        ("set", each.target_set),
        ("group", each.group),
        ("discriminator", each.discriminator_member and f"{each.discriminator} = {each.discriminator_member}"),
    ):
        if value:
            found[member] = value
    return found
