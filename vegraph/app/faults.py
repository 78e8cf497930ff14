"""Errors as clients see them: a sentence, where, `extensions.code` and `extensions.requestId`.

What vegraph raises on purpose says what to do; what it did not expect is masked, and logged under the request's
id (T09). Texts are cut: an error must not send a client's own megabyte back to it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLError

from vegraph.errors import BackendUnauthenticated, Forbidden, IdentityUnavailable, Unauthenticated, VegraphError

__all__ = ["MASKED", "challenge", "error_object", "error_objects", "status_of"]

logger = logging.getLogger("vegraph")

MASKED = "Something went wrong inside vegraph. Its log has the details under this request id."
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{1,8000}=*")
LONGEST = 600
"""Characters of a message."""
MOST = 100
"""Errors that one answer lists."""


def error_objects(errors: Sequence[GraphQLError], code: str, request_id: str) -> list[dict[str, Any]]:
    """The `errors` entry of a response; `code` is for those that carry none of their own."""
    found = [error_object(error, code, request_id) for error in errors[:MOST]]
    if len(errors) > MOST:
        more = GraphQLError(f"{len(errors) - MOST} more errors are not listed.")
        found.append(error_object(more, code, request_id))
    return found


def error_object(error: Exception, code: str, request_id: str) -> dict[str, Any]:
    """One error, of whatever origin, as the GraphQL specification writes it (§7.1.2)."""
    found: dict[str, Any] = {}
    origin = _origin(error)
    if isinstance(origin, VegraphError):
        found["message"] = _cut(str(origin))
        extensions = origin.extensions
    elif origin is None and isinstance(error, GraphQLError):
        found["message"] = _cut(error.message)
        extensions = {"code": "BAD_USER_INPUT" if _of_document(error) else code, **(error.extensions or {})}
    else:
        logger.error("unexpected error [request %s]", request_id, exc_info=origin or error)
        found["message"] = MASKED
        extensions = {"code": "INTERNAL_SERVER_ERROR"}
    if isinstance(error, GraphQLError):
        if error.locations:
            found["locations"] = [location.formatted for location in error.locations]
        if error.path is not None:
            found["path"] = list(error.path)
    found["extensions"] = {**extensions, "requestId": request_id}
    return found


def status_of(error: VegraphError) -> int:
    """HTTP status where an error ends the request before anything was executed."""
    match error:
        case Unauthenticated():
            return 401
        case Forbidden():
            return 403
        case IdentityUnavailable():
            return 503
    return 500


def challenge(error: VegraphError) -> Iterable[tuple[str, str]]:
    """Headers that tell a client how to come in, or when to try again."""
    if isinstance(error, Unauthenticated):
        yield "WWW-Authenticate", error.challenge or "Bearer"
    if isinstance(error, BackendUnauthenticated):
        yield "WWW-Authenticate", _told(error)
    if isinstance(error, IdentityUnavailable) and error.retry_after is not None:
        yield "Retry-After", str(max(1, round(error.retry_after)))


def _told(error: BackendUnauthenticated) -> str:
    """The ERP's claims, unchanged (I11), where they are what such claims look like."""
    if error.challenge is None or not _BASE64.fullmatch(error.challenge):
        return 'Bearer realm="vegraph", error="invalid_token"'
    return f'Bearer realm="vegraph", error="insufficient_claims", claims="{error.challenge}"'


def _origin(error: Exception) -> Exception | None:
    """What a resolver raised, below any number of GraphQL's own wrappers; None: nothing but GraphQL's."""
    if not isinstance(error, GraphQLError):
        return error
    inner = error.original_error
    while isinstance(inner, GraphQLError):
        inner = inner.original_error
    return inner


def _of_document(error: GraphQLError) -> bool:
    """Found by graphql-core in the document while it ran: an argument that only the variables make wrong."""
    inner = error.original_error
    return isinstance(inner, GraphQLError) and bool(inner.nodes)


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
