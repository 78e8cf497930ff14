"""As whom the calls of one request run, and the record of what they wrote."""

from __future__ import annotations

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

    async def delegate(self, source: str, claims: str | None) -> Delegated:
        """For the runner; a claims challenge is answered with another credential. Raises IdentityError."""
        if claims is not None:
            self._delegation.forget(self._caller, source)
        self._found[source] = await self._delegation.delegate(self._caller, source, claims=claims)
        return self._found[source]

    def wrote(self, source: str, verb: Verb, entity: str, key: str | None, outcome: str) -> None:
        """One record of the audit (threats T43)."""
        delegated = self._found.get(source)
        self._delegation.audit.wrote(
            self._caller, source, delegated, verb=verb, entity=entity, key=key, outcome=outcome
        )
