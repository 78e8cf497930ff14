"""What a query would do: its plan tree with the reason for each choice, and the requests that would be sent.

Every read is answered with one made-up row, so that requests which depend on earlier rows are shown too, with made-up
keys. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from graphql import DocumentNode, OperationDefinitionNode

from vegraph.errors import VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.engine import Failure, Scope, no_rule
from vegraph.plan.operation import Planner
from vegraph.plan.paging import Limits
from vegraph.plan.predicates import Predicate
from vegraph.plan.steps import (
    Aggregate,
    Call,
    Company,
    Dialect,
    Expand,
    Lookup,
    Read,
    ReadOne,
    Sent,
    Step,
    Write,
    Written,
)
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Kind, Member

__all__ = ["Explanation", "MadeUpRunner", "Renderer", "explain", "plan_lines"]


class Renderer(Protocol):
    """Turns steps into the requests they become (`backend.explain.Recorder`)."""

    @property
    def sent(self) -> Sequence[Sent]:
        """Everything rendered so far, in order."""

    def dialect(self, source: str) -> Dialect:
        """What that source can do."""

    def render(self, step: Step, why: str = "") -> list[Sent]:
        """The requests of one step."""

    def render_batch(self, steps: Sequence[Read | ReadOne], why: str = "") -> list[Sent]:
        """The parts of one batch."""


class MadeUpRunner:
    """A `Runner` that sends nothing: it renders each step and answers with one made-up row."""

    def __init__(self, renderer: Renderer, defaults: Mapping[str, str | None]) -> None:
        self._renderer = renderer
        self._defaults = defaults
        """Source → its default company."""
        self.dialect = renderer.dialect

    async def companies(self, source: str, given: Sequence[str] | None) -> tuple[Company, ...]:
        """The names themselves, else the default one."""
        default = self._defaults.get(source)
        return tuple(Company(name) for name in given or ([default] if default else []))

    async def read(self, step: Read, link: str | None = None) -> bytes:
        """One row."""
        self._renderer.render(step)
        return _page([_row(step.entity, step.select, step.expand)])

    async def read_one(self, step: ReadOne) -> bytes | None:
        """The row."""
        self._renderer.render(step)
        return msgspec.json.encode(_row(step.entity, step.select, step.expand))

    async def lookup(self, step: Lookup) -> list[bytes]:
        """A row for each value."""
        self._renderer.render(step)
        return [_page([_row(step.entity, step.select, step.expand) | _linked(step, v) for v in step.values])]

    async def read_link(self, source: str, company: Company | None, link: str) -> bytes:
        """There are no further pages."""
        return _page([])

    async def batch(self, steps: Sequence[Read | ReadOne]) -> list[bytes | VegraphError | None]:
        """One row each."""
        self._renderer.render_batch(steps)
        return [_page([_row(step.entity, step.select, step.expand)]) for step in steps]

    async def count(self, step: Read) -> int:
        """One."""
        self._renderer.render(step, "the number of rows alone ($count)")
        return 1

    async def aggregate(self, step: Aggregate) -> bytes:
        """No groups."""
        self._renderer.render(step)
        return _page([])

    async def call(self, step: Call) -> bytes | None:
        """Nothing."""
        self._renderer.render(step)
        return None

    async def write(
        self,
        steps: Sequence[Write],
        *,
        atomic: bool,
        read_back: Sequence[ReadOne | None] = (),
        idempotency_key: str | None = None,
        wrote: Callable[[int, Written], None] | None = None,
    ) -> list[Written]:
        """Nothing is written."""
        for step in steps:
            self._renderer.render(step, "all or nothing, in one $batch" if atomic else "")
        return [Written(status=204) for _ in steps]


_SAMPLES: Mapping[Kind, Any] = {
    Kind.INT: 1, Kind.LONG: 1, Kind.DECIMAL: 1, Kind.FLOAT: 1.0, Kind.BOOLEAN: True, Kind.NO_YES: "Yes",
    Kind.UUID: "11111111-1111-1111-1111-111111111111", Kind.DATE: "2000-01-31", Kind.NOON_DATE: "2000-01-31T12:00:00Z",
    Kind.DATE_TIME: "2000-01-31T12:00:00Z", Kind.TIME: "12:00:00", Kind.SECONDS: 43200, Kind.DURATION: "PT1H",
    Kind.BASE64: "",
}  # fmt: skip


def _row(entity: EntityBinding, select: Sequence[str], expand: Sequence[Expand]) -> dict[str, Any]:
    row = {m.wire: _sample(m) for m in entity.members.values() if not select or m.wire in select}
    for each in expand:
        relation = next((r for r in entity.relations.values() if r.relationship.name == each.name), None)
        if relation is not None:
            inner = _row(relation.target, each.select, each.expand)
            row[each.name] = [inner] if each.many else inner
    return row


def _sample(member: Member) -> Any:
    value = member.value
    if value.collection:
        return []
    if value.enum is not None and value.kind in (Kind.ENUM, Kind.FLAGS):
        return next(iter(value.enum.to_wire.values()), None)
    return _SAMPLES.get(value.kind, f"<{member.wire}>" if value.kind is Kind.STRING else None)


def _linked(step: Lookup, values: tuple[Any, ...]) -> dict[str, Any]:
    return {m.wire: v for m, v in zip(step.members, values, strict=True) if isinstance(v, str | int)}


def _page(rows: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"value": rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Plan, requests, and what could not be planned."""

    plan: tuple[str, ...]
    requests: tuple[Sent, ...]
    problems: tuple[str, ...]

    def text(self) -> str:
        """For people."""
        lines = ["Plan", *(f"  {line}" for line in self.plan), "", f"Requests ({len(self.requests)})"]
        for i, sent in enumerate(self.requests, 1):
            lines.append(f"  {i}. {sent.method} {sent.url}")
            lines += [f"     {note}" for note in (sent.why, *sent.notes) if note]
        if self.problems:
            lines += ["", "Problems", *(f"  {p}" for p in self.problems)]
        return "\n".join(lines)

    def json(self) -> Any:
        """For programs."""
        return {
            "plan": list(self.plan),
            "requests": [
                {"method": s.method, "url": s.url, "why": s.why, "notes": list(s.notes)} for s in self.requests
            ],
            "problems": list(self.problems),
        }


