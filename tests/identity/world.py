"""Two ERPs and a public service, a door for people, a portal with contacts and visitors; the demo's issuer signs."""

from tests.identity.tokens import AUDIENCE, ISSUER, MARY, TENANT
from vegraph.identity.assembly import Readers, build
from vegraph.identity.config import Door, Portal, Target
from vegraph.identity.development import Contact, DevelopmentIssuer, Person
from vegraph.identity.mapping import MappingRow
from vegraph.identity.secret import Secret

PORTAL_ROLE = "CDSVirtualEntityAuthorizedPortalUser"
CARL = "cccccccc-0000-4000-8000-000000000001"
DORA = "cccccccc-0000-4000-8000-000000000002"


def target(name, delegation, **more):
    """A source of that name."""
    url = f"https://{name}.example/data"
    return Target(name=name, url=url, delegation=delegation, scope=f"https://{name}.example/.default", **more)


class World:
    """Two ERPs and a public service; the people's door, and a portal with contacts and visitors."""

    def __init__(self, clock, tmp_path):
        self.issuer = DevelopmentIssuer(
            issuer=ISSUER,
            tenant=TENANT,
            audience=AUDIENCE,
            clock=clock,
            development=True,
        )
        (tmp_path / "portal.pem").write_bytes(self.issuer.portal_pem())
        self.rows = {}
        self.roles = {"visitor": [PORTAL_ROLE]}
        self.map(CARL, "carl-user")
        self.identity = build(
            doors={"demo": Door(name="demo", issuer=ISSUER, audience=AUDIENCE)},
            portals={
                "support": Portal(
                    name="support",
                    issuer="https://support.example",
                    audience="vegraph-support",
                    public_key=tmp_path / "portal.pem",
                    entities=("bc.items", "fo.*"),
                    authenticated="bc:portal-contacts",
                    anonymous="fo:visitor",
                )
            },
            targets={
                "bc": target("bc", "development"),
                "fo": target("fo", "development", has_roles=True, reader="role-reader"),
                "crm": target("crm", "mapped-app"),
                "trip": target("trip", "none"),
                "dev": target("dev", "fixed", fixed={"Authorization": Secret("Basic x")}),
            },
            development=True,
            issuer=self.issuer,
            readers=Readers(mapping={"support": self.read_rows}, roles={"fo": self.read_roles}),
            clock=clock,
        )
        self.delegation = self.identity.delegation

    def map(self, contact, user):
        """Maps the contact to that user of fo, and gives the user the portal role."""
        self.rows[contact] = [MappingRow(portal="support", contact_id=contact, source="fo", erp_user=user)]
        self.roles[user] = [PORTAL_ROLE]

    async def read_rows(self, portal, contact, source):
        return [row for row in self.rows.get(contact, []) if row.source == source]

    async def read_roles(self, user):
        return self.roles[user]

    async def mary(self):
        token = self.issuer.person_token(Person(object_id=MARY, name="Mary Manager"))
        return await self.identity.doors.person([f"Bearer {token.reveal()}"])

    async def contact(self, contact_id=CARL):
        token = self.issuer.contact_token(
            "support.example", "vegraph-support", Contact(contact_id=contact_id, name="Carl")
        )
        return await self.identity.doors.portal("support", [f"Bearer {token.reveal()}"])
