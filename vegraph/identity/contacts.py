"""What a portal's door demands: a token of that site for that client id, short-lived, telling one contact (T07)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from vegraph.identity.config import Portal
from vegraph.identity.jose import bad_token
from vegraph.identity.keys import SigningKey
from vegraph.identity.user import Caller, contact_key
from vegraph.identity.verify import Checks

__all__ = ["MAX_LIFE_S", "checks_for"]

MAX_LIFE_S = 3600.0
"""Power Pages allows one minute to one hour."""


def checks_for(portal: Portal) -> Checks:
    """The checks of a `[portals.NAME]` door."""
    issuers = _issuers(portal.issuer)
    return Checks(
        issuer=lambda claims: issuers,
        audience=portal.audience,
        required=("exp", "iat", "iss", "aud", portal.contact_claim),
        judge=lambda claims, key: _judge(portal, claims, key),
        max_life_s=MAX_LIFE_S,
    )


def _issuers(issuer: str) -> tuple[str, ...]:
    """The site as configured, and its bare host: Power Pages writes the latter (identity.md §4)."""
    parts = urlsplit(issuer)
    return (issuer, parts.netloc) if parts.scheme and parts.netloc and not parts.path.strip("/") else (issuer,)


def _judge(portal: Portal, claims: dict[str, Any], key: SigningKey) -> Caller:
    contact = claims.get(portal.contact_claim)
    if not isinstance(contact, str) or not 0 < len(contact) <= 128 or not contact.isprintable():
        raise bad_token("it does not tell a contact")
    if "appid" in claims and claims["appid"] != claims["aud"]:
        raise bad_token("it was made for another client id")
    for told in _told_contacts(claims):
        if told != contact:
            raise bad_token("it tells two different contacts")
    name = claims.get("name") or claims.get("preferred_username") or ""
    contact = contact_key(contact)
    return Caller(
        door=portal.name,
        kind="contact",
        contact_id=contact,
        name=name[:100] if isinstance(name, str) and name.isprintable() else "",
        claims={"contact": contact},
    )


def _told_contacts(claims: dict[str, Any]) -> list[Any]:
    """Contact ids in Power Pages' own claim, `lp_sdes: [{type: "ctmrinfo", info: {customerId, ctype: "contact"}}]`."""
    entries = claims.get("lp_sdes", [])
    infos = [entry.get("info") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [
        info["customerId"]
        for info in infos
        if isinstance(info, dict) and info.get("ctype", "contact") == "contact" and "customerId" in info
    ]
