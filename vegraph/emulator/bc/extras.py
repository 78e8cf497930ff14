"""What is not a table: environments, route lists, definitions, subscriptions, and the services of other routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vegraph.emulator.bc.routes import address
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.service import Service
from vegraph.emulator.users import User

if TYPE_CHECKING:
    from vegraph.emulator.bc.dialect import BcDialect

__all__ = ["Extras"]


class Extras:
    """Answers what the engine does not."""

    def __init__(self, dialect: BcDialect) -> None:
        self.dialect = dialect

    async def answer(self, service: Service, request: Request, user: User | None) -> Response | None:
        """The response, or None for an ordinary request."""
        if user is None:
            return None
        found = address(request.path, self.dialect.environments)
        if found.route != self.dialect.route and found.route in self.dialect.others:
            return self.dialect.others[found.route].dispatch(request, user)
        return None


def missing(what: str) -> Problem:
    """404."""
    return Problem(404, "not_found", what)
