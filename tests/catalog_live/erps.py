"""Both emulators on real ports, wanting a token, and sources that lead to them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import jwt

from tests.emulator.bc import books
from vegraph.app.settings import Source
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.fo.server import create_fo
from vegraph.emulator.running import threaded
from vegraph.emulator.server import BC_ROOT, Emulator, Rows, create_bc
from vegraph.emulator.users import EVERYTHING, SYSTEM_ADMINISTRATOR, User

ISSUER, AUDIENCE, SECRET = "https://sign-in.test", "https://erp.test", "a secret of thirty-two bytes or so"
TOKENS = Tokens(issuers=(ISSUER,), audiences=(AUDIENCE,), keys=(SECRET,), algorithms=("HS256",))
USERS = (User(id="ADMIN", principals=("admin",), roles=(SYSTEM_ADMINISTRATOR,), rights=EVERYTHING),)

ROUTE = "contoso/fleet/v1.0"
FLEET = b"""<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="car"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.Guid" Nullable="false"/>
  <Property Name="model" Type="Edm.String" MaxLength="20"/>
  <Property Name="status" Type="Microsoft.NAV.jobStatus"/>
  <NavigationProperty Name="items" Type="Collection(Microsoft.NAV.item)" ContainsTarget="true">
   <ReferentialConstraint Property="id" ReferencedProperty="carId"/></NavigationProperty></EntityType>
 <EntityType Name="item"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.Guid" Nullable="false"/>
  <Property Name="carId" Type="Edm.Guid"/>
  <Property Name="part" Type="Edm.String" MaxLength="20"/></EntityType>
 <EntityType Name="entityMetadata"><Key><PropertyRef Name="entityName"/></Key>
  <Property Name="entityName" Type="Edm.String" Nullable="false"/></EntityType>
 <EntityType Name="company"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.Guid" Nullable="false"/><Property Name="name" Type="Edm.String"/>
  <NavigationProperty Name="cars" Type="Collection(Microsoft.NAV.car)" ContainsTarget="true"/>
  <NavigationProperty Name="items" Type="Collection(Microsoft.NAV.item)" ContainsTarget="true"/></EntityType>
 <EnumType Name="jobStatus"><Member Name="In_x0020_Use" Value="0"/><Member Name="Sold" Value="1"/></EnumType>
 <EntityContainer Name="NAV"><EntitySet Name="companies" EntityType="Microsoft.NAV.company"/>
  <EntitySet Name="cars" EntityType="Microsoft.NAV.car"/>
  <EntitySet Name="items" EntityType="Microsoft.NAV.item"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
"""A custom API whose `items` are other things than the standard route's."""


def token(who: str = "admin") -> str:
    """A token that both emulators take for a principal they know."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "oid": who, "exp": time.time() + 3600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


App = Callable[[Any, Any, Any], Awaitable[None]]


@contextlib.contextmanager
def business_central(around: Callable[[App], App] = lambda app: app) -> Iterator[tuple[Emulator, str]]:
    """The emulator with a custom route, and its origin; `around` may stand between it and its callers."""
    rows = [*books.batches()]
    emulator = create_bc(
        tokens=TOKENS,
        users=USERS,
        rows=rows,
        default_company=books.MAIN_NAME,
        limits=Limits(),
        routes={ROUTE: FLEET},
    )
    with threaded(around(emulator.app)) as url:
        yield emulator, url
    emulator.store.close()


@contextlib.contextmanager
def finance_operations(around: Callable[[App], App] = lambda app: app) -> Iterator[tuple[Emulator, str]]:
    """The emulator with no rows, and its origin."""
    emulator = create_fo(tokens=TOKENS, users=USERS, rows=list[Rows]())
    with threaded(around(emulator.app)) as url:
        yield emulator, url
    emulator.store.close()


def bc(url: str, **more: Any) -> Source:
    """A source that leads to the emulator's standard route."""
    given = {"name": "bc", "kind": "business-central", "prefix": "Bc", "delegation": "on-behalf-of", "scope": "s"}
    return Source(**{**given, "url": url + BC_ROOT, **more})


def fo(url: str, **more: Any) -> Source:
    """The same for finance and operations."""
    given = {"name": "fo", "kind": "finance-operations", "prefix": "Fo", "delegation": "on-behalf-of", "scope": "s"}
    return Source(**{**given, "url": f"{url}/data", **more})


class Told:
    """What a pull said on the way."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.parts: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def part(self, text: str) -> None:
        self.parts.append(text)

    @property
    def text(self) -> str:
        return "\n".join(self.steps)
