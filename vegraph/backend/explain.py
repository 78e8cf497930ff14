"""What would be sent, without sending it: for `vegraph explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from vegraph.backend import requests, urls, writes
from vegraph.backend.batches import split
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.exchange import Wire
from vegraph.plan.steps import Aggregate, Call, Company, Create, Delete, Lookup, Read, ReadOne, Sent, Step, Update

__all__ = ["Recorder"]


class Recorder:
    """Renders steps as the requests they become. URLs are shown decoded and below the service's root."""

    def __init__(self, dialects: Mapping[str, BaseDialect]) -> None:
        self._dialects = dialects
        self.sent: list[Sent] = []
        """All that was rendered so far."""

    def dialect(self, source: str) -> BaseDialect:
        """What that source can do."""
        return self._dialects[source]

    def render(self, step: Step, why: str = "") -> list[Sent]:
        """The requests of one step. Look-ups without values are shown with `…` for the keys to come."""
        dialect = self._dialects[step.source]
        step = _named(step)
        if isinstance(step, Lookup) and not step.values:
            found = [_shown(step, "GET", _open_lookup(step, dialect), why)]
            found[0].notes.append(f"as many keys as fit {dialect.max_query} characters, at most {dialect.max_or}")
        else:
            found = [_shown(step, wire.method, _text(wire), why) for wire in self._wires(step, dialect)]
        if len(found) > 1 and dialect.batch_format is not None:
            batches = len(split([Wire(method="GET", path="")] * len(found), dialect))
            for each in found:
                each.notes.append(f"in {batches} $batch ({dialect.batch_format})")
        self.sent += found
        return found

    def render_batch(self, steps: Sequence[Read | ReadOne], why: str = "") -> list[Sent]:
        """The parts of one batch."""
        found = [each for step in steps for each in self.render(step, why)]
        kind = self._dialects[steps[0].source].batch_format if steps else None
        for each in found:
            each.notes.append(f"part of one $batch ({kind})" if kind else "side by side: the service has no $batch")
        return found

    def _wires(self, step: Step, dialect: BaseDialect) -> list[Wire]:
        match step:
            case Read():
                return [requests.read(step, dialect)]
            case ReadOne():
                return [requests.read_one(step, dialect)]
            case Lookup():
                return requests.lookup(step, dialect)
            case Aggregate():
                return [requests.aggregate(step, dialect)]
            case Create() | Update() | Delete() | Call():
                return [writes.wire(step, dialect)]


def _named(step: Any) -> Any:
    """A company that was not looked up stands with its name where its id will be."""
    company = step.company
    return replace(step, company=Company(company.name, company.name)) if company and company.id is None else step


def _open_lookup(step: Lookup, dialect: BaseDialect) -> str:
    path = dialect.set_path(step.set, step.company)
    keys = " and ".join(f"{member.wire} eq …" for member in step.members)
    condition = urls.where(step.filter, dialect).removeprefix("$filter=")
    query = urls.options(
        dialect.read_options(cross_company=step.cross_company),
        f"$filter=({keys} or …)" + (f" and {unquote(condition)}" if condition else ""),
        urls.select(step.select),
        urls.expand(step.expand, dialect),
        urls.order(step.order),
    )
    return unquote(f"{path}?{query}")


def _text(wire: Wire) -> str:
    return unquote(f"{wire.route}/{wire.target}" if wire.route else wire.target)


def _shown(step: Step, method: str, url: str, why: str) -> Sent:
    return Sent(step=step, method=method, url=url, why=why)
