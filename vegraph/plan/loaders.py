"""Dataloaders of one request: a row asked for from several places is fetched once, per-parent reads share a `$batch`.

Loaders are made for a request and die with it; a parent list's link values go in as one key, and a batch asks for
each value once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from aiodataloader import DataLoader

from vegraph.errors import BackendNotFound, VegraphError
from vegraph.plan.links import keys_of
from vegraph.plan.paging import decode, none_if_true, stamp
from vegraph.plan.predicates import TRUE, Predicate
from vegraph.plan.rows import Row, RowType
from vegraph.plan.steps import NOTHING, Company, Expand, Lookup, Read, Runner
from vegraph.schema.values import Member

__all__ = ["Loaders", "Looked"]


class Looked(list[Row]):
    """Rows found for one link value."""

    suspect = False
    complete = True
    """False: there may be more rows than these."""


Value: TypeAlias = tuple[Any, ...]
"""A normalised link value: one part for each member."""


class Loaders:
    """All loaders of one request."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._lookups: dict[tuple[Any, ...], DataLoader[tuple[Value, ...], list[Looked]]] = {}
        self._batches: dict[str, DataLoader[Read, bytes]] = {}

    async def lookup(
        self,
        row_type: RowType,
        members: tuple[Member, ...],
        values: Sequence[Value],
        *,
        company: Company | None,
        filter: Predicate = TRUE,
        template: Lookup,
        top_each: int | None = None,
    ) -> list[Looked]:
        """Rows for each of these link values (normalised), in their order. Raises what the fetch raised."""
        key = (
            id(row_type), company, tuple(m.wire for m in members), id(filter) if filter != TRUE else 0, top_each,
            _pages(template.expand), tuple((o.path.names, o.descending) for o in template.order),
        )  # fmt: skip
        loader = self._lookups.get(key)
        if loader is None:
            load = _LookupBatch(self._runner, row_type, members, company, filter, template, top_each)
            loader = self._lookups[key] = DataLoader(load.load)
        return await loader.load(tuple(values))

    async def read(self, step: Read) -> bytes:
        """One read, sent together with all others of its source that are asked for at the same time."""
        loader = self._batches.get(step.source)
        if loader is None:
            loader = self._batches[step.source] = DataLoader(
                _ReadBatch(self._runner).load,  # type: ignore[arg-type] # errors stand among the answers
                cache=False,
            )
        return await loader.load(step)


def _pages(expand: Sequence[Expand]) -> tuple[Any, ...]:
    """How much of expanded rows is asked for: what a row type doesn't tell."""
    return tuple((x.name, x.top, x.count, _pages(x.expand)) for x in expand)


class _LookupBatch:
    """The batch function of one lookup loader."""

    def __init__(
        self,
        runner: Runner,
        row_type: RowType,
        members: tuple[Member, ...],
        company: Company | None,
        filter: Predicate,
        template: Lookup,
        top_each: int | None,
    ) -> None:
        self.runner = runner
        self.row_type = row_type
        self.members = members
        self.company = company
        self.filter = filter
        self.template = template
        self.top_each = top_each
        self.key = keys_of(members, row_type.entity)
        self._brought: dict[Value, asyncio.Task[dict[Value, Looked]]] = {}

    async def load(self, asked: list[tuple[Value, ...]]) -> list[list[Looked]]:
        """For each list of values theirs. A value that another batch brings is waited for."""
        new = list({value: None for values in asked for value in values if value not in self._brought})
        if new:
            bringing = asyncio.create_task(self._fetched(new))
            self._brought |= dict.fromkeys(new, bringing)
        tasks = {self._brought[value] for values in asked for value in values}
        found: dict[Value, Looked] = {}
        for some in await asyncio.gather(*tasks):
            found |= some
        return [[found[value] for value in values] for values in asked]

    async def _fetched(self, keys: list[Value]) -> dict[Value, Looked]:
        top = None if self.top_each is None else len(keys) * self.top_each
        step = replace(
            self.template, values=tuple(keys), company=self.company, filter=none_if_true(self.filter), top=top
        )
        found = {key: Looked() for key in keys}
        complete = True
        for body in await self.runner.lookup(step):
            complete &= await self._take(body, found, top)
        if not complete:
            for rows in found.values():
                rows.complete = False
        return found

    async def _take(self, body: bytes, found: dict[Value, Looked], top: int | None) -> bool:
        """Sorts the rows of one answer, its next links followed, to their keys; says whether these are all rows."""
        source, key, taken = self.template.source, self.key, 0
        while True:
            page = decode(self.row_type, body, source)
            if self.company is not None:
                stamp(page.rows, self.row_type, self.company.name)
            for row in page.rows:
                try:
                    rows = found.get(key(row))
                except TypeError:
                    continue  # a list or an object in place of a key: nobody's row
                if rows is not None:
                    rows.append(row)
                    if page.suspect:
                        rows.suspect = True
            taken += len(page.rows)
            if page.next is None or (top is not None and taken >= top):
                return top is None or taken < top
            body = await self.runner.read_link(source, self.company, page.next)


class _ReadBatch:
    """The batch function of per-parent reads."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    async def load(self, steps: list[Read]) -> list[bytes | Exception]:
        answers: list[bytes | Exception] = []
        for step, answer in zip(steps, await self.runner.batch(steps), strict=True):
            if isinstance(answer, VegraphError):
                missing = step.single and isinstance(answer, BackendNotFound)
                answers.append(NOTHING if missing else answer)
            else:
                answers.append(NOTHING if answer is None else answer)
        return answers
