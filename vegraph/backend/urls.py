"""Paths and queries, written here and nowhere else (4.01 part 2; the OASIS grammar).

All pieces are percent-encoded once by `literals`; names come from the catalog. The client's own query writer is not
used: it would send `+` for a space, which the grammar reads as a sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from vegraph.backend import filters
from vegraph.backend.literals import Style, encode, key_literal, literal
from vegraph.errors import BadUserInput
from vegraph.plan.predicates import Predicate
from vegraph.plan.steps import Aggregate, Expand, Key, Order
from vegraph.schema.values import ValueType

__all__ = [
    "aggregate",
    "arguments",
    "expand",
    "key_predicate",
    "name",
    "options",
    "order",
    "search",
    "select",
]


class Writing(Protocol):
    """What of a dialect decides how a URL is spelt."""

    @property
    def style(self) -> Style:
        """Literals."""

    @property
    def rules(self) -> filters.Rules:
        """Filters."""

    @property
    def named_keys(self) -> bool:
        """Single keys are written `(name=value)` too (OF-4)."""


@lru_cache(maxsize=16_384)
def name(wire: str) -> str:
    """A property, set or operation name, or a path of them, as it stands in a URL."""
    return "/".join(encode(part) for part in wire.split("/"))


def options(*given: str) -> str:
    """`a=1&b=2` of those that are not empty."""
    return "&".join(filter(None, given))


@lru_cache(maxsize=4096)
def select(names: Sequence[str]) -> str:
    """`$select=a,b`; nothing for everything."""
    return "$select=" + ",".join(map(name, names)) if names else ""


def order(items: Sequence[Order]) -> str:
    """`$orderby=a,b%20desc`."""
    if not items:
        return ""
    return "$orderby=" + ",".join(name(item.path.text) + ("%20desc" if item.descending else "") for item in items)


def search(text: str | None) -> str:
    """`$search`: all words of the text, each as a phrase so that AND, OR and NOT in it are plain words."""
    words = (text or "").replace('"', " ").split()
    if not words:
        return ""
    return "$search=" + "%20".join(f"%22{encode(word.replace(chr(92), chr(92) * 2))}%22" for word in words)


def key_predicate(key: Key, writing: Writing) -> str:
    """`(guid)`, `('text')` or `(a='x',b=5)`. Raises BadUserInput where a value does not fit its member."""
    if not key.members or len(key.members) != len(key.values):
        raise BadUserInput("A key does not have the parts that the entity's key has.")
    if len(key.members) == 1 and not writing.named_keys:
        return f"({key_literal(key.values[0], key.members[0].value, writing.style)})"
    pairs = zip(key.members, key.values, strict=True)
    return "(" + ",".join(f"{name(m.wire)}={key_literal(v, m.value, writing.style)}" for m, v in pairs) + ")"


def where(predicate: Predicate | None, writing: Writing) -> str:
    """`$filter=…`; nothing where the predicate is always true."""
    text = filters.write(predicate, writing.rules, writing.style) if predicate is not None else ""
    return f"$filter={text}" if text else ""


def expand(items: Sequence[Expand], writing: Writing) -> str:
    """`$expand=nav($select=a;$expand=b($select=c))`."""
    return "$expand=" + ",".join(_expanded(item, writing) for item in items) if items else ""


def _expanded(item: Expand, writing: Writing) -> str:
    path = f"{name(item.cast)}/{name(item.name)}" if item.cast else name(item.name)
    inner = (
        select(item.select),
        where(item.filter, writing),
        order(item.order),
        f"$top={item.top:d}" if item.top is not None else "",
        "$count=true" if item.count else "",
        expand(item.expand, writing),
    )
    nested = ";".join(filter(None, inner))
    return f"{path}({nested})" if nested else path


def arguments(given: Sequence[tuple[str, ValueType, object]], writing: Writing) -> str:
    """`(a=1,b='x')` of a function call; values that have a literal."""
    return "(" + ",".join(f"{name(wire)}={literal(value, type_, writing.style)}" for wire, type_, value in given) + ")"


def aggregate(step: Aggregate, writing: Writing) -> str:
    """`$apply=filter(…)/groupby((a,b),aggregate(c with sum as d))`. The property `$count` counts rows."""
    condition = filters.write(step.filter, writing.rules, writing.style) if step.filter is not None else ""
    wanted = ",".join(
        f"$count%20as%20{name(alias)}" if wire == "$count" else f"{name(wire)}%20with%20{how}%20as%20{name(alias)}"
        for wire, how, alias in step.values
    )
    computed = f"aggregate({wanted})" if wanted else ""
    if step.group_by:
        groups = ",".join(name(path.text) for path in step.group_by)
        computed = f"groupby(({groups}),{computed})" if computed else f"groupby(({groups}))"
    return "$apply=" + (f"filter({condition})/{computed}" if condition else computed)
