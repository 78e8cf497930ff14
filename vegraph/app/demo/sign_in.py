"""Who can be asked as in the demo: `GET /demo/people`, with a fresh token for each."""

from __future__ import annotations

import time
from typing import Any, TypedDict

import orjson
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import PyJWK
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vegraph.emulator.data.people import PEOPLE, PORTAL_CONTACT, Person
from vegraph.identity.development import Contact, DevelopmentIssuer
from vegraph.identity.development import Person as Employee

__all__ = [
    "AUDIENCE",
    "CUSTOMER_CLAIM",
    "ISSUER",
    "PORTAL",
    "PORTAL_AUDIENCE",
    "PORTAL_SITE",
    "SHARED_AUDIENCE",
    "SHARED_PORTAL",
    "issuer",
    "people",
    "public_key",
    "routes",
]

TENANT = "7e9a9400-0000-4000-8000-00000000de30"
ISSUER = f"https://sign-in.vegraph.invalid/{TENANT}/v2.0"
"""A name that leads nowhere: the keys are in this process."""
AUDIENCE = "api://vegraph"
PORTAL = "support"
PORTAL_SITE = "support.contoso.example"
PORTAL_AUDIENCE = "vegraph-support"
SHARED_PORTAL = "orders"
"""The second portal: its contacts share one user of Business Central, and a row rule tells them apart."""
SHARED_AUDIENCE = "vegraph-orders"
CUSTOMER_CLAIM = "customer"
"""Claim of the second portal's tokens: number of the customer a contact speaks for."""


class Listed(TypedDict):
    """One entry of the list."""

    name: str
    about: str
    endpoint: str
    token: str | None


def issuer() -> DevelopmentIssuer:
    """The demo's sign-in, with keys made now."""
    return DevelopmentIssuer(issuer=ISSUER, tenant=TENANT, audience=AUDIENCE, clock=time.time, development=True)


def public_key(signing: DevelopmentIssuer) -> str:
    """What the emulators check tokens with, as PEM."""
    key: Any = PyJWK(signing.jwks()["keys"][0]).key
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def people(signing: DevelopmentIssuer) -> list[Listed]:
    """Everybody, with where and with which token they ask. The anonymous visitor has none."""
    listed = [
        Listed(name=person.name, about=person.about, endpoint=_endpoint(person), token=_token(person, signing))
        for person in PEOPLE
    ]
    return [*listed, _by_the_shared_user(PORTAL_CONTACT, signing)]


def _by_the_shared_user(person: Person, signing: DevelopmentIssuer) -> Listed:
    """A contact at the portal whose contacts are one user to the ERP."""
    claims = {CUSTOMER_CLAIM: person.customer or ""}
    contact = Contact(contact_id=person.object_id, name=person.name, claims=claims)
    return Listed(
        name=f"{person.name}, by a shared user",
        about="the same contact at a portal that is one user to Business Central: vegraph's row rule finds her rows",
        endpoint=f"/portal/{SHARED_PORTAL}/graphql",
        token=signing.contact_token(PORTAL_SITE, SHARED_AUDIENCE, contact).reveal(),
    )


def _endpoint(person: Person) -> str:
    return "/graphql" if person.door == "employee" else f"/portal/{PORTAL}/graphql"


def _token(person: Person, signing: DevelopmentIssuer) -> str | None:
    match person.door:
        case "employee":
            return signing.person_token(Employee(object_id=person.object_id, name=person.name)).reveal()
        case "portal":
            contact = Contact(contact_id=person.object_id, name=person.name)
            return signing.contact_token(PORTAL_SITE, PORTAL_AUDIENCE, contact).reveal()
    return None


def routes(signing: DevelopmentIssuer, config: str) -> list[Route]:
    """`/demo/people` and `/demo/config`."""

    async def listed(_: Request) -> Response:
        return Response(orjson.dumps(people(signing)), media_type="application/json")

    async def configuration(_: Request) -> Response:
        return Response(config, media_type="application/toml")

    return [Route("/demo/people", listed), Route("/demo/config", configuration)]
