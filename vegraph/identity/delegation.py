"""As whom a call runs: one strategy per door and source, fixed by configuration, and never a second one (I1).

A strategy turns (caller, source) into (principal, credential for one call) or raises. It never gives "no principal",
and nothing here knows a credential of vegraph's own that an ERP would take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vegraph.errors import Forbidden, IdentityError
from vegraph.identity.audit import Audit
from vegraph.identity.user import Caller, Delegated, Kind, RunsAs

__all__ = ["ByKind", "Delegation", "Strategy"]


class Strategy(Protocol):
    """How the callers of one door get a principal and a credential at one source."""

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """The principal and its credential. `claims`: JSON text an ERP demanded. Raises IdentityError."""


class ByKind:
    """A portal's strategy at one source: contacts have one, anonymous visitors another, and nobody else has any."""

    def __init__(self, strategies: Mapping[Kind, Strategy], source: str) -> None:
        self._strategies = dict(strategies)
        self._source = source

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """By the strategy for such callers."""
        strategy = self._strategies.get(caller.kind)
        if strategy is None:
            who = "anonymous visitors" if caller.kind == "anonymous" else f"a caller of kind '{caller.kind}'"
            raise Forbidden(f"{self._source}: the portal '{caller.door}' has no user there for {who}.")
        return await strategy.delegate(caller, claims=claims)


class Delegation:
    """The strategies of all doors and sources."""

    def __init__(self, strategies: Mapping[tuple[str, str], Strategy], audit: Audit | None = None) -> None:
        self._strategies = dict(strategies)
        self.audit = audit or Audit()
        """Where refusals and writes are on record."""

    async def delegate(self, caller: Caller, source: str, *, claims: str | None = None) -> Delegated:
        """As whom this caller's calls to that source run. Raises IdentityError, which is audited as a refusal."""
        try:
            return await self._strategy(caller, source).delegate(caller, claims=claims)
        except IdentityError as problem:
            self.audit.refused(caller, source, problem)
            raise

    async def explain(self, caller: Caller, source: str) -> RunsAs:
        """The same as an answer for `me` and `vegraph check`: who, or why not."""
        try:
            delegated = await self._strategy(caller, source).delegate(caller)
        except IdentityError as problem:
            return RunsAs(source=source, allowed=False, reason=str(problem), code=problem.code)
        return RunsAs(source=source, allowed=True, principal=delegated.principal, description=delegated.description)

    def _strategy(self, caller: Caller, source: str) -> Strategy:
        strategy = self._strategies.get((caller.door, source))
        if strategy is None:
            raise Forbidden(
                f"{source}: nothing in the configuration says as whom callers of '{caller.door}' would run there."
            )
        return strategy
