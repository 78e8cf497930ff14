"""Dataloaders of one request: a row asked for from several places is fetched once, per-parent reads share a `$batch`.

Loaders are made for a request and die with it; whole parent lists go in at once (`load_many`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiodataloader import DataLoader

from vegraph.errors import BackendNotFound, VegraphError
from vegraph.plan.links import normaliser
from vegraph.plan.paging import decode, none_if_true, stamp
from vegraph.plan.predicates import TRUE, Predicate
from vegraph.plan.rows import Row, RowType, attribute
from vegraph.plan.steps import Company, Expand, Lookup, Read, Runner
from vegraph.schema.values import Member

__all__ = ["Loaders", "Looked"]


class Looked(list[Row]):
    """Rows found for one link value."""

    __slots__ = ("complete", "suspect")

    def __init__(self, rows: Sequence[Row] = (), *, suspect: bool = False, complete: bool = True) -> None:
        super().__init__(rows)
        self.suspect = suspect
        self.complete = complete
        """False: there may be more rows than these."""


class Loaders:
    """All loaders of one request."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._lookups: dict[tuple[Any, ...], DataLoader[tuple[Any, ...], Looked]] = {}
        self._batches: dict[str, DataLoader[Read, bytes]] = {}

    async def lookup(
        self,
        row_type: RowType,
        members: tuple[Member, ...],
        values: Sequence[tuple[Any, ...]],
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
        return await loader.load_many(list(values))

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
        entity = row_type.entity
        self.read = [(attribute(m.wire), normaliser(m, entity)) for m in members]

    async def load(self, keys: list[tuple[Any, ...]]) -> list[Looked]:
        top = None if self.top_each is None else len(keys) * self.top_each
        step = replace(
            self.template, values=tuple(keys), company=self.company, filter=none_if_true(self.filter), top=top
        )
        found: dict[tuple[Any, ...], Looked] = {key: Looked() for key in keys}
        complete = True
        for body in await self.runner.lookup(step):
            complete &= await self._take(body, found, top)
        if not complete:
            for rows in found.values():
                rows.complete = False
        return [found[key] for key in keys]

    async def _take(self, body: bytes, found: dict[tuple[Any, ...], Looked], top: int | None) -> bool:
        """Sorts the rows of one answer, its next links followed, to their keys; says whether these are all rows."""
        source, taken = self.template.source, 0
        while True:
            page = decode(self.row_type, body, source)
            if self.company is not None:
                stamp(page.rows, self.row_type, self.company.name)
            for row in page.rows:
                try:
                    rows = found.get(tuple(normal(getattr(row, a)) for a, normal in self.read))
                except TypeError:
                    continue  # a list or an object in place of a key: nobody's row
                if rows is not None:
                    rows.append(row)
                    rows.suspect |= page.suspect
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
                answers.append(b'{"value":[]}' if missing else answer)
            else:
                answers.append(b'{"value":[]}' if answer is None else answer)
        return answers
