"""One request to a source's root: does it answer, how fast, and does it take the credential there is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from vegraph.app.pulling import TOKEN, credential
from vegraph.app.settings import Source
from vegraph.backend.exchange import Wire
from vegraph.backend.transport import Transport
from vegraph.errors import BackendError

__all__ = ["Probe", "probe"]


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it."""

    good: bool
    says: str


async def probe(source: Source, environ: Mapping[str, str]) -> Probe:
    """Asks the source for its service document."""
    transport = Transport(source.name, source.url, headers={})
    auth = credential(source, environ)
    wire = Wire(method="GET", path="", accepts="json", template="/")
    started = time.perf_counter()
    try:
        answer = await transport.send(wire, auth, transport.headers({"Accept": "application/json"}))
    except BackendError as problem:
        return Probe(False, str(problem))
    finally:
        await transport.aclose()
    elapsed = f"{(time.perf_counter() - started) * 1000:.0f} ms"
    if answer.status in (401, 403) and auth is None:
        if source.delegates == "none":
            return Probe(False, f"answers {answer.status} in {elapsed}: it is not public")
        return Probe(True, f"answers in {elapsed} and asks for a user; {TOKEN} tries one")
    if answer.status in (401, 403):
        return Probe(False, f"answers {answer.status} in {elapsed}: it refuses the credential")
    return Probe(answer.status < 400, f"answers {answer.status} in {elapsed}")
