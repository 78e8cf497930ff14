"""`delegation = "fixed"`: everybody runs as one configured user, on a developer's machine alone (T41)."""

from __future__ import annotations

from vegraph.errors import ConfigError
from vegraph.identity.auth import Address, HeaderAuth
from vegraph.identity.config import Target
from vegraph.identity.user import Caller, Delegated

__all__ = ["Fixed"]


class Fixed:
    """One static user. `development`: that profile is on and only loopback is bound. Else ConfigError."""

    def __init__(self, target: Target, *, development: bool) -> None:
        if not development:
            raise ConfigError(
                f"sources.{target.name}.delegation: 'fixed' lets everybody act as one user, so it works only with "
                'profile = "development" on a loopback address.'
            )
        self._source = target.name
        self._auth = HeaderAuth(target.fixed, Address.of(target.url, target.beside), source=target.name)

    async def delegate(self, caller: Caller, *, claims: str | None = None) -> Delegated:
        """Always the configured user."""
        return Delegated(
            source=self._source,
            principal=f"{self._source}:fixed",
            auth=self._auth,
            description="the one user configured for development",
            caller=caller.key,
        )
