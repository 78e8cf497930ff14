"""One record per write and per refused delegation: who did what, as whom, and what came of it (I14, T43).

Records go to the logger `vegraph.audit`, one JSON object per line. They hold no token, no assertion, no filter
value, and no field of a row but its key.
"""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal

from vegraph.errors import IdentityError
from vegraph.identity.clock import Clock
from vegraph.identity.user import Caller, Delegated

__all__ = ["Audit", "Record", "request_id"]

log = logging.getLogger("vegraph.audit")

request_id: ContextVar[str | None] = ContextVar("vegraph_request_id", default=None)
"""Correlation id of the request under way; set where it comes in, and sent to the ERP too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line."""

    at: str
    """ISO 8601, UTC."""

    event: Literal["write", "refused"]
    outcome: str
    """`done`, `unknown`, or the error's code."""

    door: str
    caller: tuple[str, str]
    """(tenant, object id) or (portal, contact id)."""

    kind: str
    source: str
    principal: str | None = None
    verb: str | None = None
    entity: str | None = None
    """Wire name of the entity set."""

    key: str | None = None
    """Key of the row as text, where it is known."""

    reason: str | None = None
    request_id: str | None = field(default_factory=request_id.get)


class Audit:
    """Where records are written."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock

    def wrote(
        self,
        caller: Caller,
        source: str,
        delegated: Delegated | None,
        *,
        verb: str,
        entity: str,
        key: str | None,
        outcome: str,
    ) -> None:
        """A write was tried: `outcome` is `done`, `unknown`, `ROLLED_BACK` where it was undone for another's sake, or
        the code of the error it ended in. `delegated`: None where it was refused before anybody was asked."""
        self._write(
            Record(
                at=self._now(),
                event="write",
                outcome=outcome,
                door=caller.door,
                caller=caller.identity,
                kind=caller.kind,
                source=source,
                principal=delegated.principal if delegated is not None else None,
                verb=verb,
                entity=entity,
                key=key,
            )
        )

    def refused(self, caller: Caller, source: str, problem: IdentityError) -> None:
        """No principal was found for this caller; nothing was sent to the source."""
        self._write(
            Record(
                at=self._now(),
                event="refused",
                outcome=problem.code,
                door=caller.door,
                caller=caller.identity,
                kind=caller.kind,
                source=source,
                reason=str(problem),
            )
        )

    def _write(self, record: Record) -> None:
        members = {name: value for name, value in asdict(record).items() if value is not None}
        log.info(json.dumps(members, ensure_ascii=False))

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