async def explain(
    planner: Planner,
    renderer: Renderer,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
    rule: Callable[[EntityBinding], Predicate] = no_rule,
) -> Explanation:
    """Plans the operation and runs it over made-up rows, under a row rule. Raises `operation.VariableErrors`."""
    memo: dict[Any, Any] = {}
    defaults = {name: source.company for name, source in planner.graph.sources.items()}
    scope = Scope(runner=MadeUpRunner(renderer, defaults), limits=limits, rule=rule)
    compiled, run = await planner.fetched(document, operation, variables, scope, memo)
    failures = (r.error for r in run.results.values() if isinstance(r, Failure))
    errors: list[Exception] = [*failures, *(r.error for r in run.related.values() if r.error is not None)]
    return Explanation(
        plan=tuple(plan_lines(compiled.plan)),
        requests=tuple(renderer.sent),
        problems=tuple(dict.fromkeys(str(e) for e in errors if isinstance(e, VegraphError))),
    )


def plan_lines(plan: n.OperationPlan) -> Iterator[str]:
    """The plan tree, one line a node."""
    for root in plan.roots:
        if root.binding is None:
            yield f"{root.key}: answered by graphql-core"
            continue
        what = type(root.binding).__name__.removesuffix("Root").lower()
        yield f"{root.key}: {what}{_columns(root.rows)}"
        if root.rows is not None:
            yield from _below(root.rows, 1)


def _below(rows: n.Rows, depth: int) -> Iterator[str]:
    for relation in rows.relations:
        name = f"{relation.field.name} → {relation.entity.graph_name}"
        yield f"{'  ' * depth}{name}: {relation.strategy.value}{_columns(relation)}"
        yield f"{'  ' * depth}  because {relation.why}"
        yield from _below(relation, depth + 1)
    for function in rows.functions:
        yield f"{'  ' * depth}{function.binding.operation.short_name}: called for each row"
        if function.rows is not None:
            yield from _below(function.rows, depth + 1)


def _columns(rows: n.Rows | None) -> str:
    if rows is None:
        return ""
    return f" [{', '.join(sorted(rows.columns))}]" if rows.columns else ""
