"""Texts for people in a chosen language: F&O's labels by id, BC's captions by entity definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from vegraph.catalog.model import Catalog, EntityType, EnumType, Operation, Property

__all__ = ["label_ids", "lcid", "with_captions", "with_labels"]

Json = Mapping[str, Any]

_LCIDS = {
    "cs-CZ": 1029,
    "da-DK": 1030,
    "de-AT": 3079,
    "de-CH": 2055,
    "de-DE": 1031,
    "en-AU": 3081,
    "en-CA": 4105,
    "en-GB": 2057,
    "en-NZ": 5129,
    "en-US": 1033,
    "es-ES": 3082,
    "es-MX": 2058,
    "fi-FI": 1035,
    "fr-BE": 2060,
    "fr-CA": 3084,
    "fr-CH": 4108,
    "fr-FR": 1036,
    "hu-HU": 1038,
    "is-IS": 1039,
    "it-CH": 2064,
    "it-IT": 1040,
    "ja-JP": 1041,
    "ko-KR": 1042,
    "nb-NO": 1044,
    "nl-BE": 2067,
    "nl-NL": 1043,
    "pl-PL": 1045,
    "pt-BR": 1046,
    "pt-PT": 2070,
    "ru-RU": 1049,
    "sv-SE": 1053,
    "tr-TR": 1055,
    "zh-CN": 2052,
}
"""BC names languages by Windows' numbers (erp.md OB-31)."""

_PRIMARY = 0x3FF
"""The low ten bits of such a number are the language, the rest the country."""


def lcid(language: str) -> int | None:
    """`de-DE`, `de` or `1031` → 1031; None for a language that BC has no number for."""
    if language.isdecimal():
        return int(language)
    wanted = language.replace("_", "-").casefold()
    exact = next((number for tag, number in _LCIDS.items() if tag.casefold() == wanted), None)
    if exact is not None:
        return exact
    home = {"en": 1033, "es": 3082, "fr": 1036, "de": 1031, "it": 1040, "nl": 1043, "pt": 2070}
    return home.get(wanted) or next((number for tag, number in _LCIDS.items() if tag.partition("-")[0] == wanted), None)


def label_ids(catalog: Catalog, sets: Collection[str] | None = None) -> frozenset[str]:
    """Every F&O label id of these entity sets, their properties and enumerations: what to ask `/metadata/Labels` for
    (OF-160). None: of everything."""
    if sets is None:
        return frozenset(_label_ids(catalog, catalog.entity_types, catalog.enum_types))
    return frozenset(_label_ids(catalog, {catalog.entity_sets[name].type for name in sets}))


def _label_ids(catalog: Catalog, types: Iterable[str], more: Iterable[str] = ()) -> Iterator[str]:
    enums = set(more)
    for entity in (catalog.entity_types[name] for name in types):
        found = [entity.label_id]
        for prop in entity.properties:
            found += (prop.label_id, prop.help_id)
            if prop.type.name in catalog.enum_types:
                enums.add(prop.type.name)
        yield from filter(None, found)
    for enum in (catalog.enum_types[name] for name in enums):
        yield from filter(None, (enum.label_id, *(member.label_id for member in enum.members)))


def with_labels(catalog: Catalog, labels: Mapping[str, str]) -> Catalog:
    """The catalog with its label ids looked up (letter case aside); ids without a text stay without (FO-171)."""
    texts = {name.casefold(): text for name, text in labels.items() if text}
    if not texts:
        return catalog

    def text(label_id: str | None) -> str | None:
        return texts.get(label_id.casefold()) if label_id else None

    def labelled(value: Any, **more: str | None) -> Any:
        found = {"label": text(value.label_id), **more}
        changed = {member: said for member, said in found.items() if said}
        return msgspec.structs.replace(value, **changed) if changed else value

    def entity_type(entity: EntityType) -> EntityType:
        properties = tuple(labelled(prop, description=text(prop.help_id)) for prop in entity.properties)
        found: EntityType = labelled(entity)
        return msgspec.structs.replace(found, properties=properties)

    def enum_type(enum: EnumType) -> EnumType:
        found: EnumType = labelled(enum)
        return msgspec.structs.replace(found, members=tuple(labelled(member) for member in enum.members))

    return msgspec.structs.replace(
        catalog,
        entity_types={name: entity_type(entity) for name, entity in catalog.entity_types.items()},
        enum_types={name: enum_type(enum) for name, enum in catalog.enum_types.items()},
    )


