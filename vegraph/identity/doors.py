"""Which door a request comes through, and what it finds there.

At `/graphql` a token is required, and its issuer says which `[identity.NAME]` checks it; that door alone, never the
next one after a failure. At `/portal/NAME/graphql` the door is the route. A credential that is there but bad is 401
everywhere, never anonymous (I3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from vegraph.errors import Forbidden, Unauthenticated
from vegraph.identity.config import Door, Portal
from vegraph.identity.jose import bad_token, bearer, take_apart
from vegraph.identity.user import Caller, anonymous
from vegraph.identity.verify import Verifier

__all__ = ["Doors"]


class Doors:
    """All doors of one server."""

    def __init__(
        self,
        people: Mapping[str, tuple[Door, Verifier]],
        portals: Mapping[str, tuple[Portal, Verifier]],
    ) -> None:
        self._people = dict(people)
        self._portals = dict(portals)

    async def person(self, authorization: Sequence[str]) -> Caller:
        """Who asks at `/graphql`. `authorization`: the values of all Authorization headers of the request.

        Raises Unauthenticated (401; no token is one), Forbidden, IdentityUnavailable (503).
        """
        token = bearer(authorization)
        if token is None:
            raise Unauthenticated(
                "Sign in first: this endpoint needs an access token in the Authorization header.",
                challenge='Bearer realm="vegraph"',
            )
        return await self._verifier_for(token).check(token)

    async def portal(self, name: str, authorization: Sequence[str]) -> Caller:
        """Who asks at `/portal/NAME/graphql`: a contact, or an anonymous visitor where that portal allows it.

        Raises like `person`; KeyError for a portal that does not exist.
        """
        portal, verifier = self._portals[name]
        token = bearer(authorization)
        if token is not None:
            return await verifier.check(token)
        if portal.anonymous_users:
            return anonymous(name)
        raise Unauthenticated(
            f"Sign in at the portal first: '{name}' has no anonymous access.", challenge='Bearer realm="vegraph"'
        )

    async def run(self) -> None:
        """Keeps all doors' keys fresh until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _, verifier in [*self._people.values(), *self._portals.values()]:
                group.create_task(verifier.run())

    def _verifier_for(self, token: str) -> Verifier:
        """The one door whose issuer (and audience, where two doors share an issuer) the token claims."""
        if not self._people:
            raise Forbidden("No [identity.NAME] is configured, so nobody can sign in here.")
        if len(self._people) == 1:
            return next(iter(self._people.values()))[1]
        claims = take_apart(token).claims
        matching = [pair for pair in self._people.values() if pair[1].expects(claims)]
        if len(matching) > 1:
            matching = [pair for pair in matching if pair[0].audience == claims.get("aud")]
        if len(matching) != 1:
            raise bad_token("it is of an issuer that no door here is for")
        return matching[0][1]
