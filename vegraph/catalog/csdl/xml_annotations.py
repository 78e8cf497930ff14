"""Annotations and facets of CSDL XML elements as plain values (§14)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from vegraph.catalog.annotations import is_known
from vegraph.catalog.csdl.raw import Annotations, Scale

__all__ = ["EDM", "annotated", "facet", "flag", "scale"]

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_ANNOTATION = f"{EDM}Annotation"
_ENUM_MEMBER = f"{EDM}EnumMember"
_PROPERTY_VALUE = f"{EDM}PropertyValue"
_NONE: Annotations = {}


class _Known(dict[str, str]):
    """Term → the term, one text for all its uses, or "" unless `is_known`; found out once per spelling, of which a
    document has a few dozen."""

    def __missing__(self, term: str) -> str:
        known = term if is_known(term) else ""
        if len(self) < 1000:
            self[term] = known
        return known


_KNOWN = _Known()

_UNKNOWN = object()
"""An expression that needs evaluation, or that is not CSDL: the annotation is ignored."""


def annotated(element: Iterable[Any]) -> Annotations:
    """Term → value of the unqualified annotations among an element's children, of terms that mean something here."""
    found: Annotations | None = None
    known = _KNOWN
    for child in element:  # most elements of a document come past here: what they mostly are is asked first
        if child.tag != _ANNOTATION:
            continue
        said = child.items()
        term = known[said[0][1] if said and said[0][0] == "Term" else child.get("Term", "")]
        if not term:
            continue
        if len(said) == 1:
            value = _nested(child)
        elif len(said) == 2 and said[1][0] == "String":
            value = said[1][1]
        else:
            given = dict(said)
            value = _UNKNOWN if "Qualifier" in given else _constant(given, child)
        if value is not _UNKNOWN:
            if found is None:
                found = {}
            found[term] = value
    return _NONE if found is None else found


def facet(text: str | None) -> int | None:
    """A length or precision; None for `max`, nonsense and absence."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 12 else None


def scale(text: str | None) -> Scale:
    """A scale: digits, `variable` or `floating`, in any case (BC writes `Variable`)."""
    if text is None:
        return None
    word = text.lower()
    if word == "variable":
        return "variable"
    if word == "floating":
        return "floating"
    return facet(text)


def flag(text: str | None) -> bool:
    """An XML boolean."""
    return text in ("true", "1")


def _constant(said: dict[str, str], element: Any) -> Any:
    """The value of an `Annotation`, `PropertyValue` or like element, given inline or as its only child."""
    for name, text in said.items():
        if name in _TEXTS:
            return _text(name, text)
    return _nested(element, default=True if "Property" not in said else None)


def _nested(element: Any, default: bool | None = True) -> Any:
    """The value of an element that has none inline.

    §14.3: without an expression the term's default holds, which is true for every Boolean tagging term.
    """
    for child in element:
        tag = child.tag
        if tag == _ENUM_MEMBER:  # AXType: one for each property
            return _member(child.text or "")
        if tag != _ANNOTATION:
            return _expression(child)
    return default


_TEXTS = frozenset(
    {
        "AnnotationPath",
        "Bool",
        "Date",
        "DateTimeOffset",
        "Decimal",
        "Duration",
        "EnumMember",
        "Float",
        "Guid",
        "Int",
        "ModelElementPath",
        "NavigationPropertyPath",
        "PropertyPath",
        "String",
        "TimeOfDay",
        "UrlRef",
    }
)


def _text(kind: str, text: str) -> Any:
    match kind:
        case "Bool":
            return flag(text)
        case "Int":
            return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else _UNKNOWN
        case "EnumMember":
            return _member(text)
    return text


@lru_cache(maxsize=256)
def _member(text: str) -> str:
    """`NS.AXType/String` → `String`; several of a flags type with a blank between them."""
    return " ".join(part.rpartition("/")[2] for part in text.split())


def _expression(element: Any) -> Any:
    kind = element.tag.removeprefix(EDM)
    if kind == "Collection":
        return [value for value in map(_expression, element) if value is not _UNKNOWN]
    if kind == "Record":
        return _record(element)
    if kind == "Null":
        return None
    if kind in _TEXTS:
        return _text(kind, element.text or "")
    return _UNKNOWN


def _record(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.iterchildren(_PROPERTY_VALUE):
        said = dict(child.items())
        value = _constant(said, child)
        if value is not _UNKNOWN:
            found[said.get("Property", "")] = value
    return found
