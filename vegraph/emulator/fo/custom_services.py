"""The one custom service that every environment has: who am I (erp.md OF-15)."""

from __future__ import annotations

import orjson

from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.users import User

__all__ = ["answer"]

_SESSION = "/api/services/UserSessionService/AifUserSessionService/GetUserSessionInfo"


def answer(request: Request, user: User | None) -> Response:
    """JSON about the session. `Problem` 404 for other services, 405 for other verbs than POST."""
    if request.path.rstrip("/").lower() != _SESSION.lower():
        raise Problem(404, "not_found", f"No HTTP resource was found that matches the request URI '{request.url}'.")
    if request.method != "POST":
        raise Problem(405, "method_not_allowed", "The requested resource does not support this HTTP method.")
    if user is None:
        raise Problem(401, "unauthenticated", "The request has no user.")
    found = {
        "UserId": user.id,
        "UserPreferredLanguage": user.language,
        "Company": (user.default_company or "dat").lower(),
        "IsSysAdmin": "SystemAdministrator" in user.roles,
    }
    return Response(200, orjson.dumps(found), {"content-type": "application/json; charset=utf-8"})
