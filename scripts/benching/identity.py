"""`scripts/bench identity`: what knowing who asks costs: warm, and for somebody's first request."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from benching.report import Report
from benching.timing import percentile
from vegraph.app.demo import sign_in
from vegraph.app.demo.config import BC_SCOPE, FO_SCOPE
from vegraph.emulator.data.people import MANAGER
from vegraph.identity.assembly import Identity, build
from vegraph.identity.config import Door, Target
from vegraph.identity.development import Person

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen."""
    parser.add_argument("--requests", type=int, default=2000)


def run(options: argparse.Namespace, report: Report) -> None:
    """One door check and the delegation to two sources, as each request needs them."""
    asyncio.run(_run(options, report))


async def _run(options: argparse.Namespace, report: Report) -> None:
    issuer = sign_in.issuer()
    exchanges = 0
    exchange = issuer.on_behalf_of

    async def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal exchanges
        exchanges += 1
        return await exchange(*arguments, **named)

    issuer.on_behalf_of = counted  # type: ignore[method-assign]
    identity = build(
        doors={"demo": Door(name="demo", issuer=sign_in.ISSUER, audience=sign_in.AUDIENCE)},
        portals={},
        targets={
            name: Target(name=name, url=f"http://127.0.0.1:1/{name}", delegation="development", scope=scope)
            for name, scope in (("bc", BC_SCOPE), ("fo", FO_SCOPE))
        },
        development=True,
        issuer=issuer,
    )
    tokens = [
        issuer.person_token(Person(object_id=f"{MANAGER.object_id[:-4]}{i:04d}", name="Somebody")).reveal()
        for i in range(50)
    ]
    cold = [await _once(identity, token) for token in tokens]
    calls = exchanges / len(tokens)
    warm = [await _once(identity, tokens[0]) for _ in range(options.requests)]
    rows = [
        ("warm: door and two sources", (percentile(warm, 0.5) * 1e3, ("≤", 0.3)), percentile(warm, 0.99) * 1e3, 0),
        ("cold: the same, a first request", percentile(cold, 0.5) * 1e3, percentile(cold, 0.99) * 1e3, calls),
    ]
    report.table("identity", ("request", "p50 ms", "p99 ms", "exchanges"), rows)
    await identity.close()


async def _once(identity: Identity, token: str) -> float:
    started = time.perf_counter()
    caller = await identity.doors.person([f"Bearer {token}"])
    await identity.delegation.delegate(caller, "bc")
    await identity.delegation.delegate(caller, "fo")
    return time.perf_counter() - started
