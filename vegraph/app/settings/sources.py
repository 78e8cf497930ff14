"""`[sources.NAME]`: the ERPs behind the graph, and `[[relationships]]` declared between their entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from vegraph.app.settings.checks import HttpUrl, Matches
from vegraph.identity.config import AppUser, Strategy, Target
from vegraph.identity.secret import Secret

__all__ = ["Fixed", "Kind", "Relationship", "Source"]

Kind = Literal["business-central", "finance-operations", "human-resources", "dataverse", "odata"]
_WITH_ROLES: frozenset[Kind] = frozenset({"finance-operations", "human-resources"})

Prefix = Annotated[str, Matches(r"([A-Z][A-Za-z0-9]*)?", "must begin with a capital and hold letters and digits")]
SetPath = Annotated[
    str, Matches(r"[A-Za-z][A-Za-z0-9_-]*\.[^.\s]+", "is not an entity set of a source; write SOURCE.ENTITYSET")
]
FieldName = Annotated[str, Matches(r"[A-Za-z][A-Za-z0-9_]*", "is not a name that GraphQL takes")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One static user for a source; development profile only."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    """Sent with each request to the source, `Authorization` as a rule."""


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
            delegation=self.delegates,
            scope=self.scope,
            fixed=self.fixed.headers if self.fixed else {},
            authority=self.authority,
            ca=self.ca,
            users=self.users,
            reader=self.reader,
            has_roles=self.kind in _WITH_ROLES,
        )

    def __post_init__(self) -> None:
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
