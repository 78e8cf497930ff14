"""Two ERPs, an identity provider and vegraph in front of them, each a server of its own on loopback.

An `Estate` is asked as a client asks, over HTTP; its witnesses are the requests the ERPs saw, found by the name that
each request has from end to end (`X-Request-Id` at vegraph, `x-ms-client-request-id` at the ERPs).
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.app.server import served
from tests.identity.provider import running as provider_running
from tests.identity.tokens import REMOVED, signed
from tests.identity_stack.authority import AUDIENCES, Authority, Issuer
from tests.identity_stack.configuration import SECRET, SITE, settings_of
from tests.identity_stack.logs import Net
from tests.identity_stack.people import (
    CONTACTS,
    DISABLED,
    MISMAPPED,
    READER,
    VISITOR,
    Contact,
    Employee,
    bc_users,
    customer_of,
    fo_users,
    role_rows,
)
from vegraph.app.composition import Server, compose
from vegraph.app.graph import make
from vegraph.app.settings import Settings
from vegraph.emulator.data.bc import bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.faults import Fault
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.fo.server import create_fo
from vegraph.emulator.running import threaded
from vegraph.emulator.server import BC_ROOT, create_bc
from vegraph.identity.mapping import MappingRow
from vegraph.identity.mapping_store import MappingStore

__all__ = ["Answer", "Estate", "Seen", "estate"]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Seen:
    """One request as an ERP saw it."""

    source: str
    user: str | None
    method: str
    url: str
    status: int | None
    body: str


@dataclass(frozen=True)
class Answer:
    """What a client got, and under which name it asked."""

    status: int
    headers: Mapping[str, str]
    json: Any
    id: str

    @property
    def data(self) -> Any:
        """`data` of an answer without errors."""
        assert "errors" not in self.json, self.json["errors"]
        return self.json["data"]

    @property
    def codes(self) -> set[str]:
        """Codes of its errors."""
        return {error["extensions"]["code"] for error in self.json.get("errors", [])}


class Estate:
    """Everything that runs, and how to ask it."""

    def __init__(self, folder: Path, authority: Authority, net: Net) -> None:
        self.folder = folder
        self.authority = authority
        self.net = net
        self.apps: dict[str, Any] = {}
        self.urls: dict[str, str] = {}
        self.url = ""
        self.asked: dict[str, Employee | Contact | None] = {}
        """Name of a request → who sent it."""
        self.server: Server
        self.http = httpx.Client(timeout=60, trust_env=False)

    # Asking

    def token(self, who: Employee | Contact, **changes: Any) -> str:
        """What they sign in with, claims changed."""
        if isinstance(who, Contact):
            return contact_token(who.number, **changes)
        return self.authority.person(who.oid, **{"name": who.name, **changes})

    def ask(
        self,
        query: str,
        who: Employee | Contact | None = None,
        *,
        token: str | None = None,
        portal: str = "support",
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request: an employee's at `/graphql`; a contact's, or a visitor's (None), at a portal.

        `token`: instead of a fresh one.
        """
        id_ = f"stack-{next(_numbers)}"
        self.asked[id_] = who
        sent = {"X-Request-Id": id_, **(headers or {})}
        if token is not None or who is not None:
            sent["Authorization"] = f"Bearer {token or self.token(who)}"
        url = self.url + ("/graphql" if isinstance(who, Employee) else f"/portal/{portal}/graphql")
        response = self.http.post(url, json={"query": query, "variables": variables or {}}, headers=sent)
        return Answer(response.status_code, response.headers, response.json(), id_)

    # Witnesses

    def seen(self, *answers: Answer, source: str | None = None) -> list[Seen]:
        """What the ERPs saw of those requests."""
        names = {answer.id for answer in answers}
        return [seen for name, seen in self.everything(source) if name in names]

    def everything(self, source: str | None = None) -> list[tuple[str | None, Seen]]:
        """All that the ERPs saw: (name of the request, what)."""
        return [
            (
                entry.request.headers.get("x-ms-client-request-id"),
                Seen(
                    name,
                    entry.user,
                    entry.request.method,
                    entry.request.path + "?" + entry.request.query,
                    entry.status,
                    entry.request.body.decode("utf-8", "replace"),
                ),
            )
            for name, app in self.apps.items()
            if source in (None, name)
            for entry in list(app.journal.entries)
        ]

    def strays(self) -> list[Seen]:
        """Requests that an ERP saw under anybody else than whom they are for. There must be none, ever."""
        return [seen for name, seen in self.everything() if seen.user not in self._allowed(name, seen)]

    def _allowed(self, name: str | None, seen: Seen) -> set[str | None]:
        if name is None:  # vegraph's own: it reads roles; without a credential, `check` sees whether somebody answers
            return {READER} if "/SecurityUserRoleAssociations?" in seen.url else {None}
        who = self.asked[name]
        user = {"bc": "VISITOR", "fo": VISITOR}[seen.source] if who is None else who.user(seen.source)
        return {user, None} if seen.status in (401, 403) else {user}

    def secrets_logged(self) -> list[str]:
        """Lines of any log with a token in them, whole or in part, or with vegraph's own secret (I12)."""
        return self.net.holding("eyJ", SECRET)

    def exchanged(self) -> list[dict[str, str]]:
        """The exchanges on behalf of somebody that there were in this test."""
        return [form for form in self.authority.provider.forms if "assertion" in form]

    def fault(self, source: str, **rule: Any) -> None:
        """Something goes wrong at that ERP from now on."""
        self.apps[source].faults.rules.append(Fault.read(rule))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        for app in self.apps.values():
            app.faults.rules.clear()
        self.authority.trouble = lambda form: None
        self.authority.extra = lambda form: {}
        for _, backend in self.server.graphs._backends.values():
            for source in backend.sources.values():
                source.breaker.__init__(source.name, source.clock)
                source._gates.clear()


