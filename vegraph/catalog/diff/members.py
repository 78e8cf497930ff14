"""Properties of entity and complex types."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from vegraph.catalog.diff.changes import Change
from vegraph.catalog.model import Property

__all__ = ["deprecated", "properties"]


def properties(
    subject: str, before: Sequence[Property], after: Sequence[Property], key: Container[str] = ()
) -> Iterator[Change]:
    """The changes from one list of properties to another; `key` names the key's, which the graph has as non-null."""
    was = {prop.name: prop for prop in before}
    now = {prop.name: prop for prop in after}
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            yield Change(subject=subject, member=name, what="property gone", breaking=True)
        elif name not in was:
            must = now[name].required is True
            yield Change(
                subject=subject,
                member=name,
                what="required property added" if must else "property added",
                after=now[name].type.text,
                breaking=must,
            )
        elif was[name] != now[name]:
            yield from _property(subject, was[name], now[name], is_key=name in key)


def _property(subject: str, before: Property, after: Property, *, is_key: bool) -> Iterator[Change]:
    name = before.name
    if _kind(before) != _kind(after):
        yield Change(
            subject=subject,
            member=name,
            what="type changed",
            before=_kind(before),
            after=_kind(after),
            breaking=True,
        )
    if before.nullable != after.nullable:
        # Only key members are non-null in the graph; the rest is nullable whatever the document says.
        yield Change(
            subject=subject,
            member=name,
            what="nullable" if after.nullable else "not nullable",
            breaking=is_key and after.nullable,
        )
    for what, could, can in (
        ("insertable", before.insertable and not before.computed, after.insertable and not after.computed),
        ("updatable", before.updatable and not before.computed, after.updatable and not after.computed),
        ("filterable", before.filterable, after.filterable),
        ("sortable", before.sortable, after.sortable),
    ):
        if could != can:
            yield Change(subject=subject, member=name, what=f"{'now' if can else 'no longer'} {what}", breaking=could)
    if (before.required is True) != (after.required is True):
        must = after.required is True
        yield Change(subject=subject, member=name, what="now required" if must else "no longer required", breaking=must)
    yield from _facets(subject, before, after)
    yield from deprecated(subject, name, before.deprecated, after.deprecated)


def _facets(subject: str, before: Property, after: Property) -> Iterator[Change]:
    for facet in ("max_length", "precision", "scale"):
        was, now = getattr(before, facet), getattr(after, facet)
        if was != now:
            words = facet.replace("_", " ")
            yield Change(
                subject=subject,
                member=before.name,
                what=f"{words} changed",
                before="none" if was is None else str(was),
                after="none" if now is None else str(now),
                breaking=isinstance(now, int) and (not isinstance(was, int) or now < was),
            )


def deprecated(subject: str, member: str, before: str | None, after: str | None) -> Iterator[Change]:
    """Whether something came to be deprecated, or is no longer."""
    if bool(before) != bool(after):
        what = "deprecated" if after else "no longer deprecated"
        yield Change(subject=subject, member=member, what=what, after=after or "")


def _kind(prop: Property) -> str:
    """The type as the graph distinguishes it: F&O's AXType tells a date from a timestamp."""
    told = f" ({prop.ax_type})" if prop.ax_type in ("Date", "Time") else ""
    return f"{prop.type.text}{told}"
