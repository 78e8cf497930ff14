"""Which companies a request sees and writes in (erp.md §4.1.5)."""

from __future__ import annotations

from urllib.parse import unquote

from vegraph.emulator.engine.http import Request
from vegraph.emulator.users import User

__all__ = ["seen", "writes_in"]


def seen(request: Request, path: str, user: User, *, unfiltered: bool) -> tuple[str, ...] | None:
    """Codes of the companies whose rows are seen; None: all.

    Without `cross-company=true` that is the user's default company (OF-60, OF-63). A create needs no such option: its
    company is in the body (OF-65).
    """
    allowed = None if user.companies is None else tuple(c.lower() for c in user.companies)
    creates = request.method == "POST" and "(" not in path and "." not in path.rpartition("/")[2]
    if unfiltered or creates or _cross_company(request.query):
        return allowed
    return (writes_in(user),)


def writes_in(user: User) -> str:
    """The company of a new row that names none."""
    return (user.default_company or "dat").lower()


def _cross_company(query: str) -> bool:
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if unquote(name).lower() == "cross-company":
            return unquote(value).strip().lower() == "true"
    return False
