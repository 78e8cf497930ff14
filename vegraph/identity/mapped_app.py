"""Portal contacts: contact → mapping row → ERP user → that user's own application registration (identity.md §2.1).

Where an ERP can't tell contacts apart (BC), all of a portal's contacts share one configured user instead of a row each;
the rows they may see are then the portal's row rules, which `row_rules` reads and the planner adds.
"""

from __future__ import annotations

from vegraph.errors import Forbidden
from vegraph.identity.erp_users import ErpUsers
from vegraph.identity.mapping import Allowed, Decision, Mapping, Refused
from vegraph.identity.user import Caller, Delegated

__all__ = ["MappedApp"]


class MappedApp:
    """The strategy for contacts of one portal at one source."""

    def __init__(self, portal: str, source: str, users: ErpUsers, who: Mapping | str) -> None:
        self._portal = portal
        self._source = source
        self._users = users
        self._who = who

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """The mapped user's principal and token. Raises IdentityError; there is no user to fall back to."""
        if caller.kind != "contact" or caller.door != self._portal or not caller.contact_id:
            raise Forbidden(f"{self._source}: only contacts of the portal '{self._portal}' are mapped to users there.")
        decision = await self._decide(caller.contact_id)
        if isinstance(decision, Refused):
            raise decision.error(self._source)
        why = "shared by the portal's contacts" if isinstance(self._who, str) else "as the portal's mapping says"
        return await self._users.act_as(decision.user, caller, why=why, claims=claims)

    async def _decide(self, contact_id: str) -> Decision:
        return Allowed(self._who) if isinstance(self._who, str) else await self._who.user(contact_id, self._source)
