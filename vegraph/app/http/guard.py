"""Queries by GET that another site's page set off are refused (T27); a browser says so itself."""

from __future__ import annotations

from starlette.datastructures import Headers

from vegraph.app.http.refusals import Refusal

__all__ = ["ASKED_FIRST", "refuse_foreign_pages"]

_OWN = frozenset({"same-origin", "none"})
"""`none`: typed into the address bar, or a bookmark."""

ASKED_FIRST = ("authorization", "apollo-require-preflight", "x-apollo-operation-name", "graphql-require-preflight")
"""Headers that a page of another origin can send only after a preflight request was granted."""


def refuse_foreign_pages(headers: Headers) -> None:
    """Raises Refusal (403)."""
    if headers.get("sec-fetch-site", "none") in _OWN:
        return
    if any(name in headers for name in ASKED_FIRST):
        return
    raise Refusal(
        403,
        "A page of another site may not ask by GET. Use POST with application/json, "
        "or send the header GraphQL-Require-Preflight.",
        code="FORBIDDEN",
    )
