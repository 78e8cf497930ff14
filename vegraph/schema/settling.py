"""One rule for names that meet.

Names are decided over a whole document, never over what is visible, so that making an entity visible renames nothing.
Of several that want one name, the first by (kind, spelled exactly so on the wire, wire name) has it. Each other one
takes the name with its kind's word behind (`foExternalLinksByKey`), where it has one and nobody else wants that; else
the name, an underscore, and the beginning of the SHA-256 of its wire name (`documentType_4f2a`): wanted names have no
underscore there, so this meets nothing, and it stays the same whatever comes or goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Claim", "Settlement", "settle", "suffixed"]


_Key = TypeVar("_Key", bound=Hashable)


class Claim(NamedTuple, Generic[_Key]):
    """A wish for a name."""

    key: _Key
    """What the name is for."""
    wire: str
    """Wire name, qualified where that is what tells it apart."""
    wanted: str
    rank: int = 0
    """Kinds in the order in which they have the right to a name."""
    word: str = ""
    """Put behind the name when it is taken: `ByKey`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A name that is not the one the wire name asks for, for `catalog show`."""

    place: str
    """Where the names would have met: a source, `Microsoft.NAV.customer`, an enumeration."""
    wire: str
    wanted: str
    name: str
    why: str


def suffixed(wanted: str, wire: str, is_taken: Callable[[str], bool], *, upper: bool = False) -> str:
    """`wanted_4f2a`, with more digits where that is taken."""
    digest = hashlib.sha256(wire.encode()).hexdigest()
    digest = digest.upper() if upper else digest
    for length in range(4, len(digest), 4):
        name = f"{wanted}_{digest[:length]}"
        if not is_taken(name):
            return name
    return f"{wanted}_{digest}"


def settle(
    claims: Iterable[Claim[_Key]], taken: Container[str] = (), *, place: str = "", upper: bool = False
) -> tuple[dict[str, Claim[_Key]], list[Settlement]]:
    """(name → who has it, what was settled). `taken` names are nobody's; `upper` writes suffixes in capitals."""
    held: dict[str, Claim[_Key]] = {}
    lost: list[Claim[_Key]] = []
    for claim in claims:
        other = held.get(claim.wanted)
        if claim.wanted in taken:
            lost.append(claim)
        elif other is None:
            held[claim.wanted] = claim
        else:
            first, second = sorted((other, claim), key=_right)
            held[claim.wanted] = first
            lost.append(second)
    return held, [_give(claim, held, taken, place, upper) for claim in sorted(lost, key=_right)]


def _right(claim: Claim[_Key]) -> tuple[int, bool, str]:
    return claim.rank, claim.wire.rpartition(".")[2] != claim.wanted, claim.wire


def _give(
    claim: Claim[_Key], held: dict[str, Claim[_Key]], taken: Container[str], place: str, upper: bool
) -> Settlement:
    owner = held.get(claim.wanted)
    why = f"'{owner.wire}' has the name" if owner else "the name is one that every graph needs"
    name = f"{claim.wanted}{claim.word}"
    if not claim.word or name in held or name in taken:
        name = suffixed(claim.wanted, claim.wire, lambda name: name in held or name in taken, upper=upper)
    held[name] = claim
    return Settlement(place=place, wire=claim.wire, wanted=claim.wanted, name=name, why=why)
