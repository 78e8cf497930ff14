"""Anonymous visitors of a portal: exactly one configured ERP user, with the same role test as a contact's (I5, T17)."""

from __future__ import annotations

from vegraph.errors import Forbidden
from vegraph.identity.erp_users import ErpUsers
from vegraph.identity.user import Caller, Delegated

__all__ = ["Anonymous"]


class Anonymous:
    """The strategy for visitors without a credential at one source."""

    def __init__(self, source: str, users: ErpUsers, user: str) -> None:
        self._source = source
        self._users = users
        self._user = user

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """The configured user's principal and token. Raises IdentityError."""
        if caller.kind != "anonymous":
            raise Forbidden(f"{self._source}: this user is for visitors without a token.")
        return await self._users.act_as(self._user, caller, why="for anonymous visitors", claims=claims)
