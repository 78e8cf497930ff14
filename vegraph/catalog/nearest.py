"""The name somebody may have meant, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "nearest"]


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The closest of `names`, letter case aside; None when nothing is close."""
    folded = {name.casefold(): name for name in names}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """` Did you mean 'x'?` with its leading blank, or nothing."""
    found = nearest(word, names)
    return f" Did you mean '{found}'?" if found else ""
