"""Role rules of portal principals: the portal role must be held and an administrator's must not (FO-202, FO-203, I6).

F&O itself refuses administrators only on its adapter's path, so on OData vegraph does. Roles are read from the ERP
(entity set SecurityUserRoleAssociations), never from the mapping; what can't be read is refused.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from vegraph.identity.clock import Clock
from vegraph.identity.mapping import Allowed, Decision, Refused
from vegraph.identity.remembered import Remembered

__all__ = ["ReadRoles", "RoleCheck", "RoleRules"]

log = logging.getLogger(__name__)

LIFE_S = 60.0
REFUSED_LIFE_S = 10.0
READ_WITHIN_S = 10.0

ReadRoles: TypeAlias = Callable[[str], Awaitable[Collection[str]]]
"""ERP user → names and identifiers of all roles they hold. Raises anything where they can't be read."""

_ALSO_CALLED = {"systemadministrator": "sysadmin"}
"""A role's identifier where it is no form of its name: F&O's `-SYSADMIN-`."""


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What a portal demands of the ERP users it runs as."""

    required: str
    forbidden: tuple[str, ...]

    def judge(self, user: str, roles: Collection[str]) -> Decision:
        """Whether a user with those roles may stand for portal callers."""
        held = {_plain(role) for role in roles}
        for role in self.forbidden:
            if held & {_plain(role), _ALSO_CALLED.get(_plain(role), _plain(role))}:
                return Refused(f"the user it would run as holds the role {role}, which no portal may act with.")
        if _plain(self.required) not in held:
            return Refused(f"the user it would run as lacks the role {self.required}.")
        return Allowed(user)


class RoleCheck:
    """The role decisions at one source for one portal, at most a minute old."""

    def __init__(self, read: ReadRoles, rules: RoleRules, clock: Clock) -> None:
        self._read = read
        self._rules = rules
        self._decisions: Remembered[str, Decision] = Remembered(clock, _life_s)

    async def check(self, user: str) -> Decision:
        """Whether calls may run as that ERP user."""
        return await self._decisions.get(user, lambda: self._decide(user))

    async def _decide(self, user: str) -> Decision:
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                roles = await self._read(user)
        except Exception as problem:  # whatever the reader raises: unreadable is refused
            log.warning("Roles of a portal's ERP user can't be read: %s.", type(problem).__name__)
            return Refused("the roles of the user it would run as can't be read at the moment.", unavailable=True)
        return self._rules.judge(user, roles)


def _plain(role: str) -> str:
    """Names differ in spaces, hyphens and capitals between F&O's pages, entities and releases."""
    return re.sub(r"[\W_]", "", role).casefold()


def _life_s(decision: Decision) -> float:
    return LIFE_S if isinstance(decision, Allowed) else REFUSED_LIFE_S
