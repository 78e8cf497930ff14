"""External portal user mapping: which ERP user a portal's contact runs as (FO-200, I7).

Where the rows are kept is another's: `mapping_store` (a database of the site's own), `mapping_live` (Dataverse's
table). What they mean is decided here, and is always one ERP user or a refusal.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vegraph.errors import Forbidden, IdentityError, IdentityUnavailable
from vegraph.identity.clock import Clock
from vegraph.identity.remembered import Remembered
from vegraph.identity.user import contact_key

__all__ = ["Allowed", "Decision", "Mapping", "MappingRow", "ReadRows", "Refused", "decide"]

log = logging.getLogger(__name__)

LIFE_S = 60.0
"""Seconds that an allowed decision lives at most."""
REFUSED_LIFE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A contact of a portal is a user of an ERP."""

    portal: str
    contact_id: str
    source: str
    erp_user: str
    disabled: bool = False


ReadRows: TypeAlias = Callable[[str, str, str], Awaitable[Sequence[MappingRow]]]
"""(portal, contact id, source) → the rows for them. Raises anything where they can't be read."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One ERP user."""

    user: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No call is made."""

    reason: str
    unavailable: bool = False
    """What had to be read could not be: another day it may be allowed."""

    def error(self, source: str) -> IdentityError:
        """The error that says so."""
        kind = IdentityUnavailable if self.unavailable else Forbidden
        return kind(f"{source}: {self.reason}")


Decision: TypeAlias = Allowed | Refused


def decide(rows: Sequence[MappingRow], portal: str, contact_id: str, source: str) -> Decision:
    """Whom the rows allow: exactly one, for exactly this contact, not disabled, or nobody."""
    if not rows:
        return Refused("this contact is not mapped to a user of the ERP.")
    if len(rows) > 1:
        return Refused("this contact is mapped more than once, so it is not clear to which user of the ERP.")
    row = rows[0]
    if (row.portal, contact_key(row.contact_id), row.source) != (portal, contact_key(contact_id), source):
        return Refused("the mapping answered for somebody else.")
    if row.disabled:
        return Refused("this contact's mapping is disabled.")
    if not row.erp_user.strip():
        return Refused("this contact's mapping names no user of the ERP.")
    return Allowed(row.erp_user)


class Mapping:
    """The decisions of one portal, at most a minute old."""

    def __init__(self, portal: str, read: ReadRows, clock: Clock) -> None:
        self._portal = portal
        self._read = read
        self._decisions: Remembered[tuple[str, str], Decision] = Remembered(clock, _life_s)

    async def user(self, contact_id: str, source: str) -> Decision:
        """The ERP user that this contact runs as at that source, or why there is none."""
        return await self._decisions.get((contact_id, source), lambda: self._decide(contact_id, source))

    async def _decide(self, contact_id: str, source: str) -> Decision:
        try:
            rows = await self._read(self._portal, contact_id, source)
        except Exception as problem:  # whatever the store raises: an unreadable mapping is a refusal
            log.warning("The mapping of portal %s can't be read: %s.", self._portal, type(problem).__name__)
            return Refused("the portal's mapping can't be read at the moment.", unavailable=True)
        return decide(rows, self._portal, contact_id, source)


def _life_s(decision: Decision) -> float:
    return LIFE_S if isinstance(decision, Allowed) else REFUSED_LIFE_S
