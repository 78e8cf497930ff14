"""Labels of the finance-and-operations emulator: an id for each name, texts in several languages (erp.md OF-160).

`facts/labels.txt` holds `Name|en-US|da|de`. A text that is missing there is made from the name, and a language
without its own text answers in en-US, as the product does.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "label_id", "label_ids", "label_text"]

LANGUAGES = ("en-us", "da", "de")

_FIXED_IDS = {
    "dataAreaId": "@SYS13342",
    "ItemNumber": "@SYS12836",
    "No": "@sys2048",
    "Yes": "@sys5461",
    "None": "@SYS80100",
}
"""Ids in the older form: letters and a number."""

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def label_id(name: str) -> str:
    """The label id of a property, entity, enumeration or member of that name."""
    return _FIXED_IDS.get(name, f"@ERP:{name}")


def label_text(identifier: str, language: str) -> str | None:
    """The text of a label id; None when the id or the language is unknown. Ids and languages ignore case."""
    name = label_ids().get(identifier.lower())
    code = language.lower()
    if name is None or code.split("-")[0] not in {known.split("-")[0] for known in LANGUAGES}:
        return None
    texts = _texts().get(name, ("", "", ""))
    place = {"da": 1, "de": 2}.get(code.split("-")[0], 0)
    return texts[place] or texts[0] or _spelled_out(name)


@cache
def label_ids() -> dict[str, str]:
    """Label id in lower case → name, for every name of the facts."""
    from vegraph.emulator.documents.notation import read

    facts = read("fo")
    names = {e.name for e in facts.entities} | {e.name for e in facts.enums}
    names |= {c.name for e in facts.entities for c in e.columns}
    names |= {member for enum in facts.enums for member, _ in enum.members}
    return {label_id(name).lower(): name for name in sorted(names)}


@cache
def _texts() -> dict[str, tuple[str, str, str]]:
    found = {}
    for line in (files(__package__) / "facts" / "labels.txt").read_text("utf-8").splitlines():
        if line and not line.startswith(";"):
            name, english, danish, german = line.split("|")
            found[name] = (english, danish, german)
    return found


def _spelled_out(name: str) -> str:
    words = _WORDS.findall(name) or [name]
    return " ".join(
        [words[0].capitalize() if not words[0].isupper() else words[0]]
        + [w if w.isupper() else w.lower() for w in words[1:]]
    )
