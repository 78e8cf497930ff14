"""What a strategy asks of a provider: a real one (`msal_client`), or the issuer in this process (`development`)."""

from __future__ import annotations

from typing import Protocol

from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token

__all__ = ["Exchange", "UserTokens"]


class Exchange(Protocol):
    """Tokens on behalf of a person."""

    async def on_behalf_of(self, assertion: Secret, *, tenant: str | None, scope: str, claims: str | None) -> Token:
        """The person's token for `scope` in exchange for the one they came with.

        Raises Unauthenticated (with claims, where more is demanded), Forbidden, IdentityUnavailable.
        """


class UserTokens(Protocol):
    """Tokens of the application registrations that stand for ERP users, of one source."""

    def knows(self, user: str) -> bool:
        """Whether that ERP user has an application."""

    async def for_user(self, user: str, *, claims: str | None) -> Token:
        """A token of that user's own application. Raises as `Exchange`."""

    def close(self) -> None:
        """Closes connections to the provider."""
