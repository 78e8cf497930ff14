"""From a query string to its options (OData 4.01, part 2, section 5.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any
from urllib.parse import unquote

from vegraph.emulator.engine.expressions import expression, order_terms
from vegraph.emulator.engine.scanner import Refused, Scanner
from vegraph.emulator.engine.search import search_text
from vegraph.emulator.engine.syntax import Expand, Expression, QueryOptions, SelectItem

__all__ = ["expand_items", "nested_options", "query_options", "select_items"]

_WELL_ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
_IDENTIFIER = re.compile(r"[^\W\d]\w{0,127}")


def query_options(raw: str) -> QueryOptions:
    """The options of a raw (still percent-encoded) query string."""
    if not _WELL_ENCODED.fullmatch(raw):
        raise Refused("The query string has a '%' that is not followed by two hexadecimal digits.", raw.find("%"))
    pairs = []
    for part in raw.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((unquote(name), unquote(value, errors="strict")))
    return _options(pairs)


def nested_options(scanner: Scanner) -> QueryOptions:
    """Options in parentheses, divided by `;`, as `$expand` and `$select` have them."""
    text = _bracketed(scanner)
    pairs = []
    for part in _split(text, ";"):
        name, sign, value = part.strip().partition("=")
        if not sign:
            raise Refused(f"'{part}' is not an option", 0)
        pairs.append((name, value))
    if not pairs:
        raise scanner.refuse("an option expected")
    return _options(pairs, nested=True)


def _options(pairs: list[tuple[str, str]], *, nested: bool = False) -> QueryOptions:
    found: dict[str, Any] = {}
    aliases: list[tuple[str, Expression]] = []
    custom: list[tuple[str, str]] = []
    for name, value in pairs:
        if name.startswith("$"):
            read = _READERS.get(name)
            if read is None:
                raise Refused(f"The query option '{name}' is not known or not written as it must be.", 0)
            key = name[1:]
            if key in found:
                raise Refused(f"The query option '{name}' stands more than once.", 0)
            found[key] = read(value)
        elif name.startswith("@"):
            if not _IDENTIFIER.fullmatch(name[1:]):
                raise Refused(f"'{name}' is not the name of a parameter alias.", 0)
            aliases.append((name[1:], expression(value)))
        elif nested:
            raise Refused(f"The query option '{name}' cannot stand inside parentheses.", 0)
        elif name:
            custom.append((name, value))
    return replace(QueryOptions(**found), aliases=tuple(aliases), custom=tuple(custom))


def select_items(text: str) -> tuple[SelectItem, ...]:
    """The whole text as `$select`."""
    scanner, items = Scanner(text), []
    scanner.space()
    while True:
        path = _select_path(scanner)
        options = nested_options(scanner) if scanner.peek("(") else None
        items.append(SelectItem(path, options))
        scanner.space()
        if scanner.done:
            return tuple(items)
        scanner.need(",")
        scanner.space()


def _select_path(scanner: Scanner) -> tuple[str, ...]:
    if scanner.take("*"):
        return ("*",)
    segments: list[str] = []
    while True:
        sign = "@" if scanner.take("@") else ""
        name = scanner.take_qualified()
        if name is None:
            raise scanner.refuse("a property name expected")
        if scanner.take(".*"):
            return (*segments, name + ".*")
        if "." in name and scanner.peek("(") and not segments and _is_overload(scanner):
            return (name + "(" + _bracketed(scanner) + ")",)
        segments.append(sign + name)
        if not scanner.take("/"):
            return tuple(segments)


def _is_overload(scanner: Scanner) -> bool:
    return scanner.text[scanner.position + 1 : scanner.position + 2] not in ("$", " ")


def expand_items(text: str) -> tuple[Expand, ...]:
    """The whole text as `$expand`."""
    scanner, items = Scanner(text), []
    scanner.space()
    while True:
        items.append(_expand_item(scanner))
        scanner.space()
        if scanner.done:
            return tuple(items)
        scanner.need(",")
        scanner.space()


def _expand_item(scanner: Scanner) -> Expand:
    if scanner.take("*"):
        suffix = ""
        if scanner.take("/"):
            scanner.need("$ref")
            suffix = "$ref"
        options = nested_options(scanner) if scanner.peek("(") else None
        if options is not None and suffix:
            raise scanner.refuse("options do not go with '$ref' here")
        return Expand(("*",), suffix, options)
    path, suffix = _expand_path(scanner)
    options = nested_options(scanner) if scanner.peek("(") else None
    if options is not None and (given := _given(options) - _BEHIND_SUFFIX.get(suffix, _given(options))):
        raise scanner.refuse(f"'${min(given)}' does not go with '{suffix}'")
    return Expand(path, suffix, options)


_BEHIND_SUFFIX = {
    "$ref": frozenset({"filter", "search", "orderby", "skip", "top", "count"}),
    "$count": frozenset({"filter", "search"}),
}


def _given(options: QueryOptions) -> frozenset[str]:
    return frozenset(f.name for f in fields(options) if getattr(options, f.name) not in (None, ()))


def _expand_path(scanner: Scanner) -> tuple[tuple[str, ...], str]:
    path: list[str] = []
    while True:
        if scanner.peek("$"):
            word = scanner.take_match(re.compile(r"\$(?:ref|count|value)(?!\w)"))
            if word is None or not (path or word.group() == "$value"):
                raise scanner.refuse("'$ref', '$count' or '$value' expected")
            return tuple(path), word.group()
        sign = "@" if scanner.take("@") else ""
        name = scanner.take_qualified()
        if name is None:
            if path and scanner.take("*"):
                return (*path, "*"), ""
            raise scanner.refuse("a navigation property expected")
        path.append(sign + name)
        if not scanner.take("/"):
            return tuple(path), ""


def _bracketed(scanner: Scanner) -> str:
    depth, quoted, start = 0, "", scanner.position
    for position in range(start, len(scanner.text)):
        sign = scanner.text[position]
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"":
            quoted = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                scanner.position = position + 1
                return scanner.text[start + 1 : position]
    raise scanner.refuse("')' expected")


def _split(text: str, separator: str) -> Iterator[str]:
    depth, quoted, start = 0, "", 0
    for position, sign in enumerate(text):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"":
            quoted = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == separator and depth == 0:
            yield text[start:position]
            start = position + 1
    if text[start:].strip():
        yield text[start:]


def _natural(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Refused(f"'{text}' is not a count: digits only.", 0)
    return int(text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Refused(f"'{text}' is not a whole number.", 0)
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Refused(f"'{text}' is neither true nor false.", 0)
    return text.lower() == "true"


def _levels(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,8}|max", text):
        raise Refused(f"'{text}' is not a number of levels.", 0)
    return text


def _some(text: str) -> str:
    if not text:
        raise Refused("The option has no value.", 0)
    return text


def _media_format(text: str) -> str:
    if not re.fullmatch(r"atom|json|xml|[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*", text):
        raise Refused(f"'{text}' is not a format.", 0)
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"\*|[\w.~-]+", text):
        raise Refused(f"'{text}' is not a schema version.", 0)
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "$filter": expression,
    "$orderby": order_terms,
    "$select": select_items,
    "$expand": expand_items,
    "$search": search_text,
    "$top": _natural,
    "$skip": _natural,
    "$count": _truth,
    "$levels": _levels,
    "$format": _media_format,
    "$skiptoken": _some,
    "$deltatoken": _some,
    "$apply": _some,
    "$compute": _some,
    "$schemaversion": _version,
    "$id": _some,
    "$index": _whole,
}
