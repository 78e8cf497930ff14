"""What a door for people demands: the right tenant, a delegated permission, no guest, no application (T04)."""

from __future__ import annotations

import re
from typing import Any

from vegraph.errors import Unauthenticated
from vegraph.identity.config import TENANT, Door
from vegraph.identity.jose import bad_token
from vegraph.identity.keys import SigningKey
from vegraph.identity.user import Caller, Kind
from vegraph.identity.verify import Checks

__all__ = ["checks_for"]

_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def checks_for(door: Door) -> Checks:
    """The checks of an `[identity.NAME]` door."""
    rules = _People(door)
    required = ["exp", "iat", "iss", "aud", "sub", *rules.identifying]
    if door.entra:
        required.append("nbf")
    return Checks(issuer=rules.issuer, audience=door.audience, required=tuple(required), judge=rules.judge)


class _People:
    """The rules of one door over the claims of one token."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._object = door.object_claim or ("oid" if door.entra else "sub")
        self._tenant = door.tenant_claim or ("tid" if door.entra else None)
        self._tenants = frozenset(tenant.lower() for tenant in door.tenants)
        own = _TENANT_ID.search(door.issuer)
        if door.entra and own and not self._tenants:
            self._tenants = frozenset({own[0]})

    @property
    def identifying(self) -> list[str]:
        """Claims that must be there to know who it is."""
        return [claim for claim in (self._object, self._tenant) if claim]

    def issuer(self, claims: dict[str, Any]) -> tuple[str, ...]:
        """The issuer this token must name: the configured one, or that of its own tenant if that may come in."""
        if TENANT not in self._door.issuer:
            return (self._door.issuer,)
        tenant = claims.get(self._tenant or "tid")
        if not isinstance(tenant, str) or tenant.lower() not in self._tenants:
            return ()
        return (self._door.issuer.replace(TENANT, tenant),)

    def judge(self, claims: dict[str, Any], key: SigningKey) -> Caller:
        """The person, or the application where this door lets applications in."""
        self._check_key(claims, key)
        self._check_version(claims)
        tenant = self._text(claims, self._tenant) if self._tenant else self._door.issuer
        if self._tenants and tenant.lower() not in self._tenants:
            raise bad_token("it is of a tenant that may not come in")
        kind: Kind = "application" if _is_application(claims) else "person"
        if kind == "application" and not self._door.applications:
            raise bad_token("it is an application's or an id token, and people are let in here")
        if kind == "person":
            self._check_scope(claims)
        self._check_guest(claims)
        return Caller(
            door=self._door.name,
            kind=kind,
            tenant=tenant,
            object_id=self._text(claims, self._object),
            name=_display_name(claims),
        )

    def _check_key(self, claims: dict[str, Any], key: SigningKey) -> None:
        """A key that names its issuer signs for that one alone; a shared key set must name one (identity.md §4)."""
        if key.issuer is None and TENANT not in self._door.issuer:
            return
        tenant = str(claims.get(self._tenant or "tid"))
        if key.issuer is None or key.issuer.replace(TENANT, tenant) != claims["iss"]:
            raise bad_token("it is signed with a key of another issuer")

    def _check_version(self, claims: dict[str, Any]) -> None:
        if self._door.entra and claims.get("ver") != f"{self._door.entra}.0":
            raise bad_token(f"it is not of version {self._door.entra}.0")

    def _check_scope(self, claims: dict[str, Any]) -> None:
        if self._door.scope and self._door.scope not in _scopes(claims):
            raise bad_token("it lacks the delegated permission this door needs")

    def _check_guest(self, claims: dict[str, Any]) -> None:
        if not self._door.entra:  # both claims are Entra ID's own
            return
        guest = claims.get("acct") in (1, "1") or ("idp" in claims and claims["idp"] != claims["iss"])
        if guest and not self._door.guests:
            raise bad_token("it is a guest's, and guests are not let in here")

    def _text(self, claims: dict[str, Any], name: str) -> str:
        value = claims.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= 256 or not value.isprintable():
            raise self._unusable(name)
        return value.lower() if _TENANT_ID.fullmatch(value.lower()) else value

    def _unusable(self, name: str) -> Unauthenticated:
        return bad_token(f"what it says for {name} is not usable")


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """Delegated permissions: Entra ID's `scp`, others' `scope` (RFC 9068 §2.2.3)."""
    value = claims.get("scp", claims.get("scope"))
    if isinstance(value, list):
        return frozenset(item for item in value if isinstance(item, str))
    return frozenset(value.split()) if isinstance(value, str) else frozenset()


def _is_application(claims: dict[str, Any]) -> bool:
    """Tokens of applications say so, or carry no delegated permission (so do id tokens, which open no API)."""
    return claims.get("idtyp") == "app" or not _scopes(claims)


def _display_name(claims: dict[str, Any]) -> str:
    value = claims.get("name") or claims.get("preferred_username") or ""
    return value[:100] if isinstance(value, str) and value.isprintable() else ""
