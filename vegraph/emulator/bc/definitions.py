"""`entityDefinitions`: captions of entities, properties, actions and enum members, in several languages.

Rows OB-30 to OB-35. Texts are in `captions.txt` as `name|Danish|German`; English comes from the name. A language
without a text has no caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from vegraph.catalog.model import Catalog, EntitySet, EnumType
from vegraph.emulator.engine.values import decoded_member

__all__ = ["LCIDS", "definitions"]

LCIDS = {"en": 1033, "da": 1030, "de": 1031}
"""Windows language codes of the captions."""

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def definitions(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Rows of the set: one for each entity, then one for each enum."""
    for entity_set in catalog.entity_sets.values():
        yield _entity(catalog, entity_set)
    for enum in catalog.enum_types.values():
        yield _enum(enum)


def _entity(catalog: Catalog, entity_set: EntitySet) -> dict[str, Any]:
    entity_type = catalog.entity_types[entity_set.type]
    name = entity_type.short_name
    bound = {
        o.short_name
        for o in catalog.operations
        if o.bound and o.binding is not None and o.binding.name == entity_type.name
    }
    return {
        "entityName": name,
        "entitySetName": entity_set.name,
        "entityCaptions": captions(name),
        "entitySetCaptions": captions(name, plural=entity_set.name),
        "properties": [{"name": p.name, "captions": captions(p.name)} for p in entity_type.properties],
        "actions": [{"name": action, "captions": captions(action)} for action in sorted(bound)],
        "enumMembers": [],
    }


def _enum(enum: EnumType) -> dict[str, Any]:
    members = [{"name": m.name, "value": m.value, "captions": _member_captions(m.name)} for m in enum.members]
    name = enum.name.rpartition(".")[2]
    return {
        "entityName": name,
        "entitySetName": "",
        "entityCaptions": [],
        "entitySetCaptions": [],
        "properties": [],
        "actions": [],
        "enumMembers": members,
    }


def captions(name: str, *, plural: str = "") -> list[dict[str, Any]]:
    """Captions of a name in the languages that have one."""
    found = [{"languageCode": LCIDS["en"], "caption": _spelled(plural or name)}]
    texts = _texts().get(name)
    if texts is not None:
        found += [
            {"languageCode": LCIDS[code], "caption": text} for code, text in zip(("da", "de"), texts, strict=True)
        ]
    return found


def _member_captions(name: str) -> list[dict[str, Any]]:
    text = decoded_member(name)
    found = captions(name)
    return [{**found[0], "caption": text}, *found[1:]]


def _spelled(name: str) -> str:
    words = " ".join(_WORDS.findall(name)) or name
    return words[:1].upper() + words[1:].lower()


@cache
def _texts() -> dict[str, tuple[str, str]]:
    found = {}
    for line in (files(__package__) / "captions.txt").read_text("utf-8").splitlines():
        name, danish, german = line.split("|")
        found[name] = (danish, german)
    return found
