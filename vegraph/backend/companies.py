"""Companies by name: Business Central's are found as the delegated user and remembered for that user for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import msgspec

from vegraph.backend.exchange import Wire
from vegraph.backend.faults import malformed
from vegraph.catalog.nearest import did_you_mean
from vegraph.errors import BadUserInput
from vegraph.plan.steps import Aggregate, Call, Company, Create, Delete, Lookup, Read, ReadOne, Update

if TYPE_CHECKING:
    from vegraph.backend.source_runner import SourceRunner

__all__ = ["counted", "resolve", "with_id"]

KEPT_S = 60.0
_LONGEST = 200
_Step = TypeVar("_Step", bound="Read | ReadOne | Lookup | Aggregate | Call | Create | Update | Delete")


class _Row(msgspec.Struct):
    id: str
    name: str


class _Page(msgspec.Struct):
    value: list[_Row]
    next: str | None = msgspec.field(default=None, name="@odata.nextLink")


class _Count(msgspec.Struct):
    count: int = msgspec.field(name="@odata.count")


async def resolve(runner: SourceRunner, given: Sequence[str] | None) -> tuple[Company, ...]:
    """The companies meant, each once: the given names or ids, else the source's default; () where the service decides.

    Raises BadUserInput for one that the user cannot see, with the nearest name that they can."""
    default = runner.source.settings.company
    wanted = list(dict.fromkeys(given)) if given is not None else [default] if default else []
    if not wanted:
        return ()
    if runner.dialect.company is None:
        raise BadUserInput(f"{runner.name} has no companies; leave 'company' out.")
    for name in wanted:
        if not name or len(name) > _LONGEST or not name.isprintable():
            raise BadUserInput(f"{runner.name}: a company's name or id is empty, too long or not printable.")
    if runner.dialect.company == "property":
        return tuple(Company(name) for name in wanted)
    known = await _known(runner)
    return tuple(dict.fromkeys(_find(runner.name, name, known) for name in wanted))


async def with_id(runner: SourceRunner, step: _Step) -> _Step:
    """The step with its company's id, where the dialect writes it into the path and only the name is known."""
    company = step.company
    if company is None or company.id is not None or runner.dialect.company != "context":
        return step
    return replace(step, company=_find(runner.name, company.name, await _known(runner)))


def counted(source: str, body: bytes) -> bytes:
    """`@odata.count` of a page, as text."""
    try:
        return str(msgspec.json.decode(body, type=_Count).count).encode()
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise malformed(source, "a page without the count that was asked for") from None


def _find(source: str, name: str, known: Sequence[Company]) -> Company:
    for company in known:
        if name in (company.name, company.id):
            return company
    folded = name.casefold()
    for company in known:
        if folded in (company.name.casefold(), (company.id or "").casefold()):
            return company
    nearest = did_you_mean(name, [c.name for c in known])
    raise BadUserInput(f"{source} has no company '{name}' for this user.{nearest}")


async def _known(runner: SourceRunner) -> tuple[Company, ...]:
    principal = (await runner.who()).principal
    source, now = runner.source, runner.source.clock.now()
    found = source.companies.get(principal)
    if found is not None and found[0] > now:
        return found[1]
    async with source.finding.setdefault(principal, asyncio.Lock()):
        found = source.companies.get(principal)
        if found is not None and found[0] > now:
            return found[1]
        companies = await _fetched(runner)
        if len(source.companies) > 10_000:
            source.companies.clear()
        source.companies[principal] = (now + KEPT_S, companies)
    source.finding.pop(principal, None)
    return companies


async def _fetched(runner: SourceRunner) -> tuple[Company, ...]:
    wire = Wire(method="GET", path="companies", query="$select=id,name", template="companies")
    rows: list[_Row] = []
    seen: set[str] = set()
    while True:
        try:
            page = msgspec.json.decode((await runner.get(wire)).body, type=_Page)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise malformed(runner.name, "something else in place of its companies") from None
        rows += page.value
        if page.next is None or page.next in seen or len(rows) > 10_000:
            return tuple(Company(row.name, row.id) for row in rows)
        seen.add(page.next)
        wire = Wire(method="GET", path="", absolute=runner.source.link(page.next), template="companies?next")
