"""The whole stack over both emulators: sign-in, doors, delegation, gates, limits, metrics as in `vegraph demo`."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from benching import replay
from benching.processes import Served, serve, start
from vegraph.app.demo import sign_in
from vegraph.app.demo.config import BC_SCOPE, FO_SCOPE, Running, audience, toml
from vegraph.app.settings import parse
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.people import MANAGER, bc_users, fo_users
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.fo.server import FO_ROOT
from vegraph.emulator.process import Handle
from vegraph.emulator.process import start as start_emulator
from vegraph.emulator.server import BC_ROOT
from vegraph.identity.development import DevelopmentIssuer, Person

__all__ = ["Erp", "Stand", "started"]

RELATIONS = """
[[relationships]]
from = "fo.SalesOrderLines"
to = "bc.items"
name = "bcItem"
on = { ItemNumber = "number" }
"""
"""Beside the demo's own: an item of finance and operations as Business Central knows it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Erp:
    """One emulator as others reach it: its service root, its control port, and a token of the person who asks."""

    url: str
    control: str
    """Answers with `total`, how many requests came."""
    token: str


@dataclasses.dataclass(slots=True)
class Stand:
    """vegraph and both ERPs, running."""

    server: Served
    bc: Erp
    fo: Erp
    token: str
    """The person's for vegraph."""

    @property
    def url(self) -> str:
        """vegraph's endpoint for people."""
        return f"{self.server.url}/graphql"


def started(orders: int, *, fo: bool = True, live: bool = True, config: str = "") -> Stand:
    """Everything, with that many sales orders. Not `live`: what the emulators answered once is replayed (`replay`).

    `config` is added to the demo's configuration.
    """
    served = start(_serve, orders, fo, live, config)
    told = served.told
    return Stand(served, Erp(**told["bc"]), Erp(**told["fo"]), told["token"])


def _serve(line: Any, orders: int, fo: bool, live: bool, config: str) -> None:
    signing = sign_in.issuer()
    business = Business.of_size(orders) if orders >= 10_000 else Business(orders, max(50, orders // 5), 60)
    with tempfile.TemporaryDirectory(prefix="vegraph-bench-") as folder:
        emulators = _emulators(signing, business, fo)
        front = None if live else replay.started({name: handle.url for name, handle in emulators.items()})
        urls = {name: f"{front.url}/{name}" if front else handle.url for name, handle in emulators.items()}
        try:
            told = _told(signing, emulators, urls, front)
            serve(line, lambda: _application(signing, emulators, urls, Path(folder), config), lambda: told)
        finally:
            for handle in (*emulators.values(), *((front,) if front else ())):
                handle.stop()


async def _application(
    signing: DevelopmentIssuer, emulators: dict[str, Handle], urls: dict[str, str], files: Path, more: str
) -> ASGIApp:
    from vegraph.app.composition import compose
    from vegraph.app.graph import make

    (files / "portal.pem").write_bytes(signing.portal_pem())
    bc, fo = emulators["bc"], emulators["fo"]
    text = toml(
        host="127.0.0.1",
        port=8000,  # of no meaning here: the listener is open already
        bc=Running(url=urls["bc"] + BC_ROOT, control=bc.control_url),
        fo=Running(url=urls["fo"] + FO_ROOT, control=fo.control_url),
        files=files,
    )
    settings = parse(text + RELATIONS + more, files / "vegraph.toml", {})
    server = await compose(settings, make, issuer=signing)
    return server.app


def _emulators(signing: DevelopmentIssuer, business: Business, fo: bool) -> dict[str, Handle]:
    key = sign_in.public_key(signing)

    def begin(kind: str, scope: str, **options: Any) -> Handle:
        tokens = Tokens(issuers=(sign_in.ISSUER,), audiences=(audience(scope),), keys=(key,))
        return start_emulator(kind, options={"tokens": tokens, **options})

    small = {} if fo else {"seed": ("vegraph.emulator.data.fo:fo_seed", {"business": Business(3, 3, 3)})}
    with ThreadPoolExecutor(2) as pool:
        seed = {"business": business}
        first = pool.submit(
            begin, "bc", BC_SCOPE, users=bc_users(), seed=("vegraph.emulator.data.bc:bc_seed", seed), limits=Limits()
        )
        options = {"seed": ("vegraph.emulator.data.fo:fo_seed", seed), **small}
        second = pool.submit(begin, "fo", FO_SCOPE, users=fo_users(), **options)
    return {"bc": first.result(), "fo": second.result()}


def _told(
    signing: DevelopmentIssuer, emulators: dict[str, Handle], urls: dict[str, str], front: Served | None
) -> dict[str, Any]:
    person = signing.person_token(Person(object_id=MANAGER.object_id, name=MANAGER.name))
    counters = {
        name: f"{front.url}/replay/requests" if front else f"{handle.control_url}/control/requests"
        for name, handle in emulators.items()
    }

    async def tokens() -> tuple[str, str]:
        found = [
            await signing.on_behalf_of(person, tenant=None, scope=scope, claims=None) for scope in (BC_SCOPE, FO_SCOPE)
        ]
        return found[0].value.reveal(), found[1].value.reveal()

    bc_token, fo_token = asyncio.run(tokens())
    return {
        "token": person.reveal(),
        "bc": {"url": urls["bc"] + BC_ROOT, "control": counters["bc"], "token": bc_token},
        "fo": {"url": urls["fo"] + FO_ROOT, "control": counters["fo"], "token": fo_token},
    }
