"""Doors and strategies, put together from configuration once at start. What may not be combined stops the start here.

| delegation of source | people (`[identity.NAME]`)        | contacts and visitors (`[portals.NAME]`)    |
|----------------------|-----------------------------------|---------------------------------------------|
| `on-behalf-of`       | on behalf of the person           | the mapped user; the anonymous user         |
| `mapped-app`         | refused                           | the same                                    |
| `development`        | on behalf of, by the demo's issuer | the same, with tokens of the demo's issuer |
| `fixed`, `none`      | the fixed user; nobody            | the same                                    |
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from vegraph.errors import ConfigError
from vegraph.identity import contacts, people
from vegraph.identity.audit import Audit
from vegraph.identity.clock import Clock
from vegraph.identity.config import Door, Portal, Target
from vegraph.identity.delegation import Delegation, Strategy
from vegraph.identity.doors import Doors
from vegraph.identity.fetched_keys import FetchedKeys, key_source
from vegraph.identity.json_http import client
from vegraph.identity.keys import Keys, PemKey
from vegraph.identity.mapping import ReadRows
from vegraph.identity.roles import ReadRoles
from vegraph.identity.strategies import Strategies
from vegraph.identity.verify import Verifier

if TYPE_CHECKING:
    from vegraph.identity.development import DevelopmentIssuer

__all__ = ["Identity", "Readers", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """What identity reads through others' hands, because the way to it is theirs."""

    mapping: Mapping[str, ReadRows] = field(default_factory=dict)
    """Portal → reader of its mapping rows (`mapping_store.MappingReader`, `mapping_live.reader`)."""

    roles: Mapping[str, ReadRoles] = field(default_factory=dict)
    """Source → reader of its users' roles."""


class Identity:
    """All of it for one server: `doors` say who asks, `delegation` as whom calls run."""

    def __init__(
        self, doors: Doors, delegation: Delegation, strategies: Strategies, http: list[httpx.AsyncClient]
    ) -> None:
        self.doors = doors
        self.delegation = delegation
        self._strategies = strategies
        self._http = http

    async def run(self) -> None:
        """Keeps signing keys fresh until cancelled; returns at once where there are none to fetch."""
        await self.doors.run()

    async def close(self) -> None:
        """Closes all connections to providers."""
        self._strategies.close()
        for http in self._http:
            await http.aclose()


def build(
    *,
    doors: Mapping[str, Door],
    portals: Mapping[str, Portal],
    targets: Mapping[str, Target],
    development: bool,
    issuer: DevelopmentIssuer | None = None,
    readers: Readers | None = None,
    audit: Audit | None = None,
    clock: Clock = time.time,
) -> Identity:
    """Doors and delegation for that configuration. Raises ConfigError.

    `development`: that profile is on and only loopback is bound. `issuer`: checks the doors whose issuer it is, and
    is the provider of sources with `development`.
    """
    if shared := doors.keys() & portals.keys():
        raise ConfigError(f"portals.{min(shared)}: there is an [identity.{min(shared)}] too; give one another name.")
    http: list[httpx.AsyncClient] = []

    def keys_of(place: Door | Portal) -> Keys:
        if issuer is not None and place.issuer == issuer.issuer:
            return issuer.keys()
        if isinstance(place, Portal) and place.public_key is not None:
            return PemKey.read(place.public_key)
        http.append(client(place.ca))
        return FetchedKeys(key_source(place, development=development), http[-1], clock)

    built = Doors(
        {name: (door, Verifier(people.checks_for(door), keys_of(door), clock)) for name, door in doors.items()},
        {
            name: (portal, Verifier(contacts.checks_for(portal), keys_of(portal), clock))
            for name, portal in portals.items()
        },
    )
    given = readers or Readers()
    strategies = Strategies(given.mapping, given.roles, development=development, issuer=issuer, clock=clock)
    found: dict[tuple[str, str], Strategy] = {}
    for target in targets.values():
        for door in doors.values():
            found |= _entry(door, target, strategies.for_people(door, target))
        for portal in portals.values():
            found |= _entry(portal, target, strategies.for_portal(portal, target))
    return Identity(built, Delegation(found, audit), strategies, http)


def _entry(place: Door | Portal, target: Target, strategy: Strategy | None) -> dict[tuple[str, str], Strategy]:
    return {} if strategy is None else {(place.name, target.name): strategy}
