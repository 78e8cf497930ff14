"""From a resource path to its segments (OData 4.01, part 2, section 4)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from vegraph.emulator.engine.expressions import take_arguments
from vegraph.emulator.engine.query import query_options
from vegraph.emulator.engine.scanner import Refused, Scanner
from vegraph.emulator.engine.syntax import Arguments, Fragment, Segment

__all__ = ["relative_url", "resource_path"]

_SYSTEM = re.compile(r"\$(?:batch|entity|metadata|all|crossjoin|count|value|ref|query|each|filter|it|root)(?!\w)")
_LAST = frozenset({"$count", "$value", "$batch", "$metadata", "$query"})


def relative_url(raw: str) -> Fragment:
    """Path and query of a raw relative URL."""
    path, _, query = raw.partition("?")
    return Fragment(resource_path(path), query_options(query))


def resource_path(raw: str) -> tuple[Segment, ...]:
    """The segments of a raw (still percent-encoded) path, divided at `/` before decoding."""
    segments: list[Segment] = []
    for part in raw.strip("/").split("/") if raw.strip("/") else ():
        if segments and segments[-1].name in _LAST:
            raise Refused(f"Nothing can follow '{segments[-1].name}'.", 0)
        segments.append(_segment(_decoded(part)))
    return tuple(segments)


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Refused("The path is not UTF-8.", 0) from None


def _segment(text: str) -> Segment:
    if not text:
        raise Refused("A path segment is empty.", 0)
    scanner = Scanner(text)
    if scanner.peek("$"):
        match = scanner.take_match(_SYSTEM)
        if match is None:
            raise scanner.refuse(f"'{text}' is not known")
        name: str | None = match.group()
        if scanner.done:
            return Segment(match.group())
    else:
        name = scanner.take_qualified()
    if name is None or not (scanner.done or scanner.peek("(")):
        return Segment(text)
    arguments: Arguments | None = None
    if scanner.peek("("):
        arguments = take_arguments(scanner)
        if not scanner.done:
            raise scanner.refuse("nothing can follow the parenthesis")
    return Segment(name, arguments)
