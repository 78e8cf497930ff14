"""MSAL behind a fence: one application at one provider, that keeps nothing and hands nobody another's answer (T12).

Its caches are switched off, its HTTP client is ours (`provider_http`), it runs in worker threads with a limit of its
own, and all the ways it has of failing become the errors of `vegraph.errors` here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import msal
import msal.exceptions

from vegraph.errors import ConfigError, Forbidden, IdentityError, IdentityUnavailable, Unauthenticated
from vegraph.identity.claims import required_claims
from vegraph.identity.clock import Clock
from vegraph.identity.config import AppUser, ClientCredential
from vegraph.identity.credentials import msal_credential
from vegraph.identity.provider_http import ProviderFailed, ProviderHttp
from vegraph.identity.secret import Secret
from vegraph.identity.tokens import Token

__all__ = ["MsalApp"]

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Exchanges under way at one provider; more wait."""
ASSUMED_LIFE_S = 300.0
"""Life of a token whose answer does not tell it."""


class _Forgetful(dict[Any, Any]):
    """MSAL's `http_cache`: takes everything and keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Not kept."""


class _NoTokenCache(msal.TokenCache):  # type: ignore[misc]  # msal has no types
    """MSAL's token cache: switched off, because it is keyed by account and not by assertion."""

    def add(self, event: Mapping[str, Any], now: float | None = None) -> None:
        """Not kept."""


class MsalApp:
    """One confidential client at one issuer."""

    def __init__(
        self,
        credential: ClientCredential,
        *,
        issuer: str,
        discovery: str,
        ca: Path | None,
        clock: Clock,
        limiter: anyio.CapacityLimiter | None = None,
    ) -> None:
        if urlsplit(issuer).scheme != "https":
            raise ConfigError(f"{issuer}: tokens are asked for over https only.")
        self._issuer = issuer
        self._clock = clock
        self._limiter = limiter or anyio.CapacityLimiter(AT_ONCE)
        self._http = ProviderHttp(issuer, discovery, ca)
        self._credential = msal_credential(credential, lambda: self._http.token_endpoint, clock)
        self._client_id = credential.client_id
        self._making = threading.Lock()
        self._app: msal.ConfidentialClientApplication | None = None

    def __repr__(self) -> str:
        return f"MsalApp(client_id={self._client_id!r}, issuer={self._issuer!r})"

    async def on_behalf_of(self, assertion: Secret, *, tenant: str | None, scope: str, claims: str | None) -> Token:
        """The person's token for `scope` in exchange for `assertion`. Raises IdentityError."""
        return await self._ask(
            lambda app: app.acquire_token_on_behalf_of(assertion.reveal(), [scope], claims_challenge=claims)
        )

    async def for_itself(self, *, scope: str, claims: str | None) -> Token:
        """The application's own token (client credentials). Raises IdentityError."""
        return await self._ask(lambda app: app.acquire_token_for_client([scope], claims_challenge=claims))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    async def _ask(self, question: Callable[[msal.ConfidentialClientApplication], Any]) -> Token:
        try:
            answer = await anyio.to_thread.run_sync(lambda: question(self._made()), limiter=self._limiter)
        except IdentityError:
            raise
        except ProviderFailed as problem:
            raise self._unavailable(str(problem), problem.retry_after) from None
        except (msal.exceptions.MsalError, ValueError, KeyError, RuntimeError) as problem:
            raise self._unavailable(f"its answer was not understood ({type(problem).__name__})") from None
        if not isinstance(answer, dict):
            raise self._unavailable("it gave no answer")
        return self._token(answer) if "access_token" in answer else self._refused(answer)

    def _made(self) -> msal.ConfidentialClientApplication:
        """MSAL's application; making it reads the provider's metadata, so it is made late, in a thread, and kept."""
        with self._making:
            if self._app is None:
                path = urlsplit(self._issuer).path.strip("/")
                self._app = msal.ConfidentialClientApplication(
                    self._client_id,
                    client_credential=self._credential,
                    oidc_authority=self._issuer.rstrip("/") if path else f"{self._issuer.rstrip('/')}/oidc",
                    token_cache=_NoTokenCache(),
                    http_client=self._http,
                    http_cache=_Forgetful(),
                    instance_discovery=False,
                    exclude_scopes=["offline_access"],
                    azure_region=msal.ClientApplication.DISABLE_MSAL_FORCE_REGION,
                )
            return self._app

    def _token(self, answer: dict[str, Any]) -> Token:
        value, kind = answer["access_token"], str(answer.get("token_type", "Bearer"))
        if not isinstance(value, str) or not value or kind.lower() != "bearer":
            raise self._unavailable("it answered with something that is not a bearer token")
        try:
            life = float(answer.get("expires_in", ASSUMED_LIFE_S))
        except (TypeError, ValueError):
            life = ASSUMED_LIFE_S
        return Token(Secret(value), self._clock() + max(life, 0.0))

    def _refused(self, answer: dict[str, Any]) -> Token:
        """Raises what a refusal means; the provider's own words may name people, so only its codes go on."""
        error = str(answer.get("error", "unknown"))[:64]
        codes = [code for code in answer.get("error_codes") or () if isinstance(code, int)]
        log.info("%s refused a token: %s %s", self._issuer, error, codes)
        claims = answer.get("claims")
        if isinstance(claims, str) and claims:
            raise required_claims("The identity provider asks for more before you may go on there.", claims)
        if answer.get("suberror") == "consent_required" or 65001 in codes:
            raise Forbidden(
                "You have not consented to vegraph acting for you at this ERP, or an administrator must consent first."
            )
        if error in {"invalid_grant", "interaction_required", "login_required"}:
            raise Unauthenticated(
                "The identity provider does not take your session any more. Sign in again.",
                challenge='Bearer realm="vegraph", error="invalid_token"',
            )
        raise self._unavailable(f"it refused vegraph's own application ({error}); an operator must mend that")

    def _unavailable(self, why: str, retry_after: float | None = None) -> IdentityUnavailable:
        return IdentityUnavailable(
            f"No token was to be had from the identity provider: {why}.", retry_after=retry_after
        )


class MsalUsers:
    """`UserTokens`: the applications that stand for one source's ERP users, each with its own credential."""

    def __init__(self, scope: str, users: Mapping[str, AppUser], make: Callable[[AppUser], MsalApp]) -> None:
        self._scope = scope
        self._apps = {name: make(user) for name, user in users.items()}

    def knows(self, user: str) -> bool:
        """Whether that ERP user has an application."""
        return user in self._apps

    async def for_user(self, user: str, *, claims: str | None) -> Token:
        """A token of that user's own application."""
        return await self._apps[user].for_itself(scope=self._scope, claims=claims)

    def close(self) -> None:
        """Closes the connections."""
        for app in self._apps.values():
            app.close()


class MsalTenants:
    """`Exchange` of a door: one application for each tenant that may come in, made from configuration alone."""

    def __init__(self, tenants: Mapping[str | None, MsalApp]) -> None:
        self._tenants = dict(tenants)

    async def on_behalf_of(self, assertion: Secret, *, tenant: str | None, scope: str, claims: str | None) -> Token:
        """At the authority of the person's own tenant."""
        app = self._tenants.get(tenant) or self._tenants.get(None)
        if app is None:
            raise Forbidden("Tokens of your tenant can't be exchanged: it is not one of those configured.")
        return await app.on_behalf_of(assertion, tenant=tenant, scope=scope, claims=claims)

    def close(self) -> None:
        """Closes the connections."""
        for app in self._tenants.values():
            app.close()
