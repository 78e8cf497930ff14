"""As whom the calls of one request run, and the record of what they wrote."""

from __future__ import annotations

import asyncio

from vegraph.errors import IdentityError
from vegraph.identity.claims import stepped_up
from vegraph.identity.delegation import Delegation
from vegraph.identity.user import Caller, Delegated
from vegraph.plan.scope import Verb

__all__ = ["Delegations"]


class Delegations:
    """Of one caller, for one request."""

    def __init__(self, delegation: Delegation, caller: Caller) -> None:
        self._delegation = delegation
        self._caller = caller
        self._found: dict[str, Delegated] = {}
        self._stepping = asyncio.Lock()
        self._stepped: dict[tuple[str, str], Delegated | IdentityError] = {}

    async def delegate(self, source: str, claims: str | None) -> Delegated:
        """For the runner. `claims`: what the source demands, as its challenge says it. Raises IdentityError."""
        if claims is None:
            found = await self._delegation.delegate(self._caller, source)
        else:
            found = await self._step_up(source, claims)
        self._found[source] = found
        return found

    async def _step_up(self, source: str, claims: str) -> Delegated:
        """One exchange, however many of the request's calls were challenged (I11)."""
        async with self._stepping:
            if (source, claims) not in self._stepped:
                try:
                    found: Delegated | IdentityError = await stepped_up(self._delegation, self._caller, source, claims)
                except IdentityError as problem:
                    found = problem
                self._stepped[source, claims] = found
            found = self._stepped[source, claims]
        if isinstance(found, IdentityError):
            raise found
        return found

    def wrote(self, source: str, verb: Verb, entity: str, key: str | None, outcome: str) -> None:
        """One record of the audit (threats T43)."""
        delegated = self._found.get(source)
        self._delegation.audit.wrote(
            self._caller, source, delegated, verb=verb, entity=entity, key=key, outcome=outcome
        )