def contact_token(number: int, *, portal: str = "support", **changes: Any) -> str:
    """As Power Pages makes it, with the contact's customer as a further claim."""
    now = int(time.time())
    claims = {
        "iss": SITE, "aud": f"vegraph-{portal}", "appid": f"vegraph-{portal}", "sub": Contact(number).id,
        "name": f"Contact {number}", "customer": customer_of(number), "iat": now, "nbf": now, "exp": now + 900,
        **changes,
    }  # fmt: skip
    kept = {name: value for name, value in claims.items() if value is not REMOVED}
    return signed(kept, by=f"portal {portal}", kid=REMOVED)


@contextmanager
def estate(
    folder: Path,
    issuer: Issuer | None = None,
    *,
    mapping: str = "sqlite:///portal.db",
    table: str = "portal_users",
) -> Iterator[Estate]:
    """Everything started; stopped at the end.

    `issuer`: a provider that runs already, instead of the tests' own; `mapping`: where portals keep whom contacts are.
    """
    with ExitStack() as stack:
        net = stack.enter_context(Net())
        authority: Any = issuer or Authority(stack.enter_context(provider_running(folder)))
        found = Estate(folder, authority, net)
        stack.callback(found.http.close)
        _start_erps(found, stack)
        settings = settings_of(authority, found.urls, mapping, table, folder)
        _map_contacts(settings)
        found.server = asyncio.run(compose(settings, make))
        found.url = stack.enter_context(served(found.server.app))
        yield found


def _start_erps(found: Estate, stack: ExitStack) -> None:
    business = Business(orders=600, customers=200, items=40)
    issuers, keys = (found.authority.issuer,), found.authority.public_keys
    bc = create_bc(
        tokens=Tokens(issuers=issuers, audiences=(AUDIENCES["bc"],), keys=keys),
        users=bc_users(),
        rows=bc_seed(business),
        limits=Limits(),
    )
    fo = create_fo(
        tokens=Tokens(issuers=issuers, audiences=(AUDIENCES["fo"],), keys=keys),
        users=fo_users(),
        rows=[*fo_seed(business), role_rows()],
    )
    found.apps = {"bc": bc.app, "fo": fo.app}
    found.urls = {
        "bc": stack.enter_context(threaded(bc.app)) + BC_ROOT,
        "fo": stack.enter_context(threaded(fo.app)) + "/data",
    }


def _map_contacts(settings: Settings) -> None:
    portal = settings.portals["support"]
    assert portal.mapping is not None
    store = MappingStore(portal.mapping, portal.mapping_table, base=settings.base)
    users = {n: f"portal-{n}" for n in range(1, CONTACTS + 1)} | MISMAPPED | {DISABLED: "portal-1"}
    for number, user in users.items():
        row = MappingRow(
            portal="support", contact_id=Contact(number).id, source="fo", erp_user=user, disabled=number == DISABLED
        )
        store.add(row, by="tests")
    store.close()
