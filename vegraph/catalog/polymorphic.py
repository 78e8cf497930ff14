"""Several to-one relationships on one field: polymorphic, at most one answers (metadata.md §5, rule 8).

The field that says which one (`parentType`, an enumeration) stands beside it, and the document does not connect
the two. It is found by name and by its members; a member is tied to a relationship only where their names are
the same, escapes, blanks and letter case aside, and nothing else claims it. Whatever is not tied is asked always.
"""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec

from vegraph.catalog.model import Catalog, EntityType, EnumType, Relationship

__all__ = ["decoded", "grouped"]

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SUFFIXES = ("Id", "ID", "_value", "Number", "No", "Code", "Key")


def decoded(name: str) -> str:
    """`Sales_x0020_Order` → `Sales Order`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)


def grouped(relationships: tuple[Relationship, ...], entity: EntityType, catalog: Catalog) -> tuple[Relationship, ...]:
    """The relationships of one type, with `group` and, where it can be told, the discriminator."""
    fields: dict[str, list[Relationship]] = defaultdict(list)
    for relationship in relationships:
        if not relationship.many and len(relationship.pairs) == 1:
            fields[relationship.pairs[0].own].append(relationship)
    changed: dict[str, Relationship] = {}
    for field, group in fields.items():
        if len(group) > 1:
            discriminator, members = _discriminator(field, group, entity, catalog)
            for relationship in group:
                changed[relationship.name] = msgspec.structs.replace(
                    relationship,
                    group=field,
                    discriminator=discriminator,
                    discriminator_member=members.get(relationship.name),
                )
    return tuple(changed.get(relationship.name, relationship) for relationship in relationships)


def _discriminator(
    field: str, group: list[Relationship], entity: EntityType, catalog: Catalog
) -> tuple[str | None, dict[str, str]]:
    """(property, relationship name → member) of the enumeration that tells the group apart, if one does."""
    stem = next((field.removesuffix(s) for s in _SUFFIXES if field.endswith(s) and field != s), field)
    candidates: list[tuple[bool, int, str, dict[str, str]]] = []
    for prop in entity.properties:
        enum = catalog.enum_types.get(prop.type.name)
        if enum is None or enum.flags or prop.type.collection:
            continue
        members = _matches(enum, group)
        named = prop.name.casefold() in (f"{stem}type".casefold(), f"{stem}_type".casefold())
        if len(members) > 1 or (named and members):
            candidates.append((named, len(members), prop.name, members))
    if not candidates:
        return None, {}
    candidates.sort(key=lambda found: found[:2], reverse=True)
    best = candidates[0]
    if len(candidates) > 1 and candidates[1][:2] == best[:2]:
        return None, {}
    return best[2], best[3]


def _matches(enum: EnumType, group: list[Relationship]) -> dict[str, str]:
    """Relationship → the one member whose name is its target's or its own."""
    claims: dict[str, set[str]] = defaultdict(set)
    for member in enum.members:
        plain = _plain(member.name)
        for relationship in group:
            if plain and plain in (_plain(relationship.target.rpartition(".")[2]), _plain(relationship.name)):
                claims[member.name].add(relationship.name)
    owners: dict[str, list[str]] = defaultdict(list)
    for member_name, relationships in claims.items():
        if len(relationships) == 1:
            owners[next(iter(relationships))].append(member_name)
    return {relationship: members[0] for relationship, members in owners.items() if len(members) == 1}


def _plain(name: str) -> str:
    return "".join(c for c in decoded(name).casefold() if c.isalnum())
