"""What a wrong name is answered with: the nearest right one, or the names there are."""

from __future__ import annotations

from collections.abc import Iterable

from vegraph.catalog import nearest

__all__ = ["listing", "or_known"]

MANY = 12


def or_known(given: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` with its leading blank; where nothing is near, ` Known: a, b.`"""
    names = sorted(known)
    return nearest.did_you_mean(given, names) or (f" Known: {listing(names)}." if names else "")


def listing(names: Iterable[str]) -> str:
    """'a, b, c', cut when there are too many to read."""
    found = list(names)
    shown = ", ".join(found[:MANY])
    return shown if len(found) <= MANY else f"{shown} and {len(found) - MANY} more"
