"""Users of an emulated ERP: who a token stands for, what they may do, and which rows they see.

The people of the demo are data passed in; nothing here knows their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

__all__ = [
    "EVERYTHING",
    "READ_ONLY",
    "SECURITY_ADMINISTRATOR",
    "SYSTEM_ADMINISTRATOR",
    "Directory",
    "Right",
    "RowRule",
    "User",
    "Verb",
]

Verb = Literal["read", "create", "update", "delete", "action"]

SYSTEM_ADMINISTRATOR = "SystemAdministrator"
SECURITY_ADMINISTRATOR = "SecurityAdministrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What may be done with the sets a pattern names (an entry point with its access levels)."""

    sets: str
    """Glob over entity set names: `customers`, `sales*`, `*`."""

    verbs: frozenset[Verb] = frozenset({"read"})

    def covers(self, entity_set: str, verb: Verb) -> bool:
        """Whether this right allows that verb on that set."""
        return verb in self.verbs and fnmatchcase(entity_set, self.sets)


EVERYTHING = (Right(sets="*", verbs=frozenset({"read", "create", "update", "delete", "action"})),)
READ_ONLY = (Right(sets="*"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """A row is seen only if `property` has one of `values`, or points to a row seen in another set."""

    sets: str
    """Glob over entity set names."""

    property: str
    """Wire name."""

    values: tuple[str | int | bool, ...] = ()
    in_set: str | None = None
    """Instead of values: the row of that set whose `in_property` equals `property` must be visible to the user."""

    in_property: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user account of the ERP."""

    id: str
    """User name (F&O UserId, BC user name)."""

    security_id: str = "00000000-0000-0000-0000-000000000001"
    """GUID of the account (BC `systemCreatedBy`)."""

    principals: tuple[str, ...] = ()
    """Claim values that mean this user: object id, client id, `preferred_username` or `sub`."""

    roles: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    rows: tuple[RowRule, ...] = ()
    companies: tuple[str, ...] | None = None
    """Names, codes or ids of companies the user may work in. None: all."""

    default_company: str | None = None
    enabled: bool = True
    language: str = "en-US"

    def may(self, entity_set: str, verb: Verb) -> bool:
        """Whether any right allows the verb on the set; a system administrator may everything."""
        return SYSTEM_ADMINISTRATOR in self.roles or any(r.covers(entity_set, verb) for r in self.rights)

    def rules_for(self, entity_set: str) -> tuple[RowRule, ...]:
        """Row rules that stand on that set."""
        return tuple(rule for rule in self.rows if fnmatchcase(entity_set, rule.sets))


@dataclass(slots=True)
class Directory:
    """The user accounts of one ERP, found by the claims of a token."""

    users: Mapping[str, User] = field(default_factory=dict)
    """By user id."""

    claims: tuple[str, ...] = ("oid", "upn", "preferred_username", "appid", "azp", "sub")
    """Claims that can name a principal, the first that is known wins."""

    @classmethod
    def of(cls, users: Iterable[User]) -> Directory:
        """A directory of those users."""
        return cls(users={user.id: user for user in users})

    def find(self, claims: Mapping[str, object]) -> User | None:
        """The user a token's claims stand for, or None (unknown, or the account is disabled)."""
        by_principal = {p.lower(): user for user in self.users.values() for p in user.principals}
        for name in self.claims:
            user = by_principal.get(str(claims.get(name, "")).lower())
            if user is not None:
                return user if user.enabled else None
        return None
