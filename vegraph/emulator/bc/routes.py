"""URLs of Business Central: environment, route, company (erp.md OB-1 to OB-19)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from vegraph.emulator.engine.problem import Problem

__all__ = ["STANDARD", "Address", "address", "company_header", "company_option"]

STANDARD = "v2.0"
"""The standard route; others are `publisher/group/version`."""

_SHAPE = re.compile(r"(?P<base>/v2\.0/(?:(?P<tenant>[^/]+)/)?(?P<environment>[^/]+))/api/(?P<rest>.*)")
_ON_PREMISES = re.compile(r"(?P<base>(?:/(?P<environment>[^/]+))?)/api/(?P<rest>.*)")
_COMPANY = re.compile(r"companies\((?P<key>[^)]*(?:'[^']*')*[^)]*)\)(?:/(?P<rest>.*))?", re.IGNORECASE)
_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_NAMED = re.compile(r"(?P<property>name|id|businessProfileId)=(?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Address:
    """A path taken apart."""

    root: str
    """Path of the route's root, without a slash at its end."""

    environment: str
    route: str
    path: str
    """Relative to the route, company removed, still encoded."""

    company: str | None = None
    """Id or name from the path."""


def address(path: str, environments: frozenset[str]) -> Address:
    """Take a raw path apart. `Problem` 404 outside the known shapes and environments."""
    match = _SHAPE.fullmatch(path) or _ON_PREMISES.fullmatch(path)
    if match is None:
        raise Problem(404, "not_found", f"There is no endpoint at {unquote(path)}.")
    environment = unquote(match["environment"] or "")
    if environment and environment.lower() not in environments:
        raise Problem(404, "not_found", f"The environment '{environment}' does not exist.")
    route, rest = _route(match["rest"])
    root = f"{match['base']}/api/{route}"
    company = _COMPANY.fullmatch(rest)
    if company is not None and company["rest"]:
        return Address(root, environment, route, company["rest"], _company_key(unquote(company["key"])))
    return Address(root, environment, route, rest)


def _route(rest: str) -> tuple[str, str]:
    parts = rest.split("/")
    if parts[0].lower() == STANDARD:
        return STANDARD, "/".join(parts[1:]).strip("/")
    if len(parts) < 3:
        raise Problem(404, "not_found", f"There is no route '{unquote(rest)}'.")
    return "/".join(unquote(p) for p in parts[:3]), "/".join(parts[3:]).strip("/")


def _company_key(text: str) -> str:
    named = _NAMED.fullmatch(text)
    value = named["value"] if named else text
    if value.startswith("'") and value.endswith("'") and len(value) > 1 and named:
        return value[1:-1].replace("''", "'")
    if not _GUID.fullmatch(value):
        raise Problem(400, "bad_key", f"'{text}' is not the id of a company: a GUID without quotes.")
    return value


def company_header(headers: Mapping[str, str]) -> str | None:
    """Value of the `Company` header; a name may come as UTF-8."""
    found = headers.get("company")
    if found is None:
        return None
    try:
        return found.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return found


def company_option(query: str) -> str | None:
    """Value of `company=` in a raw query string: id or name."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name.lower() == "company":
            found = unquote(value)
            return found[1:-1].replace("''", "'") if found[:1] == found[-1:] == "'" and len(found) > 1 else found
    return None
