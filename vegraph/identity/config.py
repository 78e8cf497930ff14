"""Doors, portals and credentials as `vegraph.toml` states them. `app.settings` fills these; nothing here reads a file.

A value that can't be meant raises ValueError with a sentence; the reader puts file and key before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from vegraph.identity.mapping_live import Columns
from vegraph.identity.secret import Secret

__all__ = ["ONLY_IN_THE_DEMO", "AppUser", "ClientCredential", "Door", "Operation", "Portal", "Strategy", "Target"]

Strategy = Literal["on-behalf-of", "mapped-app", "fixed", "none", "development"]
ONLY_IN_THE_DEMO = (
    "'development' works only inside `vegraph demo`, whose own process signs people in. Elsewhere say 'on-behalf-of', "
    "'mapped-app', 'none' or, for one static user, 'fixed'."
)
"""What is wrong with a delegation, behind its key."""
Operation = Literal["read", "create", "update", "delete", "action"]

TENANT = "{tenantid}"
"""Stands for the token's tenant in the issuer of a door for many tenants, as in Entra's own metadata."""

_ENTRA_V2 = re.compile(r"https?://[^/]+/(?:[0-9a-f-]{36}|\{tenantid\})/v2\.0")
_ENTRA_V1 = re.compile(r"https://sts\.[^/]+/(?:[0-9a-f-]{36}|\{tenantid\})/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredential:
    """How an application proves to the provider that it is itself: exactly one of the three."""

    client_id: str
    client_secret: Secret | None = None
    client_certificate: Path | None = None
    """PEM file with the private key and its certificate."""

    federated_token_file: Path | None = None
    """File with a token of another provider, renewed from outside (workload identity): read at each exchange."""

    def __post_init__(self) -> None:
        given = [self.client_secret, self.client_certificate, self.federated_token_file]
        if sum(value is not None for value in given) != 1:
            raise ValueError(
                "give exactly one of 'client_secret', 'client_certificate' and 'federated_token_file' "
                f"for client_id '{self.client_id}'."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`[identity.NAME]`: people of one issuer, at `/graphql`."""

    name: str

    issuer: str
    """Exact `iss` of the tokens; with `{tenantid}` in it for many tenants of Entra ID."""

    audience: str
    """Exact `aud`: vegraph's own application id URI, or client id for tokens of version 2."""

    client_id: str | None = None
    """vegraph's application at the provider; needed for on-behalf-of, with one of the next three."""

    client_secret: Secret | None = None
    client_certificate: Path | None = None
    federated_token_file: Path | None = None

    discovery: str | None = None
    """URL of the provider's metadata. None: made from the issuer."""

    jwks: str | None = None
    """URL of the signing keys, where there is no discovery."""

    ca: Path | None = None
    """PEM file of authorities to trust for the provider instead of the system's."""

    tenants: tuple[str, ...] = ()
    """Tenant ids that may come in; needed with `{tenantid}`, else the issuer's own tenant."""

    scope: str | None = None
    """Delegated permission a token must carry (`scp`). None: any, but there must be one."""

    applications: bool = False
    """Let tokens of applications in, which act for no person. They can't be exchanged on behalf of anybody."""

    guests: bool = False
    """Let guests of the tenant in (`acct` 1, or an `idp` that is not the issuer)."""

    object_claim: str | None = None
    """Claim that tells the person. None: `oid` for Entra ID, else `sub`."""

    tenant_claim: str | None = None
    """Claim that tells the tenant. None: `tid` for Entra ID, else the issuer is the tenant."""

    @property
    def entra(self) -> Literal[1, 2] | None:
        """Version of Entra ID's tokens, told by the issuer's shape (hosts differ by cloud); None: another provider."""
        if _ENTRA_V2.fullmatch(self.issuer):
            return 2
        return 1 if _ENTRA_V1.fullmatch(self.issuer) else None

    @property
    def credential(self) -> ClientCredential | None:
        """vegraph's own credential at the provider, None where none is configured."""
        if self.client_id is None:
            return None
        return ClientCredential(
            client_id=self.client_id,
            client_secret=self.client_secret,
            client_certificate=self.client_certificate,
            federated_token_file=self.federated_token_file,
        )

    def __post_init__(self) -> None:
        _https_or_loopback("issuer", self.issuer)
        for name in ("discovery", "jwks"):
            _https_or_loopback(name, getattr(self, name))
        if not self.audience:
            raise ValueError("'audience' is empty; a token must be meant for vegraph to be let in.")
        if TENANT in self.issuer and not self.tenants:
            raise ValueError(f"an issuer with {TENANT} needs 'tenants', the list of tenant ids that may come in.")
        if self.entra == 1 and not (self.discovery or self.jwks) and "sts.windows.net" not in self.issuer:
            raise ValueError("an issuer of version 1 outside the public cloud needs 'discovery' or 'jwks'.")
        if self.client_id is None and (self.client_secret or self.client_certificate or self.federated_token_file):
            raise ValueError("there is a credential without 'client_id'.")
        _ = self.credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """`[portals.NAME]`: contacts of one portal and, where allowed, anonymous visitors, at `/portal/NAME/graphql`."""

    name: str

    issuer: str
    """The portal site; its tokens carry the bare host as `iss`."""

    audience: str
    """Client id the portal's pages ask tokens for. Tokens without audience are refused."""

    public_key: Path | None = None
    """PEM file of the site's `/_services/auth/publickey`."""

    jwks: str | None = None
    """Instead: URL of its signing keys."""

    entities: tuple[str, ...] = ()
    """`SOURCE.ENTITYSET` patterns that this portal's graph shows."""

    operations: Mapping[str, tuple[Operation, ...]] = field(default_factory=dict)
    """What contacts may do, by `SOURCE.ENTITYSET` pattern. Not listed: read."""

    anonymous_operations: Mapping[str, tuple[Operation, ...]] = field(default_factory=dict)
    """What anonymous visitors may do. Not listed: read."""

    mapping: Secret | None = None
    """Where contact → ERP user is kept: `sqlite:///…`, `postgresql+psycopg://…`, `dataverse:SOURCE`.

    A secret, since a database's URL may hold a password.
    """

    mapping_table: str = "dyn_externalportalusermapping"
    """Name of that table; older pages say `msdyn_externalportalusermapping`."""

    mapping_columns: Columns = field(default_factory=Columns)
    """Names of the columns of a Dataverse table."""

    authenticated: tuple[str, ...] | str = ()
    """`SOURCE:ERP user` that all signed-in contacts share (BC); rows of that source need a row rule."""

    anonymous: tuple[str, ...] | str = ()
    """`SOURCE:ERP user` for visitors without a token, at most one per source. Empty: no anonymous access."""

    rows: Mapping[str, str] = field(default_factory=dict)
    """Row rule by `SOURCE.ENTITYSET`: `contactId eq @contact` (see `identity.row_rules`)."""

    role_required: str = "CDSVirtualEntityAuthorizedPortalUser"
    roles_forbidden: tuple[str, ...] = ("SystemAdministrator", "SecurityAdministrator")

    contact_claim: str = "sub"

    ca: Path | None = None

    def __post_init__(self) -> None:
        if not self.audience.strip():
            raise ValueError("'audience' is empty; a portal is only trusted with a client id of its own.")
        if (self.public_key is None) == (self.jwks is None):
            raise ValueError("give exactly one of 'public_key' and 'jwks'.")
        _https_or_loopback("jwks", self.jwks)
        _ = self.shared_users, self.anonymous_users

    @property
    def shared_users(self) -> dict[str, str]:
        """Source → the ERP user that all its contacts share."""
        return _users("authenticated", self.authenticated)

    @property
    def anonymous_users(self) -> dict[str, str]:
        """Source → the ERP user of anonymous visitors."""
        return _users("anonymous", self.anonymous)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUser(ClientCredential):
    """`[sources.NAME.users.USER]`: an ERP user that portals run as, with the application registration tied to it."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What identity needs to know of one source."""

    name: str
    url: str
    """Root of the service; a credential never leaves it."""

    beside: tuple[str, ...] = ()
    """Paths of the service's other roots on the same host, where its credential may go too."""

    delegation: Strategy
    scope: str | None = None
    """What a token is asked for, `https://…/.default`."""

    fixed: Mapping[str, Secret] = field(default_factory=dict)
    """Headers of `delegation = "fixed"`."""

    authority: str | None = None
    """Issuer at which the applications of `users` get their tokens."""

    ca: Path | None = None
    """PEM file of authorities to trust for `authority`."""

    users: Mapping[str, AppUser] = field(default_factory=dict)
    reader: str | None = None
    """The one of `users` that reads roles and mapping for vegraph itself; no caller ever runs as it (I1)."""

    has_roles: bool = False
    """Its users' roles can be read and must be tested (finance and operations, human resources; I6)."""

    def __post_init__(self) -> None:
        if self.delegation == "on-behalf-of" and not self.scope:
            raise ValueError("delegation = \"on-behalf-of\" needs 'scope', what a token of this ERP is asked for.")
        if self.users and not (self.authority and self.scope):
            raise ValueError("'users' need 'authority' and 'scope', where and for what their tokens are asked.")
        if self.delegation == "fixed" and not self.fixed:
            raise ValueError("delegation = \"fixed\" needs the headers of that user in a table 'fixed'.")


def _users(key: str, value: tuple[str, ...] | str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in (value,) if isinstance(value, str) else value:
        source, colon, user = item.partition(":")
        if not (source and colon and user):
            raise ValueError(f"'{key}' must name a source and its user, like fo:portal-visitor, not '{item}'.")
        if source in found:
            raise ValueError(f"'{key}' names two users of source '{source}'; there can be one.")
        found[source] = user
    return found


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, by name or address."""
    return host in {"localhost", "::1"} or bool(host and re.fullmatch(r"127(\.\d{1,3}){3}", host))


def _https_or_loopback(key: str, url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise ValueError(f"'{key}' must be a URL without user name, query or fragment, not '{url}'.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError(f"'{key}' must be https; plain http is for loopback in the development profile.")
