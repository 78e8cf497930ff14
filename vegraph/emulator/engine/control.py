"""The control port: request log, faults and clock, for tests and for people trying things out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vegraph.emulator.engine.asgi import App
from vegraph.emulator.engine.faults import Fault

__all__ = ["control_app"]


def control_app(app: App) -> Starlette:
    """`/control/requests`, `/control/faults`, `/control/clock` for one emulator. All JSON."""
    control = _Control(app)
    return Starlette(
        routes=[
            Route("/control/requests", control.requests, methods=["GET", "DELETE"]),
            Route("/control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/control/faults/{id:int}", control.fault, methods=["DELETE"]),
            Route("/control/clock", control.clock, methods=["GET", "PUT"]),
        ]
    )


class _Control:
    def __init__(self, app: App) -> None:
        self.app = app

    async def requests(self, request: Request) -> Response:
        """GET: the log. DELETE: forget it."""
        if request.method == "DELETE":
            self.app.journal.clear()
            return Response(status_code=204)
        return Response(self.app.journal.json(), media_type="application/json")

    async def faults(self, request: Request) -> Response:
        """GET: the rules. POST: one rule or a list. DELETE: none any more."""
        rules = self.app.faults.rules
        if request.method == "DELETE":
            rules.clear()
            return Response(status_code=204)
        if request.method == "GET":
            return _json({"faults": [f.shown() for f in rules]})
        try:
            given = orjson.loads(await request.body())
            added = [Fault.read(item) for item in (given if isinstance(given, list) else [given])]
        except (ValueError, TypeError, AttributeError) as problem:
            return _json({"error": f"The fault cannot be used: {problem}."}, 400)
        rules.extend(added)
        return _json({"faults": [f.shown() for f in added]}, 201)

    async def fault(self, request: Request) -> Response:
        """DELETE: one rule less."""
        rules = self.app.faults.rules
        kept = [f for f in rules if f.id != request.path_params["id"]]
        found = len(kept) < len(rules)
        rules[:] = kept
        return Response(status_code=204 if found else 404)

    async def clock(self, request: Request) -> Response:
        """GET: the time. PUT `{"now"}`, `{"advance_s"}`, `{"frozen"}` or `{"reset": true}`: another."""
        clock = self.app.service.clock
        if request.method == "PUT":
            try:
                self._set(orjson.loads(await request.body()))
            except (ValueError, TypeError, AttributeError) as problem:
                return _json({"error": f"The time cannot be used: {problem}."}, 400)
            self.app.service.door.forget()
        return _json({"now": clock.text(), "frozen": clock.frozen is not None, "offset_s": round(clock.offset_s, 3)})

    def _set(self, given: dict[str, Any]) -> None:
        clock = self.app.service.clock
        if unknown := given.keys() - {"now", "advance_s", "frozen", "reset"}:
            raise ValueError(f"'{sorted(unknown)[0]}' is not known")
        if given.get("reset"):
            clock.reset()
        if "now" in given:
            moment = datetime.fromisoformat(given["now"])
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            clock.set(moment.timestamp(), frozen=bool(given.get("frozen")))
        elif "frozen" in given:
            clock.set(clock.seconds(), frozen=bool(given["frozen"]))
        if "advance_s" in given:
            clock.advance(float(given["advance_s"]))


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
