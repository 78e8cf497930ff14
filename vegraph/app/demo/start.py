"""Starts the two emulators in processes of their own, and makes the server over them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vegraph.app.composition import Server, compose
from vegraph.app.demo import sign_in
from vegraph.app.demo.config import BC_SCOPE, FO_SCOPE, Running, audience, toml
from vegraph.app.demo.queries import QUERIES
from vegraph.app.settings import Settings, parse
from vegraph.emulator.data.people import PORTAL_CONTACT, bc_users, fo_users
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.process import Handle
from vegraph.emulator.process import start as start_process
from vegraph.emulator.server import BC_ROOT
from vegraph.errors import ConfigError
from vegraph.identity.development import DevelopmentIssuer
from vegraph.identity.mapping import MappingRow
from vegraph.identity.mapping_store import MappingStore
from vegraph.identity.secret import Secret

__all__ = ["Demo", "start"]

FO_ROOT = "/data"

Progress = Callable[[str, str, int], None]
"""(emulator, entity set, rows so far)."""


@dataclass(slots=True, kw_only=True)
class Demo:
    """A demo whose emulators run. `close` ends them."""

    settings: Settings
    config: str
    """The TOML text it runs on."""
    signing: DevelopmentIssuer
    emulators: dict[str, Handle]
    files: Path

    async def server(self) -> Server:
        """The server over them. Raises ConfigError."""
        from vegraph.app.graph import make

        more = sign_in.routes(self.signing, self.config)
        return await compose(self.settings, make, issuer=self.signing, more=more, demo=QUERIES[0][1])

    def close(self) -> None:
        """Ends the emulators, and forgets what they held."""
        for handle in self.emulators.values():
            handle.stop()
        shutil.rmtree(self.files, ignore_errors=True)


def start(*, host: str, port: int, progress: Progress | None = None) -> Demo:
    """Both emulators with their data, and settings for a server at that address. Raises ConfigError."""
    signing = sign_in.issuer()
    files = Path(tempfile.mkdtemp(prefix="vegraph-demo-"))
    emulators = _emulators(signing, progress)
    demo = Demo(settings=Settings(), config="", signing=signing, emulators=emulators, files=files)
    try:
        (files / "portal.pem").write_bytes(signing.portal_pem())
        bc, fo = emulators["bc"], emulators["fo"]
        demo.config = toml(
            host=host,
            port=port,
            bc=Running(url=bc.url + BC_ROOT, control=bc.control_url),
            fo=Running(url=fo.url + FO_ROOT, control=fo.control_url),
            files=files,
        )
        demo.settings = parse(demo.config, files / "vegraph.toml", {})
        _map_contacts(demo.settings)
    except BaseException:
        demo.close()
        raise
    return demo


def _emulators(signing: DevelopmentIssuer, progress: Progress | None) -> dict[str, Handle]:
    """Both at once; each makes its own data."""
    key = sign_in.public_key(signing)

    def begin(kind: str, scope: str, **options: Any) -> Handle:
        tokens = Tokens(issuers=(sign_in.ISSUER,), audiences=(audience(scope),), keys=(key,))
        note = (lambda name, count: progress(kind, name, count)) if progress else None
        return start_process(kind, options={"tokens": tokens, **options}, progress=note)

    bc = {"users": bc_users(), "seed": "vegraph.emulator.data.bc:bc_seed", "limits": Limits()}
    fo = {"users": fo_users(), "seed": "vegraph.emulator.data.fo:fo_seed"}
    with ThreadPoolExecutor(2) as pool:
        futures = {"bc": pool.submit(begin, "bc", BC_SCOPE, **bc), "fo": pool.submit(begin, "fo", FO_SCOPE, **fo)}
    problems = [problem for future in futures.values() if (problem := future.exception()) is not None]
    if problems:
        for future in futures.values():
            if future.exception() is None:
                future.result().stop()
        raise ConfigError(str(problems[0]))
    return {name: future.result() for name, future in futures.items()}


def _map_contacts(settings: Settings) -> None:
    """The portal's contact is a user of each ERP."""
    portal = settings.portals[sign_in.PORTAL]
    store = MappingStore(portal.mapping or Secret(""), portal.mapping_table, base=settings.base)
    contact = PORTAL_CONTACT.object_id
    fo = PORTAL_CONTACT.fo
    for source, user in (("bc", contact), ("fo", fo.id if fo else "")):
        store.add(MappingRow(portal=portal.name, contact_id=contact, source=source, erp_user=user), by="vegraph demo")
    store.close()
