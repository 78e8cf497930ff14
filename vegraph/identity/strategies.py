"""The one strategy for each door and source, chosen from configuration alone (I1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vegraph.errors import ConfigError
from vegraph.identity.anonymous import Anonymous
from vegraph.identity.clock import Clock
from vegraph.identity.config import ONLY_IN_THE_DEMO, Door, Portal, Target
from vegraph.identity.delegation import ByKind, Strategy
from vegraph.identity.erp_users import ErpUsers
from vegraph.identity.exchange import Exchange, UserTokens
from vegraph.identity.fixed import Fixed
from vegraph.identity.mapped_app import MappedApp
from vegraph.identity.mapping import Mapping as PortalMapping
from vegraph.identity.mapping import ReadRows
from vegraph.identity.none import Public
from vegraph.identity.on_behalf_of import OnBehalfOf
from vegraph.identity.providers import door_exchange, source_users
from vegraph.identity.roles import ReadRoles, RoleCheck, RoleRules
from vegraph.identity.tokens import TokenCache
from vegraph.identity.user import Kind

if TYPE_CHECKING:
    from vegraph.identity.development import DevelopmentIssuer

__all__ = ["Strategies"]


class Strategies:
    """Makes strategies, and keeps what they share: one token memory, one application per provider."""

    def __init__(
        self,
        mapping: Mapping[str, ReadRows],
        roles: Mapping[str, ReadRoles],
        *,
        development: bool,
        issuer: DevelopmentIssuer | None,
        clock: Clock,
    ) -> None:
        self._mapping = mapping
        self._roles = roles
        self._development = development
        self._issuer = issuer
        self._clock = clock
        self._cache = TokenCache(clock)
        self._exchanges: dict[str, Exchange] = {}
        self._users: dict[str, UserTokens] = {}
        self._portals: dict[str, PortalMapping] = {}
        self._close: list[Callable[[], None]] = []

    def for_people(self, door: Door, target: Target) -> Strategy | None:
        """What people of that door run as there. None: they may not run there at all."""
        if (unchanging := self._unchanging(target)) is not None:
            return unchanging
        if target.delegation == "mapped-app":
            return None
        return OnBehalfOf(target, self._exchange(door, target), self._cache)

    def for_portal(self, portal: Portal, target: Target) -> Strategy | None:
        """What contacts and visitors of that portal run as there. None: the portal shows nothing of that source."""
        if not any(pattern.partition(".")[0] in (target.name, "*") for pattern in portal.entities):
            return None
        if (unchanging := self._unchanging(target)) is not None:
            return unchanging
        users = ErpUsers(target, self._user_tokens(target), self._role_check(portal, target), self._cache)
        kinds: dict[Kind, Strategy] = {}
        if (who := self._who(portal, target)) is not None:
            kinds["contact"] = MappedApp(portal.name, target.name, users, who)
        if (visitor := portal.anonymous_users.get(target.name)) is not None:
            kinds["anonymous"] = Anonymous(target.name, users, visitor)
        return ByKind(kinds, target.name)

    def close(self) -> None:
        """Closes connections to providers."""
        for close in self._close:
            close()

    def _unchanging(self, target: Target) -> Strategy | None:
        if target.delegation == "none":
            return Public(target)
        return Fixed(target, development=self._development) if target.delegation == "fixed" else None

    def _exchange(self, door: Door, target: Target) -> Exchange:
        if target.delegation == "development":
            return self._demo(target)
        if door.name not in self._exchanges:
            exchange = door_exchange(door, self._clock)
            self._close.append(exchange.close)
            self._exchanges[door.name] = exchange
        return self._exchanges[door.name]

    def _user_tokens(self, target: Target) -> UserTokens:
        if target.delegation == "development":
            from vegraph.identity.development import DevelopmentUsers

            return DevelopmentUsers(self._demo(target), target.scope or target.url)
        if target.name not in self._users:
            users = source_users(target, self._clock)
            self._close.append(users.close)
            self._users[target.name] = users
        return self._users[target.name]

    def _demo(self, target: Target) -> DevelopmentIssuer:
        if self._issuer is None or not self._development:
            raise ConfigError(f"sources.{target.name}.delegation: {ONLY_IN_THE_DEMO}")
        return self._issuer

    def _who(self, portal: Portal, target: Target) -> PortalMapping | str | None:
        if (shared := portal.shared_users.get(target.name)) is not None:
            return shared
        if (read := self._mapping.get(portal.name)) is None:
            return None
        return self._portals.setdefault(portal.name, PortalMapping(portal.name, read, self._clock))

    def _role_check(self, portal: Portal, target: Target) -> RoleCheck | None:
        if not target.has_roles:
            return None
        if (read := self._roles.get(target.name)) is None:
            raise ConfigError(
                f"portals.{portal.name}: the roles of {target.name}'s users can't be read, so no portal can run there; "
                f"configure sources.{target.name}.reader."
            )
        return RoleCheck(read, RoleRules(portal.role_required, portal.roles_forbidden), self._clock)
