"""Who asks, and as whom a call runs: the two values that the rest of vegraph knows of identity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Literal

import httpx

from vegraph.identity.secret import Secret

__all__ = ["Caller", "Delegated", "Kind", "RunsAs", "anonymous", "contact_key"]

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

Kind = Literal["person", "contact", "anonymous", "application"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as one door found out from a checked token; or nobody in particular (`anonymous`)."""

    door: str
    """Name of the `[identity.NAME]` or `[portals.NAME]` the request came through."""

    kind: Kind

    tenant: str | None = None
    """Tenant of a person or application; the issuer where the provider knows no tenants."""

    object_id: str | None = None
    """The person in the tenant. Never e-mail, UPN, name or `sub` of Entra (I4)."""

    contact_id: str | None = None
    """The contact in the portal, in the spelling of `contact_key`."""

    name: str = ""
    """For display only; nothing is decided by it."""

    assertion: Secret | None = None
    """The token they came with. It is exchanged, never sent to an ERP (I2)."""

    expires_at: float = 0.0
    """Seconds since 1970 at which the assertion ends."""

    claims: Mapping[str, str | int | bool] = field(default_factory=dict, hash=False, repr=False)
    """Scalar claims of the checked token, for row rules (`@contact` and others)."""

    @property
    def identity(self) -> tuple[str, str]:
        """(tenant, object id) or (portal, contact id) (I4); of an anonymous visitor (portal, "")."""
        if self.kind == "contact":
            return self.door, self.contact_id or ""
        return self.tenant or self.door, self.object_id or ""

    @property
    def key(self) -> str:
        """Opaque text that is the same for the same caller: for fair queues and logs, never for rights."""
        return _opaque(self.kind, *self.identity)


@lru_cache(maxsize=4096)
def _opaque(*parts: str) -> str:
    return sha256("\x00".join(parts).encode()).hexdigest()[:16]


def contact_key(contact_id: str) -> str:
    """One spelling per contact: Guids (Power Pages) in lower case; other portals' ids are exact, capitals and all."""
    return contact_id.lower() if _GUID.fullmatch(contact_id) else contact_id


def anonymous(door: str) -> Caller:
    """The visitor without a credential, at a portal that allows that."""
    return Caller(door=door, kind="anonymous", name="Anonymous visitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated:
    """As whom calls to one source run, and the credential for them. Belongs to one request; never shared."""

    source: str

    principal: str
    """Stable, opaque name of the ERP's user: `bc:user:<tenant>:<object id>`, `fo:app:<ERP user>`. Limits go by it."""

    auth: httpx.Auth | None = field(repr=False)
    """Goes with each request, `client.send(request, auth=auth)`. None: the source is public, nothing is sent."""

    description: str
    """For people: `Mary Manager, on behalf of`."""

    caller: str = ""
    """`Caller.key`: several callers may share a principal and want a fair queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsAs:
    """What `me` and `vegraph check` say about one source."""

    source: str
    allowed: bool
    principal: str | None = None
    description: str = ""
    reason: str | None = None
    """Why not, as a sentence, where not allowed."""

    code: str | None = None
    """The error's code, where not allowed."""