def with_captions(catalog: Catalog, definitions: Iterable[Json], language: str | int, *, api: str = "") -> Catalog:
    """The catalog with the captions of BC's `entityDefinitions` in one language (erp.md OB-30 to OB-34).

    `api`: the route that the definitions are of; only its sets are touched. A caption in the language of another
    country stands in (`de-AT` for `de-DE`); other languages never do.
    """
    number = lcid(str(language))
    if number is None:
        return catalog
    texts = _Captions(definitions, number)
    sets = dict(catalog.entity_sets)
    types = dict(catalog.entity_types)
    for name, entity_set in catalog.entity_sets.items():
        if entity_set.api != api:
            continue
        row = texts.by_entity.get(types[entity_set.type].short_name) or texts.by_set.get(entity_set.segment)
        if row is None:
            continue
        types[entity_set.type] = _captioned(types[entity_set.type], row, texts)
        plural = texts.caption(row.get("entitySetCaptions"))
        if plural:
            sets[name] = msgspec.structs.replace(entity_set, label=plural)
    return msgspec.structs.replace(
        catalog,
        entity_sets=sets,
        entity_types=types,
        enum_types={name: _enum_captioned(enum, texts) for name, enum in catalog.enum_types.items()},
        operations=tuple(_operation_captioned(operation, texts) for operation in catalog.operations),
    )


class _Captions:
    """The rows by what they describe, and the caption of a list in the wanted language."""

    def __init__(self, definitions: Iterable[Json], number: int) -> None:
        self.number = number
        rows = [row for row in definitions if isinstance(row, Mapping)]
        self.by_entity = {str(row.get("entityName")): row for row in rows}
        self.by_set = {str(row["entitySetName"]): row for row in rows if row.get("entitySetName")}

    def caption(self, captions: Any) -> str | None:
        near: str | None = None
        for each in captions if isinstance(captions, list) else ():
            code, text = each.get("languageCode"), each.get("caption")
            if not isinstance(code, int) or not isinstance(text, str) or not text:
                continue
            if code == self.number:
                return text
            if code & _PRIMARY == self.number & _PRIMARY:
                near = near or text
        return near

    def named(self, row: Json, members: str) -> dict[str, str]:
        """Name → caption of one of a row's lists."""
        return {
            str(each.get("name")): text
            for each in row.get(members) or ()
            if isinstance(each, Mapping) and (text := self.caption(each.get("captions")))
        }


def _captioned(entity: EntityType, row: Json, texts: _Captions) -> EntityType:
    properties = texts.named(row, "properties")
    return msgspec.structs.replace(
        entity,
        label=texts.caption(row.get("entityCaptions")) or entity.label,
        plural_label=texts.caption(row.get("entitySetCaptions")) or entity.plural_label,
        properties=tuple(_labelled(prop, properties.get(prop.name)) for prop in entity.properties),
    )


def _labelled(prop: Property, label: str | None) -> Property:
    return msgspec.structs.replace(prop, label=label) if label else prop


def _enum_captioned(enum: EnumType, texts: _Captions) -> EnumType:
    row = None if enum.label else texts.by_entity.get(enum.name.rpartition(".")[2])
    members = texts.named(row, "enumMembers") if row else {}
    if row is None or not members:
        return enum
    return msgspec.structs.replace(
        enum,
        label=texts.caption(row.get("entityCaptions")) or enum.label,
        members=tuple(
            msgspec.structs.replace(member, label=members[member.name]) if member.name in members else member
            for member in enum.members
        ),
    )


def _operation_captioned(operation: Operation, texts: _Captions) -> Operation:
    row = texts.by_entity.get(operation.binding.name.rpartition(".")[2]) if operation.binding else None
    label = texts.named(row, "actions").get(operation.short_name) if row else None
    return msgspec.structs.replace(operation, label=label) if label else operation
