"""`[sources.NAME]`: the ERPs behind the graph, and `[[relationships]]` declared between their entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from vegraph.app.settings.checks import NAME, HttpUrl, Matches
from vegraph.identity.config import AppUser, Strategy, Target
from vegraph.identity.secret import Secret

__all__ = ["Fixed", "Kind", "Relationship", "Source"]

Kind = Literal["business-central", "finance-operations", "human-resources", "dataverse", "odata"]
_WITH_ROLES: frozenset[Kind] = frozenset({"finance-operations", "human-resources"})

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What a field value may not hold (RFC 9110 §5.5)."""

Prefix = Annotated[str, Matches(r"([A-Z][A-Za-z0-9]*)?", "must begin with a capital and hold letters and digits")]
SetPath = Annotated[str, Matches(rf"{NAME}\.[^.\s]+", "is not an entity set of a source; write SOURCE.ENTITYSET")]
Route = Annotated[
    str,
    Matches(r"[A-Za-z0-9]+/[A-Za-z0-9]+/(v\d+\.\d+|beta)", "is not an API route such as contoso/app/v1.0"),
]
Language = Annotated[str, Matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "is not a language such as en-US")]
FieldName = Annotated[str, Matches(r"[A-Za-z][A-Za-z0-9_]*", "is not a name that GraphQL takes")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One static user for a source; development profile only."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    """Sent with each request to the source, `Authorization` as a rule."""

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if not _TOKEN.fullmatch(name) or _CONTROL.search(value.reveal()):
                raise ValueError(
                    f"header '{name}' cannot be sent: its name or its value holds a line break or another character "
                    "that no header may hold."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One ERP environment."""

    name: str
    """The key of its table."""

    kind: Kind
    """Which OData dialect it speaks."""

    url: Annotated[str, HttpUrl()]
    """Root of its OData service."""

    metadata: Path | None = None
    """Folder written by `catalog pull`, or one CSDL file (.xml, .json, .gz). None: fetched at start."""

    metadata_from: Literal["document", "services"] | None = None
    """What metadata is fetched from: the service's $metadata, or finance and operations' metadata services. None: the
    document, and the services where it does not come whole in time."""

    routes: tuple[Route, ...] = ()
    """Further API routes of a Business Central environment that belong to this source, as `contoso/app/v1.0`."""

    language: Language = "en-US"
    """Language of the labels that become descriptions."""

    prefix: Prefix = ""
    """Put before type names; fields get it in camel case."""

    company: str | None = None
    """Name or id of the company meant where a query names none."""

    entities: tuple[str, ...] | None = None
    """Visible entity sets, as names and glob patterns. None: all of an odata source, else none."""

    delegation: Strategy | None = None
    """How a call gets its user. None: "none" for an odata source, else "on-behalf-of"."""

    scope: str | None = None
    """What the delegated token is asked for; needed for on-behalf-of."""

    fixed: Fixed | None = None
    """The static user of `delegation = "fixed"`."""

    authority: Annotated[str, HttpUrl()] | None = None
    """Issuer at which the applications of `users` get their tokens."""

    ca: Path | None = None
    """PEM file of authorities to trust for `authority` instead of the system's."""

    users: Mapping[str, AppUser] = field(default_factory=dict)
    """ERP users that portals run as, each with the application registration tied to it."""

    reader: str | None = None
    """The one of `users` that reads which roles ERP users hold; needed for portals on finance and operations."""

    @property
    def visible(self) -> tuple[str, ...]:
        """Patterns of the visible entity sets, the default filled in."""
        if self.entities is not None:
            return self.entities
        return ("*",) if self.kind == "odata" else ()

    @property
    def delegates(self) -> Strategy:
        """How a call gets its user, the default filled in."""
        return self.delegation or ("none" if self.kind == "odata" else "on-behalf-of")

    @property
    def target(self) -> Target:
        """What identity needs to know of it. Raises ValueError where a key that the delegation needs is missing."""
        return Target(
            name=self.name,
            url=self.url,
            beside=self.beside,
            delegation=self.delegates,
            scope=self.scope,
            fixed=self.fixed.headers if self.fixed else {},
            authority=self.authority,
            ca=self.ca,
            users=self.users,
            reader=self.reader,
            has_roles=self.kind in _WITH_ROLES,
        )

    @property
    def services_path(self) -> str | None:
        """Path of finance and operations' metadata services, beside its `/data`; None for other kinds."""
        if self.kind not in _WITH_ROLES:
            return None
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[0] + "/metadata"

    @property
    def beside(self) -> tuple[str, ...]:
        """Paths of the service's other roots: further API routes, the metadata services."""
        api = urlsplit(self.url).path.rpartition("/api/")[0] + "/api/"
        services = self.services_path
        return (*(api + route for route in self.routes), *([services] if services else []))

    def __post_init__(self) -> None:
        if self.metadata_from == "services" and self.services_path is None:
            raise ValueError('metadata_from = "services" is for finance and operations and human resources only.')
        if self.routes and (self.kind != "business-central" or "/api/" not in urlsplit(self.url).path):
            raise ValueError("'routes' are for business-central with a url that ends in an API route like /api/v2.0.")
        _ = self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A relationship that no metadata document tells, within a source or across two."""

    from_: SetPath
    """`SOURCE.ENTITYSET` it starts from."""

    to: SetPath
    """`SOURCE.ENTITYSET` it leads to."""

    name: FieldName
    """Field on `from`."""

    on: Mapping[str, str]
    """Property of `from` = property of `to`, wire names."""

    inverse: FieldName | None = None
    """Field on `to` that leads back; None: there is none."""

    many: bool = False
    """Whether `name` leads to many rows."""

    def __post_init__(self) -> None:
        if not self.on:
            raise ValueError("'on' is empty; name at least one pair of properties.")
