"""Applications at identity providers, from configuration: a door's for on-behalf-of, a source's for portal users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vegraph.errors import ConfigError
from vegraph.identity.clock import Clock
from vegraph.identity.config import TENANT, AppUser, Door, Target

if TYPE_CHECKING:
    from vegraph.identity.msal_client import MsalApp, MsalTenants, MsalUsers

__all__ = ["authority_of", "door_exchange", "source_users"]

_WELL_KNOWN = "/.well-known/openid-configuration"


def door_exchange(door: Door, clock: Clock) -> MsalTenants:
    """Who exchanges the tokens of that door's people. Raises ConfigError."""
    from vegraph.identity.msal_client import MsalApp, MsalTenants  # only servers that exchange tokens need MSAL

    credential = door.credential
    if credential is None:
        raise ConfigError(
            f"identity.{door.name}.client_id: on-behalf-of needs vegraph's own application at the provider, "
            "with 'client_secret', 'client_certificate' or 'federated_token_file'."
        )
    tenants = door.tenants if TENANT in door.issuer else (None,)
    apps: dict[str | None, MsalApp] = {}
    for tenant in tenants:
        issuer = authority_of(door, tenant)
        apps[tenant.lower() if tenant else None] = MsalApp(
            credential,
            issuer=issuer,
            discovery=_discovery(door, issuer),
            ca=door.ca,
            clock=clock,
        )
    return MsalTenants(apps)


def source_users(target: Target, clock: Clock) -> MsalUsers:
    """The applications of `[sources.NAME.users]`."""
    from vegraph.identity.msal_client import MsalApp, MsalUsers

    authority = target.authority or ""

    def app(user: AppUser) -> MsalApp:
        discovery = authority.rstrip("/") + _WELL_KNOWN
        return MsalApp(user, issuer=authority, discovery=discovery, ca=target.ca, clock=clock)

    return MsalUsers(target.scope or "", target.users, app)


def authority_of(door: Door, tenant: str | None) -> str:
    """The issuer at which tokens of that tenant are exchanged; of version 1 tokens too it is the version 2 endpoint."""
    issuer = door.issuer.replace(TENANT, tenant or TENANT)
    if door.entra != 1:
        return issuer
    if "sts.windows.net" in issuer:
        return issuer.replace("sts.windows.net", "login.microsoftonline.com") + "v2.0"
    if door.discovery and door.discovery.endswith(_WELL_KNOWN):
        base = door.discovery.removesuffix(_WELL_KNOWN).removesuffix("/v2.0")
        return base.replace(TENANT, tenant or TENANT) + "/v2.0"
    raise ConfigError(f"identity.{door.name}.discovery: is needed to know where tokens are exchanged.")


def _discovery(door: Door, issuer: str) -> str:
    """The stated metadata address where it is of this very issuer, else the one made from it."""
    if door.discovery and door.entra != 1 and TENANT not in door.issuer:
        return door.discovery
    return issuer.rstrip("/") + _WELL_KNOWN
