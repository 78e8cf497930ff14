"""`delegation = "none"`: a public source, that asks nobody who they are and is told nothing."""

from __future__ import annotations

from vegraph.identity.config import Target
from vegraph.identity.user import Caller, Delegated

__all__ = ["Public"]


class Public:
    """Everybody's calls go without a credential."""

    def __init__(self, target: Target) -> None:
        self._source = target.name

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """Always the same: no credential."""
        return Delegated(
            source=self._source,
            principal=f"{self._source}:public",
            auth=None,
            description="nobody in particular: the source is public",
            caller=caller.key,
        )
