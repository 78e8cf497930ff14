"""A Business Central emulator with the small books, and people with tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulator.bc import books
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.server import BC_ROOT, Emulator, create_bc
from vegraph.emulator.users import EVERYTHING, SYSTEM_ADMINISTRATOR, Right, RowRule, User

ISSUER, AUDIENCE = "https://sign-in.test", "https://api.businesscentral.dynamics.com"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

USERS = (
    User(id="ADMIN", principals=("admin",), roles=(SYSTEM_ADMINISTRATOR,), security_id=books.guid(99, 1)),
    User(id="SELLER", principals=("seller",), rights=EVERYTHING, companies=(books.MAIN_NAME,)),
    User(
        id="CLERK",
        principals=("clerk",),
        rights=(Right(sets="items"), Right(sets="itemCategories"), Right(sets="companies")),
    ),
    User(
        id="PORTAL",
        principals=("portal",),
        roles=("CDSVirtualEntityAuthorizedPortalUser",),
        rights=(
            Right(sets="sales*", verbs=frozenset({"read", "update"})),
            Right(sets="customers"),
            Right(sets="items"),
        ),
        rows=(
            RowRule(sets="customers", property="number", values=("C1",)),
            RowRule(sets="salesOrders", property="customerNumber", values=("C1",)),
            RowRule(sets="salesOrderLines", property="documentId", in_set="salesOrders", in_property="id"),
        ),
    ),
    User(id="GONE", principals=("gone",), rights=EVERYTHING, enabled=False),
)


def token(who: str, *, key: Any = _KEY, **changes: Any) -> str:
    """A token for a principal; `changes` replace claims, None removes one."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "oid": who, "iat": now, "nbf": now, "exp": now + 3600, **changes}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "RS256", headers={"kid": "k1"})


def foreign_token(who: str) -> str:
    """A token signed by somebody else."""
    return token(who, key=_OTHER_KEY)


class Erp:
    """Requests to an emulator, as one of its people."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        transport = httpx.ASGITransport(app=emulator.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://erp.test")

    async def send(
        self,
        method: str,
        path: str,
        *,
        who: str | None = "admin",
        root: str = BC_ROOT,
        headers: dict[str, Any] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """One request; `path` is relative to the standard route unless it is absolute."""
        url = path if path.startswith(("http", "/")) else f"{root}/{path}" if path else root
        shown = {"authorization": f"Bearer {token(who)}"} if who else {}
        return await self.client.request(method, url, headers={**shown, **(headers or {})}, **more)

    async def get(self, path: str, **more: Any) -> Any:
        """The decoded answer to a GET that succeeds."""
        answer = await self.send("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(self, path: str, **more: Any) -> list[dict[str, Any]]:
        """Rows of a collection."""
        found = await self.get(path, **more)
        return list(found["value"])

    async def numbers(self, path: str, **more: Any) -> list[str]:
        """Member `number` of the rows of a collection."""
        return [row["number"] for row in await self.rows(path, **more)]

    async def refused(self, method: str, path: str, **more: Any) -> tuple[int, str, str]:
        """Status, code and message of a refusal."""
        answer = await self.send(method, path, **more)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]


Make = Callable[..., Erp]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes emulators with other settings than the usual ones."""
    made: list[Erp] = []

    def create(**options: Any) -> Erp:
        tokens = Tokens(issuers=(ISSUER,), audiences=(AUDIENCE,), keys=(_KEY.public_key(),))
        given = {
            "default_company": books.MAIN_NAME,
            "limits": Limits(query_chars=8099, body_bytes=350 * 2**20),
            **options,
        }
        made.append(Erp(create_bc(tokens=tokens, users=USERS, rows=books.batches(), **given)))
        return made[-1]

    yield create
    for erp in made:
        erp.emulator.store.close()


@pytest.fixture
def erp(make: Make) -> Erp:
    """The usual emulator: main company by default, no throttling."""
    return make()
