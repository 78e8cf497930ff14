"""`/healthz`, `/readyz`, `/metrics`: for those who run vegraph. States only, no values (T40)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vegraph.app.metrics import CONTENT_TYPE, Metrics

__all__ = ["States", "routes"]

States = Callable[[], Mapping[str, str]]
"""Source → `up`, `down` or `unknown`."""


def routes(states: States, metrics: Metrics) -> list[Route]:
    """The three of them. Ready: at least one source is not known to be down, or there is none to ask."""

    async def healthz(_: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(_: Request) -> Response:
        sources = dict(states())
        ready = not sources or any(state != "down" for state in sources.values())
        return _json({"status": "ready" if ready else "not ready", "sources": sources}, 200 if ready else 503)

    async def count(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", count)]


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
